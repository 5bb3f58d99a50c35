"""The loss alarm: chats that are less than they were in the run before.

Only chats whose bytes changed are looked into. The bytes of the new version were heard as the run read them,
and mostly they suffice: it is sound, and has as many turns as before. Only else is the old version fetched
from the store, and both are read as chats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chatcask.catalog import Catalog, SessionFile
from chatcask.errors import DamagedError
from chatcask.format.tree import Content
from chatcask.ops.heard_chats import LARGEST
from chatcask.repository import Repository
from chatcask.sessions.index import ChatIndex
from chatcask.sessions.losses import LossKind, find_loss
from chatcask.sessions.outline import Outline, extend, outline_of_file, takes_nothing_away
from chatcask.sessions.summary import SessionSummary

LEFT_INDEX = "left_index"
"""The chat's file is there, and the editor's own list no longer names it: the editor will not show it."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One chat that is less than it was.

    Attributes:
        session: The chat's id.
        title: Its title before.
        kind: `vanished`, `emptied`, `shrank`, `lost_header`, `unreadable` or `left_index`.
        path: Where the file was, in the snapshot before.
        before: How many turns there were.
        after: How many turns can be read now.
        message: The finding in words.
        snapshot: The snapshot that has the chat as it was.
    """

    session: str
    title: str
    kind: str
    path: str
    before: int
    after: int
    message: str
    snapshot: str

    @property
    def way_back(self) -> str:
        """The command that shows the chat as it was."""
        return f"chatcask show {self.session}@{self.snapshot[:12]}"

    def as_row(self) -> dict[str, Any]:
        """Return the loss as a manifest and a document have it."""
        return {**asdict(self), "way_back": self.way_back}


def find_losses(
    repository: Repository,
    before: Content,
    after: Content,
    snapshot: str,
    heard: Mapping[str, Outline | None],
) -> tuple[Loss, ...]:
    """Compare the chats of two root trees.

    Args:
        repository: The store.
        before: The root of the run before.
        after: The root of this run.
        snapshot: The id of the run before.
        heard: Outlines of changed sessions by path; None for one that the editor would not open.
    """
    with Catalog(repository) as catalog:
        return tuple(_Comparison(repository, catalog, before, after, snapshot, heard).losses())


@dataclass(frozen=True, slots=True)
class _Comparison:
    repository: Repository
    catalog: Catalog
    before: Content
    after: Content
    snapshot: str
    heard: Mapping[str, Outline | None]

    def losses(self) -> Iterator[Loss]:
        old = self.catalog.sessions(self.before)
        new = self.catalog.sessions(self.after)
        by_place = {file.place: file for file in new}
        elsewhere = {file.session for file in new}
        for file in old:
            now = by_place.get(file.place)
            if now is not None and (now.content, now.name) == (file.content, file.name):
                continue
            if now is None and file.session in elsewhere:
                continue  # moved to another workspace
            yield from self._loss(file, now)
        yield from self._unlisted(old, by_place)

    def _loss(self, file: SessionFile, now: SessionFile | None) -> Iterator[Loss]:
        if now is not None and self._kept_its_turns(file, now):
            return
        if now is not None and max(file.size, now.size) > LARGEST:
            yield from self._shrunk_file(file, now)
            return
        before = self._summary(file)
        found = find_loss(before, self.catalog.summary(now) if now is not None else None)
        if found is not None and before is not None:
            yield self._row(file, before, str(found.kind), found.turns_after, found.message)

    def _kept_its_turns(self, file: SessionFile, now: SessionFile) -> bool:
        """Tell whether the new version is sound and has no fewer turns; fetch the old one only if need be."""
        old = self.catalog.known_outline(file)
        new = self.heard.get(now.path)
        if new is None:
            tail = self._tail(file, now) if old is not None else None
            new = extend(old, tail) if old is not None and tail is not None else None
        kept = new is not None and self._is_no_less(file, old, now, new)
        if kept and new is not None:
            self.catalog.keep_outline(now, new)
        return kept

    def _is_no_less(self, file: SessionFile, old: Outline | None, now: SessionFile, new: Outline) -> bool:
        if old is None:
            tail = self._tail(file, now)
            if tail is not None and takes_nothing_away(tail):
                return True
            old = self._fetched_outline(file)
        return old is not None and new.turns >= old.turns

    def _fetched_outline(self, file: SessionFile) -> Outline | None:
        if file.size > LARGEST:
            return None
        return outline_of_file(self.repository.reader.read(file.content), file.name)

    def _tail(self, file: SessionFile, now: SessionFile) -> bytes | None:
        """Return what was appended to a log, if nothing else happened to it."""
        if not file.name.endswith(".jsonl") or file.name != now.name or not 0 < file.size < now.size:
            return None
        return self.repository.reader.appended(file.content, file.size, now.content)

    def _shrunk_file(self, file: SessionFile, now: SessionFile) -> Iterator[Loss]:
        """Judge by size what is too large to be held in memory."""
        if now.size * 2 < file.size:
            message = f"its file shrank from {file.size} to {now.size} bytes; its turns were not counted"
            kind = LossKind.SHRANK if now.size else LossKind.EMPTIED
            yield Loss(file.session, "", str(kind), file.path, 0, 0, message, self.snapshot)

    def _unlisted(
        self, old: Iterable[SessionFile], now: dict[tuple[str, str, str], SessionFile]
    ) -> Iterator[Loss]:
        """Yield chats whose file is there and whose entry in the editor's list is gone."""
        lists: dict[tuple[str, str], tuple[ChatIndex | None, ChatIndex | None]] = {}
        for file in old:
            if file.place not in now:
                continue
            where = (file.source, file.workspace)
            if where not in lists:
                lists[where] = self._lists(*where)
            before, after = lists[where]
            if before is None or after is None or not _is_listed(before, file.session):
                continue
            if not _is_listed(after, file.session):
                summary = self._summary(file)
                if summary is not None:
                    message = "the editor's own list of chats no longer names it, so it will not be shown"
                    yield self._row(file, summary, LEFT_INDEX, summary.turn_count, message)

    def _lists(self, source: str, workspace: str) -> tuple[ChatIndex | None, ChatIndex | None]:
        before = self.catalog.index_content(self.before, source, workspace)
        after = self.catalog.index_content(self.after, source, workspace)
        if before == after:
            return None, None
        return (
            self.catalog.index(self.before, source, workspace),
            self.catalog.index(self.after, source, workspace),
        )

    def _summary(self, file: SessionFile) -> SessionSummary | None:
        try:
            return self.catalog.summary(file)
        except DamagedError:
            return None  # the store's own damage is what `check` is for

    def _row(self, file: SessionFile, before: SessionSummary, kind: str, left: int, message: str) -> Loss:
        return Loss(
            file.session, before.title, kind, file.path, before.turn_count, left, message, self.snapshot
        )


def _is_listed(index: ChatIndex, session: str) -> bool:
    entry = index.entry(session) if index.is_valid else None
    return entry is not None and entry.is_listed
