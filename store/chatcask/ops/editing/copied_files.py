"""The files of an old copy of an editor's folder: of a folder, of a zip file, or one alone."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from chatcask.assistants.base import Guard, Platform
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.errors import EditorRunningError
from chatcask.monitor import Monitor, Problem

_USER = "User"


class CopiedFile(NamedTuple):
    """A file of a copy.

    Attributes:
        parts: The names of the folders that it is in, and its own, after one for the root.
        size: Its size in bytes.
        mtime_ns: When it was written.
        open: Opens it to be read.
    """

    parts: tuple[str, ...]
    size: int
    mtime_ns: int
    open: Callable[[], BinaryIO]


@contextmanager
def copied_files(
    path: Path, platform: Platform, guard: Guard, monitor: Monitor
) -> Iterator[Iterator[CopiedFile]]:
    """Give the files of a folder, a zip file or a single file, which are there until the block ends.

    A folder that an editor uses is left out and reported, and nothing in it is looked at.
    """
    if not zipfile.is_zipfile(path):
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links are kept as named
        yield _in_folder(absolute, _EditorFolders(absolute, platform, guard, monitor))
        return
    with zipfile.ZipFile(path) as archive:
        yield _zipped(archive, path.stem)


class _EditorFolders:
    """The folders of editors that a walk meets: nothing in one is looked at while its editor runs."""

    def __init__(self, path: Path, platform: Platform, guard: Guard, monitor: Monitor) -> None:
        above = [folder.parent for folder in (path, *path.parents) if folder.name == _USER]
        self._sources = [source_for(folder, None, platform) for folder in reversed(above)]
        self._platform = platform
        self._guard = guard
        self._monitor = monitor
        self._running: set[str] = set()

    def enter(self, folder: Path) -> bool:
        """Note a folder that has what every editor's folder has; tell whether it may be looked into."""
        self._sources.append(source_for(folder, None, self._platform))
        return self.may_read(folder)

    def may_read(self, path: Path) -> bool:
        """Tell whether no editor uses the folder that a path is in; one that does is reported once."""
        for source in self._sources:
            if not path.is_relative_to(source.user_data_dir):
                continue
            if source.id in self._running:
                return False
            try:
                self._guard.watch(source)
            except EditorRunningError as error:
                self._running.add(source.id)
                self._monitor.problem(Problem(str(source.user_data_dir), "editor_running", error.message))
                return False
        return True


def _in_folder(path: Path, editors: _EditorFolders) -> Iterator[CopiedFile]:
    if path.is_file():
        yield from _of_file(path, ("", path.name))
        return
    for folder, folders, names in os.walk(path):
        if _USER in folders and not editors.enter(Path(folder)):
            folders.clear()
            continue
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if not editors.may_read(file):
                folders.clear()
                break
            yield from _of_file(file, file.parts)


def _of_file(file: Path, parts: tuple[str, ...]) -> Iterator[CopiedFile]:
    try:
        status = file.lstat()
    except OSError:
        return
    if os.path.isfile(file) and not file.is_symlink():  # noqa: PTH113 - never raises
        yield CopiedFile(parts, status.st_size, status.st_mtime_ns, lambda: file.open("rb"))


def _zipped(archive: zipfile.ZipFile, name: str) -> Iterator[CopiedFile]:
    for info in archive.infolist():
        if info.is_dir():
            continue
        try:
            seconds = datetime(*info.date_time).timestamp()  # noqa: DTZ001 - a zip file has local times
        except (ValueError, OverflowError):
            seconds = 0
        parts = ("", name, *info.filename.split("/"))
        yield CopiedFile(parts, info.file_size, int(seconds) * 10**9, lambda info=info: _open(archive, info))  # type: ignore[misc]


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    return archive.open(info)  # type: ignore[return-value]
