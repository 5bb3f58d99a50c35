"""Tell which user-data folder a process owns, from its program, command line and environment."""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from chatcask.assistants.base import Family, Platform, Source
from chatcask.assistants.vscode.guard.processes import Process
from chatcask.assistants.vscode.guard.program import (
    data_folders_named_in,
    identify,
    lies_in_chat_folder,
    product_fact,
    product_file,
)
from chatcask.assistants.vscode.places.locate import data_base, data_folders
from chatcask.assistants.vscode.places.products import PRODUCTS

_CLI = re.compile(r"[/\\]out[/\\](vs[/\\]code[/\\]node[/\\])?cli\.(js|mjs)$", re.IGNORECASE)
_SERVER = re.compile(r"(^|[/\\])(server-main|vs[/\\]server[/\\]main)\.(js|mjs|cjs)$", re.IGNORECASE)
_CODE_SERVER = re.compile(r"(^|[/\\])code-server([/\\]out[/\\]node[/\\]entry(\.js)?)?[/\\]?$", re.IGNORECASE)
_PARENT = "CODE_SERVER_PARENT_PID"
_SETTING = re.compile(r"^user-data-dir:[ \t]*(?P<folder>[^\r\n#]+)", re.MULTILINE)
_LARGEST_SETTINGS = 64 * 1024
_NAMELESS = frozenset({"", "MainThread", "node", "node-MainThread"})
"""Names of processes that say nothing of what runs: Node gives them to its threads."""

_EXTENSION_HOST = re.compile(r"(^|[/\\])bootstrap-fork(\.js)?$", re.IGNORECASE)


Lookup: TypeAlias = Callable[[int], Process | None]


def _nobody(_: int) -> Process | None:
    return None


@dataclass(frozen=True, slots=True)
class Owner:
    """The folders a process may own.

    Attributes:
        folders: The folders it was told to use, or those it uses when told nothing.
        certain: False if it may own any other folder as well, because too little could be read.
        relative: Folders it was told by a path whose beginning is not known.
    """

    folders: tuple[str, ...]
    certain: bool = True
    relative: tuple[str, ...] = ()


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
        return _server_owner(process, arguments, platform, lookup)
    if any(argument.startswith("--type=") for argument in arguments[1:]):
        return None
    told = tuple(_option(arguments, "--user-data-dir"))
    names = known.data_folders
    if known.role == "electron":
        names = _application(arguments, process.folder, platform.family)
    if known.role == "namesake" or not names:
        # Another program of that name, unless it is told to use a folder as an editor would be.
        return _absolute(Owner(told), process, platform) if told else None
    return _absolute(_editor_folders(names, told, process, platform), process, platform)


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
    own = _platform_of(process, platform)
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


def _server_owner(
    process: Process, arguments: tuple[str, ...], platform: Platform, lookup: Lookup
) -> Owner | None:
    """Return the folders of a server, if this is one (facts: microsoft/vscode server.main.ts)."""
    own = _platform_of(process, platform)
    script = _script(arguments, _SERVER) or _script(arguments, _EXTENSION_HOST)
    if script and _EXTENSION_HOST.search(script) and "--type=extensionHost" not in arguments:
        # Its other hosts (of agents, of terminals) end with it, and are told where it keeps its logs.
        logs = _folders_of_logs(_option(arguments, "--logsPath"))
        return _absolute(Owner(logs), process, platform) if logs else None
    if not script:
        if not _script(arguments, _CODE_SERVER):
            return None
        return _code_server_owner(process, arguments, platform, lookup)
    path = ntpath if platform.family == "windows" else posixpath
    told = (
        *_option(arguments, "--user-data-dir"),
        *(path.join(folder, "data") for folder in _option(arguments, "--server-data-dir")),
    )
    moved = own.environment.get("VSCODE_AGENT_FOLDER")
    if moved:
        told = (*told, path.join(moved, "data"))
    return _absolute(Owner(told or tuple(_usual_server_folders(script, own))), process, platform)


def _code_server_owner(
    process: Process, arguments: tuple[str, ...], platform: Platform, lookup: Lookup
) -> Owner:
    """Return the folders of code-server: of its wrapper, or of the process that serves.

    Only the wrapper carries the options; it gives them to the other over a pipe (coder/code-server
    wrapper.ts). Where the wrapper is gone, or does not show, the other may own any folder.
    """
    own = _platform_of(process, platform)
    told = (*_option(arguments, "--user-data-dir"), *_configured(arguments, own))
    usual = [str(f) for p in PRODUCTS if p.name == "code-server" for f in data_folders(p, own)]
    if told or (process.environment is not None and _PARENT not in own.environment):
        return _absolute(Owner(told or tuple(usual)), process, platform)
    number = own.environment.get(_PARENT, "")
    wrapper = lookup(int(number)) if number.isdigit() and len(number) < 11 else None
    known = wrapper.arguments if wrapper is not None else None
    if wrapper is None or known is None or not _script(known, _CODE_SERVER):
        return Owner(tuple(usual), certain=False)
    own = _platform_of(wrapper, platform)
    told = (*_option(known, "--user-data-dir"), *_configured(known, own))
    return _absolute(Owner(told or tuple(usual)), wrapper, platform)


def _configured(arguments: tuple[str, ...], platform: Platform) -> Iterator[str]:
    """Yield the folder that code-server's file of settings names (coder/code-server cli.ts)."""
    base = platform.environment.get("XDG_CONFIG_HOME") or str(platform.home / ".config")
    usual = platform.environment.get("CODE_SERVER_CONFIG") or f"{base}/code-server/config.yaml"
    for path in [*_option(arguments, "--config"), usual][:1]:
        if lies_in_chat_folder(path) or not os.path.isabs(path):  # noqa: PTH117
            continue
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                text = file.read(_LARGEST_SETTINGS).decode("utf-8", "replace")
        except (OSError, ValueError):
            continue
        for match in _SETTING.finditer(text):
            yield match["folder"].strip().strip("\"'")


def _folders_of_logs(places: Iterable[str]) -> tuple[str, ...]:
    """Return the user-data folders of places like `FOLDER/logs/20261101T120000`."""
    found = (re.match(r"(?P<folder>.+?)[/\\](coder-)?logs([/\\][^/\\]*)*$", place) for place in places)
    return tuple(match["folder"] for match in found if match)


def called(process: Process) -> str:
    """Return what to call a process in a message: the product that it serves, else its own name."""
    arguments = process.arguments or ()
    if _script(arguments, _CODE_SERVER):
        return "code-server"
    script = _script(arguments, _SERVER) or _script(arguments, _EXTENSION_HOST)
    place = script.replace("\\", "/")
    for product in PRODUCTS:
        if script and product.server_folder and f"/{product.server_folder}/" in place:
            return product.display_name
    if script:
        return "an editor's server"
    program = os.path.basename(process.executable or "")  # noqa: PTH119
    return (program if process.name in _NAMELESS else process.name) or program or "a process"


def _usual_server_folders(script: str, platform: Platform) -> Iterator[str]:
    """Yield the folders a server uses when told nothing, as its script's place shows.

    If that shows nothing, every server's usual folder counts.
    """
    every = [product.server_folder for product in PRODUCTS if product.server_folder]
    place = script.replace("\\", "/")
    names = [name for name in every if f"/{name}/" in place]
    for name in names:
        yield place.partition(f"/{name}/")[0] + f"/{name}/data"
    if not names:
        root = os.path.dirname(os.path.dirname(script))  # noqa: PTH120
        named = product_fact(os.path.join(root, "product.json"), "serverDataFolderName")  # noqa: PTH118
        names = [named] if named else every
    for name in names:
        yield str(platform.home / name / "data")


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


def _platform_of(process: Process, platform: Platform) -> Platform:
    """Return the platform as the process sees it, so far as its environment can be read."""
    environment = process.environment
    if environment is not None:
        variable = "USERPROFILE" if platform.family == "windows" else "HOME"
        return replace(
            platform, home=Path(environment.get(variable) or platform.home), environment=environment
        )
    if _foreign(process):
        return replace(platform, home=_home_of(process, platform.home), environment={})
    return platform


def _foreign(process: Process) -> bool:
    """Tell whether another user runs the process."""
    return process.user is not None and hasattr(os, "getuid") and process.user != os.getuid()


def _home_of(process: Process, default: Path) -> Path:
    """Return the home folder of the user who runs a process."""
    try:
        import pwd  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return default
    try:
        return Path(pwd.getpwuid(-1 if process.user is None else process.user).pw_dir)
    except KeyError:
        return default


def _absolute(found: Owner, process: Process, platform: Platform) -> Owner:
    """Return the owner with its relative folders resolved against its working directory, if that is known."""
    path = ntpath if platform.family == "windows" else posixpath
    whole: list[str] = []
    relative: list[str] = []
    for folder in found.folders:
        if path.isabs(folder):
            whole.append(folder)
        elif process.folder is not None:
            whole.append(path.join(process.folder, folder))
        else:
            relative.append(folder)
    return Owner(tuple(dict.fromkeys(whole)), found.certain, tuple(relative))


def _option(arguments: Iterable[str], name: str) -> Iterator[str]:
    """Yield the values given to an option, as `--name=value` and as `--name value`."""
    awaited = False
    for argument in arguments:
        if awaited and argument:
            yield argument
        awaited = argument == name
        if argument.startswith(name + "=") and len(argument) > len(name) + 1:
            yield argument[len(name) + 1 :]


def _script(arguments: tuple[str, ...], pattern: re.Pattern[str]) -> str:
    """Return the argument that names a script of this pattern, or ""."""
    return next((argument for argument in arguments[1:] if pattern.search(argument)), "")


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
