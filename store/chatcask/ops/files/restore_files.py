"""Write what a snapshot holds as plain files into any folder.

Every chunk is proved before it is written. A file appears whole under its name or not at all: it is written
beside its place, synced and renamed, so a power cut leaves what was there or what was to be. Nothing that
exists is replaced unless asked, and no name and no symbolic link on the way can lead out of the folder.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.disk.durable import make_folder, sync_folder, temporary_beside
from chatcask.disk.file_names import windows_problem
from chatcask.errors import DamagedError, RestoreRefusedError, TransportError
from chatcask.format.tree import Entry, EntryKind
from chatcask.monitor import Monitor, Problem
from chatcask.ops.files.assembly import FileAssembly, Target
from chatcask.repository.repository import Repository

_WINDOWS = os.name == "nt"
_FATAL = {errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(frozen=True, slots=True)
class RestoredFiles:
    """What was written: counts, bytes, and what could not be."""

    files: int
    links: int
    bytes_written: int
    skipped: tuple[str, ...]
    problems: tuple[Problem, ...]


def restore_files(
    repository: Repository, entry: Entry, output: Path, *, overwrite: bool, monitor: Monitor
) -> RestoredFiles:
    """Write an entry of a snapshot below `output`: a folder's contents, or one file or link.

    Files that are there already with the same bytes are left as they are, so an interrupted restore can be
    run again.

    Args:
        repository: The store.
        entry: What to write; a folder with an empty name is a whole snapshot.
        output: The folder to write into; made if it does not exist.
        overwrite: Replace files that exist with other bytes.
        monitor: Told of bytes written and of files that could not be.

    Raises:
        RestoreRefusedError: files are in the way; nothing was written.
        TransportError: the store cannot be read, or the folder cannot be written.
    """
    return _Restore(repository, output, monitor).run(entry, overwrite=overwrite)


class _Restore:
    def __init__(self, repository: Repository, output: Path, monitor: Monitor) -> None:
        self._repository = repository
        self._output = output
        self._monitor = monitor
        self._problems: list[Problem] = []
        self._skipped: list[str] = []
        self._files = 0
        self._links = 0
        self._bytes = 0
        self._folders: set[Path] = set()
        self._unsynced: set[Path] = set()
        """Folders that hold names of new folders or links, which are not durable yet."""

    def run(self, entry: Entry, *, overwrite: bool) -> RestoredFiles:
        # Looked through twice instead of held: a folder may have any number of files.
        self._monitor.phase("restoring", self._look_ahead(entry, overwrite=overwrite))
        self._make_output()
        assembly = FileAssembly(
            self._repository, finished=self._count, failed=self._explain, advance=self._monitor.advance
        )
        assembly.write(self._left_to_write(entry))
        self._sync_names()
        return RestoredFiles(
            self._files, self._links, self._bytes, tuple(self._skipped), tuple(self._problems)
        )

    def _look_ahead(self, entry: Entry, *, overwrite: bool) -> int:
        """Return how many bytes there are to write; refuse if other versions are in the way."""
        size, conflicts = 0, []
        for target in _targets(self._repository, self._output, entry, lambda *_: None):
            if _WINDOWS and windows_problem(target.relative):
                continue
            size += target.entry.size
            if not overwrite and self._conflicts(target):
                conflicts.append(target.relative)
        if conflicts:
            names = ", ".join(conflicts[:3])
            more = f" and {len(conflicts) - 3} more" if len(conflicts) > 3 else ""
            raise RestoreRefusedError(
                f"{self._output} holds other versions of {names}{more}",
                advice=Advice(AdviceCode.NAME_EMPTY_FOLDER),
            )
        return size

    def _left_to_write(self, entry: Entry) -> Iterator[Target]:
        """Yield the files to write, in folders made for them; links are written on the way."""
        for target in _targets(self._repository, self._output, entry, self._lose_folder):
            if self._is_writable_name(target) and self._is_left_to_write(target):
                yield target

    def _lose_folder(self, target: Target, error: DamagedError) -> None:
        self._report(target, "damaged", f"what the folder held is unknown: {error.message}")

    def _is_writable_name(self, target: Target) -> bool:
        problem = windows_problem(target.relative)
        if problem and _WINDOWS:
            advice = Advice(AdviceCode.READ_SINGLE_FILE)
            self._report(target, "name", f"Windows cannot hold this name: {problem}", advice)
            return False
        if problem:
            self._report(target, "windows_name", f"written, but Windows could not hold this name: {problem}")
        return True

    def _conflicts(self, target: Target) -> bool:
        try:
            found = os.lstat(target.path)
        except FileNotFoundError:
            return False
        except NotADirectoryError:
            return True
        try:
            return not self._is_same(target, found)
        except DamagedError:
            return False  # it cannot be restored, so what is there stays

    def _is_same(self, target: Target, found: os.stat_result) -> bool:
        """Tell whether the place holds exactly these bytes already."""
        entry = target.entry
        if entry.kind is EntryKind.LINK:
            return stat.S_ISLNK(found.st_mode) and os.fsencode(target.path.readlink()) == self._all(entry)
        if not stat.S_ISREG(found.st_mode) or found.st_size != entry.size:
            return False
        with target.path.open("rb") as file:
            return all(file.read(len(data)) == data for data in self._repository.reader.read(entry.content))

    def _all(self, entry: Entry) -> bytes:
        return self._repository.reader.read_all(entry.content)

    def _is_left_to_write(self, target: Target) -> bool:
        """Make a target's folder, write it if it is a link; tell whether it is a file that is missing."""
        try:
            self._make_folder(target.path.parent)
            if os.path.lexists(target.path) and self._is_same(target, os.lstat(target.path)):
                self._skipped.append(target.relative)
                self._monitor.advance(target.entry.size)
                return False
            if target.entry.kind is EntryKind.LINK:
                self._write_link(target)
                return False
        except (DamagedError, RestoreRefusedError, OSError) as error:
            self._explain(target, error)
            return False
        return True

    def _explain(self, target: Target, error: DamagedError | RestoreRefusedError | OSError) -> None:
        """Report why a target could not be written, or end the restore if no other can be either."""
        match error:
            case DamagedError():
                self._report(target, "damaged", error.message)
            case RestoreRefusedError():
                self._report(target, "refused", error.message)
            case OSError():
                if error.errno in _FATAL:
                    raise TransportError(
                        f"cannot write {target.path}: {error.strerror}",
                        advice=Advice(AdviceCode.FREE_SPACE_AND_RESUME),
                    ) from error
                self._report(target, "unwritable", error.strerror or str(error))

    def _count(self, target: Target) -> None:
        self._files += 1
        self._bytes += target.entry.size

    def _write_link(self, target: Target) -> None:
        temporary = temporary_beside(target.path)
        temporary.symlink_to(os.fsdecode(self._all(target.entry)))
        try:
            temporary.replace(target.path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._unsynced.add(target.path.parent)
        self._links += 1

    def _make_output(self) -> None:
        try:
            if not self._output.is_dir():
                make_folder(self._output)
        except OSError as error:
            raise TransportError(f"cannot make {self._output}: {error.strerror or error}") from error
        if not self._output.is_dir():
            raise RestoreRefusedError(f"{self._output} is a file, and a folder is needed there")
        self._folders.add(self._output)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder below the output; refuse a link on the way, which could lead anywhere."""
        if folder in self._folders:
            return
        self._make_folder(folder.parent)
        if folder.is_symlink():
            raise RestoreRefusedError(f"{folder} is a link; nothing is written through it")
        try:
            folder.mkdir()
            self._unsynced.add(folder.parent)
        except FileExistsError:
            if not folder.is_dir():
                raise RestoreRefusedError(f"{folder} is a file, and a folder is needed there") from None
        self._folders.add(folder)

    def _sync_names(self) -> None:
        """Make the names of new folders and links durable, the innermost first."""
        for folder in sorted(self._unsynced, key=lambda path: len(path.parts), reverse=True):
            try:
                sync_folder(folder)
            except OSError as error:
                raise TransportError(f"cannot sync {folder}: {error.strerror or error}") from error

    def _report(self, target: Target, kind: str, message: str, advice: Advice | None = None) -> None:
        problem = Problem(target.relative, kind, message, advice=advice)
        self._problems.append(problem)
        self._monitor.problem(problem)


def _targets(
    repository: Repository, output: Path, entry: Entry, lost: Callable[[Target, DamagedError], None]
) -> Iterator[Target]:
    """Yield all files and links of an entry; `lost` is told of folders that cannot be read."""
    waiting = [(entry.name, entry)]
    while waiting:
        path, found = waiting.pop()
        if found.kind is not EntryKind.FOLDER:
            yield Target(output, path, found)
            continue
        try:
            children = repository.tree(found.content)
        except DamagedError as error:
            if found is entry:
                raise
            lost(Target(output, path, found), error)
            continue
        inside = "" if found is entry else f"{path}/"
        waiting += [(f"{inside}{child.name}", child) for child in reversed(children)]
