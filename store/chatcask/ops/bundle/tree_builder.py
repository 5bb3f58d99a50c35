"""Root trees made from files by path, one after another: a folder that stays as it was is not made again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from chatcask.format.tree import EMPTY, Content, Entry, EntryKind

AddTree = Callable[[Iterable[Entry]], Content]


@dataclass(slots=True)
class _Folder:
    """A folder under construction; `own` is an entry that says something of the folder itself."""

    files: dict[str, Entry] = field(default_factory=dict)
    folders: dict[str, _Folder] = field(default_factory=dict)
    own: Entry | None = None
    made: Content | None = None

    @property
    def is_needed(self) -> bool:
        """Tell whether a tree holds this folder: an empty one only when it says something itself."""
        return bool(self.files or self.folders or self.own)


class TreeBuilder:
    """Holds one tree of files; files come and go by path, and `root` stores what changed."""

    def __init__(self, add_tree: AddTree) -> None:
        self._add_tree = add_tree
        self._root = _Folder()

    def put(self, path: str, entry: Entry) -> bool:
        """Add a file, link or database folder; tell whether there was room for it under that path."""
        parts = path.split("/")
        if not self._has_room(parts, entry):
            return False
        folder = self._root
        folder.made = None
        for part in parts[:-1]:
            folder = folder.folders.setdefault(part, _Folder())
            folder.made = None
        if entry.kind is EntryKind.FOLDER:
            own = folder.folders.setdefault(parts[-1], _Folder())
            own.own, own.made = entry, None
        else:
            folder.files[parts[-1]] = entry
        return True

    def remove(self, path: str) -> None:
        """Take away what `put` added under a path."""
        parts = path.split("/")
        way = [self._root]
        for part in parts[:-1]:
            way.append(way[-1].folders[part])
        if way[-1].files.pop(parts[-1], None) is None:
            way.append(way[-1].folders[parts[-1]])
            way[-1].own = None
        for folder in way:
            folder.made = None
        for above, part in reversed(list(zip(way, parts, strict=False))):
            below = above.folders.get(part)
            if below is not None and not below.is_needed:
                del above.folders[part]

    def root(self) -> Content:
        """Store every folder that changed since the last call; return the root tree."""
        return self._made(self._root)

    def _has_room(self, parts: list[str], entry: Entry) -> bool:
        folder: _Folder | None = self._root
        for part in parts[:-1]:
            if folder is None:
                return True
            if part in folder.files:
                return False
            folder = folder.folders.get(part)
        if folder is None:
            return True
        below = folder.folders.get(parts[-1])
        if entry.kind is EntryKind.FOLDER:
            return parts[-1] not in folder.files and (below is None or below.own is None)
        return parts[-1] not in folder.files and below is None

    def _made(self, folder: _Folder) -> Content:
        if folder.made is None:
            entries = [*folder.files.values(), *self._folders(folder)]
            folder.made = self._add_tree(entries) if entries else EMPTY
        return folder.made

    def _folders(self, folder: _Folder) -> Iterator[Entry]:
        for name, below in folder.folders.items():
            content, own = self._made(below), below.own
            if own is not None:
                yield Entry(name, EntryKind.FOLDER, own.size, own.mtime_ns, content, own.carried)
            elif content != EMPTY:
                yield Entry(name, EntryKind.FOLDER, 0, 0, content)
