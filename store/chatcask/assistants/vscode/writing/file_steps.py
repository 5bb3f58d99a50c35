"""Change files in an editor's folder, each step through one object that tests can make fail.

A file is written beside its place, synced, and renamed over it; its folder is synced after that. So it has
its old bytes or its new ones at every moment. What a crash leaves beside it begins with `.chatcask-`.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chatcask.advice import Advice, AdviceCode
from chatcask.disk.durable import TEMPORARY_PREFIX, make_durable, open_new, sync_folder, temporary_beside
from chatcask.errors import ChatcaskError


class EditorFolderError(ChatcaskError):
    """A file in an editor's folder cannot be written, or is not what it was a moment ago."""

    kind: ClassVar[str] = "editor_folder"


class FileOperations:
    """The steps by which an editor's folder is changed. A subclass may count them, or make one fail."""

    def before(self, step: str, path: Path) -> None:
        """Run before each step; raising prevents it."""

    def write_new(self, path: Path, data: bytes, mode: int) -> None:
        """Make a file that does not exist, with these bytes, durable on return."""
        self.before("write", path)
        with open_new(path, mode) as file:
            file.write(data)
            make_durable(file)

    def date(self, path: Path, mtime_ns: int) -> None:
        """Give a file its time of last change."""
        self.before("date", path)
        os.utime(path, ns=(mtime_ns, mtime_ns))

    def replace(self, source: Path, target: Path) -> None:
        """Let a file take the name and the place of another."""
        self.before("replace", target)
        source.replace(target)
        sync_folder(target.parent)

    def remove(self, path: Path) -> None:
        """Remove a file; one that is gone is fine."""
        self.before("remove", path)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def make_folder(self, path: Path) -> None:
        """Make one folder; one that is there is fine."""
        self.before("make_folder", path)
        with suppress(FileExistsError):
            path.mkdir()
            sync_folder(path.parent)

    def remove_folder(self, path: Path) -> None:
        """Remove a folder if it is there and empty."""
        self.before("remove_folder", path)
        with suppress(OSError):
            path.rmdir()

    def commit(self, connection: sqlite3.Connection, path: Path) -> None:
        """Commit a transaction of a state database."""
        self.before("commit", path)
        connection.execute("COMMIT")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file written beside its place, which takes it when `publish` is called."""

    temporary: Path
    target: Path


def prepare(operations: FileOperations, target: Path, data: bytes, mtime_ns: int | None) -> Prepared:
    """Write the bytes of a file beside its place.

    Args:
        operations: Does the steps.
        target: Where the file belongs; its folder exists.
        data: Its bytes.
        mtime_ns: Its time of last change; None for now.

    Raises:
        EditorFolderError: it cannot be written.
    """
    temporary = temporary_beside(target)
    try:
        model = _model(target)
        operations.write_new(temporary, data, stat.S_IMODE(model.st_mode) & 0o666)
        _give_to_owner(temporary, model)
        if mtime_ns is not None:
            operations.date(temporary, mtime_ns)
    except OSError as error:
        with suppress(OSError):
            operations.remove(temporary)
        raise failed("write", target, error) from error
    return Prepared(temporary, target)


def publish(operations: FileOperations, prepared: Prepared) -> None:
    """Let a prepared file take its place.

    Raises:
        EditorFolderError: it cannot.
    """
    try:
        operations.replace(prepared.temporary, prepared.target)
    except OSError as error:
        raise failed("write", prepared.target, error) from error


def discard(operations: FileOperations, prepared: Prepared) -> None:
    """Remove a prepared file that is not wanted."""
    with suppress(OSError):
        operations.remove(prepared.temporary)


def remove_leftovers(operations: FileOperations, folder: Path) -> None:
    """Remove what a crash of ours left in a folder."""
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.startswith(TEMPORARY_PREFIX)]
    except OSError:
        return
    for name in names:
        with suppress(OSError):
            operations.remove(folder / name)


def failed(verb: str, path: Path, error: OSError) -> EditorFolderError:
    """Return the error for an operating system error at a path."""
    code = AdviceCode.RUN_AGAIN_OR_UNDO
    if isinstance(error, PermissionError):
        code = AdviceCode.CHECK_EDITOR_FOLDER
    return EditorFolderError(f"cannot {verb} {path}: {error.strerror or error}", advice=Advice(code))


def _model(target: Path) -> os.stat_result:
    """Return whose and how readable a new file shall be: as the one it replaces, else as its folder."""
    try:
        return os.stat(target)  # noqa: PTH116
    except FileNotFoundError:
        return os.stat(target.parent)  # noqa: PTH116


def _give_to_owner(path: Path, model: os.stat_result) -> None:
    """Give a file to its editor's user when somebody else, such as root, restores it."""
    if hasattr(os, "chown") and os.geteuid() == 0 and (model.st_uid, model.st_gid) != (0, 0):
        os.chown(path, model.st_uid, model.st_gid)
