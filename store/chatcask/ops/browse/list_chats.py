"""Which chats a snapshot holds, each in short; and which ones earlier snapshots held that it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.fields import base_name
from chatcask.chats.summary import ChatSummary
from chatcask.errors import AmbiguousError, DamagedError, NotFoundError
from chatcask.monitor import Monitor, Problem
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.snapshots import StoredSnapshot

_SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class ListedChat:
    """One chat of a snapshot. `snapshot` is the one that holds it, an earlier one for a deleted chat."""

    file: ChatFile
    summary: ChatSummary
    snapshot: SnapshotReference

    @property
    def workspace_name(self) -> str:
        """The last part of the workspace's folder, else the workspace's id."""
        return unquote(base_name(self.file.folder)) or self.file.workspace


@dataclass(frozen=True, slots=True)
class ChatFilter:
    """Which sessions to list; None and "" mean no limit. Dates are compared with the last message."""

    workspace: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def admits_place(self, file: ChatFile) -> bool:
        """Tell whether a session's workspace is wanted: by id, name, or part of its folder."""
        wanted = self.workspace.casefold()
        if not wanted:
            return True
        return file.workspace.startswith(wanted) or wanted in file.folder.casefold()

    def admits_time(self, summary: ChatSummary) -> bool:
        """Tell whether a session's last message lies in the wanted time."""
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
) -> Iterator[ListedChat]:
    """Yield the chats of one snapshot; one that cannot be read from the store is reported and left out."""
    reference, snapshot = stored
    files = [file for file in catalog.sessions(snapshot.root) if wanted.admits_place(file)]
    yield from _listed(catalog, [(reference, file) for file in files], wanted, monitor)


def list_deleted(
    catalog: Catalog,
    stored: StoredSnapshot,
    earlier: Sequence[StoredSnapshot],
    wanted: ChatFilter,
    monitor: Monitor,
) -> Iterator[ListedChat]:
    """Yield the chats that earlier snapshots held and this one lacks, as they were last seen.

    A chat that lives on in another workspace is not deleted.

    Args:
        catalog: The catalogue.
        stored: The snapshot that lacks them.
        earlier: Those before it, newest first.
        wanted: Which ones to list.
        monitor: Told of chats that cannot be read.
    """
    alive = {file.session for file in catalog.files(stored.snapshot.root)}
    last_seen: dict[str, tuple[SnapshotReference, ChatFile]] = {}
    roots = set()
    for reference, snapshot in earlier:
        if snapshot.root in roots:
            continue
        roots.add(snapshot.root)
        for file in catalog.sessions(snapshot.root):
            if file.session not in alive and wanted.admits_place(file):
                last_seen.setdefault(file.session, (reference, file))
    yield from _listed(catalog, last_seen.values(), wanted, monitor)


def _listed(
    catalog: Catalog,
    found: Iterable[tuple[SnapshotReference, ChatFile]],
    wanted: ChatFilter,
    monitor: Monitor,
) -> Iterator[ListedChat]:
    for reference, file in found:
        try:
            summary = catalog.summary(file)
        except DamagedError as error:
            monitor.problem(Problem(file.path, "damaged", error.message))
            continue
        monitor.advance(file.size)
        if wanted.admits_time(summary):
            yield ListedChat(file, summary, reference)


def find_chat(
    catalog: Catalog, text: str, newest_first: Iterable[StoredSnapshot]
) -> tuple[StoredSnapshot, ChatFile]:
    """Return the newest snapshot that holds the chat a person named, and the chat's file there.

    The chat is named by the beginning of its id (at least four characters) or by its title, whole or in part.
    The snapshots are searched for the id first, since that reads no chat.

    Raises:
        NotFoundError: no snapshot holds such a chat.
        AmbiguousError: several chats answer to that name; the message lists them.
    """
    snapshots = list(_each_root_once(newest_first))
    for stored in snapshots if len(text) >= _SHORTEST_PREFIX else []:
        files = catalog.sessions(stored.snapshot.root)
        if matches := [file for file in files if file.session.startswith(text.lower())]:
            return stored, _only(catalog, text, matches)
    for stored in snapshots:
        if matches := _by_title(catalog, catalog.sessions(stored.snapshot.root), text):
            return stored, _only(catalog, text, matches)
    raise NotFoundError(
        f"no snapshot holds a chat {text!r}",
        hint="'chatcask sessions' lists chats, 'chatcask sessions --deleted' those that are gone",
    )


def _each_root_once(snapshots: Iterable[StoredSnapshot]) -> Iterator[StoredSnapshot]:
    roots = set()
    for stored in snapshots:
        if stored.snapshot.root not in roots:
            roots.add(stored.snapshot.root)
            yield stored


def _by_title(catalog: Catalog, files: Sequence[ChatFile], text: str) -> list[ChatFile]:
    wanted = text.casefold()
    titled = [(file, catalog.summary(file).title.casefold()) for file in files]
    exact = [file for file, title in titled if title == wanted]
    return exact or [file for file, title in titled if wanted in title]


def _only(catalog: Catalog, text: str, matches: list[ChatFile]) -> ChatFile:
    """Return the one session among the matches; copies of it in several workspaces are one."""
    if len({file.session for file in matches}) == 1:
        return max(matches, key=lambda file: file.mtime_ns)
    lines = [f"{file.session}  {catalog.summary(file).title}" for file in matches[:10]]
    raise AmbiguousError(
        f"{text!r} is the name of {len(matches)} chats:\n  " + "\n  ".join(lines),
        hint="name one by the beginning of its id",
    )
