"""Tell which user-data folder a process owns, from its program, command line and environment."""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from chatcask.assistants.base import Family, Platform, Source
from chatcask.assistants.vscode.guard.owned import Owner, absolute, option, platform_of
from chatcask.assistants.vscode.guard.processes import Process
from chatcask.assistants.vscode.guard.program import (
    data_folders_named_in,
    identify,
    lies_in_chat_folder,
    product_fact,
    product_file,
)
from chatcask.assistants.vscode.guard.server_owner import Lookup, server_owner
from chatcask.assistants.vscode.places.locate import data_base

_CLI = re.compile(r"[/\\]out[/\\](vs[/\\]code[/\\]node[/\\])?cli\.(js|mjs)$", re.IGNORECASE)


def _nobody(_: int) -> Process | None:
    return None


def owner(process: Process, platform: Platform, lookup: Lookup = _nobody) -> Owner | None:
    """Return what a process owns, or None if it is no editor's main process and no server.

    `lookup` gives another process by its number: code-server's serving process was told nothing itself.
    Helpers (`--type=...`) and the command-line tool own nothing: whether the editor itself is there is
    decided by its main process (facts: microsoft/vscode issue #24962, `resources/linux/bin/code.sh`).
    """
    arguments = process.arguments
    program = process.executable or (arguments[0] if arguments else "")
    if arguments is None:
        return _unreadable(program, platform)
    known = identify(program, platform.family) if program else None
    if known is None:
        return None
    if known.role == "node" or _runs_as_node(process, arguments):
        return server_owner(process, arguments, platform, lookup)
    if any(argument.startswith("--type=") for argument in arguments[1:]):
        return None
    told = tuple(option(arguments, "--user-data-dir"))
    names = known.data_folders
    if known.role == "electron":
        names = _application(arguments, process.folder, platform.family)
    if known.role == "namesake" or not names:
        # Another program of that name, unless it is told to use a folder as an editor would be.
        return absolute(Owner(told), process, platform) if told else None
    return absolute(_editor_folders(names, told, process, platform), process, platform)


def is_namesake(process: Process, platform: Platform) -> bool:
    """Tell whether a process's program has an editor's name, whatever lies beside it, and is no helper.

    With its number in a lock of the folder that is enough: its installation may have been moved or replaced.
    """
    known = identify(process.executable, platform.family) if process.executable else None
    is_helper = any(argument.startswith("--type=") for argument in (process.arguments or ())[1:])
    return known is not None and known.role == "namesake" and not is_helper


def owns(found: Owner, source: Source, family: Family) -> bool:
    """Tell whether one of an owner's folders is the source's user-data folder, or may be."""
    if not found.certain:
        return True
    path = ntpath if family == "windows" else posixpath
    spellings = {_normal(text, family) for text in (str(source.user_data_dir), *source.spellings)}
    if any(_normal(folder, family) in spellings or _same_file(folder, source) for folder in found.folders):
        return True
    for folder in found.relative:
        ending = path.sep + _normal(folder, family).lstrip("." + path.sep)
        if any(spelling.endswith(ending) for spelling in spellings):
            return True
    return False


def _editor_folders(
    names: tuple[str, ...], told: tuple[str, ...], process: Process, platform: Platform
) -> Owner:
    """Return the folders of a desktop editor's main process.

    Where several things say a folder, each counts: it is better to refuse once too often than to trust that
    every fork keeps the same precedence (facts: microsoft/vscode userDataPath.ts).
    """
    own = platform_of(process, platform)
    folders = list(told)
    portable = own.environment.get("VSCODE_PORTABLE") or _portable(process, platform.family)
    if portable:
        folders.append(str(Path(portable) / "user-data"))
    if own.environment.get("VSCODE_APPDATA") or not folders:
        base = data_base(own)
        folders.extend(str(base / name) for name in names)
    if process.environment is None and not told:
        # Without its environment the process may use what ours says, or what no variable moves.
        folders.extend(str(base / name) for base in _bases(own) for name in names)
    return Owner(tuple(folders))


def _bases(platform: Platform) -> Iterator[Path]:
    """Yield the base folder with and without the environment."""
    yield data_base(platform)
    yield data_base(replace(platform, environment={}))


def _unreadable(program: str, platform: Platform) -> Owner | None:
    """Return what a process owns whose command line is hidden: perhaps any folder of its user."""
    known = identify(program, platform.family) if program else None
    if program and (known is None or known.role in ("node", "namesake")):
        return None
    return Owner((), certain=False)


def _runs_as_node(process: Process, arguments: tuple[str, ...]) -> bool:
    """Tell whether an editor's program runs a script instead of the editor, as its command-line tool does."""
    if process.environment:
        return bool(process.environment.get("ELECTRON_RUN_AS_NODE"))
    first = arguments[1] if len(arguments) > 1 else ""
    return _CLI.search(first) is not None and "app" in re.split(r"[/\\]", first)


def _application(arguments: tuple[str, ...], folder: str | None, family: Family) -> tuple[str, ...]:
    """Return the data folder names of the application that a bare Electron runtime was told to run."""
    path = ntpath if family == "windows" else posixpath
    script = next((argument for argument in arguments[1:] if not argument.startswith("-")), None)
    if script is None:
        return ()
    full = path.join(folder, script) if folder else script
    if lies_in_chat_folder(full):
        return ()
    for parent in (full, path.dirname(full), path.dirname(path.dirname(full))):
        name = product_fact(path.join(parent, "product.json"), "nameShort")
        if name:
            return (name,)
    return data_folders_named_in(full)


def _portable(process: Process, family: Family) -> str | None:
    """Return the data folder of a portable installation (facts: microsoft/vscode bootstrap-node.ts)."""
    executable = process.executable
    if executable is None or lies_in_chat_folder(executable):
        return None
    if family != "macos":
        data = os.path.join(os.path.dirname(executable), "data")  # noqa: PTH118, PTH120
        return data if os.path.isdir(data) else None  # noqa: PTH112
    bundle, found, _ = executable.partition(".app/Contents/")
    if not found:
        return None
    name = product_fact(product_file(executable, family), "applicationName") or "code"
    data = os.path.join(os.path.dirname(bundle), f"{name}-portable-data")  # noqa: PTH118, PTH120
    return data if os.path.isdir(data) else None  # noqa: PTH112


def _normal(folder: str, family: Family) -> str:
    """Return a folder's path as text that two spellings of it share."""
    path = ntpath if family == "windows" else posixpath
    text: str = path.normcase(path.normpath(folder))
    return text.casefold() if family == "macos" else text


def _same_file(folder: str, source: Source) -> bool:
    """Tell whether two paths lead to the same folder, without asking for anything in a chat folder."""
    if lies_in_chat_folder(folder):
        return False
    try:
        return os.path.samestat(os.stat(folder), os.stat(source.user_data_dir))  # noqa: PTH116
    except (OSError, ValueError):
        return False
