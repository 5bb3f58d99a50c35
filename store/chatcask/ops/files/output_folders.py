"""The folders of an output: made on the way to a file, never through a link, durable in the end."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chatcask.disk.durable import is_temporary, make_folder, sync_folder
from chatcask.errors import RestoreRefusedError, TransportError


@dataclass(frozen=True, slots=True)
class OutputFolders:
    """Folders below one that is written into.

    `unsynced` hold names of new folders or links, which are not durable yet.
    """

    output: Path
    known: set[Path] = field(default_factory=set)
    unsynced: set[Path] = field(default_factory=set)

    def make_output(self) -> None:
        """Make the output itself, which may be a link.

        Raises:
            RestoreRefusedError: it is a file.
            TransportError: it cannot be made.
        """
        try:
            if not self.output.is_dir():
                make_folder(self.output)
        except OSError as error:
            raise TransportError(f"cannot make {self.output}: {error.strerror or error}") from error
        if not self.output.is_dir():
            raise RestoreRefusedError(f"{self.output} is a file, and a folder is needed there")
        self.known.add(self.output)

    def make(self, folder: Path) -> None:
        """Make a folder below the output.

        Raises:
            RestoreRefusedError: a file or a link is on the way; a link could lead anywhere.
            OSError: it cannot be made.
        """
        if folder in self.known:
            return
        self.make(folder.parent)
        if folder.is_symlink():
            raise RestoreRefusedError(f"{folder} is a link; nothing is written through it")
        try:
            folder.mkdir()
            self.unsynced.add(folder.parent)
        except FileExistsError:
            if not folder.is_dir():
                raise RestoreRefusedError(f"{folder} is a file, and a folder is needed there") from None
        self.known.add(folder)

    def remove_leftovers(self, folders: Iterable[Path]) -> None:
        """Remove what killed restores left unfinished in folders below the output; no link is followed."""
        for folder in folders:
            inside = [folder, *folder.parents]
            if any(path.is_symlink() for path in inside[: inside.index(self.output)]):
                continue
            with suppress(OSError):
                for path in [path for path in folder.iterdir() if is_temporary(path.name)]:
                    path.unlink()

    def sync(self) -> None:
        """Make the names of new folders and links durable, the innermost first.

        Raises:
            TransportError: a folder cannot be synced.
        """
        for folder in sorted(self.unsynced, key=lambda path: len(path.parts), reverse=True):
            try:
                sync_folder(folder)
            except OSError as error:
                raise TransportError(f"cannot sync {folder}: {error.strerror or error}") from error
