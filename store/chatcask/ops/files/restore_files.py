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
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.disk.durable import temporary_beside
from chatcask.disk.file_names import windows_problem
from chatcask.disk.locks import shared_folder
from chatcask.errors import DamagedError, RestoreRefusedError, TransportError
from chatcask.format.tree import Entry, EntryKind
from chatcask.monitor import KeepingMonitor, Monitor, Problem
from chatcask.ops.files.assembly import FileAssembly, Target
from chatcask.ops.files.output_folders import OutputFolders
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.repository import Repository
from chatcask.repository.trees import Expansion

_LONGEST_LINK = 64 * 1024
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
    run again; it removes what the first left unfinished.

    Args:
        repository: The store.
        entry: What to write; a folder with an empty name is a whole snapshot.
        output: The folder to write into; made if it does not exist.
        overwrite: Replace files that exist with other bytes.
        monitor: Told of bytes written and of files that could not be.

    Raises:
        RestoreRefusedError: files are in the way; nothing was written.
        DamagedError: the folders hold each other without end; nothing was written.
        TransportError: the store cannot be read, or the folder cannot be written.
    """
    told = KeepingMonitor(monitor)
    # Looked through twice instead of held: a folder may have any number of files.
    ahead = _look_ahead(repository, entry, output, overwrite=overwrite)
    told.phase("restoring", ahead.size)
    restoring = _Restoring(repository, OutputFolders(output), told, _Counts())
    restoring.folders.make_output()
    assembly = FileAssembly(
        repository,
        finished=restoring.counts.count,
        failed=partial(_explain, told),
        advance=told.advance,
    )
    with shared_folder(output, lambda: restoring.folders.remove_leftovers(ahead.folders)):
        assembly.write(_left_to_write(restoring, entry))
    restoring.folders.sync()
    counts = restoring.counts
    return RestoredFiles(
        counts.files, counts.links, counts.bytes_written, tuple(counts.skipped), tuple(told.problems)
    )


@dataclass(slots=True)
class _Counts:
    """What was written so far."""

    files: int = 0
    links: int = 0
    bytes_written: int = 0
    skipped: list[str] = field(default_factory=list)

    def count(self, target: Target) -> None:
        """Count a file that was written."""
        self.files += 1
        self.bytes_written += target.entry.size


@dataclass(frozen=True, slots=True)
class _Restoring:
    """From where, into which folders, and what came of it."""

    repository: Repository
    folders: OutputFolders
    monitor: KeepingMonitor
    counts: _Counts


@dataclass(frozen=True, slots=True)
class _Ahead:
    """How many bytes there are to write, and the folders that they go to."""

    size: int
    folders: frozenset[Path]


def _look_ahead(repository: Repository, entry: Entry, output: Path, *, overwrite: bool) -> _Ahead:
    """Return what there is to write; refuse if other versions are in the way."""
    size, conflicts, folders = 0, [], set()
    for target in _targets(repository, output, entry, lambda *_: None):
        if _WINDOWS and windows_problem(target.relative):
            continue
        size += target.entry.size
        folders.add(target.path.parent)
        if not overwrite and _conflicts(repository, target):
            conflicts.append(target.relative)
    if conflicts:
        names = ", ".join(conflicts[:3])
        more = f" and {len(conflicts) - 3} more" if len(conflicts) > 3 else ""
        raise RestoreRefusedError(
            f"{output} holds other versions of {names}{more}",
            advice=Advice(AdviceCode.NAME_EMPTY_FOLDER),
        )
    return _Ahead(size, frozenset(folders))


def _conflicts(repository: Repository, target: Target) -> bool:
    try:
        found = os.lstat(target.path)
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        return True
    try:
        return not _is_same(repository.reader, target, found)
    except DamagedError:
        return False  # it cannot be restored, so what is there stays


def _is_same(reader: ChunkReader, target: Target, found: os.stat_result) -> bool:
    """Tell whether the place holds exactly these bytes already."""
    entry = target.entry
    if entry.kind is EntryKind.LINK:
        is_link = stat.S_ISLNK(found.st_mode)
        return is_link and os.fsencode(target.path.readlink()) == _leads_to(reader, entry)
    if not stat.S_ISREG(found.st_mode) or found.st_size != entry.size:
        return False
    with target.path.open("rb") as file:
        return all(file.read(len(data)) == data for data in reader.read(entry.content, entry.size))


def _left_to_write(restoring: _Restoring, entry: Entry) -> Iterator[Target]:
    """Yield the files to write, in folders made for them; links are written on the way."""
    monitor = restoring.monitor
    lose_folder = partial(_lose_folder, monitor)
    for target in _targets(restoring.repository, restoring.folders.output, entry, lose_folder):
        try:
            is_left = _is_writable_name(target, monitor) and _is_left_to_write(restoring, target)
        except (DamagedError, RestoreRefusedError, OSError) as error:
            _explain(monitor, target, error)
            continue
        if is_left:
            yield target


def _is_writable_name(target: Target, monitor: Monitor) -> bool:
    problem = windows_problem(target.relative)
    if problem and _WINDOWS:
        message, advice = f"Windows cannot hold this name: {problem}", Advice(AdviceCode.READ_SINGLE_FILE)
        monitor.problem(Problem(target.relative, "name", message, advice=advice))
        return False
    if problem:
        message = f"written, but Windows could not hold this name: {problem}"
        monitor.problem(Problem(target.relative, "windows_name", message))
    return True


def _is_left_to_write(restoring: _Restoring, target: Target) -> bool:
    """Make a target's folder, write it if it is a link; tell whether it is a file that is missing."""
    reader, counts = restoring.repository.reader, restoring.counts
    restoring.folders.make(target.path.parent)
    if os.path.lexists(target.path) and _is_same(reader, target, os.lstat(target.path)):
        counts.skipped.append(target.relative)
        restoring.monitor.advance(target.entry.size)
        return False
    if target.entry.kind is not EntryKind.LINK:
        return True
    _write_link(target.path, _leads_to(reader, target.entry))
    restoring.folders.unsynced.add(target.path.parent)
    counts.links += 1
    return False


def _leads_to(reader: ChunkReader, entry: Entry) -> bytes:
    """Return where a link leads.

    Raises:
        DamagedError: it cannot be read, or no link leads there.
    """
    leads_to = b""
    for data in reader.read(entry.content):
        leads_to += data
        if len(leads_to) > _LONGEST_LINK or b"\0" in data:
            raise DamagedError("no link can lead where this one does")
    if not leads_to:
        raise DamagedError("the link leads nowhere")
    return leads_to


def _write_link(path: Path, content: bytes) -> None:
    temporary = temporary_beside(path)
    temporary.symlink_to(os.fsdecode(content))
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _lose_folder(monitor: Monitor, target: Target, error: DamagedError) -> None:
    message = f"what the folder held is unknown: {error.message}"
    monitor.problem(Problem(target.relative, "damaged", message))


def _explain(monitor: Monitor, target: Target, error: DamagedError | RestoreRefusedError | OSError) -> None:
    """Report why a target could not be written, or end the restore if no other can be either."""
    match error:
        case DamagedError():
            monitor.problem(Problem(target.relative, "damaged", error.message))
        case RestoreRefusedError():
            monitor.problem(Problem(target.relative, "refused", error.message))
        case OSError():
            if error.errno in _FATAL:
                raise TransportError(
                    f"cannot write {target.path}: {error.strerror}",
                    advice=Advice(AdviceCode.FREE_SPACE_AND_RESUME),
                ) from error
            monitor.problem(Problem(target.relative, "unwritable", error.strerror or str(error)))


def _targets(
    repository: Repository, output: Path, entry: Entry, lost: Callable[[Target, DamagedError], None]
) -> Iterator[Target]:
    """Yield all files and links of an entry; `lost` is told of folders that cannot be read."""
    waiting, met = [(entry.name, entry)], Expansion()
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
        met.note(found.content, len(children), path)
        inside = "" if found is entry else f"{path}/"
        waiting += [(f"{inside}{child.name}", child) for child in reversed(children)]
