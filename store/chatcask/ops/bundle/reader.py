"""Read a bundle from a stream: its manifest, then each file's bytes, proved by length, count and hash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from blake3 import blake3

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, InvalidInputError
from chatcask.format.bundle import MAXIMUM_MANIFEST, BundleFile, BundleManifest, decode_manifest
from chatcask.format.bundle_rows import MAXIMUM_ROW_LINE, Row, decode_row
from chatcask.format.gzip_lines import Damage, read_lines

_MAGIC = b"\x1f\x8b"
_READ_SIZE = 64 * 1024
_MAXIMUM_REPORTS = 100
_MOST_BAD_LINES = 100_000


class BundleReader:
    """Reads a bundle once, from its start to its end.

    `manifest` is read when the object is made. Then `rows_of` is called for each file that has rows, in the
    order of the manifest, and its result is read before the next call.

    Raises:
        InvalidInputError: the stream is no bundle.
        UnsupportedFormatError: a newer program wrote it.
        DamagedError: the manifest cannot be trusted, so nothing can be.
    """

    def __init__(self, read: Callable[[int], bytes], report: Callable[[str], None]) -> None:
        self._report = report
        self._reports = 0
        self._lines: Iterator[bytes | Damage] = read_lines(
            _pieces(read), first_limit=MAXIMUM_MANIFEST, limit=MAXIMUM_ROW_LINE
        )
        self.manifest = self._read_manifest()
        self._waiting: Row | None = None
        self._given_up = self._current = -1

    def rows_of(self, number: int) -> FileRows:
        """Return the bytes of a file, to be read to their end or given up."""
        return FileRows(self.manifest.files[number], self._data_of(number))

    def finish(self) -> None:
        """Read what follows the last file, which should be nothing."""
        for _ in self._data_of(len(self.manifest.files)):
            self._say("rows of no file")

    def _read_manifest(self) -> BundleManifest:
        line = next(self._lines, None)
        if isinstance(line, bytes):
            return decode_manifest(line)
        message = line.message if line else "it is empty"
        raise DamagedError(
            f"the bundle's manifest cannot be read: {message}",
            advice=Advice(AdviceCode.GET_BUNDLE_AGAIN),
        )

    def _data_of(self, number: int) -> Iterator[bytes]:
        """Yield the bytes of a file's rows up to the first that is missing; leave later files' rows alone."""
        expected = 0
        self._given_up, self._current = self._current, number
        while (row := self._next_row()) is not None:
            if row.file > number:
                self._waiting = row
                return
            if row.file == self._given_up:
                continue
            if row.file < number or row.number < expected:
                self._say(f"a row of {row.source}/{row.path} stands where it should not")
            elif row.number > expected:
                return  # the file lacks a row; the rest of it is passed over in the next file's turn
            else:
                expected += 1
                yield row.data

    def _next_row(self) -> Row | None:
        row, self._waiting = self._waiting, None
        while row is None:
            line = next(self._lines, None)
            if line is None:
                return None
            row = self._row(line)
        return row

    def _row(self, line: bytes | Damage) -> Row | None:
        if isinstance(line, Damage):
            self._say(line.message)
            return None
        try:
            row = decode_row(line)
        except DamagedError as error:
            self._say(error.message)
            return None
        files = self.manifest.files
        file = files[row.file] if row.file < len(files) else None
        if file is None or (row.source, row.path) != (file.source, file.shown_path):
            self._say("a row names another file than its number does")
            return None
        return row

    def _say(self, message: str) -> None:
        # A hostile file may hold any number of bad lines; the files that lack rows are listed in any case.
        self._reports += 1
        if self._reports <= _MAXIMUM_REPORTS:
            self._report(message)
        elif self._reports == _MAXIMUM_REPORTS + 1:
            self._report("there is more damage than is listed here")
        elif self._reports == _MOST_BAD_LINES:
            self._report(f"more than {_MOST_BAD_LINES:,} lines are no rows; what follows is not looked at")
            self._lines = iter(())


class FileRows:
    """The bytes of one file as a stream to store. The last read proves them."""

    def __init__(self, file: BundleFile, rows: Iterator[bytes]) -> None:
        self._file = file
        self._rows = rows
        self._held = memoryview(b"")
        self._hasher = blake3()
        self._count = 0
        self._size = 0

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer; return how many bytes, 0 at the end.

        Raises:
            DamagedError: the bytes are not those that the manifest speaks of.
        """
        while not self._held:
            data = next(self._rows, None)
            if data is None:
                self._prove()
                return 0
            self._take(data)
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def read_all(self) -> bytes:
        """Return all bytes of a file that the manifest says is small.

        Raises:
            DamagedError: the bytes are not those that the manifest speaks of.
        """
        parts = []
        for data in self._rows:
            self._take(data)
            parts.append(data)
        self._prove()
        return b"".join(parts)

    def _take(self, data: bytes) -> None:
        self._count += 1
        self._size += len(data)
        if self._size > self._file.bytes or self._count > self._file.count:
            raise DamagedError("it has more bytes or rows than the manifest says")
        self._hasher.update(data)
        self._held = memoryview(data)

    def _prove(self) -> None:
        if (self._count, self._size) != (self._file.count, self._file.bytes):
            raise DamagedError(
                f"{self._count} of its {self._file.count} rows could be read, or not all of their bytes"
            )
        if self._hasher.hexdigest() != self._file.blake3:
            raise DamagedError("its bytes are not those that were exported")


def _pieces(read: Callable[[int], bytes]) -> Iterable[bytes]:
    first = read(_READ_SIZE)
    if first[: len(_MAGIC)] != _MAGIC[: len(first)] or not first:
        raise InvalidInputError(
            "not a chatcask bundle: it is not compressed with gzip",
            advice=Advice(AdviceCode.MAKE_BUNDLE),
        )
    return chain([first], iter(lambda: read(_READ_SIZE), b""))
