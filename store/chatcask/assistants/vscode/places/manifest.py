r"""Read a paths-only manifest: a list of workspaces that another program keeps, without any chat in it.

    {"version": "2.0", "workspaces": [{"workspace_key": ..., "workspace_name": ..., "storage_root": ...,
                                       "chat_sessions_path": ..., "last_seen": ...}]}

`storage_root` is either the workspace's folder, `.../User/workspaceStorage/<key>`, or the folder of all of
them, `.../User/workspaceStorage`; both are understood. Where it is missing, `chat_sessions_path` stands in.
Paths may be those of Windows (`C:\...`, `\\server\share\...`, `file:///c%3A/...`) on any system.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from urllib.parse import unquote, urlsplit

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Platform, Source
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.errors import InvalidInputError, NotFoundError
from chatcask.monitor import Problem

_STORAGE = "workspaceStorage"
_DRIVE = re.compile(r"[A-Za-z]:([\\/]|$)")
_WSL_SHARES = ("wsl$", "wsl.localhost")
_SHAPE = Advice(
    AdviceCode.MANIFEST_SHAPE,
    example='{"version": "2.0", "workspaces": [{"workspace_key": "...", "storage_root": "..."}]}',
)


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One workspace that a manifest lists.

    Attributes:
        key: The workspace's id, which is also the name of its folder.
        name: What its user calls it, or "".
        folder: The workspace's folder as the manifest has it, a `PureWindowsPath` where it is one.
        last_seen: When the writer of the manifest saw it, as it stands there.
    """

    key: str
    name: str
    folder: PurePath
    last_seen: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest lists, and which of its entries cannot be understood."""

    entries: tuple[ManifestEntry, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """A source and the workspaces of it that a manifest lists."""

    source: Source
    workspaces: frozenset[str]


def read_manifest(path: Path) -> Manifest:
    """Return what the manifest file lists.

    Raises:
        InvalidInputError: It cannot be read, or is no manifest; the message names the file and the field.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{path}: {error.strerror or error}", advice=_SHAPE) from error
    return parse_manifest(data, str(path))


def parse_manifest(data: bytes, file_name: str) -> Manifest:
    """Return what the bytes of a manifest list; an entry that makes no sense becomes a problem.

    Raises:
        InvalidInputError: It is no manifest; the message names `file_name` and the field.
    """
    try:
        document = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"{file_name} is not JSON: {error}", advice=_SHAPE) from error
    if not isinstance(document, dict):
        raise InvalidInputError(f"{file_name}: the whole is not an object", advice=_SHAPE)
    version = document.get("version")
    if not isinstance(version, str) or version.partition(".")[0] != "2":
        raise InvalidInputError(f'{file_name}: "version" is {version!r}, not "2.0"', advice=_SHAPE)
    workspaces = document.get("workspaces")
    if not isinstance(workspaces, list):
        raise InvalidInputError(f'{file_name}: "workspaces" is not a list', advice=_SHAPE)
    entries: list[ManifestEntry] = []
    problems: list[Problem] = []
    for number, item in enumerate(workspaces):
        try:
            entries.append(_entry(item))
        except InvalidInputError as error:
            problems.append(Problem(f"{file_name}: workspaces[{number}]", "invalid", error.message))
    return Manifest(tuple(entries), tuple(problems))


def selections(
    manifest: Manifest,
    platform: Platform,
    report: Callable[[Problem], None],
    *,
    product_name: str | None = None,
) -> list[Selection]:
    """Return the sources that a manifest's workspaces belong to, each with those workspaces.

    Args:
        manifest: What was read; its own problems are not reported again.
        platform: Decides how paths are mapped to this machine.
        report: Receives a problem for an entry whose user-data folder is not on this machine.
        product_name: The product all entries belong to; guessed from each folder if None.
    """
    sources: dict[Path, Source] = {}
    picked: dict[Path, set[str]] = {}
    for entry in manifest.entries:
        local = local_path(entry.folder, platform)
        if local is None:
            text = "this path does not belong to this machine"
            report(Problem(str(entry.folder), "invalid", text))
            continue
        user_data_dir = local.parent.parent.parent
        try:
            source = sources.get(user_data_dir) or source_for(user_data_dir, product_name, platform)
        except NotFoundError as error:
            report(Problem(str(entry.folder), "vanished", error.message))
            continue
        sources[user_data_dir] = source
        picked.setdefault(source.user_data_dir, set()).add(entry.key)
    unique = {source.user_data_dir: source for source in sources.values()}
    return [Selection(source, frozenset(picked[folder])) for folder, source in unique.items()]


def path_of(text: str) -> PurePath:
    """Return the path a text of a manifest stands for.

    Raises:
        InvalidInputError: It is not an absolute path, nor a `file:` URI of one.
    """
    if text[:5].lower() == "file:":
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise InvalidInputError(f"{text!r} is not a URI") from error
        text = unquote(parts.path)
        if parts.netloc and parts.netloc != "localhost":
            text = f"\\\\{unquote(parts.netloc)}{text}"
        elif _DRIVE.match(text[1:]):
            text = text[1:]
    if _DRIVE.match(text) or text.startswith("\\\\"):
        return PureWindowsPath(text)
    if text.startswith("/"):
        return PurePosixPath(text)
    raise InvalidInputError(f"{text!r} is not an absolute path")


def local_path(path: PurePath, platform: Platform) -> Path | None:
    r"""Return where a path of a manifest is on this machine, or None if it cannot be here.

    On a system other than Windows a drive is looked for below `platform.windows_drives`, if that is set, and
    the WSL shares (`\\wsl$\<distribution>\...`) then count as this machine's own root.
    """
    windows = isinstance(path, PureWindowsPath)
    if windows == (platform.family == "windows"):
        return Path(str(path))
    drives = platform.windows_drives
    if not windows or drives is None:
        return None
    drive = path.drive
    if len(drive) == 2:
        return drives.joinpath(drive[0].lower(), *path.parts[1:])
    server = drive.removeprefix("\\\\").partition("\\")[0]
    if server.lower() in _WSL_SHARES:
        return Path("/", *path.parts[1:])
    return None


def _entry(item: object) -> ManifestEntry:
    """Return one entry of a manifest."""
    if not isinstance(item, dict):
        raise InvalidInputError("the entry is not an object")
    root, chats = _text(item, "storage_root"), _text(item, "chat_sessions_path")
    if root:
        folder = path_of(root)
    elif chats:
        folder = path_of(chats).parent
    else:
        raise InvalidInputError('neither "storage_root" nor "chat_sessions_path" is there')
    shared = folder.match(_STORAGE)
    key = _text(item, "workspace_key") or ("" if shared else folder.name)
    if key in ("", ".", "..") or re.search(r"[/\\\0]", key):
        raise InvalidInputError(f'"workspace_key" {key!r} is not the name of a folder')
    folder = folder / key if shared else folder
    if folder.name != key or not folder.parent.match(f"User/{_STORAGE}"):
        raise InvalidInputError(f'{folder} is not "User/{_STORAGE}/{key}"')
    if ".." in folder.parts:
        raise InvalidInputError(f'{folder} contains ".."')
    return ManifestEntry(key, _text(item, "workspace_name"), folder, _text(item, "last_seen"))


def _text(item: dict[str, object], field: str) -> str:
    """Return a text field, or "" if it is not there."""
    value = item.get(field)
    if value is None:
        return ""
    if field == "last_seen" and isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise InvalidInputError(f'"{field}" is not a text')
    return value
