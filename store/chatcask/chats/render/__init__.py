"""Readable forms of a chat: one function `Chat -> Iterator[str]` for each format.

The libraries some formats need are imported when the format is asked for, not before.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, TypeAlias, cast

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import ChatcaskError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatcask.chats.model import Chat

    Renderer: TypeAlias = Callable[[Chat], Iterator[str]]

_MODULES = {
    "md": "markdown",
    "html": "html",
    "json": "json_",
    "jsonl": "jsonl",
    "yaml": "yaml_",
    "csv": "csv_",
}

FORMATS = tuple(_MODULES)
"""The names that `renderer` knows."""

CSV_RAW = "csv-raw"
"""CSV whose cells are as they are, which a spreadsheet may take for formulas; `renderer` knows it too."""


def renderer(format_name: str) -> Renderer:
    """Return the function that renders a chat in a format; its pieces joined are the document.

    Raises:
        InvalidInputError: There is no such format.
        ChatcaskError: A library that the format needs is not installed.
    """
    if format_name == CSV_RAW:
        from chatcask.chats.render.csv_ import render_raw  # noqa: PLC0415 - few ask for it

        return render_raw
    if format_name not in _MODULES:
        raise InvalidInputError(
            f"no format {format_name!r}", advice=Advice(AdviceCode.KNOWN_FORMATS, names=", ".join(FORMATS))
        )
    try:
        module = importlib.import_module(f"{__name__}.{_MODULES[format_name]}")
    except ModuleNotFoundError as error:
        raise ChatcaskError(
            f"the format {format_name} needs {error.name}, which is not installed",
            advice=Advice(AdviceCode.INSTALL_EXTRA, extra="render"),
        ) from error
    return cast("Renderer", module.render)
