"""How big a store is, what repeats in it, what it grew by, and what in it is large.

Every distinct folder is read once however many snapshots have it, and one index object at a time is held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC

from chatcask.assistants.known import chat_path
from chatcask.chats.chat_path import Role
from chatcask.errors import DamagedError
from chatcask.format.index import PackIndex
from chatcask.format.pack import ChunkKind
from chatcask.format.snapshot import Snapshot
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind
from chatcask.ids import CHUNK_ID_SIZE
from chatcask.monitor import KeepingMonitor, Monitor, Problem
from chatcask.ops.browse.names import read_titles, read_workspace_name
from chatcask.ops.browse.selection import group_of, is_body, is_workspace_file
from chatcask.ops.stats.sizes import (
    ChatSize,
    ChunkSizes,
    FolderSizes,
    MonthGrowth,
    ObjectSizes,
    StoreStats,
    WorkspaceSizes,
)
from chatcask.repository.index_objects import read_indexes
from chatcask.repository.keys import (
    CONDEMNED,
    FORGOTTEN,
    INDEXES,
    PACKS,
    SNAPSHOTS,
    SnapshotReference,
    name_in,
)
from chatcask.repository.repository import Repository
from chatcask.repository.trees import Expansion, require_shallow


def store_stats(repository: Repository, *, largest: int, monitor: Monitor) -> StoreStats:
    """Measure a store. What is damaged is a problem; the rest is counted.

    Args:
        repository: The store.
        largest: How many of the largest chats to name.
        monitor: Told of snapshots done and of damage.

    Raises:
        TransportError: the store cannot be listed.
    """
    return _Stats(repository, monitor).run(largest)


@dataclass(slots=True)
class _Group:
    """What is counted of one workspace, or of another top folder of a source."""

    source: str
    workspace: str
    name: str = ""
    files: int = 0
    size: int = 0
    chats: list[tuple[str, Entry]] = field(default_factory=list)
    titles: Content = EMPTY


class _Stats:
    def __init__(self, repository: Repository, monitor: Monitor) -> None:
        self._repository = repository
        self._monitor = KeepingMonitor(monitor)
        self._sizes: dict[Content, FolderSizes] = {EMPTY: FolderSizes()}

    def run(self, largest: int) -> StoreStats:
        references = self._repository.snapshots()
        self._monitor.phase("measuring", len(references))
        months: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        newest: dict[str, Content] = {}
        count = files = size = 0
        for reference in references:
            snapshot = self._load(reference)
            self._monitor.advance(1)
            if snapshot is None:
                continue
            _grow(months[f"{snapshot.taken_at.astimezone(UTC):%Y-%m}"], snapshot)
            below = self._measure(snapshot.root)
            count, files, size = count + 1, files + below.files, size + below.size
            newest[reference.origin] = snapshot.root
        places = [place for root in newest.values() for place in self._places(root)]
        return StoreStats(
            objects=self._objects(),
            chunks=self._chunks(),
            snapshots=count,
            logical=FolderSizes(files, size),
            workspaces=tuple(
                sorted(map(_workspace, places), key=lambda found: (-found.size, found.workspace))
            ),
            months=tuple(MonthGrowth(month, *sums) for month, sums in sorted(months.items())),
            largest=tuple(self._largest(places, largest)),
            problems=tuple(self._monitor.problems),
        )

    def _load(self, reference: SnapshotReference) -> Snapshot | None:
        try:
            return self._repository.load(reference)
        except DamagedError as error:
            self._monitor.problem(Problem(reference.key, "damaged_snapshot", error.message))
            return None

    def _tree(self, content: Content, path: str, met: Expansion | None = None) -> tuple[Entry, ...]:
        try:
            require_shallow(path)
            entries = self._repository.tree(content)
            if met is not None:
                met.note(content, len(entries), path)
        except DamagedError as error:
            name = content.id.hex()[:16] if content.id else ""
            self._monitor.problem(Problem(f"tree {name}", "damaged", error.message))
            return ()
        return entries

    def _measure(self, root: Content, path: str = "") -> FolderSizes:
        known = self._sizes.get(root)
        if known is not None:
            return known
        files = size = 0
        for entry in self._tree(root, path):
            below = None
            if entry.kind is EntryKind.FOLDER:
                below = self._measure(entry.content, f"{path}{entry.name}/")
            files += below.files if below else 1
            size += below.size if below else entry.size if entry.kind is EntryKind.FILE else 0
        self._sizes[root] = FolderSizes(files, size)
        return self._sizes[root]

    def _places(self, root: Content) -> list[_Group]:
        places: dict[object, _Group] = {}
        for path, entry in self._files(root, "", Expansion()):
            where, found = group_of(path), chat_path(path)
            place = places.setdefault(where, _Group(where.source, where.name))
            place.files += 1
            place.size += entry.size
            if is_body(found, entry):
                place.chats.append((path, entry))
            if is_workspace_file(found, entry):
                place.name = read_workspace_name(self._repository.reader, place.source, entry)
            if found and found.role is Role.LIST:
                place.titles = entry.content
        return list(places.values())

    def _files(self, content: Content, prefix: str, met: Expansion) -> Iterable[tuple[str, Entry]]:
        for entry in self._tree(content, prefix, met):
            path = f"{prefix}{entry.name}"
            if entry.kind is EntryKind.FOLDER:
                yield from self._files(entry.content, f"{path}/", met)
            else:
                yield path, entry

    def _largest(self, places: list[_Group], count: int) -> Iterable[ChatSize]:
        chats = [(entry.size, path, place) for place in places for path, entry in place.chats]
        for size, path, place in sorted(chats, key=lambda chat: (-chat[0], chat[1]))[:count]:
            session = _session(path)
            title = read_titles(self._repository.reader, place.source, place.titles).get(session, "")
            yield ChatSize(place.source, place.workspace, session, title, path, size)

    def _objects(self) -> dict[str, ObjectSizes]:
        prefixes = {
            "packs": PACKS,
            "index": INDEXES,
            "snapshots": SNAPSHOTS,
            "forgotten": FORGOTTEN,
            "condemned": CONDEMNED,
        }
        sizes = {}
        for name, prefix in prefixes.items():
            found = [info.size for info in self._repository.transport.list(prefix)]
            sizes[name] = ObjectSizes(len(found), sum(found))
        return sizes

    def _chunks(self) -> dict[str, ChunkSizes]:
        sums = {kind: [0, 0, 0] for kind in ChunkKind}
        for pack in self._packs():
            for block in pack.blocks:
                total = sums[block.kind]
                total[0] += len(block.chunk_ids) // CHUNK_ID_SIZE
                total[1] += block.raw_length
                total[2] += block.stored_length
        return {kind.name.lower(): ChunkSizes(*total) for kind, total in sums.items()}

    def _packs(self) -> Iterator[PackIndex]:
        """Yield what the indexes say of each pack that is there, once."""

        def report(problem: Problem) -> None:
            self._monitor.problem(replace(problem, kind="damaged"))

        transport = self._repository.transport
        left = {name_in(info.key) for info in transport.list(PACKS)}
        for _, packs in read_indexes(transport, report):
            for pack in packs:
                if pack.pack in left:
                    left.remove(pack.pack)
                    yield pack


def _grow(month: list[int], snapshot: Snapshot) -> None:
    month[0] += 1
    month[1] += snapshot.totals.bytes_new
    month[2] += snapshot.totals.bytes_stored


def _session(path: str) -> str:
    found = chat_path(path)
    return found.session if found else ""


def _workspace(place: _Group) -> WorkspaceSizes:
    chats = {_session(path) for path, _ in place.chats}
    return WorkspaceSizes(place.source, place.workspace, place.name, len(chats), place.files, place.size)
