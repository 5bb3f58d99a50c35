"""Change files in an editor's folder, each step through one object that tests can make fail.

A file is written beside its place, synced, and renamed over it; its folder is synced after that. So it has
its old bytes or its new ones at every moment. What a crash leaves beside it begins with `.chatcask-`.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

from chatcask.advice import Advice, AdviceCode
from chatcask.disk.durable import TEMPORARY_PREFIX, make_durable, temporary_beside
from chatcask.disk.held_folder import held_folder, resolved
from chatcask.errors import ChatcaskError


class EditorFolderError(ChatcaskError):
    """A file in an editor's folder cannot be written, or is not what it was a moment ago."""

    kind: ClassVar[str] = "editor_folder"


class FileOperations:
    """The steps by which an editor's folder is changed. A subclass may count them, or make one fail."""

    def before(self, step: str, path: Path) -> None:
        """Run before each step; raising prevents it."""

    def write_new(
        self, path: Path, data: bytes, like: os.stat_result, mtime_ns: int | None
    ) -> os.stat_result:
        """Make a file that does not exist, with these bytes, durable on return; return what it is.

        It is readable as `like` is, and belongs to whom that does if root writes it. Owner and time are given
        through the open file, so that nothing else can get them.
        """
        self.before("write", path)
        with held_folder(path.parent) as folder, folder.make_file(path.name, _mode_of(like)) as file:
            file.write(data)
            _give_to_owner(file, like)
            file.flush()
            if mtime_ns is not None:
                self.before("date", path)
                _date(file, path, mtime_ns)
            make_durable(file)
            return os.fstat(file.fileno())

    def replace(self, source: Path, target: Path) -> None:
        """Let a file take the name and the place of another in the same folder."""
        self.before("replace", target)
        with held_folder(target.parent) as folder:
            folder.replace(source.name, target.name)

    def remove(self, path: Path) -> None:
        """Remove a file; one that is gone is fine."""
        self.before("remove", path)
        with held_folder(path.parent) as folder:
            folder.remove(path.name)

    def make_folder(self, path: Path) -> None:
        """Make one folder; one that is there is fine."""
        self.before("make_folder", path)
        with held_folder(path.parent) as folder:
            folder.make_folder(path.name)

    def remove_folder(self, path: Path) -> None:
        """Remove a folder if it is there and empty."""
        self.before("remove_folder", path)
        with suppress(OSError), held_folder(path.parent) as folder:
            folder.remove_folder(path.name)

    def commit(self, connection: sqlite3.Connection, path: Path) -> None:
        """Commit a transaction of a state database."""
        self.before("commit", path)
        connection.execute("COMMIT")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file written beside its place, which takes it when `publish` is called; paths are without links."""

    temporary: Path
    target: Path
    written: os.stat_result


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
    try:
        target = resolved(target)
        temporary = temporary_beside(target)
        try:
            written = operations.write_new(temporary, data, _model(target), mtime_ns)
        except OSError:
            with suppress(OSError):
                operations.remove(temporary)
            raise
    except OSError as error:
        raise failed("write", target, error) from error
    return Prepared(temporary, target, written)


def publish(operations: FileOperations, prepared: Prepared) -> None:
    """Let a prepared file take its place.

    Raises:
        EditorFolderError: it cannot.
    """
    try:
        operations.replace(prepared.temporary, prepared.target)
        _require_in_place(prepared)
    except OSError as error:
        raise failed("write", prepared.target, error) from error


def _require_in_place(prepared: Prepared) -> None:
    with held_folder(prepared.target.parent) as folder:
        if not os.path.samestat(folder.stat(prepared.target.name), prepared.written):
            raise OSError(errno.EBUSY, "something else took its place meanwhile", str(prepared.target))


def discard(operations: FileOperations, prepared: Prepared) -> None:
    """Remove a prepared file that is not wanted."""
    with suppress(OSError):
        operations.remove(prepared.temporary)


def remove_leftovers(operations: FileOperations, folder: Path) -> None:
    """Remove what a crash of ours left in a folder."""
    try:
        with held_folder(folder) as held:
            names = [name for name in held.names() if name.startswith(TEMPORARY_PREFIX)]
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
    with held_folder(target.parent) as folder:
        try:
            return folder.stat(target.name)
        except FileNotFoundError:
            return folder.facts()


def _mode_of(like: os.stat_result) -> int:
    return stat.S_IMODE(like.st_mode) & 0o666


def _give_to_owner(file: BinaryIO, like: os.stat_result) -> None:
    """Give a file to its editor's user when somebody else, such as root, restores it."""
    if hasattr(os, "fchown") and os.geteuid() == 0 and (like.st_uid, like.st_gid) != (0, 0):
        os.fchown(file.fileno(), like.st_uid, like.st_gid)


def _date(file: BinaryIO, path: Path, mtime_ns: int) -> None:
    """Give a file its time of last change: through the open file, but on Windows, which cannot."""
    os.utime(file.fileno() if os.utime in os.supports_fd else path, ns=(mtime_ns, mtime_ns))
