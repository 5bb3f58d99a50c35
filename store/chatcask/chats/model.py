"""The values a chat consists of: chat, turn, part, attachment.

Everything is derived from the stored object, and every value keeps the raw object it was read from, so that
no field and no kind of part, known or not, is ever out of reach.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject

NEW_CHAT = "New Chat"
"""The title of a chat that has none and no request either (microsoft/vscode chatSessionStore.ts)."""

CUT_MARK = "[VS Code: value truncated for persistence"
"""How a text begins that the editor put in the place of one too long to be saved (objectMutationLog.ts)."""


class TurnState(IntEnum):
    """How far a response got; the numbers are the editor's (microsoft/vscode chatService.ts)."""

    PENDING = 0
    COMPLETE = 1
    CANCELLED = 2
    FAILED = 3
    NEEDS_INPUT = 4


class Confirmation(IntEnum):
    """Who let a tool run; the numbers are the editor's from 1.104 on (microsoft/vscode chatService.ts)."""

    DENIED = 0
    NOT_NEEDED = 1
    SETTING = 2
    AUTO_APPROVED = 3
    USER = 4
    SKIPPED = 5


@dataclass(frozen=True, slots=True)
class MarkdownPart:
    """Text of the answer."""

    text: str
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class ThinkingPart:
    """The model's reasoning before or between its answers."""

    text: str
    title: str | None
    duration_ms: int | None
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """One call of a tool: what it was asked, who allowed it, what came back."""

    tool: str
    call_id: str | None
    message: str
    command: str | None
    input: str | None
    output: str | None
    confirmation: Confirmation | None
    is_complete: bool
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Text put in place of a range of lines."""

    first_line: int | None
    last_line: int | None
    text: str


@dataclass(frozen=True, slots=True)
class TextEditPart:
    """Edits of one file."""

    uri: str
    edits: tuple[TextEdit, ...]
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class InlineReferencePart:
    """A file, symbol or place named in the middle of the answer's text."""

    name: str
    uri: str | None
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeBlockUriPart:
    """Says which file the following code block or edit belongs to."""

    uri: str
    is_edit: bool
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class CommandPart:
    """A button that runs a command of the editor."""

    command: str
    title: str
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoticePart:
    """A progress line, warning or piece of information; `level` is the kind of the raw part."""

    level: str
    text: str
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class TreePart:
    """A tree of files, as lines indented by two spaces a level."""

    text: str
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class MarkerPart:
    """Bookkeeping of the editor that it shows nothing for."""

    kind: str
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """Any part without a class of its own, shown by its kind and raw object."""

    kind: str
    raw: Json = field(repr=False)


Part: TypeAlias = (
    MarkdownPart
    | ThinkingPart
    | ToolCallPart
    | TextEditPart
    | InlineReferencePart
    | CodeBlockUriPart
    | CommandPart
    | NoticePart
    | TreePart
    | MarkerPart
    | UnknownPart
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something a person added to a prompt: a file, a selection, an image, a piece of text."""

    kind: str
    name: str
    uri: str | None
    text: str | None
    media_type: str | None
    base64: str | None = field(repr=False)
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """A prompt and the response to it. Times are milliseconds since 1970."""

    index: int
    request_id: str | None
    response_id: str | None
    prompt: str
    attachments: tuple[Attachment, ...]
    parts: tuple[Part, ...]
    references: tuple[str, ...]
    state: TurnState
    error: str | None
    timestamp_ms: int | None
    completed_ms: int | None
    model: str | None
    mode: str | None
    agent: str | None
    command: str | None
    is_hidden: bool
    raw: JsonObject = field(repr=False)
    is_cut: bool = False
    """It is no longer part of the chat: an earlier prompt was edited or sent again, which cut it off."""

    @property
    def mark(self) -> str:
        """Why the editor does not show the turn, in words, or ""."""
        if self.is_cut:
            return "cut off when an earlier prompt was sent again"
        return "taken back by a checkpoint" if self.is_hidden else ""


@dataclass(frozen=True, slots=True)
class Chat:
    """A whole chat. `queued` are prompts that were waiting to be sent, `draft` is unsent input."""

    session_id: str
    title: str
    custom_title: str | None
    created_ms: int | None
    location: str | None
    responder: str
    turns: tuple[Turn, ...]
    has_pending_edits: bool
    draft: str
    queued: tuple[str, ...]
    raw: JsonObject = field(repr=False)

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models that were asked, in order of first use."""
        return tuple(dict.fromkeys(turn.model for turn in self.turns if turn.model))
