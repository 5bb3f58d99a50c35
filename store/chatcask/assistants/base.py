"""What an assistant is to the rest of the house: where its files are, if they may be touched, its chats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from chatcask.assistants.found import FoundFolder, Report
from chatcask.assistants.product import Product
from chatcask.format.tree import Content, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.chats.chat_path import ChatPath
    from chatcask.chats.parsed import ParsedChat

Family: TypeAlias = Literal["linux", "macos", "windows"]
"""The kind of operating system, which decides where folders are."""


@dataclass(frozen=True, slots=True)
class Platform:
    r"""What the caller found out about the machine, so that this library never reads the environment.

    Attributes:
        family: The kind of operating system.
        home: The user's home folder.
        environment: The environment variables (the command line passes its own).
        windows_drives: Where Windows drives are mounted (`/mnt` in WSL), if paths such as `C:\Users` in a
            manifest shall be mapped to this machine. None: such paths are reported and left out.
    """

    family: Family
    home: Path
    environment: Mapping[str, str]
    windows_drives: Path | None = None


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
    """

    id: str
    product: Product
    user_data_dir: Path
    spellings: tuple[str, ...] = ()

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


class Guard(Protocol):
    """What an operation asks before it touches a source, and again while it does."""

    def running(self, source: Source) -> RunningEditor | None:
        """Return why the source must not be touched, or None if its editor is closed."""

    def require_closed(self, source: Source) -> None:
        """Raise `EditorRunningError` unless the source's editor is closed."""

    def watch(self, source: Source) -> None:
        """Do as `require_closed`, cheaply enough to be called before every file."""


TreeReader: TypeAlias = Callable[[Content, str], Iterable[Entry]]
"""Reads a tree, given the path of its folder too for what is to be said of it."""


@dataclass(frozen=True, slots=True)
class GroupTree:
    """What a group's tree holds of its chats; `EMPTY` for what is not there.

    Attributes:
        chats: The folder of the chats.
        bodies: The chats' files.
        odd: Paths below the group of what lies among the chats and is none.
        workspace_file: What says which folder the group is for.
        chat_list: The assistant's own list of the chats.
    """

    chats: Content
    bodies: tuple[Entry, ...]
    odd: tuple[str, ...]
    workspace_file: Content
    chat_list: Content


class Assistant(Protocol):
    """One assistant, or a family of them that keep their chats alike."""

    @property
    def name(self) -> str:
        """Its name, stable."""

    def owns(self, source: str) -> bool:
        """Tell whether a source's id is one of its own."""

    def locate(self, platform: Platform) -> list[Source]:
        """Return its folders on this machine; nothing below them is looked at."""

    def guard(self, platform: Platform) -> Guard:
        """Return what tells whether a source may be touched."""

    def items(
        self, source: Source, report: Report, *, only_workspaces: frozenset[str] | None = None
    ) -> FoundFolder:
        """Return what to capture of a source, listed lazily."""

    def chat_path(self, path: str) -> ChatPath:
        """Return what a path of a root tree is to a chat."""

    def group_trees(self, source: Content, tree: TreeReader) -> Iterator[tuple[str, str, Content]]:
        """Yield each group of a source that can hold chats: its name, its path below the source, its tree."""

    def read_group(self, group: Content, tree: TreeReader) -> GroupTree:
        """Return what a group's tree holds; paths given to `tree` are those below the group."""

    def parse(self, data: bytes | Iterable[bytes], file_name: str) -> ParsedChat:
        """Read a chat from its bytes, given whole or in pieces. Never raises for any bytes."""
