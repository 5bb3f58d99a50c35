"""What a run learns of changed chats as it reads them, so that the loss alarm need not read them again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from chatcask.assistants.known import chat_path, owner
from chatcask.chats.chat_path import Role
from chatcask.errors import DamagedError
from chatcask.format.tree import Content, Cuts, Entry
from chatcask.ids import chunk_id
from chatcask.repository.repository import Repository

if TYPE_CHECKING:
    from chatcask.catalog.catalog import Catalog
    from chatcask.chats.outline import Outline

LARGEST = 32 * 1024 * 1024
"""Bytes of one file that are held in memory at most."""

_LAST_CHUNK = 1024 * 1024
"""Bytes before the old end of a file that are kept, because they prove that it only grew."""


@dataclass(frozen=True, slots=True)
class ObservedChat:
    """One changed chat that the editor would open.

    Attributes:
        outline: Of the new version.
        only_grew_from: The old version, if lines were added to it that take nothing away.
    """

    outline: Outline
    only_grew_from: Content | None


class ObservedChats:
    """Observes changed files of chats; `chats` has what was learned, by path in the snapshot."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._catalog: Catalog | None = None
        self.chats: dict[str, ObservedChat] = {}

    @property
    def catalog(self) -> Catalog:
        """The catalogue of chats, opened by the first who asks."""
        if self._catalog is None:
            from chatcask.catalog.catalog import Catalog  # noqa: PLC0415 - most changed files need none

            self._catalog = Catalog(self._repository)
        return self._catalog

    def close(self) -> None:
        """Let go of the catalogue."""
        if self._catalog is not None:
            self._catalog.close()

    def keep_from(self, path: str, size: int, before: Entry) -> int | None:
        """Return the position from which a changed file's bytes are to be kept; None to keep none."""
        found = chat_path(path)
        if found is None or found.role is not Role.BODY:
            return None
        start = 0 if size <= LARGEST else before.size - _LAST_CHUNK
        return start if start >= 0 and size - start <= LARGEST else None

    def observe(self, path: str, before: Entry, cuts: Cuts, kept: bytes) -> None:
        """Take the end of a file, or all of it.

        Args:
            path: Its path in the snapshot.
            before: Its old version.
            cuts: Where the new version was cut.
            kept: The new version from the position on that `keep_from` gave.
        """
        assistant = owner(path.partition("/")[0])
        outlines = assistant.outlines if assistant else None
        is_log = path.endswith(".jsonl")
        if outlines is None or outlines.may_hide_cuts(kept) or (is_log and not kept.endswith(b"\n")):
            return
        new_lines = self._new_lines(before, cuts, kept) if is_log else None
        old = self.catalog.known_outline(before.content) if new_lines is not None else None
        outline = outlines.extend(old, new_lines) if old is not None and new_lines is not None else None
        only_grew = outline is not None
        if outline is None and len(kept) == _end(cuts):
            outline = outlines.outline_of_file([kept], path)
            if outline is not None and new_lines is not None:
                only_grew = outlines.takes_nothing_away(new_lines, outline.turns)
        if outline is not None:
            self.chats[path] = ObservedChat(outline, before.content if only_grew else None)

    def _new_lines(self, before: Entry, cuts: Cuts, kept: bytes) -> bytes | None:
        """Return what stands behind the old version's last line; None if that is not how the file changed.

        No byte of the old version is fetched: all chunks but its last are in the new one too, and the last
        is proved by its id.
        """
        try:
            chunks = self._repository.reader.chunks(before.content)
            old = list(islice(chunks, before.size + 1))  # a chunk has a byte at least
        except DamagedError:
            return None
        shared = len(old) - 1
        if not old or [chunk for chunk, _ in cuts[:shared]] != old[:shared]:
            return None
        start = _end(cuts) - len(kept)
        last = kept[max(0, _end(cuts[:shared]) - start) : max(0, before.size - start)]
        is_prefix = last.endswith(b"\n") and chunk_id(last) == old[shared]
        return kept[before.size - start :] if is_prefix else None


def _end(cuts: Cuts) -> int:
    return sum(length for _, length in cuts)
