"""What is new or changed on the disk, read once and stored: a file, or the rows of a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chatcask.assistants.base import FoundFile, FoundState
from chatcask.assistants.watched_file import NotRegularError, ObservedFile, WatchedFile, open_watched
from chatcask.errors import ChatcaskError, EditorRunningError
from chatcask.format.tree import EMPTY, Content, Cuts, Entry, EntryKind, storable_time
from chatcask.monitor import Problem
from chatcask.ops.snapshot.store_writer import Writer

ReadableItem: TypeAlias = FoundFile | FoundState
"""What was found on the disk and is not a folder."""


class Observer(Protocol):
    """Sees the bytes of changed files as they pass, so that nobody has to fetch them from the store."""

    def keep_from(self, path: str, size: int, before: Entry) -> int | None:
        """Return the position from which a changed file's bytes are to be kept for it; None for none."""

    def observe(self, path: str, before: Entry, cuts: Cuts, kept: bytes) -> None:
        """Take a file's bytes from that position on; `path` is the one in the snapshot."""


@dataclass(frozen=True, slots=True)
class ItemReader:
    """What reading one source needs.

    Attributes:
        source: The source's id.
        writer: Where bytes go.
        watch: Asks the guard; called before every look at the disk.
        observer: Gives who is to see changed files; None for nobody.
        report: Told of what cannot be read, by its path below the source.
    """

    source: str
    writer: Writer
    watch: Callable[[], None]
    observer: Callable[[], Observer] | None
    report: Callable[[Problem], None]


def read_item(reader: ItemReader, item: ReadableItem, path: str, before: Entry | None) -> Entry | None:
    """Store what was found; None if it cannot be read, which is reported.

    Args:
        reader: Where it goes and who is told.
        item: What was found.
        path: Its path below the source.
        before: The file that the parent has there, for the observer to compare with.

    Raises:
        EditorRunningError: the editor was started meanwhile.
    """
    match item:
        case FoundFile():
            return _file(reader, item, path, before)
        case FoundState():
            return _state(reader, item, path)


def _file(reader: ItemReader, item: FoundFile, path: str, before: Entry | None) -> Entry | None:
    try:
        with open_watched(item.path, reader.watch) as file:
            content, cuts = _stored(reader, file, path, before)
            if file.changed():
                message = "it was changed while it was read; the next run reads it again"
                reader.report(Problem(path, "changed", message))
            size = sum(length for _, length in cuts)
            return Entry(item.name, EntryKind.FILE, size, _time(reader, path, file.mtime_ns), content)
    except NotRegularError as error:
        reader.report(Problem(path, "special", str(error)))
    except FileNotFoundError:
        reader.report(Problem(path, "vanished", "it disappeared before it could be read"))
    except OSError as error:
        reader.report(Problem(path, "unreadable", error.strerror or str(error)))
    return None


def _stored(reader: ItemReader, file: WatchedFile, path: str, before: Entry | None) -> tuple[Content, Cuts]:
    """Store a file, and let the observer see it if the parent has another version of it."""
    if reader.observer is None or before is None or before.kind is not EntryKind.FILE:
        return reader.writer.add_stream(file)
    observer, where = reader.observer(), f"{reader.source}/{path}"
    start = observer.keep_from(where, file.size, before)
    if start is None:
        return reader.writer.add_stream(file)
    observed = ObservedFile(file, start)
    content, cuts = reader.writer.add_stream(observed)
    observer.observe(where, before, cuts, observed.kept())
    return content, cuts


def _state(reader: ItemReader, item: FoundState, path: str) -> Entry | None:
    reader.watch()
    try:
        rows = item.read()
    except EditorRunningError:
        raise
    except (ChatcaskError, OSError) as error:
        reader.report(Problem(path, "unreadable", str(error)))
        return None
    mtime_ns = _time(reader, path, item.mtime_ns)
    entries = [
        Entry(name, EntryKind.FILE, len(value), mtime_ns, reader.writer.add_bytes(value))
        for name, value in rows
    ]
    content = reader.writer.add_tree(entries) if entries else EMPTY
    return Entry(item.name, EntryKind.FOLDER, item.size, mtime_ns, content)


def _time(reader: ItemReader, path: str, mtime_ns: int) -> int:
    """Return a time of last change as it can be stored; another one than the file's is reported."""
    stored = storable_time(mtime_ns)
    if stored != mtime_ns:
        words = "its date is beyond those that can be stored (1678 to 2262); its content is kept"
        reader.report(Problem(path, "date", words))
    return stored
