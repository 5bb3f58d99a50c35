"""Raw items of a response to parts; never raises for any value.

The kinds are those of microsoft/vscode chatService.ts and chatModel.ts. Markdown has no kind, and neither
has a file tree of some versions; old data has plain strings for markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.chats.fields import (
    array_at,
    base_name,
    flag_at,
    markdown_text,
    object_at,
    text_at,
    uri_text,
    value_at,
    whole_at,
)
from chatcask.chats.jsontext import dumps
from chatcask.chats.model import (
    CodeBlockUriPart,
    CommandPart,
    Confirmation,
    InlineReferencePart,
    MarkdownPart,
    MarkerPart,
    NoticePart,
    Part,
    TextEdit,
    TextEditPart,
    ThinkingPart,
    ToolCallPart,
    TreePart,
    UnknownPart,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatcask.chats.jsontext import Json

_MARKERS = frozenset(
    {"undoStop", "mcpServersStarting", "clearToPreviousToolInvocation", "disabledClaudeHooks"}
)
_NOTICES = frozenset({"progressMessage", "progressTaskSerialized", "warning", "info", "systemNotification"})


def read_part(raw: Json) -> Part:
    """Return the part that a raw item of a response stands for."""
    if isinstance(raw, str):
        return MarkdownPart(raw, raw)
    kind = value_at(raw, "kind")
    if kind is None:
        return _kindless(raw)
    if not isinstance(kind, str):
        return UnknownPart("unknown", raw)
    if kind in _MARKERS:
        return _marker(kind, raw)
    if kind in _NOTICES:
        return _notice(kind, raw)
    reader = _READERS.get(kind)
    return (reader(raw) if reader else None) or UnknownPart(kind, raw)


def _kindless(raw: Json) -> Part:
    text = text_at(raw, "value")
    if text is not None:
        return MarkdownPart(text, raw)
    tree = value_at(raw, "treeData") or raw
    return _tree(tree, raw) or UnknownPart("unknown", raw)


def _marker(kind: str, raw: Json) -> Part:
    """A list of servers that did start is worth showing; an empty one is bookkeeping."""
    if kind == "mcpServersStarting" and array_at(raw, "didStartServerIds"):
        return UnknownPart(kind, raw)
    return MarkerPart(kind, raw)


def _notice(kind: str, raw: Json) -> Part:
    text = markdown_text(value_at(raw, "content"))
    return UnknownPart(kind, raw) if text is None else NoticePart(kind, text, raw)


def _markdown(raw: Json) -> Part | None:
    text = markdown_text(value_at(raw, "content"))
    return None if text is None else MarkdownPart(text, raw)


def _thinking(raw: Json) -> Part | None:
    value = value_at(raw, "value")
    if isinstance(value, list):
        value = "".join(item for item in value if isinstance(item, str))
    if value is not None and not isinstance(value, str):
        return None
    if not value and not text_at(raw, "generatedTitle"):
        return MarkerPart("thinking", raw)
    return ThinkingPart(
        value or "", text_at(raw, "generatedTitle"), whole_at(raw, "reasoningDurationMs"), raw
    )


def _tool_call(raw: Json) -> Part:
    shown = (markdown_text(value_at(raw, name)) for name in ("pastTenseMessage", "invocationMessage"))
    return ToolCallPart(
        tool=text_at(raw, "toolId") or "tool",
        call_id=text_at(raw, "toolCallId"),
        message=next((text for text in shown if text), ""),
        command=_command_line(value_at(raw, "toolSpecificData")),
        input=_tool_input(raw),
        output=_tool_output(raw),
        confirmation=_confirmation(value_at(raw, "isConfirmed")),
        is_complete=flag_at(raw, "isComplete") is not False,
        raw=raw,
    )


def _command_line(data: Json) -> str | None:
    """Return the command of a terminal tool in its last form: by the user, by the tool, as first written."""
    line = value_at(data, "commandLine")
    if isinstance(line, str):
        return line
    found = (text_at(line, name) for name in ("userEdited", "toolEdited", "original"))
    return next((text for text in found if text), None) or text_at(data, "command")


def _tool_input(raw: Json) -> str | None:
    found = value_at(raw, "resultDetails", "input")
    if found is None:
        found = value_at(raw, "toolSpecificData", "rawInput")
    return _as_text(found)


def _tool_output(raw: Json) -> str | None:
    """Return what a tool gave back, as far as the chat holds it."""
    output = value_at(raw, "resultDetails", "output")
    if isinstance(output, list):
        texts = [_output_item(item) for item in output]
        return "\n".join(text for text in texts if text) or None
    if output is None:
        output = value_at(raw, "toolSpecificData", "terminalCommandOutput", "text")
    if output is None and value_at(raw, "toolSpecificData", "kind") in ("todoList", "subagent"):
        output = value_at(raw, "toolSpecificData")
    return _as_text(output)


def _output_item(item: Json) -> str | None:
    if flag_at(item, "isText") is False or text_at(item, "base64Data"):
        media_type = text_at(item, "mimeType") or "data"
        return f"[{media_type}]"
    return text_at(item, "value") or uri_text(value_at(item, "uri")) or _as_text(item)


def _as_text(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return dumps(value, indent=2)


def _confirmation(value: Json) -> Confirmation | None:
    """Before 1.104 a boolean, later an object with a type (microsoft/vscode chatService.ts)."""
    if isinstance(value, bool):
        return Confirmation.USER if value else Confirmation.DENIED
    number = whole_at(value, "type")
    return next((known for known in Confirmation if known == number), None)


def _text_edits(raw: Json) -> Part | None:
    uri = uri_text(value_at(raw, "uri"))
    if uri is None:
        return None
    return TextEditPart(uri, tuple(_flat_edits(array_at(raw, "edits"))), raw)


def _flat_edits(items: list[Json]) -> Iterator[TextEdit]:
    """Yield the edits of nested arrays; those of a notebook may be edits of cells, which hold their text."""
    for item in items:
        if isinstance(item, list):
            yield from _flat_edits(item)
        elif object_at(item):
            span = object_at(item, "range")
            text = text_at(item, "text")
            if text is None:
                text = dumps(item, indent=2)
            yield TextEdit(whole_at(span, "startLineNumber"), whole_at(span, "endLineNumber"), text)


def _inline_reference(raw: Json) -> Part:
    target = value_at(raw, "inlineReference")
    uri = uri_text(target)
    if uri is None:
        uri = uri_text(value_at(target, "uri")) or uri_text(value_at(target, "location", "uri"))
    name = text_at(raw, "name") or text_at(target, "name") or base_name(uri)
    return InlineReferencePart(name, uri, raw)


def _code_block_uri(raw: Json) -> Part | None:
    uri = uri_text(value_at(raw, "uri"))
    return None if uri is None else CodeBlockUriPart(uri, flag_at(raw, "isEdit") is True, raw)


def _command(raw: Json) -> Part:
    command = text_at(raw, "command", "id") or ""
    return CommandPart(command, text_at(raw, "command", "title") or command, raw)


def _tree_data(raw: Json) -> Part | None:
    return _tree(value_at(raw, "treeData"), raw)


def _tree(data: Json, raw: Json) -> Part | None:
    if text_at(data, "label") is None:
        return None
    return TreePart("\n".join(_tree_lines(data, 0)), raw)


def _tree_lines(node: Json, level: int) -> Iterator[str]:
    yield "  " * level + (text_at(node, "label") or "?")
    for child in array_at(node, "children"):
        yield from _tree_lines(child, level + 1)


_READERS: dict[str, Callable[[Json], Part | None]] = {
    "markdownContent": _markdown,
    "markdownVuln": _markdown,
    "thinking": _thinking,
    "toolInvocationSerialized": _tool_call,
    "toolInvocation": _tool_call,
    "textEditGroup": _text_edits,
    "notebookEditGroup": _text_edits,
    "inlineReference": _inline_reference,
    "codeblockUri": _code_block_uri,
    "command": _command,
    "treeData": _tree_data,
}
