"""What assistants have in common: machine, program, source, guard, and what is found to be captured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from chatcask.monitor import Problem

ProductKind: TypeAlias = Literal["desktop", "server"]
"""A desktop application, or a server that a browser or a remote window talks to."""


@dataclass(frozen=True, slots=True)
class Product:
    """One editor product.

    Attributes:
        name: The name used on the command line and in source ids.
        display_name: The name its users know.
        kind: Whether it is a desktop application or a server.
        data_folders: Names its user-data folder can have; the first is the usual one (`nameShort`).
        linux_executables: File names of its main program on Linux.
        windows_executables: File names of its main program on Windows.
        macos_applications: Names of its application bundle on macOS.
        macos_executables: File names of the main program inside that bundle. It was `Electron` until about
            version 1.113 and is the product's name since.
        server_folder: Folder below the home folder that holds a server's data, or "".
        flatpak_ids: Flatpak application ids, whose data lies below `~/.var/app/<id>/config`.
    """

    name: str
    display_name: str
    kind: ProductKind
    data_folders: tuple[str, ...]
    linux_executables: tuple[str, ...] = ()
    windows_executables: tuple[str, ...] = ()
    macos_applications: tuple[str, ...] = ()
    macos_executables: tuple[str, ...] = ()
    server_folder: str = ""
    flatpak_ids: tuple[str, ...] = ()


Family: TypeAlias = Literal["linux", "macos", "windows"]
"""The kind of operating system, which decides where folders are."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a machine is meant where nobody names anything.

    Attributes:
        added: User-data folders beside those that are found by themselves.
        left_out: Editors that are left alone: products, ids of sources, or user-data folders.
        excluded: Patterns of folders whose workspaces nobody looks at (`places/excluded.py`), `~` expanded.
    """

    added: tuple[Path, ...] = ()
    left_out: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Platform:
    r"""What the caller found out about the machine, so that this library never reads the environment.

    Attributes:
        family: The kind of operating system.
        home: The user's home folder.
        environment: The environment variables (the command line passes its own).
        windows_drives: Where Windows drives are mounted (`/mnt` in WSL), if paths such as `C:\Users` in a
            manifest shall be mapped to this machine. None: such paths are reported and left out.
        scope: What of the machine is meant.
    """

    family: Family
    home: Path
    environment: Mapping[str, str]
    windows_drives: Path | None = None
    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True)
class Source:
    """One user-data folder of one editor.

    Attributes:
        id: Stable name in trees: the product's name, plus `~` and 8 hex digits of the BLAKE3 of the path
            when the folder is not the product's usual one below the home folder.
        product: The editor the folder belongs to.
        user_data_dir: The folder, absolute.
        spellings: Texts of the folder's path that the editor may have been given. VS Code names its socket
            after a hash of that exact text (facts: microsoft/vscode ipc.net.ts).
        excluded: Patterns of folders whose workspaces nobody looks at.
    """

    id: str
    product: Product
    user_data_dir: Path
    spellings: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def user(self) -> Path:
        """The folder below which chats are."""
        return self.user_data_dir / "User"


@dataclass(frozen=True, slots=True)
class RunningEditor:
    """Why a source must not be touched.

    Attributes:
        product: The product the source belongs to.
        user_data_dir: The source's folder.
        reason: `process`, `lock`, `socket`, `state_db`, or `unsure`.
        pid: The process, if it is known.
        description: The same in plain words.
    """

    product: Product
    user_data_dir: Path
    reason: str
    pid: int | None
    description: str


class ElsewhereKind(StrEnum):
    """What keeps the chats. Codes are only ever added."""

    AGENT_HOST = "agent_host"
    """The editor's host of agents, in `agentSessionData`."""
    EXTERNAL = "external"
    """Somebody else; the editor's list has an entry of them."""
    CURSOR = "cursor"
    """Cursor's own table in its state database."""
    COPILOT_CLI = "copilot_cli"
    """Copilot's command line and its background sessions, in `~/.copilot`."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Chats that are seen and not saved: of which source ("" for none), kept by what, where, how many."""

    source: str
    kind: ElsewhereKind
    place: Path
    chats: int


class Guard(Protocol):
    """What an operation asks before it touches a source, and again while it does."""

    def running(self, source: Source) -> RunningEditor | None:
        """Return why the source must not be touched, or None if its editor is closed."""

    def require_closed(self, source: Source) -> None:
        """Raise `EditorRunningError` unless the source's editor is closed."""

    def watch(self, source: Source) -> None:
        """Do as `require_closed`, cheaply enough to be called before every file."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file; `name` is its entry name in the tree, `path` is where to open it."""

    name: str
    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FoundFolder:
    """A folder; `list` reads it anew on every call and may yield nothing, since folders are not probed."""

    name: str
    list: Callable[[], Iterator[Item]]


@dataclass(frozen=True, slots=True)
class FoundState:
    """The picked rows of a state database, to be kept as a folder of `<key>.json` files.

    Attributes:
        name: `state`, or `state-backup` for rows of the backup that differ.
        path: The database file.
        size: Changes when the rows may have changed, together with `mtime_ns`; see `state_items`.
        mtime_ns: See `size`.
        read: Reads the rows as (file name, exact value) sorted by file name. It raises an error of this
            library or `OSError` when that fails.
    """

    name: str
    path: str
    size: int
    mtime_ns: int
    read: Callable[[], tuple[tuple[str, bytes], ...]]


Item = FoundFile | FoundFolder | FoundState
Report = Callable[[Problem], None]
