"""Which sessions each snapshot holds, and each in short: derived, kept in SQLite, filled on demand.

Everything is keyed by content, so a snapshot in which one workspace changed costs the reading of one
workspace, and a version of a chat is parsed once however many snapshots hold it. The file can be deleted
at any time; a damaged one, or one of another version, is replaced by an empty one.

A tree that cannot be read hides the chats in it and no others: `gaps` names it, until it is read whole.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Concatenate, ParamSpec, Self, TypeAlias, TypeVar

from chatcask.assistants import owner
from chatcask.assistants.vscode.chat_list.read import ChatIndex, read_index
from chatcask.assistants.vscode.places.path_roles import is_text
from chatcask.assistants.vscode.places.snapshot_paths import CHATS, STATE, WORKSPACE_FILE
from chatcask.assistants.vscode.places.snapshot_trees import read_group
from chatcask.assistants.vscode.reading.outline import Outline, outline_of
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.catalog.chat_file import (
    ChatFile,
    WorkspaceChange,
    decode_content,
    encode_content,
    file_of_row,
    read_by_editor,
)
from chatcask.chats.fields import text_at
from chatcask.chats.jsontext import JsonTextError, loads
from chatcask.chats.parsed import ParsedChat
from chatcask.chats.summary import ChatSummary, summarize, summary_from_json
from chatcask.disk.derived import DAMAGE, open_derived, remove_derived
from chatcask.errors import DamagedError
from chatcask.format.tree import EMPTY, Content, Entry, EntryKind
from chatcask.monitor import Problem
from chatcask.repository.repository import Repository

_SCHEMA_VERSION = 3  # raise it as well when a session's summary would come out differently
_SCHEMA = """
CREATE TABLE place (
    root TEXT NOT NULL, source TEXT NOT NULL, workspace TEXT NOT NULL, tree TEXT NOT NULL,
    PRIMARY KEY (root, source, workspace)
) WITHOUT ROWID;
CREATE TABLE root (content TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE workspace (
    tree TEXT PRIMARY KEY, chats TEXT NOT NULL, folder TEXT NOT NULL, index_value TEXT NOT NULL,
    is_whole INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE folder_uri (content TEXT PRIMARY KEY, uri TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE file (
    chats TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, PRIMARY KEY (chats, name)
) WITHOUT ROWID;
CREATE TABLE outline (content TEXT PRIMARY KEY, turns INTEGER NOT NULL, objects TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE summary (content TEXT, is_log INTEGER, text TEXT NOT NULL, PRIMARY KEY (content, is_log));
"""
_FILES = """
SELECT place.source, place.workspace, file.name, file.content, file.size, file.mtime_ns, workspace.folder
FROM place JOIN workspace ON workspace.tree = place.tree JOIN file ON file.chats = workspace.chats
WHERE place.root = ? ORDER BY place.source, place.workspace, file.name
"""
_FILES_OF_WORKSPACE = """
SELECT ?, ?, file.name, file.content, file.size, file.mtime_ns, workspace.folder
FROM workspace JOIN file ON file.chats = workspace.chats WHERE workspace.tree = ? ORDER BY file.name
"""
_FILES_OF_CHAT = """
SELECT place.source, place.workspace, file.name, file.content, file.size, file.mtime_ns, workspace.folder
FROM place JOIN workspace ON workspace.tree = place.tree JOIN file ON file.chats = workspace.chats
WHERE place.root = ? AND file.name IN (?, ?) ORDER BY place.source, place.workspace
"""
_SUFFIXES = (".json", ".jsonl")


P = ParamSpec("P")
T = TypeVar("T")
Report: TypeAlias = Callable[[Problem], object]
"""Takes a part of a tree that cannot be read."""


def _mending(method: Callable[Concatenate[Catalog, P], T]) -> Callable[Concatenate[Catalog, P], T]:
    """Let a method begin again with an empty catalogue when the one there fails."""

    @functools.wraps(method)
    def wrapper(self: Catalog, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except DAMAGE as error:
            self.replace(keep=isinstance(error, sqlite3.OperationalError))
            return method(self, *args, **kwargs)

    return wrapper


class Catalog:
    """Answers about sessions of snapshots. One thread at a time; several processes may share the file."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        folder = repository.derived_folder
        self._path = folder / "catalog.sqlite" if folder else None
        self._database = open_derived(self._path, _SCHEMA, _SCHEMA_VERSION)
        self._gaps: dict[str, tuple[Problem, ...]] = {}
        """What could not be read, by the key of the root tree or workspace tree; looked at once."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def replace(self, *, keep: bool) -> None:
        """Begin again with an empty catalogue; `keep` leaves a busy file alone and works in memory."""
        self._database.close()
        self._gaps.clear()
        if keep:
            self._path = None
        remove_derived(self._path)
        self._database = open_derived(self._path, _SCHEMA, _SCHEMA_VERSION)

    @_mending
    def files(self, root: Content) -> tuple[ChatFile, ...]:
        """Return every session file that can be found under a root, also those that another one hides."""
        self._read_root(root)
        return tuple(map(file_of_row, self._database.execute(_FILES, (encode_content(root),))))

    @_mending
    def sessions(self, root: Content) -> tuple[ChatFile, ...]:
        """Return one file for each session that can be found: the one that the editor reads."""
        self._read_root(root)
        return tuple(read_by_editor(self._database.execute(_FILES, (encode_content(root),))))

    @_mending
    def gaps(self, root: Content) -> tuple[Problem, ...]:
        """Return what cannot be read under a root tree and may hold chats, by path; empty for a sound one."""
        self._read_root(root)
        return self._gaps.get(encode_content(root), ())

    def changed_workspaces(self, before: Content, after: Content, report: Report) -> list[WorkspaceChange]:
        """Return the workspaces in which two root trees differ, in order; no other workspace is looked into.

        What cannot be read of either, and is not the same in both, is reported, and left out of the result.
        """
        gaps: tuple[list[Problem], list[Problem]] = [], []
        old, new = (
            {place[:3]: place[3] for place in self._workspaces(root, found.append)}
            for root, found in zip((before, after), gaps, strict=True)
        )
        unread = {gap.path: gap for gap in set(gaps[0]).symmetric_difference(gaps[1])}
        for path in sorted(unread):
            report(unread[path])
        return [
            WorkspaceChange(*place, old.get(place, EMPTY), new.get(place, EMPTY))
            for place in sorted(old.keys() | new.keys())
            if old.get(place) != new.get(place)
            and not any(path == "" or place[2].startswith(f"{path}/") for path in unread)
        ]

    @_mending
    def workspace_chats(self, source: str, workspace: str, tree: Content) -> dict[str, ChatFile]:
        """Return one file for each session of a workspace's tree, the one that the editor reads, by id.

        Raises:
            DamagedError: a tree cannot be read.
        """
        key = self._read_workspace(tree)
        self._require(key, "", CHATS)
        rows = self._database.execute(_FILES_OF_WORKSPACE, (source, workspace, key))
        return {file.session: file for file in read_by_editor(rows)}

    @_mending
    def workspace_index(self, tree: Content) -> Content:
        """Return the stored value of the editor's own list in a workspace's tree; empty if there is none.

        Raises:
            DamagedError: a tree cannot be read.
        """
        key = self._read_workspace(tree)
        self._require(key, "", STATE)
        query = "SELECT index_value FROM workspace WHERE tree = ?"
        return decode_content(self._database.execute(query, (key,)).fetchone()[0])

    def _require(self, workspace: str, *paths: str) -> None:
        """Raise if a tree that a workspace's tree has at one of these paths cannot be read."""
        for gap in self._gaps.get(workspace, ()):
            if gap.path in paths:
                raise DamagedError(gap.message)

    @_mending
    def files_of(self, root: Content, session: str) -> tuple[ChatFile, ...]:
        """Return a chat's file in each workspace under a root tree that can be read and holds it."""
        self._read_root(root)
        names = (session + suffix for suffix in _SUFFIXES)
        return tuple(read_by_editor(self._database.execute(_FILES_OF_CHAT, (encode_content(root), *names))))

    def parse(self, file: ChatFile) -> ParsedChat:
        """Read a whole session.

        Raises:
            DamagedError: its bytes cannot be read from the store.
        """
        return parse_chat(self._repository.reader.read(file.content), file.name)

    def summary(self, file: ChatFile) -> ChatSummary:
        """Return a session in short, parsing it when no snapshot held this version before.

        Raises:
            DamagedError: its bytes cannot be read from the store.
        """
        known = self.known_summary(file)
        if known is not None:
            return known
        parsed = self.parse(file)
        summary = summarize(parsed, file.session)
        self._keep(file, summary)
        outline = outline_of(parsed.session.raw) if parsed.session and summary.opens else None
        if outline is not None:
            self.keep_outline(file.content, outline)
        return summary

    @_mending
    def known_outline(self, content: Content) -> Outline | None:
        """Return the outline of a sound session's file if it was kept; reads nothing from the store."""
        query = "SELECT turns, objects FROM outline WHERE content = ?"
        row = self._database.execute(query, (encode_content(content),)).fetchone()
        return Outline(row[0], frozenset(json.loads(row[1]))) if row else None

    @_mending
    def keep_outline(self, content: Content, outline: Outline) -> None:
        """Remember the outline of a sound session's file."""
        row = (encode_content(content), outline.turns, json.dumps(sorted(outline.objects)))
        self._write("INSERT OR REPLACE INTO outline VALUES (?, ?, ?)", [row])

    @_mending
    def _keep(self, file: ChatFile, summary: ChatSummary) -> None:
        row = (*_summary_key(file), json.dumps(summary.to_json()))
        self._write("INSERT OR REPLACE INTO summary VALUES (?, ?, ?)", [row])

    @_mending
    def known_summary(self, file: ChatFile) -> ChatSummary | None:
        """Return a session in short if this version was parsed before; reads nothing from the store."""
        query = "SELECT text FROM summary WHERE content = ? AND is_log = ?"
        row = self._database.execute(query, _summary_key(file)).fetchone()
        return summary_from_json(json.loads(row[0])) if row else None

    def index(self, root: Content, source: str, workspace: str) -> ChatIndex | None:
        """Return the editor's own list of a workspace's sessions; None if the snapshot has none.

        Raises:
            DamagedError: it cannot be read from the store.
        """
        content = self._index_content(root, source, workspace)
        if content == EMPTY:
            return None
        return read_index(self._repository.reader.read_all(content).decode("utf-8", "replace"))

    @_mending
    def _index_content(self, root: Content, source: str, workspace: str) -> Content:
        self._read_root(root)
        query = (
            "SELECT index_value FROM place JOIN workspace USING (tree)"
            " WHERE root = ? AND source = ? AND workspace = ?"
        )
        row = self._database.execute(query, (encode_content(root), source, workspace)).fetchone()
        return decode_content(row[0]) if row else EMPTY

    def _read_root(self, root: Content) -> None:
        """Read what is new in a root tree; what cannot be read is noted, and tried again another time."""
        key = encode_content(root)
        is_known = self._database.execute("SELECT 1 FROM root WHERE content = ?", (key,)).fetchone()
        if is_known or key in self._gaps:
            return
        gaps: list[Problem] = []
        places = []
        for source, workspace, path, tree in self._workspaces(root, gaps.append):
            tree_key = self._read_workspace(tree)
            places.append((key, source, workspace, tree_key))
            gaps += [replace(gap, path=_joined(path, gap.path)) for gap in self._gaps.get(tree_key, ())]
        self._write("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)", places)
        if gaps:
            self._gaps[key] = tuple(gaps)
        else:
            self._write("INSERT OR REPLACE INTO root VALUES (?)", [(key,)])

    def _workspaces(self, root: Content, report: Report) -> Iterator[tuple[str, str, str, Content]]:
        """Yield (source, workspace, path, tree) of everything that can hold chats."""
        for source in self._tree(root, "", report):
            assistant = owner(source.name) if source.kind is EntryKind.FOLDER else None
            if assistant is not None:
                below = partial(self._tree_below, source.name, report)
                for group, path, tree in assistant.group_trees(source.content, below):
                    yield source.name, group, f"{source.name}/{path}", tree

    def _tree_below(self, source: str, report: Report, content: Content, path: str) -> Iterator[Entry]:
        return self._tree(content, _joined(source, path), report)

    def _read_workspace(self, tree: Content) -> str:
        """Read a workspace's tree unless it is known; return its key. What cannot be read is noted."""
        key = encode_content(tree)
        query = "SELECT 1 FROM workspace WHERE tree = ? AND is_whole"
        if key in self._gaps or self._database.execute(query, (key,)).fetchone():
            return key
        gaps: list[Problem] = []
        group = read_group(tree, partial(self._tree, report=gaps.append))
        folder = self._folder_uri(group.workspace_file, gaps.append)
        chats = encode_content(group.chats)
        rows = [(chats, e.name, encode_content(e.content), e.size, e.mtime_ns) for e in group.bodies]
        self._write("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)", rows)
        row = (key, chats, folder, encode_content(group.chat_list), not gaps)
        self._write("INSERT OR REPLACE INTO workspace VALUES (?, ?, ?, ?, ?)", [row])
        if gaps:
            self._gaps[key] = tuple(gaps)
        return key

    def _tree(self, content: Content, path: str, report: Report) -> Iterator[Entry]:
        """Yield what a tree holds; one that cannot be read, or a name that is no text, is reported."""
        try:
            entries = self._repository.tree(content)
        except DamagedError as error:
            report(Problem(path, "damaged", error.message))
            return
        for entry in entries:
            if is_text(entry.name):
                yield entry
            else:
                words = "its name is not text, so it is no chat of an editor"
                report(Problem(_joined(path, entry.name), "name", words))

    def _folder_uri(self, content: Content, report: Report) -> str:
        key = (encode_content(content),)
        row = self._database.execute("SELECT uri FROM folder_uri WHERE content = ?", key).fetchone()
        if row is None:
            try:
                row = (self._read_uri(content),)
            except DamagedError as error:
                report(Problem(WORKSPACE_FILE, "damaged", error.message))
                return ""
            self._write("INSERT OR REPLACE INTO folder_uri VALUES (?, ?)", [(*key, *row)])
        uri: str = row[0]
        return uri

    def _read_uri(self, content: Content) -> str:
        try:
            document = loads(self._repository.reader.read_all(content).decode("utf-8", "replace"))
        except JsonTextError:
            return ""
        uri = text_at(document, "folder") or text_at(document, "workspace") or ""
        return uri if is_text(uri) else ""

    def _write(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self._database:
            self._database.execute("BEGIN")
            self._database.executemany(statement, rows)


def _joined(folder: str, path: str) -> str:
    return "/".join(part for part in (folder, path) if part)


def _summary_key(file: ChatFile) -> tuple[str, bool]:
    # An empty or unreadable file says nothing of its session, so its name decides.
    content = encode_content(file.content) or file.session
    return content, file.name.endswith(".jsonl")
