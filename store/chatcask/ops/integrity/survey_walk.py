"""Follow every snapshot to its last chunk, each distinct tree and list once, and see what cannot be had.

A chunk that no sound and indexed pack holds has one or more causes: a pack that is gone, damaged or in no
index, or nothing that is known. For each cause the walk collects which files and snapshots need it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from chatcask.assistants.known import products
from chatcask.errors import DamagedError
from chatcask.format.pack import ChunkKind
from chatcask.format.tree import MAXIMUM_DEPTH, Content, Entry, EntryKind
from chatcask.ids import CHUNK_ID_SIZE, ChunkId, ObjectName
from chatcask.ops.integrity.findings import Affected, AffectedChat, chat_of
from chatcask.ops.integrity.manifest_rescue import looks_like_root
from chatcask.ops.integrity.survey_table import Copy, SurveyTable
from chatcask.repository.chunk_reader import ChunkReader
from chatcask.repository.trees import MAXIMUM_NESTING, read_tree

_KEPT = 200
_COUNTED = 2000
"""How many paths per cause are told apart; a count that reaches this means "or more"."""

_FILE, _TREE = b"f", b"t"


class Effect(StrEnum):
    """What is the matter with a chunk that a snapshot needs."""

    GONE = "gone"
    LOST = "lost"
    AT_RISK = "at_risk"
    UNINDEXED = "unindexed"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a chunk is not safe, and the pack it is about; None if no pack is known to have held it."""

    effect: Effect
    pack: ObjectName | None = None


@dataclass(slots=True)
class Toll:
    """What needs the chunks of one cause."""

    paths: dict[str, None] = field(default_factory=dict)
    snapshots: dict[ObjectName, None] = field(default_factory=dict)

    def note(self, path: str) -> None:
        """Remember a path while there is room."""
        if len(self.paths) < _COUNTED:
            self.paths[path] = None

    def affected(self) -> Affected:
        """Return the toll as a value."""
        chats: dict[AffectedChat, None] = dict.fromkeys(
            chat for path in self.paths if (chat := chat_of(path))
        )
        paths, snapshots = tuple(self.paths), tuple(self.snapshots)
        return Affected(tuple(chats)[:_KEPT], paths[:_KEPT], snapshots[-_KEPT:], len(paths), len(snapshots))


Causes = frozenset[Cause]
_SAFE: Causes = frozenset()
_NO_LIST: Causes = frozenset({Cause(Effect.MALFORMED)})
_UNREADABLE = frozenset({Effect.GONE, Effect.LOST})


class Walk:
    """One walk over all snapshots. `tolls` is what it found."""

    def __init__(
        self,
        table: SurveyTable,
        reader: ChunkReader,
        suspect: Callable[[ObjectName], None],
        known_lost: frozenset[bytes],
    ) -> None:
        self._table = table
        self._reader = reader
        self._suspect = suspect
        self._known_lost = known_lost
        self._unsafe: dict[bytes, Causes] = {}
        self._seen: set[tuple[bytes, str]] = set()
        self._trusts_condemned = True
        self.tolls: dict[Cause, Toll] = {}

    def snapshot(self, name: ObjectName, root: Content, *, is_new: bool = False) -> None:
        """Follow one snapshot.

        Args:
            name: The snapshot's id.
            root: Its root tree.
            is_new: Whether it is about to be put into the store, and so must not rely on condemned packs,
                which a prune may be deleting at this moment. Such snapshots are to be followed first.
        """
        self._trusts_condemned = not is_new
        for cause in self._tree(root, ""):
            self._toll(cause).snapshots[name] = None

    def orphan_roots(self, limit: int) -> list[ChunkId]:
        """Return trees that no walk met and that look like the root of a run, among the first `limit`."""
        unmet = self._table.unwalked_trees(_key(_TREE, Content(0, None)), limit)
        names = frozenset(product.name for product in products())
        found = []
        for chunk in unmet:
            entries = self._entries(Content(0, chunk))
            if entries and looks_like_root(entries, names):
                found.append(chunk)
        return found

    def _tree(self, content: Content, path: str) -> Causes:
        """Follow a tree and all below it."""
        if content.id is None:
            return _SAFE
        key = _key(_TREE, content)
        known = self._known(key, path)
        if known is not None:
            return known
        causes = self._content(content, ChunkKind.TREE)
        self._note(causes, path)
        entries = self._entries(content) if path.count("/") <= MAXIMUM_NESTING else None
        if entries is not None:
            causes = causes.union(*(self._entry(entry, path) for entry in entries))
        elif not any(cause.effect in _UNREADABLE for cause in causes):
            # Bytes that are what their name says and no tree: written so, and no copy can help.
            causes |= {Cause(Effect.MALFORMED)}
            self._note(causes, path)
        return self._remember(key, path, causes)

    def _entries(self, content: Content) -> tuple[Entry, ...] | None:
        try:
            return read_tree(self._reader, content)
        except DamagedError:
            return None

    def _entry(self, entry: Entry, folder: str) -> Causes:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.kind is EntryKind.FOLDER:
            return self._tree(entry.content, path)
        causes = self._content(entry.content, ChunkKind.DATA)
        self._note(causes, path)
        return causes

    def _content(self, content: Content, kind: ChunkKind) -> Causes:
        """Follow a content's lists to its chunks, which are of the given kind."""
        if content.id is None:
            return _SAFE
        if content.depth == 0:
            return self._chunk(content.id, kind)
        if not 0 < content.depth <= MAXIMUM_DEPTH:
            return _NO_LIST
        key = _key(_FILE if kind is ChunkKind.DATA else _TREE + _FILE, content)
        known = self._known(key, "")
        if known is not None:
            return known
        causes = self._chunk(content.id, ChunkKind.LIST)
        for child in self._listed(content.id):
            causes |= self._content(Content(content.depth - 1, child), kind) if child else _NO_LIST
        return self._remember(key, "", causes)

    def _listed(self, chunk: ChunkId) -> Iterator[ChunkId | None]:
        """Yield the ids that a list holds, nothing if it cannot be read; None for a chunk that is no list."""
        try:
            joined = self._reader.get(chunk)
        except DamagedError:
            return
        if not joined or len(joined) % CHUNK_ID_SIZE:
            yield None
        for start in range(0, len(joined) - len(joined) % CHUNK_ID_SIZE, CHUNK_ID_SIZE):
            yield ChunkId(joined[start : start + CHUNK_ID_SIZE])

    def _chunk(self, chunk: ChunkId, kind: ChunkKind) -> Causes:
        if kind is not ChunkKind.DATA:
            self._try(chunk)
        copies = self._table.copies(chunk)
        if any(self._is_safe(copy) for copy in copies):
            return _SAFE
        good = [copy for copy in copies if copy.good]
        if good:
            return frozenset(Cause(_effect_of(copy), copy.pack) for copy in good)
        self._table.want(chunk, kind)
        effect = Effect.LOST if chunk in self._known_lost else Effect.GONE
        if effect is Effect.LOST or not copies:
            return frozenset({Cause(effect)})
        return frozenset(Cause(effect, copy.pack) for copy in copies)

    def _is_safe(self, copy: Copy) -> bool:
        return copy.good and copy.sound and copy.indexed and (self._trusts_condemned or not copy.condemned)

    def _try(self, chunk: ChunkId) -> None:
        """Read a chunk that is read anyway; packs that should give it and do not are looked into."""
        try:
            self._reader.get(chunk)
        except DamagedError:
            for copy in self._table.copies(chunk):
                self._suspect(copy.pack)

    def _known(self, key: bytes, path: str) -> Causes | None:
        """Return what is known of content that was walked before, under this path if that matters."""
        if key in self._unsafe:
            return self._unsafe[key] if (key, path) in self._seen else None
        return None if self._table.walk_once(key) else _SAFE

    def _remember(self, key: bytes, path: str, causes: Causes) -> Causes:
        if causes:
            self._unsafe[key] = causes
            self._seen.add((key, path))
        return causes

    def _note(self, causes: Iterable[Cause], path: str) -> None:
        for cause in causes:
            self._toll(cause).note(path)

    def _toll(self, cause: Cause) -> Toll:
        return self.tolls.setdefault(cause, Toll())


def _effect_of(copy: Copy) -> Effect:
    """Return what is the matter with a copy that can be read and is not safe."""
    return Effect.UNINDEXED if copy.sound and not copy.condemned else Effect.AT_RISK


def _key(kind: bytes, content: Content) -> bytes:
    return kind + content.depth.to_bytes(1, "big") + (content.id or b"")
