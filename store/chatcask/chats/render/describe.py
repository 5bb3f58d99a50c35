"""How a part of a turn reads, in words that all formats share: a label, a text, and how to set it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import unquote

from chatcask.chats.fields import base_name
from chatcask.chats.jsontext import dumps
from chatcask.chats.model import (
    CodeBlockUriPart,
    CommandPart,
    Confirmation,
    InlineReferencePart,
    MarkdownPart,
    MarkerPart,
    NoticePart,
    TextEditPart,
    ThinkingPart,
    ToolCallPart,
    TreePart,
    TurnState,
)
from chatcask.chats.render.text import clean, close_fences, code_span, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.model import Attachment, Part, TextEdit, Turn


class Style(StrEnum):
    """How a text is set."""

    MARKDOWN = "markdown"
    PLAIN = "plain"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Description:
    """One readable piece of a turn. `kind` is stable; `is_folded` pieces are shown closed."""

    kind: str
    label: str
    text: str
    style: Style
    language: str = ""
    is_folded: bool = False


_STATES = {
    TurnState.PENDING: "Not finished",
    TurnState.CANCELLED: "Cancelled",
    TurnState.FAILED: "Failed",
    TurnState.NEEDS_INPUT: "Waiting for input",
}

_CONFIRMATIONS = {
    Confirmation.DENIED: "denied",
    Confirmation.USER: "allowed by the user",
    Confirmation.SETTING: "allowed by a setting",
    Confirmation.AUTO_APPROVED: "allowed automatically",
    Confirmation.SKIPPED: "skipped",
}

_LANGUAGES = {
    "c": "c",
    "cpp": "cpp",
    "cs": "csharp",
    "css": "css",
    "go": "go",
    "html": "html",
    "java": "java",
    "js": "javascript",
    "json": "json",
    "kt": "kotlin",
    "md": "markdown",
    "py": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "sql": "sql",
    "swift": "swift",
    "toml": "toml",
    "ts": "typescript",
    "tsx": "tsx",
    "yaml": "yaml",
    "yml": "yaml",
}


def describe_response(turn: Turn) -> Iterator[Description]:
    """Yield the readable pieces of a response: what it read first, its end state last.

    Markdown and the references in the middle of it are one flow of text, as the editor shows them.
    """
    if turn.references:
        count = len(turn.references)
        text = "\n".join(one_line(reference) for reference in turn.references)
        label = f"Used {count} reference{'' if count == 1 else 's'}"
        yield Description("references", label, text, Style.CODE, is_folded=True)
    flow: list[str] = []
    for part in turn.parts:
        if isinstance(part, MarkdownPart):
            flow.append(clean(part.text))
        elif isinstance(part, InlineReferencePart):
            flow.append(code_span(part.name))
        elif not isinstance(part, MarkerPart):
            yield from _flowing(flow)
            yield _describe(part)
    yield from _flowing(flow)
    yield from _ending(turn)


def _flowing(flow: list[str]) -> Iterator[Description]:
    text = close_fences("".join(flow))
    flow.clear()
    if text.strip():
        yield Description("answer", "Answer", text, Style.MARKDOWN)


def _ending(turn: Turn) -> Iterator[Description]:
    label = _STATES.get(turn.state)
    if turn.error is not None:
        yield Description("error", label or "Error", clean(turn.error), Style.PLAIN)
    elif label:
        yield Description("state", label, "", Style.PLAIN)


def _describe(part: Part) -> Description:
    if isinstance(part, ThinkingPart):
        return _thinking(part)
    if isinstance(part, ToolCallPart):
        return _tool_call(part)
    if isinstance(part, TextEditPart):
        return _edits(part)
    if isinstance(part, TreePart):
        return Description("tree", "Files", clean(part.text), Style.CODE)
    return _small(part)


def _small(part: Part) -> Description:
    if isinstance(part, CodeBlockUriPart):
        kind = "Edit of" if part.is_edit else "Code for"
        return Description("file", kind, one_line(part.uri), Style.PLAIN)
    if isinstance(part, CommandPart):
        text = f"{one_line(part.title)} ({one_line(part.command)})"
        return Description("command", "Button", text, Style.PLAIN)
    if isinstance(part, NoticePart):
        label = {"warning": "Warning", "info": "Information"}.get(part.level, "Progress")
        return Description(label.lower(), label, clean(part.text), Style.PLAIN)
    kind = getattr(part, "kind", "other")
    raw = clean(dumps(part.raw, indent=2))
    return Description("other", one_line(kind), raw, Style.CODE, "json", is_folded=True)


def _thinking(part: ThinkingPart) -> Description:
    label = "Thinking"
    if part.title:
        label += f": {one_line(part.title)}"
    if part.duration_ms is not None:
        label += f" ({part.duration_ms / 1000:.1f} s)"
    return Description("thinking", label, clean(part.text), Style.MARKDOWN, is_folded=True)


def _tool_call(part: ToolCallPart) -> Description:
    label = f"Tool {one_line(part.tool)}"
    if part.message:
        label += f": {one_line(part.message)}"
    allowed = _CONFIRMATIONS.get(part.confirmation) if part.confirmation is not None else None
    marks = [mark for mark in (allowed, None if part.is_complete else "not finished") if mark]
    if marks:
        label += f" ({', '.join(marks)})"
    pieces = (("$ ", part.command), ("Input:\n", part.input), ("Output:\n", part.output))
    text = "\n".join(f"{lead}{clean(piece)}" for lead, piece in pieces if piece)
    return Description("tool", label, text, Style.CODE, is_folded=True)


def _edits(part: TextEditPart) -> Description:
    name = one_line(unquote(base_name(part.uri)))
    text = "\n".join(_edit(edit) for edit in part.edits)
    language = _LANGUAGES.get(name.rpartition(".")[2].lower(), "")
    return Description("edit", f"Edit {name}", text, Style.CODE, language)


def _edit(edit: TextEdit) -> str:
    text = clean(edit.text)
    return text.removesuffix("\n") if text else f"(lines {edit.first_line} to {edit.last_line} removed)"


def describe_attachment(item: Attachment) -> Description:
    """Return an attachment: its kind, name and place as the label, and its text if it has any."""
    where = f" ({one_line(item.uri)})" if item.uri and item.uri != item.name else ""
    label = f"{one_line(item.kind)}: {one_line(item.name)}{where}"
    text = clean(item.text or "")
    return Description("attachment", label, text, Style.CODE, is_folded=bool(text))


def response_text(turn: Turn) -> str:
    """Return a whole response as plain text, its pieces with their labels."""
    pieces = []
    for piece in describe_response(turn):
        is_answer = piece.kind == "answer"
        pieces.append(piece.text if is_answer else f"[{piece.label}]\n{piece.text}".rstrip())
    return "\n\n".join(piece.strip("\n") for piece in pieces)


def turn_text(turn: Turn) -> str:
    """Return a whole turn as plain text, for comparing two versions line by line."""
    described = map(describe_attachment, turn.attachments)
    attached = "".join(f"\n[{item.label}]\n{item.text}".rstrip() for item in described)
    return f"{clean(turn.prompt)}{attached}\n\n{response_text(turn)}\n"
