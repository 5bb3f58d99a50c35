"""Ask the main socket of an editor whether someone is behind it.

A main process listens on `$XDG_RUNTIME_DIR/vscode-<hash>-<version>-main.sock`, on
`<user data dir>/<version>-main.sock` (code-server: `code-server-ipc.sock` there), or on the Windows pipe
`<hash>-<version>-main-sock`, where the hash is the first 8 hex digits of the SHA-256 of the user-data
folder's path (facts: microsoft/vscode ipc.net.ts).
A crash leaves the file behind, so only a connection that is accepted counts; nothing is ever sent.
"""

from __future__ import annotations

import errno
import fnmatch
import os
from collections.abc import Iterator

from chatcask.assistants.base import Platform, Source

_DEAD = frozenset(
    (errno.ECONNREFUSED, errno.ENOENT, errno.ENOTSOCK, errno.EPROTOTYPE, errno.ENOTDIR, errno.ENAMETOOLONG)
)
_CODE_SERVER_SOCKET = "code-server-ipc.sock"
_PIPES = "\\\\.\\pipe\\"


def live_socket(source: Source, platform: Platform) -> str | None:
    """Return the main socket or pipe of a source that is alive, or None.

    A socket that does not answer and does not refuse counts as alive.

    Raises:
        OSError: The user-data folder is there and cannot be listed.
    """
    if platform.family == "windows":
        # A pipe exists no longer than the process that serves it.
        hashes = _hashes(source, platform)
        return next((name for name in _names(_PIPES) if is_main_pipe(name, hashes)), None)
    candidates = [*_runtime_sockets(source, platform), *_folder_sockets(source)]
    return next((path for path in candidates if _answers(path)), None)


def is_main_pipe(name: str, hashes: list[str]) -> bool:
    """Tell whether a Windows pipe is the main pipe for one of these hashes."""
    return any(fnmatch.fnmatchcase(name, f"{digest}-*-main-sock") for digest in hashes)


def _hashes(source: Source, platform: Platform) -> list[str]:
    import hashlib  # noqa: PLC0415 - 3 ms that are not needed where no editor left a socket

    texts = (text.encode("utf-8", "surrogateescape") for text in _spellings(source, platform))
    return [hashlib.sha256(text).hexdigest()[:8] for text in texts]


def _spellings(source: Source, platform: Platform) -> Iterator[str]:
    """Yield the folder's path in the ways an editor may have been given it."""
    for text in dict.fromkeys((str(source.user_data_dir), *source.spellings)):
        yield text
        if platform.family == "windows" and text[1:2] == ":":
            yield text[0].lower() + text[1:]
            yield text[0].upper() + text[1:]


def _runtime_sockets(source: Source, platform: Platform) -> list[str]:
    """Return the sockets in the user's runtime folder, which snaps move one level down."""
    found = [
        (folder, name)
        for folder in _runtime_folders(platform)
        for name in _names(folder)
        if name.startswith("vscode-") and name.endswith("main.sock")
    ]
    hashes = _hashes(source, platform) if found else []
    return [
        f"{folder}/{name}"
        for folder, name in found
        if any(fnmatch.fnmatchcase(name, f"vscode-{digest}-*main.sock") for digest in hashes)
    ]


def _runtime_folders(platform: Platform) -> Iterator[str]:
    """Yield the runtime folders to look in; a scheduled run lacks the variable that the editor had."""
    folders = [platform.environment.get("XDG_RUNTIME_DIR", "")]
    if platform.family == "linux" and hasattr(os, "getuid"):
        folders.append(f"/run/user/{os.getuid()}")
    for folder in dict.fromkeys(filter(None, folders)):
        yield folder
        yield from (f"{folder}/{name}" for name in _names(folder) if name.startswith("snap."))


def _folder_sockets(source: Source) -> Iterator[str]:
    """Yield the sockets in the user-data folder itself."""
    folder = source.user_data_dir
    try:
        names = os.listdir(folder)  # noqa: PTH208 - the names alone; nothing is looked at
    except FileNotFoundError:
        return
    for name in names:
        if name.endswith("main.sock") or name == _CODE_SERVER_SOCKET:
            yield f"{folder}/{name}"


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []


def _answers(path: str) -> bool:
    """Tell whether someone accepts a connection there, or may."""
    import socket  # noqa: PLC0415 - 2 ms that are not needed where no editor left a socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0)
        try:
            probe.connect(path)
        except OSError as error:
            # "AF_UNIX path too long" has no number: no process can listen there either.
            return error.errno is not None and error.errno not in _DEAD
        return True
