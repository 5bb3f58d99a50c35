"""One source into a tree: walk it beside the parent's tree, read what changed, keep what did not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chatcask.assistants.base import (
    WORKSPACE_FILE_LIMIT,
    FoundFile,
    FoundFolder,
    FoundState,
    Item,
    Source,
    folder_name,
)
from chatcask.assistants.known import assistant_of
from chatcask.errors import DamagedError
from chatcask.format.snapshot import Totals
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind, is_storable_name
from chatcask.monitor import Monitor, Problem
from chatcask.ops.snapshot.parent import Parent
from chatcask.ops.snapshot.store_writer import Writer

if TYPE_CHECKING:
    from chatcask.assistants.assistant import Assistant
    from chatcask.ops.snapshot.read_items import Observer, ReadableItem

_CLOCK_TICK = timedelta(seconds=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WorkspaceReport:
    """What one workspace gave."""

    key: str
    name: str
    files_extracted: int
    errors: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Captured:
    """One captured source: its tree, what was counted, what went wrong.

    `is_whole` tells whether the run looked at all of the source, `is_seen` whether at all that the tree has.
    `chats` are those with files of their own, as folders and ids; `states` the rows of the database beside
    each such folder, in which editors before 1.99 kept chats too. `excluded` are the folders of
    workspaces that were passed over.
    """

    root: Content
    is_whole: bool
    is_seen: bool
    totals: Totals
    problems: tuple[Problem, ...]
    workspaces: tuple[WorkspaceReport, ...]
    chats: frozenset[tuple[str, str]]
    states: tuple[tuple[str, Content], ...]
    excluded: frozenset[str] = frozenset()

    def count_chats(
        self,
        assistant: Assistant,
        tree: Callable[[Content], Iterable[Entry]],
        read: Callable[[Content], bytes],
    ) -> int:
        """Return how many chats there are, each once, given what reads the store that has the trees now."""
        older: set[tuple[str, str]] = set()
        name = assistant.layout.older_chats.rpartition("/")[2]
        for folder, state in self.states:
            with suppress(DamagedError):  # whoever reads the chats says so
                rows = [row.content for row in tree(state) if row.name == name]
                older.update(
                    (folder, session) for row in rows for session in assistant.sessions_in(read(row))
                )
        return len(self.chats | older)


@dataclass(slots=True)
class _Counts:
    files: int = 0
    unchanged: int = 0
    extracted: int = 0
    scanned: int = 0
    read: int = 0


@dataclass(slots=True)
class _Place:
    """Where the walk is: the logical path, and what the parent has there, by name."""

    path: str
    before: dict[str, Entry] = field(default_factory=dict)

    def child(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name


class SourceCapture:
    """Captures one source once. `run` is the whole of it; the object holds what the walk collects."""

    def __init__(
        self,
        source: Source,
        parent: Parent,
        writer: Writer,
        watch: Callable[[], None],
        monitor: Monitor,
        observer: Callable[[], Observer] | None = None,
    ) -> None:
        self._observer = observer
        self._source = source
        self._assistant = assistant_of(source.id)
        self._layout = self._assistant.layout
        self._chats_folder = f"/{self._layout.chats}"
        self._parent = parent
        self._writer = writer
        self._watch = watch
        self._monitor = monitor
        self._counts = _Counts()
        self._problems: list[Problem] = []
        self._failed: set[str] = set()
        self._workspaces: list[WorkspaceReport] = []
        self._chats: set[tuple[str, str]] = set()
        self._states: list[tuple[str, Content]] = []
        self._excluded: set[str] = set()
        # Older than this, a file with the same size and time cannot have changed unseen (docs/format.md).
        self._trusted_before_ns = (parent.seen_at - _CLOCK_TICK - _EPOCH) // timedelta(microseconds=1) * 1000

    def run(self, only_workspaces: frozenset[str] | None = None) -> Captured:
        """Walk the source and store what is new.

        Args:
            only_workspaces: If given, everything else is carried over from the parent as it is.

        Raises:
            EditorRunningError: the editor was started meanwhile.
            DamagedError: a folder of a trusted parent cannot be read, or what has to be carried over from it.
        """
        root = self._assistant.items(
            self._source, self._report, only_workspaces=only_workspaces, passed_over=self._excluded.add
        )
        is_seen = True
        if only_workspaces is None:
            content = self._folder(root, "", Entry("", EntryKind.FOLDER, 0, 0, self._parent.root))
        else:
            content, is_seen = self._picked(root, only_workspaces)
        counts = self._counts
        totals = Totals(
            files=counts.files,
            files_unchanged=counts.unchanged,
            files_extracted=counts.extracted,
            bytes_scanned=counts.scanned,
            bytes_read=counts.read,
            workspaces=len(self._workspaces),
        )
        return Captured(
            content,
            only_workspaces is None,
            is_seen,
            totals,
            tuple(self._problems),
            tuple(self._workspaces),
            frozenset(self._chats),
            tuple(self._states),
            frozenset(map(self._layout.group_path, self._excluded)),
        )

    def _picked(self, root: FoundFolder, wanted: frozenset[str]) -> tuple[Content, bool]:
        """Capture the wanted workspaces and put them beside what the parent has of the others.

        Return the tree, and whether there is nothing of others in it.
        """
        before = self._by_name(self._parent.root)
        folder = self._layout.workspaces
        workspaces = before.get(folder)
        others = self._by_name(workspaces.content) if workspaces else {}
        found = [entry for name, entry in others.items() if name not in wanted]
        for item in self._listed(root):
            if isinstance(item, FoundFolder):
                place = _Place(item.name, {n: e for n, e in others.items() if n in wanted})
                found += self._entries(item, place)
        kept = [entry for name, entry in before.items() if name != folder]
        is_seen = not kept and others.keys() <= wanted
        content = self._writer.add_tree(found) if found else EMPTY
        if found:
            kept.append(Entry(folder, EntryKind.FOLDER, 0, 0, content))
        return self._writer.add_tree(kept) if kept else EMPTY, is_seen

    def _folder(self, folder: FoundFolder, path: str, known: Entry | None) -> Content:
        """Return a folder's tree; the parent's own when nothing in it changed."""
        try:
            before = self._by_name(known.content) if known and known.kind is EntryKind.FOLDER else {}
        except DamagedError as error:
            if self._parent.is_trusted:
                raise
            message = f"what the last snapshot has here is damaged; all is read anew: {error.message}"
            self._tell(Problem(path, "damaged", message))
            known, before = None, {}
        if known and known.carried:
            # Nobody has looked inside since; its files must be read before they are trusted again.
            before = {name: _carried(entry) for name, entry in before.items()}
        entries = self._entries(folder, _Place(path, before))
        if known and self._parent.reusable is None and _is_same(entries, before):
            return known.content
        return self._writer.add_tree(entries) if entries else EMPTY

    def _entries(self, folder: FoundFolder, place: _Place) -> list[Entry]:
        """Return a folder's entries in order; what could not be read is carried over from the parent."""
        found: dict[str, Entry] = {}
        for item in self._listed(folder):
            entry = self._item(item, place)
            if entry is not None:
                found[entry.name] = entry
        if self._failed:
            self._carry_over(place, found)
        return list(found.values())

    def _carry_over(self, place: _Place, found: dict[str, Entry]) -> None:
        """Take from the parent what could not be read from the disk."""
        for name, entry in place.before.items():
            if name not in found and (place.path in self._failed or place.child(name) in self._failed):
                found[name] = _carried(entry)

    def _listed(self, folder: FoundFolder) -> Iterator[Item]:
        """Yield a folder's items, asking the guard before each: finding the next one looks at the disk."""
        items = folder.list()
        while True:
            self._watch()
            item = next(items, None)
            if item is None:
                return
            yield item

    def _item(self, item: Item, place: _Place) -> Entry | None:
        path = place.child(item.name)
        before = place.before.get(item.name)
        if before is None and not is_storable_name(item.name):
            self._report(Problem(path, "name", "its name cannot be stored"))
            return None
        match item:
            case FoundFile():
                return self._file(item, path, before)
            case FoundState():
                return self._state(item, path, before)
            case FoundFolder():
                return self._subfolder(item, place, before)

    def _subfolder(self, item: FoundFolder, place: _Place, before: Entry | None) -> Entry | None:
        if place.path == self._layout.workspaces:
            content = self._workspace(item, place.child(item.name), before)
        else:
            content = self._folder(item, place.child(item.name), before)
        if content == EMPTY:
            return None
        return Entry(item.name, EntryKind.FOLDER, 0, 0, content)

    def _workspace(self, item: FoundFolder, path: str, known: Entry | None) -> Content:
        extracted, problems = self._counts.extracted, len(self._problems)
        name = ""

        def listed() -> Iterable[Item]:
            nonlocal name
            for child in item.list():
                if isinstance(child, FoundFile) and child.name == self._layout.workspace_file:
                    name = self._workspace_name(child)
                yield child

        content = self._folder(FoundFolder(item.name, lambda: iter(listed())), path, known)
        if content != EMPTY:
            errors = tuple(self._problems[problems:])
            count = self._counts.extracted - extracted
            self._workspaces.append(WorkspaceReport(item.name, name, count, errors))
        return content

    def _workspace_name(self, file: FoundFile) -> str:
        from chatcask.assistants.watched_file import read_small  # noqa: PLC0415 - windows without a folder have no such file

        try:
            data = read_small(file.path, WORKSPACE_FILE_LIMIT, self._watch)
        except OSError:
            return ""  # reading it as a file of the workspace reports the problem
        return folder_name(self._assistant.folder_uri(data))

    def _file(self, item: FoundFile, path: str, before: Entry | None) -> Entry | None:
        self._counts.files += 1
        folder, _, name = path.rpartition("/")
        if folder.endswith(self._chats_folder) and (session := self._layout.session_of(name)):
            self._chats.add((folder, session))
        self._counts.scanned += item.size
        self._monitor.advance(item.size)
        if before is not None and self._is_unchanged(item, before):
            self._counts.unchanged += 1
            return before
        entry = self._read(item, path, before)
        if entry is not None:
            self._counts.extracted += 1
            self._counts.read += entry.size
        return entry

    def _state(self, item: FoundState, path: str, before: Entry | None) -> Entry | None:
        is_unchanged = before is not None and self._is_unchanged(item, before)
        entry = before if is_unchanged else self._read(item, path, None)
        if entry is not None and item.name == self._layout.older_chats.rpartition("/")[0]:
            self._states.append((path.removesuffix(item.name) + self._layout.chats, entry.content))
        return entry

    def _read(self, item: ReadableItem, path: str, before: Entry | None) -> Entry | None:
        from chatcask.ops.snapshot.read_items import (  # noqa: PLC0415 - unchanged runs read nothing
            ItemReader,
            read_item,
        )

        reader = ItemReader(self._source.id, self._writer, self._watch, self._observer, self._report)
        return read_item(reader, item, path, before)

    def _is_unchanged(self, item: FoundFile | FoundState, before: Entry) -> bool:
        kind = EntryKind.FILE if isinstance(item, FoundFile) else EntryKind.FOLDER
        return (
            self._parent.is_trusted
            and before.size == item.size
            and before.mtime_ns == item.mtime_ns
            and before.kind is kind
            and not before.carried
            and item.mtime_ns < self._trusted_before_ns
            and (self._parent.reusable is None or self._parent.reusable(before.content))
        )

    def _by_name(self, content: Content) -> dict[str, Entry]:
        return {entry.name: entry for entry in self._parent.tree(content)}

    def _report(self, problem: Problem) -> None:
        self._failed.add(problem.path)
        self._tell(problem)

    def _tell(self, problem: Problem) -> None:
        shown = Problem(f"{self._source.id}/{problem.path}".rstrip("/"), problem.kind, problem.message)
        self._problems.append(shown)
        self._monitor.problem(shown)


def _is_same(entries: list[Entry], before: dict[str, Entry]) -> bool:
    return len(entries) == len(before) and all(before.get(entry.name) == entry for entry in entries)


def _carried(entry: Entry) -> Entry:
    return Entry(entry.name, entry.kind, entry.size, entry.mtime_ns, entry.content, carried=True)
