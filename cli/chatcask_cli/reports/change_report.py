"""How a planned change of an editor's folder is shown: each file and each field, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatcask.editing import field_steps, file_steps
from chatcask_cli.shell.output import size_text

if TYPE_CHECKING:
    from chatcask.editing import EditorChange
    from chatcask_cli.shell.output import Output

_COLORS = {"write": "green", "replace": "yellow", "remove": "red"}
_LONGEST_VALUE = 60


def change_lines(change: EditorChange, output: Output) -> Iterator[str]:
    """Yield each file and each field of the editor's list that changes."""
    for step in file_steps(change):
        sizes = [size_text(size) for size in (step.size_before, step.size_after) if size is not None]
        kept = "; kept in the safety snapshot" if step.action == "remove" else ""
        yield f"{output.paint(step.action, _COLORS[step.action])} {step.path}  ({' -> '.join(sizes)}{kept})"
    shown = ""
    for field in field_steps(change):
        if field.session != shown:
            shown = field.session
            yield f"{output.paint('list', 'cyan')} {field.place}: {field.session or 'as a whole'}"
        yield f"    {field.field}: {_value(field.before)} -> {_value(field.after)}"


def _value(value: object) -> str:
    if value is None:
        return "-"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."
