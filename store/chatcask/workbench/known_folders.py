"""Which editors' folders were changed on this machine, so that an undo finds one that only a command named.

A small file for each, beside nothing of the store: a path means nothing on another machine. It says where to
look and no more; the folder still has to answer to the id that the store's own record names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.assistants.known import source_for
from chatcask.chats.fields import text_at
from chatcask.disk.durable import make_folder
from chatcask.disk.new_file import new_file
from chatcask.errors import ChatcaskError

if TYPE_CHECKING:
    from chatcask.assistants.base import Source
    from chatcask.workbench.machine import Machine

_FOLDER = "changed-folders"
_LARGEST = 64 * 1024


def remember_folder(machine: Machine, source: Source) -> None:
    """Note where an editor's folder is. That it cannot be noted keeps nothing from being done."""
    if machine.memory_folder is None:
        return
    document = {"folder": str(source.user_data_dir), "product": source.product.name}
    with suppress(OSError, ChatcaskError):
        folder = machine.memory_folder / _FOLDER
        make_folder(folder, 0o700)
        with new_file(folder / f"{source.id}.json", overwrite=True) as file:
            file.write(json.dumps(document).encode("ascii"))


def known_folders(machine: Machine) -> Iterator[Source]:
    """Yield the folders that were noted and are still there, under the id they were noted by."""
    if machine.memory_folder is None:
        return
    try:
        paths = sorted((machine.memory_folder / _FOLDER).glob("*.json"))
    except OSError:
        return
    for path in paths:
        source = _source(machine, path)
        if source is not None:
            yield source


def _source(machine: Machine, path: Path) -> Source | None:
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_LARGEST))
        folder, product = text_at(document, "folder"), text_at(document, "product")
        if not folder or not os.path.isabs(folder):  # noqa: PTH117 - a path of this machine, as text
            return None
        source = source_for(Path(folder), product, machine.platform)
    except (OSError, ValueError, RecursionError, ChatcaskError):
        return None
    return source if source.id == path.stem else None
