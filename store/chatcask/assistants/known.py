"""The assistants there are, and what is asked of all of them or of the one that knows a source.

A snapshot's source is read by the one that knows its id; a source that none knows is kept, listed and never
parsed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import named_among
from chatcask.assistants.vscode.assistant import VSCODE
from chatcask.errors import InvalidInputError, NotEditableError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from chatcask.assistants.assistant import Assistant
    from chatcask.assistants.base import Guard, Platform, Product, RunningEditor, Source
    from chatcask.assistants.editing import Editing
    from chatcask.chats.chat_path import ChatPath

ASSISTANTS: tuple[Assistant, ...] = (VSCODE,)
"""A folder that somebody names is offered to them in this order; VS Code takes any, so it stands last."""


def owner(source: str) -> Assistant | None:
    """Return the assistant that knows a source's id."""
    name = source.partition("~")[0]
    for assistant in ASSISTANTS:
        for product in assistant.products:
            if product.name == name:
                return assistant
    return None


def assistant_of(source: str) -> Assistant:
    """Return the assistant that knows a source's id.

    Raises:
        NotFoundError: none does.
    """
    found = owner(source)
    if found is None:
        raise NotFoundError(f"no assistant is known that {source} is of", what="assistant", name=source)
    return found


def editing_of(source: str, target: str | None = None) -> Editing:
    """Return how the folder of a source is changed, or that of a target into which its chats shall go.

    Raises:
        NotEditableError: it is not changed, or the target is of another assistant.
    """
    found = owner(source)
    editing = found.editing if found else None
    if editing is None:
        message = f"the chats of {source} are kept, and cannot be put back into its folder"
    elif target is not None and owner(target) is not found:
        message = f"the chats of {source} are of another form than those of {target}"
    else:
        return editing
    raise NotEditableError(message, source=source, advice=Advice(AdviceCode.WRITE_FILES_ELSEWHERE))


def chat_path(path: str) -> ChatPath | None:
    """Return what a path of a root tree is to a chat; None if no assistant knows its source."""
    assistant = owner(path.partition("/")[0])
    return assistant.chat_path(path) if assistant else None


def products() -> tuple[Product, ...]:
    """Return every product that is known, in the order they are looked for."""
    return tuple(product for assistant in ASSISTANTS for product in assistant.products)


def product_named(name: str) -> Product:
    """Return the product called `name`.

    Raises:
        NotFoundError: No product has that name; the message lists those that exist.
    """
    return named_among(products(), name)


def locate(platform: Platform, wanted: Sequence[Product] | None = None) -> list[Source]:
    """Return the folders that exist, of all products or in the order of those that are wanted."""
    if wanted is None:
        return [source for assistant in ASSISTANTS for source in assistant.locate(platform)]
    return [source for product in wanted for source in assistant_of(product.name).locate(platform, [product])]


def source_for(folder: Path, product: str | None, platform: Platform) -> Source:
    """Return the source for a folder that somebody named, by itself or by a folder that stands for it.

    Raises:
        NotFoundError: The folder does not exist, or no product has that name.
    """
    name = product_named(product).name if product is not None else None
    asked = ASSISTANTS if name is None else (assistant_of(name),)
    for assistant in asked:
        found = assistant.source_for(folder, name, platform)
        if found is not None:
            return found
    raise NotFoundError(
        f"{folder} is no folder of {name or 'an editor'}",
        what="folder",
        name=str(folder),
        advice=Advice(AdviceCode.NAME_FOLDER_OR_EDITOR),
    )


def is_left_out(source: Source, platform: Platform) -> bool:
    """Tell whether a source is one of those that are left alone unless they are named."""
    for name in platform.scope.left_out:
        if name in (source.id, source.product.name):
            return True
        if os.path.isabs(name) and os.path.realpath(name) == os.path.realpath(source.user_data_dir):  # noqa: PTH117
            return True
    return False


def refuse_inside_editor(path: Path, sources: Iterable[Source], what: str) -> None:
    """Refuse a path that lies in the folder of a source.

    The path is compared as text before anything is asked of the file system, so that a path among chats is
    refused without being touched; then with links resolved.

    Args:
        path: Where the caller wants to write.
        sources: The folders to stay out of.
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


class Guards:
    """The guard of every source of a machine: each is asked of its own assistant, and made when it is needed.

    Args:
        platform: What the caller knows about the machine.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._known: dict[str, Guard] = {}

    def running(self, source: Source) -> RunningEditor | None:
        """Return why the source must not be touched, or None if its editor is closed."""
        return self._guard(source).running(source)

    def require_closed(self, source: Source) -> None:
        """Raise `EditorRunningError` unless the source's editor is closed."""
        self._guard(source).require_closed(source)

    def watch(self, source: Source) -> None:
        """Do as `require_closed`, cheaply enough to be called before every file."""
        self._guard(source).watch(source)

    def _guard(self, source: Source) -> Guard:
        guard = self._known.get(source.product.name)
        if guard is None:
            assistant = assistant_of(source.product.name)
            guard = assistant.guard(self._platform)
            self._known.update({product.name: guard for product in assistant.products})
        return guard


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
