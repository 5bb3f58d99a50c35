"""Recovery of what a damaged `.jsonl` log really held.

The editor refuses the whole log at its first bad line. Here the lines before it count, and nothing after it
that depends on what was lost: an edit says "requests, 3, response", and after a lost line the fourth request
may be another one. Only a later initial entry, which is a whole object, ends such a gap. Two complete
entries fused on one line (an append to a file that lost its final line feed) were both written and both
count. A log without any initial entry gives back the requests that were appended whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chatcask.assistants.vscode.reading import log, longjson
from chatcask.chats import jsontext
from chatcask.chats.parsed import TOO_DEEP_WORDS, Dropped, Note, Recovered, Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatcask.assistants.vscode.reading.log import Line
    from chatcask.chats.jsontext import Json, JsonObject
    from chatcask.chats.parsed import DropKind, NoteKind

_REQUESTS = ("v", "requests")
"""Where the turns stand in the entry that holds a whole chat."""


def recover_log(buffers: Iterable[bytes]) -> Recovered:
    """Return the longest true state of a log given in pieces. Never raises for any bytes."""
    recovery = _Recovery()
    # Unlike a loop over the lines, `map` lets go of a line's bytes as soon as its text is there.
    for line in map(_TextLine.of, log.split_lines(buffers)):
        recovery.size = line.offset + line.length + line.ended
        recovery.is_ended = line.ended
        if line.length:
            recovery.read(line)
    return recovery.result()


def _cut_by(entry: Json, turns: int) -> int:
    """Return how many of the turns an entry cuts off."""
    cuts = entry.get("kind") == log.PUSH and entry.get("k") == ["requests"] and "i" in entry
    return max(0, turns - int(entry["i"])) if cuts else 0


def _is_initial(entry: Json) -> bool:
    """Tell whether an entry is a whole chat; one with a path is an edit whose kind was damaged."""
    return (
        isinstance(entry, dict)
        and entry.get("kind") == log.INITIAL
        and isinstance(entry.get("v"), dict)
        and "k" not in entry
    )


@dataclass(slots=True)
class _TextLine:
    """A line as text, without its bytes; `at_character` stands at `at_byte`.

    The text ends where the first zero byte stands. Offsets and lengths are those of bytes. A very long line
    that is one sound entry has that `entry` instead of its text.
    """

    number: int
    offset: int
    length: int
    ended: bool
    text: str
    text_end: int
    zeros: int
    has_mark: bool
    replaced: bool
    entry: JsonObject | None = None
    at_character: int = 0
    at_byte: int = 0

    @classmethod
    def of(cls, line: Line) -> _TextLine:
        zero = line.data.find(b"\0")
        end = len(line.data) if zero < 0 else zero
        entry = _long_entry(line.data)
        text, replaced = log.decode(line.data[:end]) if entry is None else ("", False)
        has_mark = line.data.startswith(log.BYTE_ORDER_MARK)
        return cls(
            number=line.number,
            offset=line.offset,
            length=len(line.data),
            ended=line.ended,
            text=text,
            text_end=end,
            zeros=line.data.count(0),
            has_mark=has_mark,
            replaced=replaced,
            entry=entry,
            at_byte=len(log.BYTE_ORDER_MARK) if has_mark else 0,
        )

    def byte_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the bytes that characters stand for; where bytes were replaced, the whole text.

        Asked in ascending order, so that a line of many entries is encoded once.
        """
        if self.replaced or start == end:
            return 0, self.text_end
        return self._byte(start), self._byte(end)

    def _byte(self, character: int) -> int:
        self.at_byte += len(self.text[self.at_character : character].encode())
        self.at_character = character
        return self.at_byte


def _long_entry(data: bytes) -> JsonObject | None:
    """Return the entry that a very long line is, if it is nothing else."""
    if len(data) < longjson.LONG:
        return None
    entry = longjson.read_long_object(data.removeprefix(log.BYTE_ORDER_MARK), _REQUESTS)
    return entry if log.is_entry(entry) else None


@dataclass(slots=True)
class _HeadlessTurns:
    """The requests that a log without initial entry appended whole, the newest form of each.

    Where in the chat they stood is unknown, and so is which later edits were theirs, so those are not
    applied: a recovered request may be an early form, but it was written like that.
    """

    turns: dict[str, JsonObject] = field(default_factory=dict)
    title: str | None = None

    def take(self, entry: Json) -> None:
        if not isinstance(entry, dict):
            return
        kind, path, value = entry.get("kind"), entry.get("k"), entry.get("v")
        if kind == log.PUSH and path == ["requests"] and isinstance(value, list):
            for request in value:
                if isinstance(request, dict) and isinstance(request.get("requestId"), str):
                    self.turns[request["requestId"]] = request
        elif kind == log.SET and path == ["customTitle"] and isinstance(value, str):
            self.title = value

    def session(self) -> JsonObject:
        title = {} if self.title is None else {"customTitle": self.title}
        return {"version": 3, **title, "requests": list(self.turns.values())}


@dataclass(slots=True)
class _Recovery:
    """The state of one recovery. After a bad line, `in_gap` holds until an initial entry."""

    state: Json = log.MISSING
    in_gap: bool = False
    opens: bool = True
    is_ended: bool = True
    cut_turns: int = 0
    size: int = 0
    lines: int = 0
    dropped: list[Dropped] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    headless: _HeadlessTurns = field(default_factory=_HeadlessTurns)

    def read(self, line: _TextLine) -> None:
        self.lines += 1
        if line.has_mark:
            self._note("byte_order_mark", line)
        if line.replaced:
            self._note("invalid_utf8", line, "bytes that are not UTF-8 are shown as U+FFFD")
        if line.entry is not None:
            self._apply(line.entry, line, 0, 0)
            return
        end = self._read_entries(line)
        if end < len(line.text):
            kind: DropKind = "malformed" if line.ended or line.zeros else "torn"
            self._drop(kind, line, line.byte_range(end, len(line.text)), "not a whole entry")
        if line.zeros:
            self._drop("null_bytes", line, (line.text_end, line.length), f"{line.zeros} zero bytes")

    def _read_entries(self, line: _TextLine) -> int:
        """Apply the complete entries at the start of the text; return where they end."""
        text = line.text
        position, count = jsontext.skip_space(text, 0), 0
        while position < len(text):
            start = position
            try:
                entry, position = self._value_at(line, position)
            except jsontext.JsonTextError:
                return position
            if not log.is_entry(entry):
                return start
            self._apply(entry, line, start, position)
            count += 1
            position = jsontext.skip_space(text, position)
        if count > 1:
            self.opens = False
            self._note("fused_lines", line, f"{count} entries on one line")
        elif count == 0 and not line.zeros:
            self.opens = False
            self._note("blank_line", line, "white space that the editor does not read")
        return position

    def _value_at(self, line: _TextLine, position: int) -> tuple[Json, int]:
        try:
            return jsontext.value_at(line.text, position)
        except jsontext.TooDeepError:
            shortened = jsontext.shortened_at(line.text, position)
            self._note("too_deep", line, TOO_DEEP_WORDS)
            return shortened

    def _apply(self, entry: Json, line: _TextLine, start: int, end: int) -> None:
        is_initial = _is_initial(entry)
        kind: DropKind | None = None
        detail = ""
        if self.state is log.MISSING and not is_initial:
            self.headless.take(entry)
            kind, detail = "no_header", "an edit before any initial entry"
        elif self.in_gap and not is_initial:
            kind, detail = "after_gap", "an edit of a state that is lost"
        elif not is_initial and isinstance(entry, dict) and entry.get("kind") == log.INITIAL:
            kind, detail = "misplaced", "an initial entry without an object"
        else:
            turns = self._turn_count()
            try:
                self.state = log.apply_entry(self.state, entry)
                self.cut_turns += 0 if is_initial else _cut_by(entry, turns)
                self.in_gap = False
            except log.LogError as error:
                kind, detail = "misplaced", error.message
        if kind is not None:
            self._drop(kind, line, line.byte_range(start, end), detail)

    def _turn_count(self) -> int:
        requests = self.state.get("requests") if isinstance(self.state, dict) else None
        return len(requests) if isinstance(requests, list) else 0

    def _drop(self, kind: DropKind, line: _TextLine, where: tuple[int, int], detail: str) -> None:
        self.opens = False
        self.in_gap = True
        first, last = where
        before = self.dropped[-1] if self.dropped else None
        if before and before.kind == kind and before.last_line >= line.number - 1 and before.detail == detail:
            length = line.offset + last - before.offset
            self.dropped[-1] = replace(before, last_line=line.number, length=length)
        else:
            number, offset = line.number, line.offset + first
            self.dropped.append(Dropped(kind, number, number, offset, last - first, detail))

    def _note(self, kind: NoteKind, line: _TextLine, detail: str = "") -> None:
        self.notes.append(Note(kind, line.number, detail))

    def result(self) -> Recovered:
        value = self.state if isinstance(self.state, dict) else None
        has_header = self.state is not log.MISSING
        if not has_header and self.headless.turns:
            value = self.headless.session()
            self.notes.append(Note("recovered_turns", 1, f"{len(self.headless.turns)} turns appended whole"))
        report = Report(
            size=self.size,
            lines=self.lines,
            opens=self.opens and value is not None,
            has_header=has_header or all(drop.kind != "no_header" for drop in self.dropped),
            dropped=tuple(self.dropped),
            notes=tuple(self.notes),
            is_ended=self.is_ended,
            cut_turns=self.cut_turns,
        )
        return Recovered(value, report)
