"""Which chats a snapshot holds, each in short; and which ones earlier snapshots held that it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.summary import ChatSummary
from chatcask.monitor import Monitor, OnceMonitor
from chatcask.ops.browse.in_snapshot import (
    chats_in,
    chats_or_copies,
    each_root_once,
    files_in,
    is_hidden,
    readable,
)
from chatcask.ops.browse.listed_titles import titled
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.repository.snapshots import StoredSnapshot


@dataclass(frozen=True, slots=True)
class ChatFilter:
    """Which chats to list; None and "" mean no limit. Dates are compared with the last message."""

    workspace: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def admits_place(self, file: ChatFile) -> bool:
        """Tell whether a chat's workspace is wanted: by id, name, or part of its folder."""
        wanted = self.workspace.casefold()
        if not wanted:
            return True
        return file.workspace.startswith(wanted) or wanted in file.folder.casefold()

    def admits_time(self, summary: ChatSummary) -> bool:
        """Tell whether a chat's last message lies in the wanted time."""
        if self.since is None and self.until is None:
            return True
        last = summary.last_message_ms
        if last is None:
            return False
        moment = last / 1000
        since = self.since is None or moment >= self.since.timestamp()
        return since and (self.until is None or moment <= self.until.timestamp())


def list_chats(
    catalog: Catalog, stored: StoredSnapshot, wanted: ChatFilter, monitor: Monitor
) -> Iterator[StoredVersion]:
    """Yield the chats of one snapshot; what cannot be read from the store is reported and left out."""
    files = [file for file in chats_or_copies(catalog, stored, monitor) if wanted.admits_place(file)]
    yield from _listed(catalog, [(stored, file) for file in files], wanted, monitor)


def list_deleted(
    catalog: Catalog,
    stored: StoredSnapshot,
    earlier: Iterable[StoredSnapshot],
    wanted: ChatFilter,
    monitor: Monitor,
) -> Iterator[StoredVersion]:
    """Yield the chats that earlier snapshots held and this one lacks, as they were last seen with a turn.

    A chat that is here without a turn and had some is among them: nothing is left of it but its file.
    A chat that lives on in another workspace is not deleted; of one whose folder cannot be read in this
    snapshot it is not known, so it is left out and the folder is reported.

    Args:
        catalog: The catalogue.
        stored: The snapshot that lacks them.
        earlier: Those before it, newest first.
        wanted: Which ones to list.
        monitor: Told of what cannot be read.
    """
    once = OnceMonitor(monitor)
    here = files_in(catalog, stored, once)
    emptied = _without_turns(catalog, stored, here, once)
    alive = {file.session for file in here} - emptied
    gaps = catalog.gaps(stored.snapshot.root)
    last_seen: dict[str, tuple[StoredSnapshot, ChatFile]] = {}
    full: set[str] = set()
    for other in each_root_once(earlier):
        for file in chats_in(catalog, other, once):
            session = file.session
            if session in alive or session in full or is_hidden(file.path, gaps):
                continue
            if wanted.admits_place(file) and _better(catalog, other, file, last_seen, once):
                last_seen[session] = other, file
                summary = catalog.known_summary(file)
                full |= {session} if summary is None or summary.turn_count else set()
    found = (held for session, held in last_seen.items() if session in full or session not in emptied)
    yield from _listed(catalog, found, wanted, once)


def _without_turns(
    catalog: Catalog, stored: StoredSnapshot, files: Iterable[ChatFile], monitor: Monitor
) -> set[str]:
    """Return the ids of the chats of which every file in a snapshot can be read and holds no turn."""
    empty: set[str] = set()
    full: set[str] = set()
    for file in files:
        summary = readable(catalog.summary, file, stored.reference, monitor)
        is_empty = summary is not None and not summary.turn_count
        (empty if is_empty else full).add(file.session)
    return empty - full


def _better(
    catalog: Catalog,
    stored: StoredSnapshot,
    file: ChatFile,
    last_seen: Mapping[str, tuple[StoredSnapshot, ChatFile]],
    monitor: Monitor,
) -> bool:
    """Tell whether a version is the first that was met of its chat, or the first with a turn."""
    summary = readable(catalog.summary, file, stored.reference, monitor)
    return file.session not in last_seen or bool(summary and summary.turn_count)


def _listed(
    catalog: Catalog,
    found: Iterable[tuple[StoredSnapshot, ChatFile]],
    wanted: ChatFilter,
    monitor: Monitor,
) -> Iterator[StoredVersion]:
    for stored, file in found:
        summary = readable(catalog.summary, file, stored.reference, monitor)
        monitor.advance(file.size)
        if summary is not None and wanted.admits_time(summary):
            yield StoredVersion(stored, file, titled(catalog, stored.snapshot.root, file, summary))
