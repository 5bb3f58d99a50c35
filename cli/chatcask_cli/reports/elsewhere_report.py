"""What is said of chats that are seen and not saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.workbench import Elsewhere
    from chatcask_cli.shell.output import Output

_KEEPERS = {
    "agent_host": "kept by the editor's host of agents",
    "external": "that the editor lists and others keep",
    "cursor": "kept in Cursor's own table",
    "copilot_cli": "of Copilot's command line",
}


def elsewhere_lines(found: Iterable[Elsewhere], output: Output) -> Iterator[str]:
    """Yield a line for each place with chats that chatcask does not save yet."""
    for each in found:
        what = f"{count_text(each.chats, 'chat')} {_KEEPERS.get(each.kind, each.kind)}"
        text = f"not in the store: {what} ({each.place}); chatcask does not save those yet"
        yield output.paint(text, "yellow")
