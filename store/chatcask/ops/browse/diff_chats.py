"""Compare two snapshots chat by chat: which are new, gone, moved or changed, and in which turns.

Chats with the same bytes on both sides are not compared. Of a chat that differs one version is read after
the other, and of each only digests stay, so that a long chat is never held twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, cast

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.compare import DigestChange, compare_digests, unified_lines
from chatcask.chats.digest import TurnDigest, digest_turn
from chatcask.chats.parsed import ParseState
from chatcask.chats.render.describe import turn_text
from chatcask.chats.render.text import one_line
from chatcask.monitor import Monitor, OnceMonitor, Problem
from chatcask.ops.browse.in_snapshot import chats_in, is_hidden, readable
from chatcask.ops.browse.snapshot_folder import SnapshotFolder

if TYPE_CHECKING:
    from chatcask.chats.compare import ChangeKind as TurnChangeKind
    from chatcask.chats.compare import Evidence
    from chatcask.chats.digest import Aspect

_PROMPT_SHOWN = 100


class ChatChangeKind(StrEnum):
    """What happened to a chat between two snapshots."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    """It is in another workspace now; turns may have changed too."""
    COPIED = "copied"
    """It is in one more workspace now; the copy may have changed."""


@dataclass(frozen=True, slots=True)
class ChatSide:
    """A chat as one of the two snapshots has it. `reason` says why it cannot be read as a chat, or "".

    `cut_turns` is how many turns its bytes hold that were cut off by sending an earlier prompt again.
    """

    file: ChatFile
    title: str
    turn_count: int
    state: ParseState
    opens: bool
    reason: str = ""
    cut_turns: int = 0


@dataclass(frozen=True, slots=True)
class TurnDelta:
    """One turn that differs; turns are counted from 1, and None stands on the side that lacks it.

    `prompt` is the first line of its prompt, as it reads now; `is_taken_back` tells that it is not shown now.
    """

    kind: TurnChangeKind
    before: int | None
    after: int | None
    request_id: str | None
    timestamp_ms: int | None
    prompt: str
    aspects: tuple[Aspect, ...]
    evidence: Evidence | None
    has_moved: bool
    is_taken_back: bool = False


@dataclass(frozen=True, slots=True)
class ChatChange:
    """One chat that differs.

    Attributes:
        kind: What happened to it.
        before: The chat as it was; None for one that is new.
        after: The chat as it is; None for one that is gone.
        turns: The turns that differ; empty for a chat that is new or gone as a whole.
        unchanged: How many turns are equal.
        elsewhere: Where a chat that is gone from its workspace still is.
    """

    kind: ChatChangeKind
    before: ChatSide | None
    after: ChatSide | None
    turns: tuple[TurnDelta, ...] = ()
    unchanged: int = 0
    elsewhere: tuple[ChatFile, ...] = ()

    @property
    def side(self) -> ChatSide:
        """The chat as it is, or as it was when it is gone."""
        return cast("ChatSide", self.after or self.before)

    @property
    def session(self) -> str:
        """The chat's id."""
        return self.side.file.session

    @property
    def has_new_title(self) -> bool:
        """Tell whether the title differs."""
        return bool(self.before and self.after and self.before.title != self.after.title)

    @property
    def has_new_state(self) -> bool:
        """Tell whether the editor opens one version and not the other, or one could not be read whole."""
        if self.before is None or self.after is None:
            return False
        return (self.before.state, self.before.opens) != (self.after.state, self.after.opens)

    @property
    def dropped_turns(self) -> int:
        """How many turns that were cut off before are in its bytes no more, as the editor wrote it anew."""
        if self.before is None or self.after is None:
            return 0
        return max(0, self.before.cut_turns - self.after.cut_turns)

    @property
    def reads_the_same(self) -> bool:
        """Tell whether only the bytes differ, as in a log that the editor wrote anew."""
        is_change = self.kind is ChatChangeKind.CHANGED
        return is_change and not (self.turns or self.has_new_title or self.has_new_state)


@dataclass(frozen=True, slots=True)
class TurnText:
    """A changed turn and the lines of a unified diff of its text."""

    turn: TurnDelta
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    kind: ChatChangeKind
    before: ChatFile | None
    after: ChatFile | None
    elsewhere: tuple[ChatFile, ...] = ()

    @property
    def session(self) -> str:
        return self.file.session

    @property
    def file(self) -> ChatFile:
        return cast("ChatFile", self.after or self.before)

    @property
    def has_equal_bytes(self) -> bool:
        one, other = self.before, self.after
        return bool(one and other and (one.content, one.name) == (other.content, other.name))


def diff_chats(
    catalog: Catalog,
    before: SnapshotFolder,
    after: SnapshotFolder,
    *,
    session: str | None = None,
    monitor: Monitor,
) -> Iterator[ChatChange]:
    """Yield the chats that differ between two snapshots, sorted by path.

    A chat that cannot be read from the store is reported and left out, and so are those whose folder cannot
    be read on either side: nobody knows what became of them.

    Args:
        catalog: The catalogue.
        before: The older snapshot.
        after: The newer one. Only chats below this folder of it count.
        session: Only the chat with this id.
        monitor: Told of progress in bytes, and of what cannot be read.
    """
    once = OnceMonitor(monitor)
    pairs = [
        pair
        for pair in _pairs(_side(catalog, before, once), _side(catalog, after, once))
        if _is_within(pair, after.path) and session in (None, pair.session)
    ]
    sizes = [sum(file.size for file in (pair.before, pair.after) if file) for pair in pairs]
    once.phase("comparing chats", sum(sizes))
    for pair, size in zip(pairs, sizes, strict=True):
        change = _compare(catalog, pair, (before, after), once)
        if change is not None:
            yield change
        once.advance(size)


@dataclass(frozen=True, slots=True)
class _Side:
    """The chats that a snapshot is known to hold, and the parts of it of which nothing is known."""

    files: Sequence[ChatFile]
    gaps: Sequence[Problem]

    def hides(self, file: ChatFile) -> bool:
        return is_hidden(file.path, self.gaps)


def _side(catalog: Catalog, folder: SnapshotFolder, monitor: Monitor) -> _Side:
    if folder.stored is None:
        return _Side((), ())
    return _Side(chats_in(catalog, folder.stored, monitor), catalog.gaps(folder.stored.snapshot.root))


def _is_within(pair: _Pair, folder: str) -> bool:
    prefix = f"{folder}/" if folder else ""
    return any(file.path.startswith(prefix) for file in (pair.before, pair.after) if file)


def _pairs(before: _Side, after: _Side) -> list[_Pair]:
    """Return what belongs together on both sides: by place, else by id; equal pairs in one place are not."""
    old = {file.place: file for file in before.files}
    new = {file.place: file for file in after.files}
    free = {place: file for place, file in old.items() if place not in new and not after.hides(file)}
    pairs = []
    for place, file in new.items():
        if place in old:
            pair = _Pair(ChatChangeKind.CHANGED, old[place], file)
            pairs += [] if pair.has_equal_bytes else [pair]
        elif not before.hides(file):
            pairs.append(_newcomer(file, free, before.files))
    for file in free.values():
        elsewhere = tuple(other for other in after.files if other.session == file.session)
        pairs.append(_Pair(ChatChangeKind.REMOVED, file, None, elsewhere))
    return sorted(pairs, key=lambda pair: pair.file.path)


def _newcomer(
    file: ChatFile, free: dict[tuple[str, str, str], ChatFile], before: Sequence[ChatFile]
) -> _Pair:
    """Return what a chat in a new place is: moved from a place that is empty now, copied, or new."""
    origin = next((old for old in free.values() if old.session == file.session), None)
    if origin is not None:
        del free[origin.place]
        return _Pair(ChatChangeKind.MOVED, origin, file)
    copies = [old for old in before if old.session == file.session]
    if copies:
        return _Pair(ChatChangeKind.COPIED, max(copies, key=lambda old: old.mtime_ns), file)
    return _Pair(ChatChangeKind.ADDED, None, file)


def _compare(
    catalog: Catalog, pair: _Pair, folders: tuple[SnapshotFolder, SnapshotFolder], monitor: Monitor
) -> ChatChange | None:
    """Return what differs in a chat; None if a version that is needed cannot be read, which is reported."""
    is_whole = pair.before is None or pair.after is None or pair.has_equal_bytes
    sketches: list[_Sketch | None] = []
    for file, folder in zip((pair.before, pair.after), folders, strict=True):
        sketch = None
        if file is not None and folder.stored is not None:
            read = partial(_title_only if is_whole else _sketch, catalog)
            sketch = readable(read, file, folder.stored.reference, monitor)
            if sketch is None:
                return None
        sketches.append(sketch)
    old, new = sketches
    sides = (old.side if old else None, new.side if new else None)
    if is_whole or old is None or new is None:
        return ChatChange(pair.kind, *sides, elsewhere=pair.elsewhere)
    changes, unchanged = compare_digests(old.digests, new.digests)
    return ChatChange(pair.kind, *sides, tuple(_delta(change, old, new) for change in changes), unchanged)


@dataclass(frozen=True, slots=True)
class _Line:
    """What is shown of a turn without its text."""

    request_id: str | None
    timestamp_ms: int | None
    prompt: str
    is_taken_back: bool


@dataclass(frozen=True, slots=True)
class _Sketch:
    side: ChatSide
    digests: tuple[TurnDigest, ...]
    lines: tuple[_Line, ...]


def _title_only(catalog: Catalog, file: ChatFile) -> _Sketch:
    """Return what the catalogue knows of a chat of which no turn has to be compared."""
    summary = catalog.summary(file)
    return _Sketch(ChatSide(file, summary.title, summary.turn_count, summary.state, summary.opens), (), ())


def _sketch(catalog: Catalog, file: ChatFile) -> _Sketch:
    """Read a chat and keep only what comparing needs."""
    parsed = catalog.parse(file)
    turns = parsed.session.turns if parsed.session else ()
    title = parsed.session.title if parsed.session else ""
    report = parsed.report
    side = ChatSide(file, title, len(turns), parsed.state, report.opens, report.reason, report.cut_turns)
    lines = tuple(
        _Line(turn.request_id, turn.timestamp_ms, _first_words(turn.prompt), turn.is_hidden) for turn in turns
    )
    return _Sketch(side, tuple(map(digest_turn, turns)), lines)


def _first_words(prompt: str) -> str:
    return one_line(prompt[: 4 * _PROMPT_SHOWN])[:_PROMPT_SHOWN]


def _delta(change: DigestChange, old: _Sketch, new: _Sketch) -> TurnDelta:
    line = new.lines[change.after] if change.after is not None else old.lines[change.before or 0]
    return TurnDelta(
        kind=change.kind,
        before=None if change.before is None else change.before + 1,
        after=None if change.after is None else change.after + 1,
        request_id=line.request_id,
        timestamp_ms=line.timestamp_ms,
        prompt=line.prompt,
        aspects=change.aspects,
        evidence=change.evidence,
        has_moved=change.has_moved,
        is_taken_back=line.is_taken_back,
    )


def turn_texts(catalog: Catalog, change: ChatChange) -> Iterator[TurnText]:
    """Yield each changed turn with a diff of its text; of a chat that is new or gone, every turn.

    Raises:
        DamagedError: a version cannot be read from the store.
    """
    turns = change.turns or tuple(_all_turns(catalog, change))
    old = _texts(catalog, change.before, {turn.before for turn in turns})
    new = _texts(catalog, change.after, {turn.after for turn in turns})
    for turn in turns:
        names = [f"turn {number}" if number else "no turn" for number in (turn.before, turn.after)]
        one, other = (names[0], old.get(turn.before, "")), (names[1], new.get(turn.after, ""))
        yield TurnText(turn, tuple(unified_lines(one, other)))


def _all_turns(catalog: Catalog, change: ChatChange) -> Iterator[TurnDelta]:
    if change.kind not in (ChatChangeKind.ADDED, ChatChangeKind.REMOVED):
        return
    sketch = _sketch(catalog, change.side.file)
    empty = _Sketch(sketch.side, (), ())
    old, new = (empty, sketch) if change.kind is ChatChangeKind.ADDED else (sketch, empty)
    for found in compare_digests(old.digests, new.digests)[0]:
        yield _delta(found, old, new)


def _texts(catalog: Catalog, side: ChatSide | None, wanted: set[int | None]) -> dict[int | None, str]:
    """Return the texts of some turns of a chat, without holding the others."""
    if side is None or not wanted - {None}:
        return {}
    session = catalog.parse(side.file).session
    turns = session.turns if session else ()
    return {turn.index + 1: turn_text(turn) for turn in turns if turn.index + 1 in wanted}
