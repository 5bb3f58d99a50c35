"""What assistants have in common: machine, program, source, guard, what is captured and where it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol, TypeAlias
from urllib.parse import unquote, urlsplit

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import NotFoundError
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
        inner_folder: The folder inside every user-data folder below which chats are.
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
    inner_folder: str = "User"


def named_among(products: Iterable[Product], name: str) -> Product:
    """Return the product of that name.

    Raises:
        NotFoundError: none of the products has it; the message lists those that there are.
    """
    known = {product.name: product for product in products}
    if name not in known:
        raise NotFoundError(
            f"no editor is called {name!r}",
            what="editor",
            name=name,
            advice=Advice(AdviceCode.KNOWN_EDITORS, names=", ".join(known)),
        )
    return known[name]


Family: TypeAlias = Literal["linux", "macos", "windows"]
"""The kind of operating system, which decides where folders are."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a machine is meant where nobody names anything.

    Attributes:
        added: User-data folders beside those that are found by themselves.
        left_out: Editors that are left alone: products, ids of sources, or user-data folders.
        excluded: Patterns of folders whose workspaces nobody looks at (`excluded.py`), `~` expanded.
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
        return self.user_data_dir / self.product.inner_folder


NO_WORKSPACE = "empty-window"
"""The group of the chats that belong to no workspace."""


def is_text(name: str) -> bool:
    """Tell whether a name is text; no assistant gives a chat or workspace another one."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


WORKSPACE_FILE_LIMIT = 64 * 1024
"""No assistant writes a larger file, in bytes, to say which folder a workspace is for."""


def folder_name(uri: str) -> str:
    """Return the last part of the folder that a URI names; "" if it names none."""
    try:
        path = urlsplit(uri).path
    except ValueError:
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class Layout:
    """Where snapshots have the chats of an assistant, whatever its own folders look like.

    Files are kept in groups: one for each workspace, and `NO_WORKSPACE`. "" stands for what there is none of.

    Attributes:
        workspaces: The folder of the workspaces, below the source.
        chats: The folder of the chats' files, below a group.
        suffixes: The endings of their names, behind the id of the chat; of several files of one chat the
            assistant reads that with the first of them.
        workspace_file: What says which folder a workspace is for, below a group.
        chat_list: The assistant's own list of the chats, below a group.
        older_chats: One file that holds several chats, below a group; each counts as one that has the last
            of the suffixes.
        transcripts: The folder of what somebody else records of the chats, below a group.
    """

    workspaces: str
    chats: str
    suffixes: tuple[str, ...]
    workspace_file: str = ""
    chat_list: str = ""
    older_chats: str = ""
    transcripts: str = ""

    def group_path(self, group: str) -> str:
        """Return the folder of a group, below the source."""
        return group if group == NO_WORKSPACE else f"{self.workspaces}/{group}"

    def chats_path(self, group: str) -> str:
        """Return the folder of a group's chats, below the source."""
        return f"{self.group_path(group)}/{self.chats}"

    def session_of(self, file_name: str) -> str | None:
        """Return the id of the chat that a file among chats is of; None if no chat can have that name."""
        for suffix in self.suffixes:
            if file_name.endswith(suffix):
                session = file_name.removesuffix(suffix)
                return session if session and is_text(session) else None
        return None

    def preferred_file(self, file_names: Iterable[str]) -> str | None:
        """Return which of the files of one chat the assistant reads."""
        return min(file_names, key=lambda name: (self._rank(name), name), default=None)

    def _rank(self, file_name: str) -> int:
        ranks = (place for place, suffix in enumerate(self.suffixes) if file_name.endswith(suffix))
        return next(ranks, len(self.suffixes))


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
