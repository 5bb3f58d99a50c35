"""Which files of which snapshots somebody asked for: by chat, workspace and time.

Snapshots are walked one beside the other: a folder that the one before had too is not read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import AmbiguousError, InvalidInputError, NotFoundError
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind
from chatcask.ops.browse.names import read_workspace_name

if TYPE_CHECKING:
    from chatcask.repository.chunk_reader import ChunkReader
    from chatcask.repository.keys import SnapshotReference

EMPTY_WINDOW = "empty-window"
WORKSPACE_FILE = "workspace.json"
_WORKSPACES = "workspaces"
_SESSIONS = "chatSessions"
_OWNING_FOLDERS = frozenset({_SESSIONS, "chatEditingSessions", "transcripts"})
_TRANSFERRED = "transferred"
_SHORTEST_PREFIX = 4
_CANDIDATES_SHOWN = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TreeReader: TypeAlias = Callable[[Content], Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class ChatSelection:
    """What to choose from which snapshots. Whatever is empty or None chooses everything.

    Attributes:
        snapshots: The snapshots to take files from.
        sessions: Ids of chats, or the beginnings of ids.
        workspaces: Ids of workspaces, beginnings of ids, names of folders, or `empty-window`.
        since: Only chats whose file was changed at this time or later.
        until: Only chats whose file was changed at this time or earlier.
    """

    snapshots: tuple[SnapshotReference, ...]
    sessions: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def by_chat(self) -> bool:
        """Tell whether single chats are chosen rather than whole folders."""
        return bool(self.sessions or self.since or self.until)


@dataclass(frozen=True, slots=True)
class Change:
    """A path that two root trees have differently; None on the side that lacks it."""

    path: str
    before: Entry | None
    after: Entry | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies: its source, and its workspace or another top folder of the source."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class ChosenChats:
    """What a selection comes to in a store: ids of chats and workspaces; None for all of them."""

    sessions: frozenset[str] | None
    workspaces: frozenset[str] | None
    places: frozenset[Place]

    def has(self, path: str) -> bool:
        """Tell whether the file at a path of a root tree is chosen."""
        place = place_of(path)
        if self.workspaces is not None and place.name not in self.workspaces:
            return False
        if self.sessions is None:
            return True
        session = session_of_path(path)
        if session is None:
            return path.rpartition("/")[2] == WORKSPACE_FILE and place in self.places
        return session in self.sessions


@dataclass(slots=True)
class _Found:
    """What the snapshots hold: chats with their places, those of the asked time, names of workspaces."""

    places: dict[str, set[Place]] = field(default_factory=dict)
    timely: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)


def place_of(path: str) -> Place:
    """Return where a file of a root tree lies."""
    parts = path.split("/")
    name = parts[2] if len(parts) > 2 and parts[1] == _WORKSPACES else "/".join(parts[1:2])
    return Place(parts[0], name)


def session_of_path(path: str) -> str | None:
    """Return the id of the chat that a file of a root tree belongs to; None if it belongs to none or many."""
    parts = path.split("/")
    if parts[1:2] == [_TRANSFERRED]:
        return parts[2].partition(".")[0] if len(parts) == 3 else None
    below = parts[3:] if parts[1:2] == [_WORKSPACES] else parts[2:]
    return below[1].partition(".")[0] if len(below) > 1 and below[0] in _OWNING_FOLDERS else None


def is_chat_file(path: str, entry: Entry) -> bool:
    """Tell whether an entry of a root tree is the body of a chat that the editor would read."""
    parts = path.split("/")
    is_body = entry.name.endswith((".jsonl", ".json")) and entry.kind is EntryKind.FILE
    return is_body and len(parts) > 3 and parts[-2] == _SESSIONS


def is_workspace_file(path: str, entry: Entry) -> bool:
    """Tell whether an entry of a root tree says which folder a workspace is for."""
    parts = path.split("/")
    is_in_place = len(parts) == 4 and parts[1] == _WORKSPACES and parts[3] == WORKSPACE_FILE
    return is_in_place and entry.kind is EntryKind.FILE


def choose(
    selection: ChatSelection, roots: Iterable[Content], tree: TreeReader, reader: ChunkReader
) -> ChosenChats:
    """Find what a selection means in the given root trees, which are those of its snapshots.

    Raises:
        NotFoundError: there is no such chat or workspace.
        AmbiguousError: the beginning of an id fits several chats or workspaces.
    """
    if not selection.by_chat and not selection.workspaces:
        return ChosenChats(None, None, frozenset())
    found = _Search(selection, tree, reader).run(roots)
    workspaces = _match_workspaces(selection.workspaces, found) if selection.workspaces else None
    if not selection.by_chat:
        return ChosenChats(None, workspaces, frozenset())
    known = {
        session: {place for place in places if workspaces is None or place.name in workspaces}
        for session, places in found.places.items()
    }
    known = {session: places for session, places in known.items() if places}
    sessions = frozenset(_match_one(text, known, "chat") for text in selection.sessions) or frozenset(known)
    sessions &= found.timely
    if not sessions:
        raise NotFoundError(
            "no chat was changed in that time", what="chat", advice=Advice(AdviceCode.LIST_SNAPSHOTS)
        )
    return ChosenChats(sessions, workspaces, frozenset(place for name in sessions for place in known[name]))


def tree_changes(tree: TreeReader, before: Content, after: Content, prefix: str = "") -> Iterator[Change]:
    """Yield every file, link and database folder that differs in anything, also in its time or its marks.

    Raises:
        DamagedError: a tree cannot be read.
    """
    if before == after:
        return
    old = {entry.name: entry for entry in tree(before)}
    new = {entry.name: entry for entry in tree(after)}
    for name in {**old, **new}:
        one, other = old.get(name), new.get(name)
        if one == other:
            continue
        path = f"{prefix}{name}"
        own, others = _own(one), _own(other)
        if own != others:
            yield Change(path, own, others)
        yield from tree_changes(tree, _tree(one), _tree(other), f"{path}/")


def _own(entry: Entry | None) -> Entry | None:
    """Return an entry without what is below it; None for a folder that says nothing itself."""
    if entry is None or entry.kind is not EntryKind.FOLDER:
        return entry
    if not (entry.size or entry.mtime_ns or entry.carried):
        return None
    return Entry(entry.name, entry.kind, entry.size, entry.mtime_ns, EMPTY, entry.carried)


def _tree(entry: Entry | None) -> Content:
    return entry.content if entry and entry.kind is EntryKind.FOLDER else EMPTY


class _Search:
    """Looks through root trees once."""

    def __init__(self, selection: ChatSelection, tree: TreeReader, reader: ChunkReader) -> None:
        self._selection = selection
        self._tree = tree
        self._reader = reader
        self._found = _Found()

    def run(self, roots: Iterable[Content]) -> _Found:
        before = EMPTY
        for root in roots:
            for change in tree_changes(self._tree, before, root):
                if change.after is not None:
                    self._note(change.path, change.after)
            before = root
        return self._found

    def _note(self, path: str, entry: Entry) -> None:
        parts, place = path.split("/"), place_of(path)
        if len(parts) > 2 and parts[1] in {_WORKSPACES, EMPTY_WINDOW}:
            self._found.names.setdefault(place.name, set())
        if is_workspace_file(path, entry):
            self._found.names[place.name].add(read_workspace_name(self._reader, entry))
        if is_chat_file(path, entry) and (session := session_of_path(path)):
            self._found.places.setdefault(session, set()).add(place)
            changed = _EPOCH + timedelta(microseconds=entry.mtime_ns // 1000)
            if (self._selection.since or changed) <= changed <= (self._selection.until or changed):
                self._found.timely.add(session)


def _match_workspaces(wanted: Sequence[str], found: _Found) -> frozenset[str]:
    matched: set[str] = set()
    for text in wanted:
        named = {name for name, folders in found.names.items() if text in folders}
        matched |= named or {_match_one(text, found.names, "workspace")}
    return frozenset(matched)


def _match_one(text: str, known: Iterable[str], what: str) -> str:
    if text in known:
        return text
    if len(text) < _SHORTEST_PREFIX:
        raise InvalidInputError(
            f"not the id of a {what}: {text!r}",
            what=what,
            value=text,
            advice=Advice(AdviceCode.GIVE_MORE_OF_ID, least=_SHORTEST_PREFIX),
        )
    matches = sorted(name for name in known if name.startswith(text))
    if not matches:
        raise NotFoundError(
            f"no {what} {text} in what was asked for",
            what=what,
            name=text,
            advice=Advice(AdviceCode.LIST_TREE),
        )
    if len(matches) > 1:
        listed = ", ".join(matches[:_CANDIDATES_SHOWN])
        raise AmbiguousError(
            f"{text} is the beginning of {len(matches)} {what}s: {listed}",
            what=what,
            name=text,
            candidates=tuple(matches),
        )
    return matches[0]
