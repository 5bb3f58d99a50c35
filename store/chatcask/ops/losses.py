"""What a run no longer finds although the one before did: chats that vanished or were emptied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from chatcask.format.tree import EMPTY, Content, Entry, EntryKind
from chatcask.repository import Repository

VANISHED = "vanished"
EMPTIED = "emptied"
_SESSION_FOLDER = "chatSessions"
_SUFFIXES = (".jsonl", ".json")


@dataclass(frozen=True, slots=True)
class Loss:
    """One chat that is less than it was. `before` and `after` are sizes in bytes; 0 if there is no file."""

    session: str
    kind: str
    path: str
    before: int
    after: int

    def as_row(self) -> dict[str, Any]:
        """Return the loss as a manifest keeps it."""
        return asdict(self)


def find_losses(repository: Repository, before: Content, after: Content) -> tuple[Loss, ...]:
    """Compare the session files of two root trees; folders that are equal are not read."""
    return tuple(_compare(repository, before, after, ""))


def _compare(repository: Repository, before: Content, after: Content, path: str) -> Iterator[Loss]:
    if before == after:
        return
    old, new = repository.tree(before), {entry.name: entry for entry in repository.tree(after)}
    if path.endswith(f"/{_SESSION_FOLDER}"):
        yield from _compare_sessions(old, new, path)
        return
    for entry in old:
        if entry.kind is EntryKind.FOLDER:
            other = new.get(entry.name)
            content = other.content if other and other.kind is EntryKind.FOLDER else EMPTY
            where = f"{path}/{entry.name}" if path else entry.name
            yield from _compare(repository, entry.content, content, where)


def _compare_sessions(old: tuple[Entry, ...], new: dict[str, Entry], path: str) -> Iterator[Loss]:
    sizes: dict[str, int] = {}
    for entry in new.values():
        if session := session_of(entry):
            sizes[session] = max(sizes.get(session, 0), entry.size)
    for entry in old:
        session = session_of(entry)
        if session is None or entry.size == 0:
            continue
        after = sizes.get(session)
        if after is None:
            yield Loss(session, VANISHED, f"{path}/{entry.name}", entry.size, 0)
        elif after == 0:
            yield Loss(session, EMPTIED, f"{path}/{entry.name}", entry.size, 0)


def session_of(entry: Entry) -> str | None:
    """Return the session id in the name of a session file; None for another entry."""
    stem, dot, suffix = entry.name.rpartition(".")
    return stem if entry.kind is EntryKind.FILE and f"{dot}{suffix}" in _SUFFIXES and stem else None
