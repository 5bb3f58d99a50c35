"""Which version of a chat to put back: the newest that the editor opens and that holds something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.places.chat_places import OLD_EMPTY_WINDOW
from chatcask.assistants.vscode.places.snapshot_paths import NO_WORKSPACE
from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.jsontext import JsonObject
from chatcask.chats.summary import ChatSummary
from chatcask.errors import DamagedError, NotFoundError
from chatcask.format.tree import Content
from chatcask.monitor import Monitor, OnceMonitor, Problem
from chatcask.ops.browse.in_snapshot import each_root_once, files_in, readable
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.snapshots import StoredSnapshot


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of a chat in the store: the newest snapshot that has it, and its file there."""

    snapshot: SnapshotReference
    root: Content
    file: ChatFile
    summary: ChatSummary

    @property
    def is_good(self) -> bool:
        """Tell whether the editor opens it and there are turns in it."""
        return self.summary.opens and not self.summary.is_empty

    @property
    def words(self) -> str:
        """The version in words."""
        return f"in snapshot {self.snapshot.id[:12]}: {describe(self.summary)}"


def stored_versions(
    catalog: Catalog, session: str, newest_first: Iterable[StoredSnapshot], monitor: Monitor
) -> Iterator[StoredVersion]:
    """Yield the versions of a chat, newest first, each once; what cannot be read is reported and passed over.

    Of a `.json` and a `.jsonl` with different content both are versions. The file changed last comes first.
    """
    once = OnceMonitor(monitor)
    seen: set[tuple[Content, str]] = set()
    for stored in each_root_once(newest_first):
        files = [file for file in files_in(catalog, stored, once) if file.session == session]
        for file in sorted(files, key=_file_order):
            if (file.content, file.name) in seen:
                continue
            seen.add((file.content, file.name))
            summary = readable(catalog.summary, file, stored.reference, once)
            if summary is not None:
                yield StoredVersion(stored.reference, stored.snapshot.root, file, summary)


def best_version(
    catalog: Catalog, session: str, newest_first: Iterable[StoredSnapshot], monitor: Monitor
) -> StoredVersion | None:
    """Return the newest version that is good, else the one of which most turns can be read."""
    fullest: StoredVersion | None = None
    for version in stored_versions(catalog, session, newest_first, monitor):
        if version.is_good:
            return version
        if fullest is None or version.summary.turn_count > fullest.summary.turn_count:
            fullest = version
    return fullest


def choose_version(
    catalog: Catalog, session: str, newest_first: Iterable[StoredSnapshot], monitor: Monitor
) -> StoredVersion:
    """Return the version to put back.

    Raises:
        NotFoundError: no snapshot has one of which anything can be read.
    """
    version = best_version(catalog, session, newest_first, monitor)
    if version is None or (version.summary.is_empty and not version.summary.opens):
        raise NotFoundError(
            f"no snapshot has a version of {session} of which anything can be read",
            what="version",
            name=session,
            advice=Advice(AdviceCode.LIST_VERSIONS, session=session),
        )
    return version


def roots_with(
    catalog: Catalog, version: StoredVersion, newest_first: Iterable[StoredSnapshot]
) -> Iterator[Content]:
    """Yield the roots that hold exactly this version, its own first; what stood beside it may differ."""
    yield version.root
    wanted = (version.file.path, version.file.content)
    for stored in each_root_once(newest_first):
        root = stored.snapshot.root
        if root != version.root and any((f.path, f.content) == wanted for f in catalog.files(root)):
            yield root


def captured_entry(
    catalog: Catalog, version: StoredVersion, newest_first: Iterable[StoredSnapshot], monitor: Monitor
) -> JsonObject | None:
    """Return the editor's own entry of this version, from the newest snapshot that has both.

    A list of chats that cannot be read is reported, and the next one serves.
    """
    file = version.file
    workspace = NO_WORKSPACE if file.workspace == OLD_EMPTY_WINDOW else file.workspace
    for root in roots_with(catalog, version, newest_first):
        try:
            index = catalog.index(root, file.source, workspace)
        except DamagedError as error:
            path = f"{file.source}: the list of chats of {workspace}"
            monitor.problem(Problem(path, "damaged", error.message))
            continue
        entry = index.entry(file.session) if index else None
        if entry is not None:
            return entry.raw
    return None


def describe(summary: ChatSummary) -> str:
    """Return a version of a chat in words: turns, last message, size, and whether the editor opens it."""
    turns = f"{summary.turn_count} turn{'' if summary.turn_count == 1 else 's'}"
    last = _date(summary.last_message_ms)
    opens = "" if summary.opens else ", which the editor cannot open"
    return f"{turns}, last message {last}, {summary.size:,} bytes{opens}"


def _file_order(file: ChatFile) -> tuple[int, bool]:
    return (-file.mtime_ns, not file.name.endswith(".jsonl"))


def _date(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "unknown"
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return "unknown"
