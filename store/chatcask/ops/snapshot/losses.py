"""The loss alarm: chats that are less than they were in the run before.

Only chats whose bytes changed are looked into. The bytes of the new version were heard as the run read them,
and mostly they suffice: it is sound, and has as many turns as before. Only else is the old version fetched
from the store, and both are read as chats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chatcask.assistants.vscode.chat_list.read import listed_sessions
from chatcask.assistants.vscode.reading.outline import Outline, outline_of_file
from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile, WorkspaceChange
from chatcask.chats.losses import LossKind, find_loss
from chatcask.chats.summary import ChatSummary
from chatcask.errors import DamagedError
from chatcask.format.tree import EMPTY, Content
from chatcask.ops.snapshot.observed_chats import LARGEST, ObservedChat, ObservedChats
from chatcask.repository.repository import Repository

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

    def as_row(self) -> dict[str, Any]:
        """Return the loss as a manifest has it (docs/format.md section 9)."""
        return asdict(self)


def find_losses(
    repository: Repository,
    before: Content,
    after: Content,
    snapshot: str,
    heard: ObservedChats,
) -> tuple[Loss, ...]:
    """Compare the chats of two root trees.

    Args:
        repository: The store.
        before: The root of the run before.
        after: The root of this run.
        snapshot: The id of the run before.
        heard: What the run heard of changed chats.
    """
    return tuple(_Comparison(repository, heard.catalog, before, after, snapshot, heard.chats).losses())


@dataclass(frozen=True, slots=True)
class _Comparison:
    repository: Repository
    catalog: Catalog
    before: Content
    after: Content
    snapshot: str
    heard: Mapping[str, ObservedChat]

    def losses(self) -> Iterator[Loss]:
        for change in self.catalog.changed_workspaces(self.before, self.after):
            where = change.source, change.workspace
            old = self.catalog.workspace_chats(*where, change.before)
            new = self.catalog.workspace_chats(*where, change.after)
            for session, file in old.items():
                now = new.get(session)
                if now is not None and (now.content, now.name) == (file.content, file.name):
                    continue
                if now is None and self.catalog.has_chat(self.after, session):
                    continue  # moved to another workspace
                yield from self._loss(file, now)
            yield from self._unlisted(change, {s: file for s, file in old.items() if s in new})

    def _loss(self, file: ChatFile, now: ChatFile | None) -> Iterator[Loss]:
        if now is not None and self._kept_its_turns(file, now):
            return
        if now is not None and max(file.size, now.size) > LARGEST:
            yield from self._shrunk_file(file, now)
            return
        before = self._summary(file)
        found = find_loss(before, self.catalog.summary(now) if now is not None else None)
        if found is not None and before is not None:
            yield self._row(file, before, str(found.kind), found.turns_after, found.message)

    def _kept_its_turns(self, file: ChatFile, now: ChatFile) -> bool:
        """Tell whether the new version is sound and has no fewer turns; fetch the old one only if need be."""
        heard = self.heard.get(now.path)
        if heard is None:
            return False
        if heard.only_grew_from != file.content:
            old = self.catalog.known_outline(file.content) or self._fetched_outline(file)
            if old is None or heard.outline.turns < old.turns:
                return False
        self.catalog.keep_outline(now.content, heard.outline)
        return True

    def _fetched_outline(self, file: ChatFile) -> Outline | None:
        if file.size > LARGEST:
            return None
        return outline_of_file(self.repository.reader.read(file.content), file.name)

    def _shrunk_file(self, file: ChatFile, now: ChatFile) -> Iterator[Loss]:
        """Judge by size what is too large to be held in memory."""
        if now.size * 2 < file.size:
            message = f"its file shrank from {file.size} to {now.size} bytes; its turns were not counted"
            kind = LossKind.SHRANK if now.size else LossKind.EMPTIED
            yield Loss(file.session, "", str(kind), file.path, 0, 0, message, self.snapshot)

    def _unlisted(self, change: WorkspaceChange, there: Mapping[str, ChatFile]) -> Iterator[Loss]:
        """Yield chats whose file is there and whose entry in the editor's list is gone."""
        before, after = map(self.catalog.workspace_index, (change.before, change.after))
        if before == after or EMPTY in (before, after):
            return
        for session in sorted((self._listed(before) - self._listed(after)) & there.keys()):
            file = there[session]
            summary = self._summary(file)
            if summary is not None:
                message = "the editor's own list of chats no longer names it, so it will not be shown"
                yield self._row(file, summary, LEFT_INDEX, summary.turn_count, message)

    def _listed(self, index: Content) -> frozenset[str]:
        return listed_sessions(self.repository.reader.read_all(index).decode("utf-8", "replace"))

    def _summary(self, file: ChatFile) -> ChatSummary | None:
        try:
            return self.catalog.summary(file)
        except DamagedError:
            return None  # the store's own damage is what `check` is for

    def _row(self, file: ChatFile, before: ChatSummary, kind: str, left: int, message: str) -> Loss:
        return Loss(
            file.session, before.title, kind, file.path, before.turn_count, left, message, self.snapshot
        )
