"""Which files of which snapshots somebody asked for: by chat, workspace and time.

Snapshots are walked one beside the other: a folder that the one before had too is not read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.known import chat_path
from chatcask.chats.chat_path import ChatPath, Group, Role
from chatcask.errors import AmbiguousError, InvalidInputError, NotFoundError
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind
from chatcask.ops.browse.names import read_workspace_name
from chatcask.repository.trees import Expansion

if TYPE_CHECKING:
    from chatcask.repository.chunk_reader import ChunkReader
    from chatcask.repository.keys import SnapshotReference

_SHORTEST_PREFIX = 4
_CANDIDATES_SHOWN = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TreeReader: TypeAlias = Callable[[Content, str], Sequence[Entry]]
"""Reads a tree, given its path too for what is to be said of it; "" is the root."""


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
class ChosenChats:
    """What a selection comes to in a store: ids of chats and workspaces; None for all of them."""

    sessions: frozenset[str] | None
    workspaces: frozenset[str] | None
    places: frozenset[Group]

    def has(self, path: str) -> bool:
        """Tell whether the file at a path of a root tree is chosen."""
        place = group_of(path)
        if self.workspaces is not None and place.name not in self.workspaces:
            return False
        if self.sessions is None:
            return True
        found = chat_path(path)
        if found is None or not found.session:
            return found is not None and found.role is Role.WORKSPACE and place in self.places
        return found.session in self.sessions


@dataclass(slots=True)
class _Found:
    """What the snapshots hold: chats with their places, those of the asked time, names of workspaces."""

    places: dict[str, set[Group]] = field(default_factory=dict)
    timely: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)


def group_of(path: str) -> Group:
    """Return the workspace, or else the top folder of its source, that a path of a root tree lies in."""
    found = chat_path(path)
    source, _, below = path.partition("/")
    return Group(source, (found and found.group) or below.partition("/")[0])


def is_body(found: ChatPath | None, entry: Entry) -> bool:
    """Tell whether an entry of a root tree is the body of a chat."""
    return found is not None and found.role is Role.BODY and entry.kind is EntryKind.FILE


def is_workspace_file(found: ChatPath | None, entry: Entry) -> bool:
    """Tell whether an entry of a root tree says which folder a workspace is for."""
    return found is not None and found.role is Role.WORKSPACE and entry.kind is EntryKind.FILE


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
    found = _look_through(selection, roots, tree, reader)
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


def _look_through(
    selection: ChatSelection, roots: Iterable[Content], tree: TreeReader, reader: ChunkReader
) -> _Found:
    """Look through the root trees once."""
    found = _Found()
    before = EMPTY
    for root in roots:
        for change in tree_changes(tree, before, root):
            path = chat_path(change.path)
            if change.after is not None and path is not None and path.group:
                _note(found, path, change.after, selection, reader)
        before = root
    return found


def _note(found: _Found, path: ChatPath, entry: Entry, selection: ChatSelection, reader: ChunkReader) -> None:
    place = Group(path.source, path.group)
    names = found.names.setdefault(place.name, set())
    if is_workspace_file(path, entry):
        names.add(read_workspace_name(reader, path.source, entry))
    if is_body(path, entry):
        found.places.setdefault(path.session, set()).add(place)
        changed = _EPOCH + timedelta(microseconds=entry.mtime_ns // 1000)
        if (selection.since or changed) <= changed <= (selection.until or changed):
            found.timely.add(path.session)


def tree_changes(tree: TreeReader, before: Content, after: Content) -> Iterator[Change]:
    """Yield every file, link and database folder that differs in anything, also in its time or its marks.

    Raises:
        DamagedError: a tree cannot be read, or the folders hold each other without end.
    """
    return _changes(_Walk(tree, Expansion(), Expansion()), before, after, "")


class _Walk(NamedTuple):
    """How trees are read, and what was met of both sides."""

    tree: TreeReader
    before: Expansion
    after: Expansion

    def entries(self, content: Content, path: str, met: Expansion) -> dict[str, Entry]:
        """Return the entries of a tree by name."""
        entries = {entry.name: entry for entry in self.tree(content, path.rstrip("/"))}
        met.note(content, len(entries), path)
        return entries


def _changes(walk: _Walk, before: Content, after: Content, prefix: str) -> Iterator[Change]:
    if before == after:
        return
    old = walk.entries(before, prefix, walk.before)
    new = walk.entries(after, prefix, walk.after)
    for name in {**old, **new}:
        one, other = old.get(name), new.get(name)
        if one == other:
            continue
        path = f"{prefix}{name}"
        own, others = _own(one), _own(other)
        if own != others:
            yield Change(path, own, others)
        yield from _changes(walk, _tree(one), _tree(other), f"{path}/")


def _own(entry: Entry | None) -> Entry | None:
    """Return an entry without what is below it; None for a folder that says nothing itself."""
    if entry is None or entry.kind is not EntryKind.FOLDER:
        return entry
    if not (entry.size or entry.mtime_ns or entry.carried):
        return None
    return Entry(entry.name, entry.kind, entry.size, entry.mtime_ns, EMPTY, entry.carried)


def _tree(entry: Entry | None) -> Content:
    return entry.content if entry and entry.kind is EntryKind.FOLDER else EMPTY


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
