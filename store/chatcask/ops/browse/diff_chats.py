"""Compare two snapshots chat by chat: which are new, gone, moved or changed, and in which turns.

Chats with the same bytes on both sides are not compared. Of a chat that differs one version is read after
the other, and of each only digests stay, so that a long chat is never held twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.compare import DigestChange, compare_digests, unified_lines
from chatcask.chats.digest import TurnDigest, digest_turn
from chatcask.chats.render.describe import turn_text
from chatcask.chats.render.text import one_line
from chatcask.monitor import Monitor, OnceMonitor
from chatcask.ops.browse.chat_change import ChatChange, ChatChangeKind, ChatSide, TurnDelta, TurnText
from chatcask.ops.browse.in_snapshot import readable
from chatcask.ops.browse.pair_chats import Pair, pair_chats
from chatcask.ops.browse.snapshot_folder import SnapshotFolder

_PROMPT_SHOWN = 100


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
    pairs = [pair for pair in pair_chats(catalog, before, after, once) if session in (None, pair.session)]
    sizes = [sum(file.size for file in (pair.before, pair.after) if file) for pair in pairs]
    once.phase("comparing chats", sum(sizes))
    for pair, size in zip(pairs, sizes, strict=True):
        change = _compare(catalog, pair, (before, after), once)
        if change is not None:
            yield change
        once.advance(size)


def _compare(
    catalog: Catalog, pair: Pair, folders: tuple[SnapshotFolder, SnapshotFolder], monitor: Monitor
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
    turns = parsed.chat.turns if parsed.chat else ()
    title = parsed.chat.title if parsed.chat else ""
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
    chat = catalog.parse(side.file).chat
    turns = chat.turns if chat else ()
    return {turn.index + 1: turn_text(turn) for turn in turns if turn.index + 1 in wanted}
