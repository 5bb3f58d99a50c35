"""A folder on a local disk as the place that keeps a store's bytes.

A write goes to a new file in `tmp/`, is synced, and is renamed to its key; then the folders that gained a
name are synced, innermost first. So a key is either absent or whole, and once a write returned, a power
cut does not take it back. Files left in `tmp/` by a crash are invisible, and `sweep` removes them.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.disk.durable import make_durable, make_folder, open_new, rename_new, sync_folder
from chatcask.errors import ObjectExistsError, ObjectNotFoundError, StoreLockedError, TransportError
from chatcask.transport.base import ObjectInfo, check_key, check_prefix

TEMPORARY_FOLDER = "tmp"
_TEMPORARY_NAME = re.compile(r"[0-9a-f]{24}")
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# Chats are private: only the owner may read a store.
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_LOCK_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_HOLDER_BYTES = 200


class LocalTransport:
    """Objects as files below one folder, which is made by the first write."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._ready: set[str] = set()

    @property
    def description(self) -> str:
        """The folder's path."""
        return str(self._root)

    @property
    def root(self) -> Path:
        """The folder that holds the objects."""
        return self._root

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Return bytes of an object."""
        path = self._path(key)
        try:
            descriptor = os.open(path, _READ_FLAGS)
            with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - an open descriptor
                file.seek(start)
                return _read(file.fileno(), length)
        except (FileNotFoundError, NotADirectoryError):
            raise ObjectNotFoundError(f"no object {key} in {self._root}", where=key) from None
        except OSError as error:
            raise _failed("read", path, error) from error

    def put(self, key: str, *parts: bytes) -> None:
        """Store an object."""
        path = self._path(key)
        temporary = self._write_temporary(path, parts)
        try:
            temporary.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            _discard(temporary)
            raise _failed("write", path, error) from error

    def put_new(self, key: str, *parts: bytes) -> None:
        """Store an object under a key that does not exist."""
        path = self._path(key)
        temporary = self._write_temporary(path, parts)
        try:
            rename_new(temporary, path)
            sync_folder(path.parent)
        except FileExistsError:
            raise ObjectExistsError(f"object {key} exists in {self._root}", where=key) from None
        except OSError as error:
            raise _failed("write", path, error) from error
        finally:
            _discard(temporary)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield the objects under a prefix, sorted."""
        check_prefix(prefix)
        folder = self._root / prefix
        try:
            yield from _walk(str(folder), prefix)
        except OSError as error:
            raise _failed("list", folder, error) from error

    def delete(self, key: str) -> None:
        """Remove an object."""
        path = self._path(key)
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise _failed("delete", path, error) from error

    @contextmanager
    def lock(self, name: str, holder: str) -> Iterator[None]:
        """Hold a lock: a file in `tmp/` that says who holds it."""
        from chatcask.disk.locks import try_lock  # noqa: PLC0415 - few operations lock

        path = self._root / TEMPORARY_FOLDER / f"{check_key(name)}.lock"
        try:
            self._make_folder(path.parent)
            descriptor = os.open(path, _LOCK_FLAGS, _FILE_MODE)
        except OSError as error:
            raise _failed("lock", path, error) from error
        try:
            if not try_lock(descriptor):
                other = os.read(descriptor, _HOLDER_BYTES).decode("utf-8", "replace") or "another process"
                raise StoreLockedError(
                    f"{self.description} is locked by {other}",
                    place=self.description,
                    holder=other,
                    advice=Advice(AdviceCode.WAIT_FOR_LOCK),
                )
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, holder.encode("utf-8", "replace")[:_HOLDER_BYTES])
            yield
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)  # lets go of the lock

    def sweep(self, older_than: timedelta) -> int:
        """Remove what writers that were killed left in `tmp/`; return how many files went.

        Only files that this class names. The clock of the file system is told by a file written for that: the
        clock here may be another. What cannot be removed, as an open one on Windows, waits for the next time.
        """
        folder = self._root / TEMPORARY_FOLDER
        try:
            found = _temporaries(folder)
            if not found:
                return 0
            newest = self._file_system_time(folder) - older_than // timedelta(microseconds=1) * 1000
        except OSError as error:
            raise _failed("clean up", folder, error) from error
        old = [path for path, modified_ns in found if modified_ns < newest]
        return sum(_discard(path) for path in old)

    def _file_system_time(self, folder: Path) -> int:
        probe = self._write_temporary(folder / "clock", ())
        try:
            return probe.stat().st_mtime_ns
        finally:
            _discard(probe)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _write_temporary(self, target: Path, parts: tuple[bytes, ...]) -> Path:
        temporary = self._root / TEMPORARY_FOLDER / os.urandom(12).hex()
        try:
            self._make_folder(temporary.parent)
            self._make_folder(target.parent)
            opened = open_new(temporary, _FILE_MODE)
        except OSError as error:
            raise _failed("write", target, error) from error
        try:
            with opened as file:
                for part in parts:
                    _write_all(file.fileno(), part)
                make_durable(file)
        except OSError as error:
            _discard(temporary)
            raise _failed("write", target, error) from error
        except BaseException:
            _discard(temporary)
            raise
        return temporary

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and those above it durable, once per process and folder."""
        if str(folder) not in self._ready:
            make_folder(folder, _FOLDER_MODE)
            self._ready.add(str(folder))


def _read(descriptor: int, length: int | None) -> bytes:
    remaining = os.fstat(descriptor).st_size if length is None else length
    parts = []
    while remaining > 0:
        part = os.read(descriptor, remaining)
        if not part:
            break
        parts.append(part)
        remaining -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _walk(folder: str, prefix: str) -> Iterator[ObjectInfo]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=_sort_name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if not prefix and entry.name == TEMPORARY_FOLDER:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{prefix}{entry.name}/")
            continue
        with suppress(FileNotFoundError):  # deleted since the folder was read
            status = entry.stat()
            yield ObjectInfo(prefix + entry.name, status.st_size, status.st_mtime_ns)


def _sort_name(entry: os.DirEntry[str]) -> str:
    # Keys sort as whole texts, so a folder sorts as if its slash were part of the name.
    return entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name


def _temporaries(folder: Path) -> list[tuple[Path, int]]:
    """Return what writers write in a folder at this moment or left there, with its time of change."""
    found = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if not _TEMPORARY_NAME.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
                continue
            with suppress(FileNotFoundError):  # its writer has just named it
                found.append((Path(entry.path), entry.stat(follow_symlinks=False).st_mtime_ns))
    return found


def _discard(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True


def _failed(verb: str, path: Path, error: OSError) -> TransportError:
    advice = None
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        advice = Advice(AdviceCode.FREE_STORE_SPACE)
    elif isinstance(error, PermissionError):
        advice = Advice(AdviceCode.CHECK_STORE_OWNER)
    return TransportError(f"cannot {verb} {path}: {error.strerror or error}", where=str(path), advice=advice)
