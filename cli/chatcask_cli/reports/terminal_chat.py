"""A chat on a terminal: prompts framed, answers set as Markdown, reasoning and tools in the background."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.syntax import Syntax
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatcask.chats import Description

_WIDEST = 110
_THEME = "ansi_dark"
_FRAMES = {"prompt": "cyan", "queued": "dim", "draft": "dim"}
_ALARMING = {"error", "warning"}
_INDENT = (0, 0, 0, 2)


def print_blocks(blocks: Iterable[Description], *, colored: bool) -> None:
    """Print a chat to standard output, which is a terminal."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that is not UTF-8 shows an escape for a character that it lacks.
        sys.stdout.reconfigure(errors="backslashreplace")
    console = Console(highlight=False, color_system="auto" if colored else None)
    console.width = min(console.width, _WIDEST)
    for block in blocks:
        console.print(_laid_out(block))


def _laid_out(block: Description) -> RenderableType:
    match block.kind:
        case "title":
            return Group(Text(block.label, style="bold"), Text(block.text, style="dim"))
        case "prompt" | "queued" | "draft":
            return _framed(block)
        case "responder":
            return Rule(Text(block.label), align="left", style="dim")
        case "answer":
            # Links show where they lead instead of hiding it behind their text.
            return Markdown(block.text, code_theme=_THEME, hyperlinks=False)
    return _piece(block)


def _framed(block: Description) -> RenderableType:
    frame = Panel(
        Text(block.text.strip("\n")),
        title=Text(block.label),
        title_align="left",
        border_style=_FRAMES[block.kind],
    )
    return Padding(frame, (1, 0, 0, 0))


def _piece(block: Description) -> RenderableType:
    style = "red" if block.kind in _ALARMING else "dim" if block.is_folded else "bold"
    label = Text(block.label, style=style)
    if not block.text.strip():
        return label
    if block.is_folded:
        return Group(label, Padding(Text(block.text.strip("\n"), style="dim"), _INDENT))
    if block.style == "code":
        code = Syntax(block.text.rstrip("\n"), block.language or "text", theme=_THEME, word_wrap=True)
        return Group(label, Padding(code, _INDENT))
    return Text.assemble(label, ": ", block.text)
