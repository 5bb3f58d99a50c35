"""What reading a chat file found: whether the editor opens it, and exactly what had to be left out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from chatcask.chats.jsontext import JsonObject
    from chatcask.chats.model import Chat

DropKind: TypeAlias = Literal[
    "torn",  # the end of the file, cut off in the middle of a line or value
    "null_bytes",  # zeros where text should be
    "malformed",  # not JSON
    "misplaced",  # an edit of something that is not there
    "after_gap",  # whole lines, but edits of a state that is lost
    "no_header",  # whole lines, but no initial entry to apply them to
    "trailing",  # text after the end of the object
    "not_a_turn",  # an element of the requests that is not an object
]

NoteKind: TypeAlias = Literal[
    "byte_order_mark",
    "invalid_utf8",
    "fused_lines",
    "blank_line",
    "recovered_turns",
    "other_form",  # a flat object in a file named like a log, or a log in one named like an object
    "other_encoding",  # not UTF-8
    "older_list",  # the chat stands among others, as the oldest editors kept them
    "too_deep",  # values nested so deeply that they are left out of what is shown
]


TOO_DEEP_WORDS = "what is nested too deeply is left out here; the editor reads it"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A stretch of the file that was left out: lines from 1, offset and length in bytes."""

    kind: DropKind
    first_line: int
    last_line: int
    offset: int
    length: int
    detail: str = ""

    def __str__(self) -> str:
        lines = f"line {self.first_line}"
        if self.last_line != self.first_line:
            lines = f"lines {self.first_line} to {self.last_line}"
        text = (
            f"{lines}: {self.length} bytes at offset {self.offset} left out ({self.kind.replace('_', ' ')})"
        )
        return f"{text}: {self.detail}" if self.detail else text


@dataclass(frozen=True, slots=True)
class Note:
    """Something unusual on one line that cost no bytes."""

    kind: NoteKind
    line: int
    detail: str = ""

    def __str__(self) -> str:
        text = f"line {self.line}: {self.kind.replace('_', ' ')}"
        return f"{text}: {self.detail}" if self.detail else text


@dataclass(frozen=True, slots=True)
class Report:
    """The findings about one file.

    `opens` tells whether the editor's own reader takes the file. `has_header` is false for a log that has
    edits but no initial entry before them. `is_full` tells whether the editor would also save the chat again.
    `is_ended` is false for a log without its final line feed: the editor opens it, and its next append fuses
    two lines into one that it can no longer read. `cut_turns` is how many turns stand in the bytes that were
    cut off later, when an earlier prompt was sent again.
    """

    size: int
    lines: int
    opens: bool
    has_header: bool
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[Note, ...] = ()
    reason: str = ""
    is_full: bool = False
    is_ended: bool = True
    cut_turns: int = 0

    @property
    def is_shortened(self) -> bool:
        """Tell whether the chat that was read lacks what the file nests too deeply."""
        return any(note.kind == "too_deep" for note in self.notes)

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing was left out and nothing unusual was seen."""
        return self.opens and not self.dropped and not self.notes


@dataclass(frozen=True, slots=True)
class Recovered:
    """The object that a file stands for, as far as it can be known, and the findings."""

    value: JsonObject | None
    report: Report


class ParseState(StrEnum):
    """How much of a file could be read."""

    SOUND = "sound"
    """All of it, and the editor opens it."""
    SALVAGED = "salvaged"
    """Something was left out or had to be put right; the report says what."""
    UNREADABLE = "unreadable"
    """Nothing that is a chat."""
    EMPTY = "empty"
    """There is no text in the file at all."""


@dataclass(frozen=True, slots=True)
class ParsedChat:
    """The chat that a file holds, if any, how sound the file is, and the findings."""

    chat: Chat | None
    state: ParseState
    report: Report
