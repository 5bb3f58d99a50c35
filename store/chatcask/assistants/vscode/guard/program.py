"""Tell which editor a program file belongs to, by where it lies and what lies beside it.

A name proves nothing: any script may be called `code`, and an editor may be started under another name. An
Electron editor has its `resources/app/product.json` beside its program, and cannot start without its resource
files. Nothing is looked up below a chat folder, where extensions do install programs.
"""

from __future__ import annotations

import json
import ntpath
import os
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from chatcask.assistants.base import Family, Product
from chatcask.assistants.vscode.places.products import PRODUCTS

_CHAT_PATH = re.compile(
    r"[/\\]User[/\\](workspaceStorage|globalStorage|profiles|History|sync|snippets)([/\\]|$)", re.IGNORECASE
)
_ELECTRON = re.compile(r"electron([\d.-]*|-\w+)(\.exe)?", re.IGNORECASE)
_COMPANIONS = re.compile(
    r"(chrome[_-].*|crashpad_handler|unins\d+\.exe|.*-tunnel(\.exe)?|rg(\.exe)?)", re.IGNORECASE
)
_NODE = re.compile(r"node(js)?(\d+)?(\.exe)?|code-server", re.IGNORECASE)
_RESOURCES = ("resources/app", "resources/app.asar", "icudtl.dat", "resources.pak", "chrome-sandbox")


@dataclass(frozen=True, slots=True)
class Program:
    """What a program file is, as far as its place tells.

    Attributes:
        data_folders: Names its user-data folder has by default, or nothing if unknown.
        role: `editor` for an editor's own program; `electron` for a runtime that is told on the command line
            which application to run; `node` for a runtime that may run a server; `namesake` for a program
            that has an editor's name and none of the files an editor needs.
    """

    data_folders: tuple[str, ...]
    role: str


def lies_in_chat_folder(path: str) -> bool:
    """Tell whether a path lies below a folder that may hold chats, by its text alone."""
    return _CHAT_PATH.search(path) is not None


def executable_names(family: Family) -> frozenset[str]:
    """Return the file names of all known editors' programs on this kind of system."""
    return frozenset(name for product in PRODUCTS for name in _executables(product, family))


def identify(executable: str, family: Family) -> Program | None:
    """Return what a program file is, or None if it is no editor and runs none."""
    path = ntpath if family == "windows" else posixpath
    base = path.basename(executable)
    if _COMPANIONS.fullmatch(base) or (family == "macos" and ".app/Contents/Frameworks/" in executable):
        return None
    if _NODE.fullmatch(base):
        return Program((), "node")
    named = _named(base, executable, family)
    own = product_fact(product_file(executable, family), "nameShort")
    if own:
        return Program((own,), "editor")
    if _ELECTRON.fullmatch(base) and not named:
        return Program((), "electron")
    if named and family == "linux" and _lacks_resources(path.dirname(executable)):
        return Program(named, "namesake")
    return Program(named, "editor") if named else None


def product_file(executable: str, family: Family) -> str:
    """Return where the `product.json` of an editor's program is."""
    if family == "windows":
        return ntpath.join(ntpath.dirname(executable), "resources", "app", "product.json")
    folder = posixpath.dirname(executable)
    if family == "macos":
        return posixpath.join(posixpath.dirname(folder), "Resources", "app", "product.json")
    return posixpath.join(folder, "resources", "app", "product.json")


def product_fact(path: str, key: str) -> str:
    """Return a text of a `product.json`, or "" if there is none, or none that may be looked at."""
    if lies_in_chat_folder(path) or not os.path.isabs(path):  # noqa: PTH117
        return ""
    try:
        return _facts(path, os.stat(path).st_mtime_ns).get(key, "")  # noqa: PTH116
    except (OSError, ValueError):
        return ""


@lru_cache(maxsize=64)
def _facts(path: str, mtime_ns: int) -> Mapping[str, str]:  # noqa: ARG001 - a newer file is read anew
    """Return the texts at the top of a `product.json`, which is large and read for every process."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            document = json.load(file)
    except RecursionError:
        return {}
    if not isinstance(document, dict):
        return {}
    return {key: value for key, value in document.items() if isinstance(value, str)}


def data_folders_named_in(path: str) -> tuple[str, ...]:
    """Return the data folder names of a product whose program name is a part of a path."""
    parts = set(re.split(r"[/\\]", path))
    for product in PRODUCTS:
        if parts.intersection(product.linux_executables):
            return product.data_folders
    return ()


def _executables(product: Product, family: Family) -> tuple[str, ...]:
    if family == "linux":
        return product.linux_executables
    return product.windows_executables if family == "windows" else product.macos_executables


def _named(base: str, executable: str, family: Family) -> tuple[str, ...]:
    """Return the data folder names of the products whose program has this file name."""
    folded = base.casefold() if family == "windows" else base
    names: list[str] = []
    for product in PRODUCTS:
        executables = _executables(product, family)
        if family == "windows":
            executables = tuple(name.casefold() for name in executables)
        if folded not in executables:
            continue
        # `Electron` is many an application's program; the bundle around it tells whose.
        bundled = any(f"/{bundle}/Contents/" in executable for bundle in product.macos_applications)
        if family != "macos" or base != "Electron" or bundled:
            names.extend(product.data_folders)
    return tuple(names)


def _lacks_resources(folder: str) -> bool:
    """Tell whether a folder that can be seen has none of the files an Electron program needs.

    A folder that cannot be seen (another mount namespace, as with Flatpak) lacks nothing that is known, and
    into a chat folder nobody looks.
    """
    if lies_in_chat_folder(folder) or not os.path.isabs(folder):  # noqa: PTH117
        return False
    return os.path.isdir(folder) and not any(  # noqa: PTH112
        os.path.exists(os.path.join(folder, name))  # noqa: PTH110, PTH118
        for name in _RESOURCES
    )
