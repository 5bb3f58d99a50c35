"""Other stores that a repair may take bytes from: what is asked for by its hash is right from anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from chatcask.errors import DamagedError, ObjectNotFoundError
from chatcask.ids import ChunkId
from chatcask.ops.integrity.survey_table import SurveyTable
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.objects import read_object
from chatcask.repository.repository import Repository
from chatcask.transport.base import Transport


class DonorReader(ChunkReader):
    """Reads from the surveyed store, else from one of the donors."""

    def __init__(self, transport: Transport, table: SurveyTable, donors: Sequence[Repository]) -> None:
        super().__init__(transport, table)
        self._donors = donors

    def get(self, identifier: ChunkId) -> bytes:
        """Return a chunk's bytes."""
        try:
            return super().get(identifier)
        except DamagedError:
            if (data := from_donors(self._donors, identifier)) is not None:
                return data
            raise


def from_donors(donors: Sequence[Repository], chunk: ChunkId) -> bytes | None:
    """Return a chunk's bytes from the first donor that has it."""
    for donor in donors:
        try:
            return donor.reader.get(chunk)
        except DamagedError:
            continue
    return None


def object_from_donors(donors: Sequence[Repository], key: str) -> bytes | None:
    """Return the object under this key from the first donor that has it whole."""
    for donor in donors:
        try:
            return read_object(donor.transport, key)
        except (ObjectNotFoundError, DamagedError):
            continue
    return None
