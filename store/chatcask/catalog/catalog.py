"""Which chats each snapshot holds, and each in short: derived, kept in SQLite, filled on demand.

Everything is keyed by content, so a snapshot in which one workspace changed costs the reading of one
workspace, and a version of a chat is parsed once however many snapshots hold it. The file can be deleted
at any time; a damaged one, or one of another version, is replaced by an empty one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Self

from chatcask.assistants.base import is_text
from chatcask.assistants.known import assistant_of
from chatcask.catalog.chat_file import (
    ChatFile,
    StoredChat,
    WorkspaceChange,
    decode_content,
    encode_content,
    file_of_rows,
    read_by_editor,
)
from chatcask.catalog.tables import Row, Tables, mending
from chatcask.catalog.trees import Report, Trees
from chatcask.chats.chat_list import ChatIndex
from chatcask.chats.model import Turn
from chatcask.chats.outline import Outline
from chatcask.chats.parsed import ParsedChat
from chatcask.chats.summary import ChatSummary, summarize, summary_from_json
from chatcask.errors import DamagedError
from chatcask.format.tree import EMPTY, Content
from chatcask.monitor import Problem
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot

_LAST_CHARACTER = "\U0010ffff"
_JOINED = (
    "place JOIN workspace ON workspace.tree = place.tree JOIN file ON file.chats = workspace.chats"
    " WHERE place.root = ?"
)
_VERSIONS = (
    "file JOIN workspace ON workspace.chats = file.chats JOIN place ON place.tree = workspace.tree"
    " JOIN snapshot ON snapshot.root = place.root"
    " WHERE file.session = ? ORDER BY place.source, place.workspace, file.name"
)


class Catalog:
    """Answers about chats of snapshots. It belongs to one thread; several processes may share the file.

    Chats of a workspace are passed over if `hides` says so of the URI of its folder.
    """

    def __init__(self, repository: Repository, hides: Callable[[str], bool] | None = None) -> None:
        self._repository = repository
        self._hides = hides
        folder = repository.derived_folder
        self._tables = Tables(folder / "catalog.sqlite" if folder else None)
        self._trees = Trees(repository, self._tables)
        self._titles: dict[Content, dict[str, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._tables.close()

    def replace(self, *, keep: bool) -> None:
        """Begin again with an empty catalogue; `keep` leaves a busy file alone and works in memory."""
        self._tables.replace(keep=keep)
        self._trees.clear()

    @mending
    def files(self, root: Content, session: str | None = None) -> tuple[ChatFile, ...]:
        """Return every chat's file under a root, or those of one chat, also those that another one hides."""
        return tuple(self._files(root) if session is None else self._files_of(root, session))

    @mending
    def chats(self, root: Content) -> tuple[ChatFile, ...]:
        """Return one file for each chat that can be found: the one that the editor reads."""
        return tuple(read_by_editor(self._files(root)))

    @mending
    def files_of(self, root: Content, session: str) -> tuple[ChatFile, ...]:
        """Return a chat's file in each workspace under a root tree that can be read and holds it."""
        return tuple(read_by_editor(self._files_of(root, session)))

    @mending
    def beginning_with(self, root: Content, text: str) -> tuple[ChatFile, ...]:
        """Return the files that the editor reads of the chats under a root whose ids begin with a text."""
        if not is_text(text):
            return ()
        rows = self._files(
            root, " AND file.session >= ? AND file.session < ?", text, f"{text}{_LAST_CHARACTER}"
        )
        return tuple(read_by_editor(rows))

    @mending
    def knows(self, session: str) -> bool:
        """Tell whether a snapshot that was ever looked into holds a chat with exactly that id."""
        if not is_text(session):
            return False
        rows = self._tables.rows("file", "file WHERE session = ?", session)
        return next(rows, None) is not None

    @mending
    def versions(self, session: str, snapshots: Sequence[StoredSnapshot]) -> tuple[StoredChat, ...]:
        """Return in which of the given snapshots a chat is, with which files, in the order of the snapshots.

        Only snapshots that were never asked about are read. What cannot be read of one is in its `gaps`.
        """
        by_key = {stored.reference.key: stored for stored in snapshots}
        known = {row[0]: row[1] for row in self._tables.rows("snapshot", "snapshot")}
        roots = {key: self._trees.read_root(stored.snapshot.root) for key, stored in by_key.items()}
        new = [(key, root) for key, root in roots.items() if known.get(key) != root]
        if new:
            self._tables.write("snapshot", new)
        held: dict[str, list[ChatFile]] = {}
        for row in self._tables.rows("snapshot place workspace file", _VERSIONS, session):
            held.setdefault(row[0], []).append(file_of_rows(row[2:]))
        return tuple(
            StoredChat(stored, file)
            for key, stored in by_key.items()
            for file in self._shown(held.get(key, ()))
        )

    @mending
    def gaps(self, root: Content) -> tuple[Problem, ...]:
        """Return what cannot be read under a root tree and may hold chats, by path; empty for a sound one."""
        return self._trees.gaps(self._trees.read_root(root))

    def odd_files(self, root: Content) -> Iterator[str]:
        """Yield the paths of what lies among the chats under a root and is none; its trees are read."""
        return self._trees.odd_files(root)

    def changed_workspaces(self, before: Content, after: Content, report: Report) -> list[WorkspaceChange]:
        """Return the workspaces in which two root trees differ, in order; no other workspace is looked into.

        What cannot be read of either, and is not the same in both, is reported, and left out of the result.
        """
        gaps: tuple[list[Problem], list[Problem]] = [], []
        old, new = (
            {place[:3]: place[3] for place in self._trees.workspaces(root, found.append)}
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

    @mending
    def workspace_chats(self, source: str, workspace: str, tree: Content) -> dict[str, ChatFile]:
        """Return one file for each chat of a workspace's tree, the one that the editor reads, by id.

        Raises:
            DamagedError: a tree cannot be read.
        """
        key = self._workspace(source, tree, assistant_of(source).layout.chats)
        joined = "workspace JOIN file ON file.chats = workspace.chats WHERE tree = ? ORDER BY file.name"
        rows = self._tables.rows("workspace file", joined, key)
        files = (file_of_rows(("", source, workspace, key, *row)) for row in rows)
        return {file.session: file for file in read_by_editor(files)}

    @mending
    def workspace_index(self, source: str, tree: Content) -> Content:
        """Return the stored value of the editor's own list in a workspace's tree; empty if there is none.

        Raises:
            DamagedError: a tree cannot be read.
        """
        key = self._workspace(source, tree, assistant_of(source).layout.chat_list)
        return _index_value(next(self._tables.rows("workspace", "workspace WHERE tree = ?", key)))

    def index(self, root: Content, source: str, workspace: str) -> ChatIndex | None:
        """Return the editor's own list of a workspace's chats; None if the snapshot has none.

        Raises:
            DamagedError: it cannot be read from the store.
        """
        content = self._index_content(root, source, workspace)
        if content == EMPTY:
            return None
        return self._read_list(source, content)

    def listed_title(self, root: Content, file: ChatFile) -> str:
        """Return what the editor's own list in a snapshot calls a chat; "" if it does not name it.

        A list is read once however many snapshots have it.

        Raises:
            DamagedError: it cannot be read from the store.
        """
        content = self._index_content(root, file.source, file.workspace)
        if content not in self._titles:
            self._titles[content] = self._read_titles(file.source, content) if content != EMPTY else {}
        return self._titles[content].get(file.session, "")

    @mending
    def _read_titles(self, source: str, content: Content) -> dict[str, str]:
        key = encode_content(content)
        row = next(self._tables.rows("list_titles", "list_titles WHERE content = ?", key), None)
        if row is not None:
            known: dict[str, str] = json.loads(row[1])
            return known
        index = self._read_list(source, content)
        titles = {entry.key: entry.title for entry in index.entries if entry.title}
        self._tables.write("list_titles", [(key, json.dumps(titles))])
        return titles

    def parse(self, file: ChatFile) -> ParsedChat:
        """Read a whole chat.

        Raises:
            DamagedError: its bytes cannot be read from the store.
        """
        return assistant_of(file.source).parse(
            self._repository.reader.read(file.content, file.size), file.name
        )

    def cut_turns(self, file: ChatFile) -> tuple[Turn, ...]:
        """Return the turns that a chat's log still holds and that were cut off by sending a prompt again.

        Raises:
            DamagedError: its bytes cannot be read from the store.
        """
        data = self._repository.reader.read(file.content, file.size)
        return assistant_of(file.source).cut_turns(data, file.name)

    def summary(self, file: ChatFile) -> ChatSummary:
        """Return a chat in short, parsing it when no snapshot held this version before.

        Raises:
            DamagedError: its bytes cannot be read from the store.
        """
        known = self.known_summary(file)
        if known is not None:
            return known
        parsed = self.parse(file)
        summary = summarize(parsed, file.session)
        self._keep(file, summary)
        outlines = assistant_of(file.source).outlines
        is_alone = not any(note.kind == "older_list" for note in parsed.report.notes)
        if outlines and parsed.chat and summary.opens and is_alone:
            outline = outlines.outline_of(parsed.chat.raw)
            if outline is not None:
                self.keep_outline(file.content, outline)
        return summary

    @mending
    def known_outline(self, content: Content) -> Outline | None:
        """Return the outline of a sound chat's file if it was kept; reads nothing from the store."""
        rows = self._tables.rows("outline", "outline WHERE content = ?", encode_content(content))
        row = next(rows, None)
        if row is None:
            return None
        return Outline(row[1], frozenset(json.loads(row[2])), frozenset(json.loads(row[3])), row[4], row[5])

    @mending
    def keep_outline(self, content: Content, outline: Outline) -> None:
        """Remember the outline of a sound chat's file."""
        names, unanswered = (json.dumps(sorted(found)) for found in (outline.objects, outline.unanswered))
        row = (encode_content(content), outline.turns, names, unanswered, outline.unasked, outline.text)
        self._tables.write("outline", [row])

    @mending
    def known_summary(self, file: ChatFile) -> ChatSummary | None:
        """Return a chat in short if this version was parsed before; reads nothing from the store."""
        rows = self._tables.rows("summary", "summary WHERE content = ? AND is_log = ?", *_summary_key(file))
        row = next(rows, None)
        return summary_from_json(json.loads(row[2])) if row else None

    @mending
    def _keep(self, file: ChatFile, summary: ChatSummary) -> None:
        self._tables.write("summary", [(*_summary_key(file), json.dumps(summary.to_json()))])

    def _files_of(self, root: Content, session: str) -> list[ChatFile]:
        return self._files(root, " AND file.session = ?", session)

    def _files(self, root: Content, chosen: str = "", *values: str) -> list[ChatFile]:
        key = self._trees.read_root(root)
        order = " ORDER BY place.source, place.workspace, file.name"
        rows = self._tables.rows("place workspace file", f"{_JOINED}{chosen}{order}", key, *values)
        return self._shown(file_of_rows(row) for row in rows)

    def _shown(self, files: Iterable[ChatFile]) -> list[ChatFile]:
        hides = self._hides
        return [file for file in files if hides is None or not hides(file.folder)]

    @mending
    def _index_content(self, root: Content, source: str, workspace: str) -> Content:
        key = self._trees.read_root(root)
        rest = (
            "workspace JOIN place ON place.tree = workspace.tree"
            " WHERE place.root = ? AND place.source = ? AND place.workspace = ?"
        )
        group = assistant_of(source).listing_group(workspace)
        row = next(self._tables.rows("workspace", rest, key, source, group), None)
        return _index_value(row) if row else EMPTY

    def _read_list(self, source: str, content: Content) -> ChatIndex:
        text = self._repository.reader.read_all(content).decode("utf-8", "replace")
        return assistant_of(source).read_list(text)

    def _workspace(self, source: str, tree: Content, needed: str) -> str:
        """Read a workspace's tree and return its key; raise if what it has at a path cannot be known."""
        key = self._trees.read_workspace(source, tree)
        for gap in self._trees.gaps(key):
            if f"{needed}/".startswith(f"{gap.path}/" if gap.path else ""):
                raise DamagedError(gap.message)
        return key


def _index_value(workspace: Row) -> Content:
    return decode_content(workspace[4])


def _summary_key(file: ChatFile) -> tuple[str, int]:
    # A file may hold several chats, or say nothing of its chat, so its name decides as well.
    content = f"{encode_content(file.content)}/{file.session}"
    return content, int(file.name.endswith(".jsonl"))
