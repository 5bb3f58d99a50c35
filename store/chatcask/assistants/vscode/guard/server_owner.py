"""Tell which user-data folder a server or code-server owns, and what to call it."""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from chatcask.assistants.base import Platform
from chatcask.assistants.vscode.guard.owned import Owner, absolute, option, platform_of, script_among
from chatcask.assistants.vscode.guard.processes import Process
from chatcask.assistants.vscode.guard.program import lies_in_chat_folder, product_fact
from chatcask.assistants.vscode.places.locate import data_folders
from chatcask.assistants.vscode.places.products import PRODUCTS

_SERVER = re.compile(r"(^|[/\\])(server-main|vs[/\\]server[/\\]main)\.(js|mjs|cjs)$", re.IGNORECASE)
_CODE_SERVER = re.compile(r"(^|[/\\])code-server([/\\]out[/\\]node[/\\]entry(\.js)?)?[/\\]?$", re.IGNORECASE)
_EXTENSION_HOST = re.compile(r"(^|[/\\])bootstrap-fork(\.js)?$", re.IGNORECASE)
_PARENT = "CODE_SERVER_PARENT_PID"
_SETTING = re.compile(r"^user-data-dir:[ \t]*(?P<folder>[^\r\n#]+)", re.MULTILINE)
_LARGEST_SETTINGS = 64 * 1024
_NAMELESS = frozenset({"", "MainThread", "node", "node-MainThread"})
"""Names of processes that say nothing of what runs: Node gives them to its threads."""

Lookup: TypeAlias = Callable[[int], Process | None]
"""Gives another process by its number."""


def server_owner(
    process: Process, arguments: tuple[str, ...], platform: Platform, lookup: Lookup
) -> Owner | None:
    """Return the folders of a server, if this is one (facts: microsoft/vscode server.main.ts)."""
    own = platform_of(process, platform)
    script = script_among(arguments, _SERVER) or script_among(arguments, _EXTENSION_HOST)
    if script and _EXTENSION_HOST.search(script) and "--type=extensionHost" not in arguments:
        # Its other hosts (of agents, of terminals) end with it, and are told where it keeps its logs.
        logs = _folders_of_logs(option(arguments, "--logsPath"))
        return absolute(Owner(logs), process, platform) if logs else None
    if not script:
        if not script_among(arguments, _CODE_SERVER):
            return None
        return _code_server_owner(process, arguments, platform, lookup)
    path = ntpath if platform.family == "windows" else posixpath
    told = (
        *option(arguments, "--user-data-dir"),
        *(path.join(folder, "data") for folder in option(arguments, "--server-data-dir")),
    )
    moved = own.environment.get("VSCODE_AGENT_FOLDER")
    if moved:
        told = (*told, path.join(moved, "data"))
    return absolute(Owner(told or tuple(_usual_server_folders(script, own))), process, platform)


def _code_server_owner(
    process: Process, arguments: tuple[str, ...], platform: Platform, lookup: Lookup
) -> Owner:
    """Return the folders of code-server: of its wrapper, or of the process that serves.

    Only the wrapper carries the options; it gives them to the other over a pipe (coder/code-server
    wrapper.ts). Where the wrapper is gone, or does not show, the other may own any folder.
    """
    own = platform_of(process, platform)
    told = (*option(arguments, "--user-data-dir"), *_configured(arguments, own))
    usual = [str(f) for p in PRODUCTS if p.name == "code-server" for f in data_folders(p, own)]
    if told or (process.environment is not None and _PARENT not in own.environment):
        return absolute(Owner(told or tuple(usual)), process, platform)
    number = own.environment.get(_PARENT, "")
    wrapper = lookup(int(number)) if number.isdigit() and len(number) < 11 else None
    known = wrapper.arguments if wrapper is not None else None
    if wrapper is None or known is None or not script_among(known, _CODE_SERVER):
        return Owner(tuple(usual), certain=False)
    own = platform_of(wrapper, platform)
    told = (*option(known, "--user-data-dir"), *_configured(known, own))
    return absolute(Owner(told or tuple(usual)), wrapper, platform)


def _configured(arguments: tuple[str, ...], platform: Platform) -> Iterator[str]:
    """Yield the folder that code-server's file of settings names (coder/code-server cli.ts)."""
    base = platform.environment.get("XDG_CONFIG_HOME") or str(platform.home / ".config")
    usual = platform.environment.get("CODE_SERVER_CONFIG") or f"{base}/code-server/config.yaml"
    for path in [*option(arguments, "--config"), usual][:1]:
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
    if script_among(arguments, _CODE_SERVER):
        return "code-server"
    script = script_among(arguments, _SERVER) or script_among(arguments, _EXTENSION_HOST)
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
