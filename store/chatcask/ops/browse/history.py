"""The life of one chat over snapshots: every version, and what happened from each to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.losses import find_loss
from chatcask.chats.summary import ChatSummary
from chatcask.format.snapshot import Snapshot
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


def chat_history(catalog: Catalog, session: str, oldest_first: Sequence[StoredSnapshot]) -> Iterator[Version]:
    """Yield the distinct versions of a chat, oldest first; snapshots that did not change it are passed over.

    Of copies in several workspaces the one changed last counts.

    Raises:
        DamagedError: a version cannot be read from the store.
    """
    before: Version | None = None
    for reference, snapshot in oldest_first:
        version = _version(catalog, session, reference, snapshot, before)
        if version is None:
            continue
        yield version
        before = version


def _version(
    catalog: Catalog,
    session: str,
    reference: SnapshotReference,
    snapshot: Snapshot,
    before: Version | None,
) -> Version | None:
    """Return the version in a snapshot, or None if nothing happened since the one before."""
    files = [file for file in catalog.sessions(snapshot.root) if file.session == session]
    workspaces = tuple(sorted({file.workspace for file in files}))
    file = max(files, key=lambda found: found.mtime_ns, default=None)
    if before is None and file is None:
        return None
    if before is not None and workspaces == before.workspaces and _is_same(file, before.file):
        return None
    summary = catalog.summary(file) if file else None
    version = Version(reference, file, summary, workspaces, ())
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
        if not _is_same(now.file, before.file):
            yield from _changes(before.summary, now.summary)


def _changes(before: ChatSummary, after: ChatSummary) -> Iterator[Event]:
    loss = find_loss(before, after)
    changed = [turn.fingerprint for turn in before.turns] != [turn.fingerprint for turn in after.turns]
    if loss is not None:
        yield Event(loss.kind)
    elif after.turn_count > before.turn_count:
        yield Event.GREW
    elif changed:
        yield Event.EDITED
    if before.title != after.title and after.title:
        yield Event.RENAMED
    elif loss is None and not changed:
        yield Event.REWRITTEN
