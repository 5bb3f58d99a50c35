"""Keep our own files out of editors' folders."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.places.locate import Source
from chatcask.errors import InvalidInputError


def refuse_inside_editor(path: Path, sources: Iterable[Source], what: str) -> None:
    """Refuse a path that lies in the user-data folder of a source.

    The path is compared as text before anything is asked of the file system, so that a path among chats is
    refused without being touched; then with links resolved.

    Args:
        path: Where the caller wants to write.
        sources: The editors' folders to stay out of.
        what: What the caller wants to put there, for the message.

    Raises:
        InvalidInputError: the path is inside one of them.
    """
    folders = [(source, _plain(source.user_data_dir)) for source in sources]
    plain = _plain(path)
    for source, folder in folders:
        _refuse(plain, folder, source, what)
    resolved = os.path.realpath(path)
    for source, folder in folders:
        _refuse(resolved, os.path.realpath(folder), source, what)


def _plain(path: Path) -> str:
    """Return an absolute path without asking the file system, as `Path.resolve` would."""
    return os.path.abspath(path)  # noqa: PTH100


def _refuse(path: str, folder: str, source: Source, what: str) -> None:
    inside, outside = os.path.normcase(path), os.path.normcase(folder)
    if inside == outside or inside.startswith(outside.rstrip(os.sep) + os.sep):
        raise InvalidInputError(
            f"{what} cannot be at {path}: that is inside the folder of {source.product.display_name}",
            advice=Advice(AdviceCode.NAME_FOLDER_OF_NOBODY),
        )
