"""The life of one chat over snapshots: every version, and what happened from each to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile, read_by_editor
from chatcask.chats.losses import lost_between
from chatcask.chats.measure import measure
from chatcask.chats.summary import ChatSummary
from chatcask.monitor import Monitor, OnceMonitor
from chatcask.ops.browse.in_snapshot import is_hidden, readable, report_gaps
from chatcask.ops.browse.listed_titles import listed_title, titled
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.snapshots import StoredSnapshot


class Event(StrEnum):
    """What happened to a chat between two snapshots that differ in it."""

    APPEARED = "appeared"
    GREW = "grew"
    SHRANK = "shrank"
    EMPTIED = "emptied"
    LOST_HEADER = "lost_header"
    UNREADABLE = "unreadable"
    LOST_TEXT = "lost_text"
    """Prompts or answers are empty now, or cut."""
    UNENDED = "unended"
    """The log lost its final line feed; the editor's next append would break it."""
    TAKEN_BACK = "taken_back"
    """A turn was taken back: it is there and not shown, and the next prompt removes it."""
    DROPPED_BRANCHES = "dropped_branches"
    """Turns that were cut off before, by sending an earlier prompt again, are in its bytes no more."""
    RENAMED = "renamed"
    EDITED = "edited"
    REWRITTEN = "rewritten"
    """Other bytes, same chat: a compacted log, or a move to the newer file form."""
    COPIED = "copied"
    """It is in another or one more workspace."""
    VANISHED = "vanished"
    CAME_BACK = "came_back"


@dataclass(frozen=True, slots=True)
class Version:
    """A chat as one snapshot first held it. Without a file it was gone."""

    snapshot: SnapshotReference
    file: ChatFile | None
    summary: ChatSummary | None
    workspaces: tuple[str, ...]
    events: tuple[Event, ...]


def chat_history(
    catalog: Catalog, session: str, oldest_first: Iterable[StoredSnapshot], monitor: Monitor
) -> Iterator[Version]:
    """Yield the distinct versions of a chat, oldest first; snapshots that did not change it are passed over.

    Of copies in several workspaces the one changed last counts. A version that cannot be read from the store
    is reported and passed over, and so is a snapshot whose damage hides whether the chat is there.
    """
    once = OnceMonitor(monitor)
    before: Version | None = None
    different = [
        stored
        for earlier, stored in pairwise([None, *oldest_first])
        if stored is not None and (earlier is None or earlier.snapshot.root != stored.snapshot.root)
    ]
    held: dict[SnapshotReference, list[ChatFile]] = {}
    for row in catalog.versions(session, different):
        held.setdefault(row.stored.reference, []).append(row.file)
    for stored in different:
        report_gaps(catalog, stored, once)
        files = tuple(read_by_editor(held.get(stored.reference, ())))
        version = _version(catalog, files, stored, before, once)
        if version is not None:
            yield version
            before = version


def _version(
    catalog: Catalog,
    files: Sequence[ChatFile],
    stored: StoredSnapshot,
    before: Version | None,
    monitor: Monitor,
) -> Version | None:
    """Return the version in a snapshot, or None if nothing is known to have happened since the one before."""
    if before is not None and before.file is not None:
        gaps = catalog.gaps(stored.snapshot.root)
        if is_hidden(before.file.path, gaps) and before.file.path not in {file.path for file in files}:
            return None
    workspaces = tuple(sorted({file.workspace for file in files}))
    file = max(files, key=lambda found: found.mtime_ns, default=None)
    if before is None and file is None:
        return None
    root = stored.snapshot.root
    if before is not None and workspaces == before.workspaces and _is_same(file, before.file):
        listed = listed_title(catalog, root, file) if file else ""
        if before.summary is None or listed in ("", before.summary.title):
            return None
    summary = readable(catalog.summary, file, stored.reference, monitor) if file else None
    if file is not None and summary is None:
        return None
    if file is not None and summary is not None:
        summary = titled(catalog, root, file, summary)
    version = Version(stored.reference, file, summary, workspaces, ())
    return replace(version, events=tuple(_events(before, version)))


def _is_same(file: ChatFile | None, before: ChatFile | None) -> bool:
    if file is None or before is None:
        return file is before
    return (file.content, file.name) == (before.content, before.name)


def _events(before: Version | None, now: Version) -> Iterator[Event]:
    if before is None:
        yield Event.APPEARED
    elif now.summary is None:
        yield Event.VANISHED
    elif before.summary is None:
        yield Event.CAME_BACK
    else:
        if now.workspaces != before.workspaces:
            yield Event.COPIED
        if _is_same(now.file, before.file):
            if before.summary.title != now.summary.title:
                yield Event.RENAMED  # in the editor's list alone
        else:
            yield from _changes(before.summary, now.summary)


def _changes(before: ChatSummary, after: ChatSummary) -> Iterator[Event]:
    loss = lost_between(before, after)
    changed = [turn.fingerprint for turn in before.turns] != [turn.fingerprint for turn in after.turns]
    if loss is not None:
        yield Event(loss.kind)
    elif after.turn_count > before.turn_count:
        yield Event.GREW
    elif changed:
        yield Event.EDITED
    if after.cut_turns < before.cut_turns:
        yield Event.DROPPED_BRANCHES
    is_taken_back = measure(after).taken_back > measure(before).taken_back
    if is_taken_back:
        yield Event.TAKEN_BACK
    if before.title != after.title and after.title:
        yield Event.RENAMED
    elif loss is None and not changed and not is_taken_back:
        yield Event.REWRITTEN
