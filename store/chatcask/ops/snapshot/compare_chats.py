"""The chats of an earlier snapshot beside those of the new one: each that is less now, and each not judged.

Only chats whose bytes changed are looked into. The bytes of the new version were observed as the run read
them, and mostly they suffice: it is sound, and has as many turns as before. Only else is the old version
fetched from the store, and both are read as chats. What cannot be read costs
the judgement on that chat alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from chatcask.assistants.known import assistant_of
from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile, WorkspaceChange
from chatcask.chats.chat_list import ChatIndex
from chatcask.chats.losses import FoundLoss, LossKind, holds_as_much, lost_between
from chatcask.chats.outline import Outline
from chatcask.errors import DamagedError
from chatcask.format.tree import EMPTY, Content
from chatcask.ids import ObjectName
from chatcask.monitor import Problem
from chatcask.ops.snapshot.observed_chats import LARGEST, ObservedChat
from chatcask.ops.snapshot.parent import NOT_JUDGED
from chatcask.repository.repository import Repository

LEFT_INDEX = "left_index"
"""The chat's file is there, and the editor's own list no longer names it: the editor will not show it."""

LOST_LIST = "lost_list"
"""The editor's own list of a workspace's chats is malformed, or names none that it named: none is shown."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One chat that is less than it was.

    Attributes:
        session: The chat's id.
        title: Its title before.
        kind: `vanished`, `emptied`, `shrank`, `lost_header`, `unreadable`,
            `lost_text`, `unended`, `left_index` or `lost_list`.
        path: Where the file was, in the snapshot before.
        before: How many turns there were.
        after: How many turns can be read now.
        message: The finding in words.
        snapshot: The snapshot that has the chat as it was.
        editor: The id of its source, where another one has a chat of the same id too; else "".
    """

    session: str
    title: str
    kind: str
    path: str
    before: int
    after: int
    message: str
    snapshot: str
    editor: str = ""

    def as_row(self) -> dict[str, Any]:
        """Return the loss as a manifest has it (docs/format.md section 9)."""
        row = asdict(self)
        if not self.editor:
            del row["editor"]
        return row


class Earlier(NamedTuple):
    """A snapshot to compare with."""

    id: ObjectName
    root: Content


@dataclass(frozen=True, slots=True)
class ComparedRoots:
    """What two root trees are compared with.

    Attributes:
        repository: The store.
        catalog: Which chats there are.
        observed: What this run learned of changed chats, by path.
        before: The earlier snapshot.
        after: The root tree of this run.
    """

    repository: Repository
    catalog: Catalog
    observed: Mapping[str, ObservedChat]
    before: Earlier
    after: Content


def compare(comparison: ComparedRoots, only: frozenset[str] | None = None) -> Iterator[Loss | Problem]:
    """Yield each chat that is less than in the earlier snapshot, and a problem for each that is not judged.

    Args:
        comparison: The two sides.
        only: Paths of files and folders to compare; None compares everything.
    """
    gaps: list[Problem] = []
    changes = comparison.catalog.changed_workspaces(comparison.before.root, comparison.after, gaps.append)
    for gap in gaps:
        if _concerns(gap.path, only):
            yield _not_judged(comparison, gap.path, gap.message)
    for change in changes:
        if _concerns(change.path, only):
            yield from _workspace(comparison, change, only)


def _workspace(
    comparison: ComparedRoots, change: WorkspaceChange, only: frozenset[str] | None
) -> Iterator[Loss | Problem]:
    where = change.source, change.workspace
    try:
        old = comparison.catalog.workspace_chats(*where, change.before)
        new = comparison.catalog.workspace_chats(*where, change.after)
    except DamagedError as error:
        yield _not_judged(comparison, change.path, error.message)
        return
    for session, file in old.items():
        now = new.get(session)
        is_same = now is not None and (now.content, now.name) == (file.content, file.name)
        if is_same or not _is_within(file.path, only):
            continue
        try:
            loss = _gone(comparison, file) if now is None else _changed(comparison, file, now)
        except DamagedError as error:
            yield _not_judged(comparison, file.path, error.message)
            continue
        if loss is not None:
            yield loss
    path = _list_path(change)
    if _is_within(path, only):
        there = {session: file for session, file in old.items() if session in new}
        try:
            yield from _unlisted(comparison, change, there)
        except DamagedError as error:
            yield _not_judged(comparison, path, error.message)


def _gone(comparison: ComparedRoots, file: ChatFile) -> Loss | None:
    """Judge a chat whose file is gone: no loss if a chat of that id elsewhere has all it had."""
    elsewhere = comparison.catalog.files_of(comparison.after, file.session)
    if any((other.content, other.name) == (file.content, file.name) for other in elsewhere):
        return None
    before = comparison.catalog.summary(file)
    left = 0
    for other in elsewhere:
        if other.size > LARGEST:
            if not _is_far_smaller(file, other):
                return None
            continue
        summary = comparison.catalog.summary(other)
        if holds_as_much(summary, before):
            return None
        left = max(left, summary.turn_count)
    return _row(comparison, file, lost_between(before, None, elsewhere=left))


def _changed(comparison: ComparedRoots, file: ChatFile, now: ChatFile) -> Loss | None:
    if _kept_its_turns(comparison, file, now):
        return None
    if max(file.size, now.size) > LARGEST:
        return _shrunk_file(comparison, file, now)
    before = comparison.catalog.summary(file)
    return _row(comparison, file, lost_between(before, comparison.catalog.summary(now)))


def _kept_its_turns(comparison: ComparedRoots, file: ChatFile, now: ChatFile) -> bool:
    """Tell whether the new version is sound and holds as much; fetch the old one only if need be."""
    observed = comparison.observed.get(now.path)
    if observed is None:
        return False
    if observed.only_grew_from != file.content:
        old = comparison.catalog.known_outline(file.content) or _fetched_outline(comparison, file)
        if old is None or not observed.outline.holds_as_much_as(old):
            return False
    comparison.catalog.keep_outline(now.content, observed.outline)
    return True


def _fetched_outline(comparison: ComparedRoots, file: ChatFile) -> Outline | None:
    outlines = assistant_of(file.source).outlines
    if outlines is None or file.size > LARGEST:
        return None
    return outlines.outline_of_file(comparison.repository.reader.read(file.content, file.size), file.name)


def _shrunk_file(comparison: ComparedRoots, file: ChatFile, now: ChatFile) -> Loss | None:
    """Judge by size what is too large to be held in memory."""
    if not _is_far_smaller(file, now):
        return None
    kind = LossKind.SHRANK if now.size else LossKind.EMPTIED
    message = f"its file shrank from {file.size} to {now.size} bytes; its turns were not counted"
    return Loss(file.session, "", str(kind), file.path, 0, 0, message, comparison.before.id)


def _is_far_smaller(before: ChatFile, after: ChatFile) -> bool:
    return after.size * 2 < before.size


def _unlisted(
    comparison: ComparedRoots, change: WorkspaceChange, there: Mapping[str, ChatFile]
) -> Iterator[Loss | Problem]:
    """Yield chats whose file is there and whose entry in the editor's list is gone."""
    before, after = (
        comparison.catalog.workspace_index(change.source, tree) for tree in (change.before, change.after)
    )
    if before in (after, EMPTY):
        return
    now = _read_list(comparison, change.source, after)
    listed = _read_list(comparison, change.source, before).shown & there.keys()
    gone = listed - now.shown
    if now.problem or (len(gone) > 1 and gone == listed):
        if listed:
            yield _lost_list(comparison, change, len(listed), now.problem)
        return
    for session in sorted(gone):
        file = there[session]
        try:
            summary = comparison.catalog.summary(file)
        except DamagedError as error:
            yield _not_judged(comparison, file.path, error.message)
            continue
        turns, message = summary.turn_count, "the editor's own list no longer names it, so it is not shown"
        yield Loss(session, summary.title, LEFT_INDEX, file.path, turns, turns, message, comparison.before.id)


def _lost_list(comparison: ComparedRoots, change: WorkspaceChange, count: int, problem: str | None) -> Loss:
    """Return the loss of a whole list, which is one finding however many chats it named."""
    why = f"is malformed ({problem})" if problem else "names none of them any more"
    message = f"{count} chats are not shown: the editor's own list of chats in {change.workspace[:8]} {why}"
    return Loss("", "", LOST_LIST, _list_path(change), count, 0, message, comparison.before.id)


def _list_path(change: WorkspaceChange) -> str:
    return f"{change.path}/{assistant_of(change.source).layout.chat_list}"


def _read_list(comparison: ComparedRoots, source: str, chat_list: Content) -> ChatIndex:
    text = comparison.repository.reader.read_all(chat_list).decode("utf-8", "replace")
    return assistant_of(source).read_list(text)


def _row(comparison: ComparedRoots, file: ChatFile, found: FoundLoss | None) -> Loss | None:
    if found is None:
        return None
    turns = found.turns_before, found.turns_after
    snapshot = comparison.before.id
    return Loss(file.session, found.title, str(found.kind), file.path, *turns, found.message, snapshot)


def _not_judged(comparison: ComparedRoots, path: str, reason: str) -> Problem:
    snapshot = comparison.before.id
    message = f"whether a chat lost anything since snapshot {snapshot[:12]} cannot be told: {reason}"
    return Problem(f"{snapshot}:{path}", NOT_JUDGED, message)


def _is_within(path: str, folders: frozenset[str] | None) -> bool:
    """Tell whether a path is one of those given or lies in one."""
    if folders is None or path in folders or "" in folders:
        return True
    return any(path[:end] in folders for end, character in enumerate(path) if character == "/")


def _concerns(folder: str, paths: frozenset[str] | None) -> bool:
    """Tell whether a folder is, holds, or lies in one of those given."""
    inside = f"{folder}/" if folder else ""
    return _is_within(folder, paths) or any(path.startswith(inside) for path in paths or ())
