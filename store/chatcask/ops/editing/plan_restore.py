"""Plan how one chat comes back into an editor: which files and which fields of its list would change.

Nothing is written here. `apply_change` carries the plan's change out, and `undo` takes it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chatcask.advice import Advice, AdviceCode, Remark
from chatcask.assistants.vscode.chat_list.cap import cap_warning
from chatcask.assistants.vscode.chat_list.edit import listed_entry, put_entry
from chatcask.assistants.vscode.chat_list.read import ChatIndex, read_index
from chatcask.assistants.vscode.places.chat_places import Place, chat_places
from chatcask.assistants.vscode.places.locate import Family, Source
from chatcask.assistants.vscode.places.snapshot_paths import NO_WORKSPACE, edits_folder
from chatcask.assistants.vscode.writing.body import Body, exact_body, is_safe, plain_name, rewritten_body
from chatcask.catalog.catalog import Catalog
from chatcask.chats.jsontext import JsonObject
from chatcask.chats.summary import ChatSummary, summarize
from chatcask.errors import NotFoundError, RestoreRefusedError
from chatcask.format.tree import Entry, EntryKind
from chatcask.ops.browse.versions import StoredVersion, captured_entry, describe, roots_with
from chatcask.ops.editing.change import (
    ChangeCause,
    EditContext,
    EditorChange,
    FileChange,
    PlaceChange,
    read_whole,
)
from chatcask.ops.editing.choose_place import Origin, choose_place
from chatcask.ops.editing.place_state import FoundChat, read_chat, read_list
from chatcask.repository.snapshots import StoredSnapshot

_EDIT_FILE_LIMIT = 16 << 20


class RestoreMode(StrEnum):
    """What to do when the chat is there already."""

    PLAIN = "plain"
    """Refuse if what is there is another version."""
    REPLACE = "replace"
    """Put the stored version in its place."""
    COPY = "copy"
    """Leave it alone and restore under a new id."""


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """How to restore.

    Attributes:
        family: The kind of operating system.
        mode: What to do when the chat is there already.
        new_id: The id of a copy; used with `RestoreMode.COPY` only.
        workspace: Where to restore to, as the user named it; None for where the chat was.
        with_edits: Restore the chat's record of edits too.
    """

    family: Family
    mode: RestoreMode = RestoreMode.PLAIN
    new_id: str = ""
    workspace: str | None = None
    with_edits: bool = False


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What a restore would do.

    Attributes:
        session: The id that the chat will have.
        title: Its title.
        turns: How many turns it has.
        version: The version that is restored.
        place: Where to.
        change: What changes there; empty if the chat is there and listed already.
        put_right: What had to be put right in the chat's file, in words.
        warnings: What the user should know.
    """

    session: str
    title: str
    turns: int
    version: StoredVersion
    place: Place
    change: EditorChange
    put_right: tuple[str, ...]
    warnings: tuple[Remark, ...]


def plan_restore(
    context: EditContext,
    catalog: Catalog,
    version: StoredVersion,
    target: Source,
    options: RestoreOptions,
    newest_first: Sequence[StoredSnapshot] = (),
) -> RestorePlan:
    """Plan the restore of one version of a chat into an editor's folder.

    Args:
        context: The store and the guard.
        catalog: The store's sessions.
        version: What to restore.
        target: The editor's folder to restore into.
        options: How.
        newest_first: Snapshots in which the chat's entry in the editor's list and its edits may be found, if
            the version's own has them no more.

    Raises:
        EditorRunningError: the editor runs; nothing was touched.
        RestoreRefusedError: the same chat is there with other content, or the editor's list is malformed.
        NotFoundError: the place to restore to is not there.
        AmbiguousError: the chat would not be shown where it was.
        DamagedError: the store cannot give the version.
    """
    context.guard.require_closed(target)
    return _Plan(context, catalog, version, target, options, newest_first).make()


class _Plan:
    """The making of one plan."""

    def __init__(
        self,
        context: EditContext,
        catalog: Catalog,
        version: StoredVersion,
        target: Source,
        options: RestoreOptions,
        newest_first: Sequence[StoredSnapshot],
    ) -> None:
        self._newest_first = newest_first
        self._context = context
        self._catalog = catalog
        self._version = version
        self._target = target
        self._options = options
        self._warnings: list[Remark] = []
        is_copy = options.mode is RestoreMode.COPY
        self._session = plain_name(options.new_id if is_copy else version.file.session)

    def make(self) -> RestorePlan:
        place = self._place()
        listed = read_list(place, self._watch)
        if listed.index.problem:
            raise RestoreRefusedError(
                f"the editor's list of chats in {place.database} is malformed: {listed.index.problem}",
                advice=Advice(AdviceCode.FIX_LIST_THEN_RESTORE),
            )
        found = read_chat(place, self._session, self._watch)
        body, files = self._body(found)
        summary = summarize(body.parsed, self._session)
        entry = self._entry(listed.index, summary, body)
        text = put_entry(listed.text, entry)
        rows = listed.changes(text, [self._session])
        files += self._edits(place)
        self._warn_of_list(read_index(text), summary)
        about = f"restore {self._session} ({body.session.title}) into {place.name}"
        change = EditorChange(self._target, ChangeCause.RESTORE, (about,), (PlaceChange(place, files, rows),))
        return RestorePlan(
            session=self._session,
            title=body.session.title,
            turns=summary.turn_count,
            version=self._version,
            place=place,
            change=change,
            put_right=body.changes,
            warnings=tuple(self._warnings),
        )

    def _watch(self) -> None:
        self._context.guard.watch(self._target)

    def _place(self) -> Place:
        file = self._version.file
        places = chat_places(self._target, self._watch)
        origin = Origin(file.workspace, file.folder)
        chosen = choose_place(places, origin, self._options.workspace, self._options.family)
        self._warnings += map(Remark, chosen.notes)
        return chosen.place

    def _body(self, found: FoundChat) -> tuple[Body, tuple[FileChange, ...]]:
        """Return the file to end up with, and what changes to get there."""
        file = self._version.file
        data = self._context.repository.reader.read_all(file.content)
        suffix = file.name[len(file.session) :]
        if self._is_kept(found, data):
            if self._options.mode is RestoreMode.REPLACE:
                self._warn(
                    "the newest version in the store is what is there",
                    Advice(AdviceCode.NAME_OLDER_VERSION, session=self._session),
                )
            kept = exact_body(found.files[found.name], found.name[len(self._session) :], self._session)
            return kept, ()
        if not found.files and is_safe(data, suffix, self._session):
            body = exact_body(data, suffix, self._session)
            return body, found.write(body.name, body.data, file.mtime_ns)
        session = self._catalog.parse(file).session
        if session is None:
            raise NotFoundError(
                f"nothing can be read from {file.path} in snapshot {self._version.snapshot.id[:12]}",
                what="version",
                name=file.session,
                advice=Advice(AdviceCode.LIST_VERSIONS, session=file.session),
            )
        body = rewritten_body(session, self._session, created_ms=file.mtime_ns // 1_000_000)
        return body, found.write(body.name, body.data, None)

    def _is_kept(self, found: FoundChat, data: bytes) -> bool:
        """Tell whether what is there is the same chat already and the editor can go on with it.

        Raises:
            RestoreRefusedError: it is another version, and nobody said that it may be replaced.
        """
        if found.parsed is None:
            return False
        there = summarize(found.parsed, self._session)
        wanted = self._version.summary
        current = found.files[found.name]
        suffix = found.name[len(self._session) :]
        is_same = current == data or (there.opens and _reads_same(there, wanted))
        if is_same and is_safe(current, suffix, self._session):
            return True
        holds_something = bool(there.turns or (there.custom_title and not wanted.turns))
        if is_same or not holds_something or self._options.mode is RestoreMode.REPLACE:
            return False
        raise RestoreRefusedError(
            f"the chat {self._session} is there with other content\n"
            f"  there: {describe(there)}\n  {self._version.words}",
            advice=Advice(AdviceCode.COPY_OR_REPLACE),
        )

    def _entry(self, index: ChatIndex, summary: ChatSummary, body: Body) -> JsonObject:
        known = captured_entry(self._catalog, self._version, self._newest_first, self._context.monitor)
        there = index.entry(self._session)
        raw = {**(there.raw if there else {}), **(known or {})}
        if self._options.mode is RestoreMode.COPY and raw:
            raw["title"] = body.session.title
        return listed_entry(raw or None, summary, self._session, body.session.title)

    def _edits(self, place: Place) -> tuple[FileChange, ...]:
        """Return the files of the chat's record of edits that are wanted and not there."""
        if not self._options.with_edits:
            if self._has_open_edits(place):
                self._warn(
                    f"{place.edits / self._session} holds edits that were never accepted; when the chat is"
                    " opened, the editor applies them again to the files, whatever those hold now"
                )
            return ()
        self._warn(
            "with its edits restored, the editor applies old edits again when the chat is opened,"
            " over whatever the files hold now"
        )
        files = tuple(self._stored_edits(place)) if place.workspace != NO_WORKSPACE else ()
        present = {file.logical: self._bytes_of(file.path) for file in files}
        if any(present[file.logical] not in (None, file.after) for file in files):
            self._warn("other edits of the chat are there; they stay, and none are restored")
            return ()
        if not files:
            self._warn("there are no edits of this chat to restore")
        return tuple(file for file in files if present[file.logical] is None)

    def _bytes_of(self, path: Path) -> bytes | None:
        try:
            return read_whole(path, self._watch)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _stored_edits(self, place: Place) -> Iterator[FileChange]:
        repository, file = self._context.repository, self._version.file
        source = f"{file.source}/{edits_folder(file.workspace, file.session)}"
        entry = self._first_entry(source)
        for path, found in repository.walk(entry.content) if entry else ():
            if found.kind is not EntryKind.FILE:
                continue
            data = repository.reader.read_all(found.content)
            if self._session != file.session and path == "state.json":
                data = data.replace(file.session.encode(), self._session.encode())
            logical = f"{place.edits_path(self._session)}/{path}"
            yield FileChange(place.logical_path(logical), logical, None, 0, data, found.mtime_ns)

    def _first_entry(self, path: str) -> Entry | None:
        """Return what stands at a path in the newest snapshot that has it beside this version."""
        for root in roots_with(self._catalog, self._version, self._newest_first):
            try:
                return self._context.repository.entry(root, path)
            except NotFoundError:
                continue
        return None

    def _has_open_edits(self, place: Place) -> bool:
        """Tell whether opening the chat would change files (microsoft/vscode chatEditingSession.ts)."""
        try:
            data = read_whole(place.edits / self._session / "state.json", self._watch)
            document = json.loads(data[:_EDIT_FILE_LIMIT])
            entries = document["recentSnapshot"]["entries"]
            return any(entry.get("state") == 0 for entry in entries)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False

    def _warn(self, text: str, advice: Advice | None = None) -> None:
        self._warnings.append(Remark(text, advice))

    def _warn_of_list(self, index: ChatIndex, summary: ChatSummary) -> None:
        if summary.is_empty:
            self._warn("the chat has no turns; the editor does not list such chats")
        if warning := cap_warning(index, self._session):
            self._warn(warning)


def _reads_same(one: ChatSummary, other: ChatSummary) -> bool:
    return _turns(one) == _turns(other) and one.title == other.title


def _turns(summary: ChatSummary) -> Sequence[str]:
    return [turn.fingerprint for turn in summary.turns]
