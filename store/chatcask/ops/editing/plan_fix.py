"""Plan how findings of the doctor are put right: which files and which fields would change.

Nothing is written here. `apply_change` carries the plan's change out, safety snapshot first, and `undo`
takes it back. Of a chat that cannot be opened, what the file still gives is taken, unless the store or a
second file of the chat has more turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.chat_list.edit import listed_entry, put_entry
from chatcask.assistants.vscode.chat_list.mend import mend_index
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.places.chat_places import Place
from chatcask.assistants.vscode.places.locate import Source
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.state.database import INDEX_KEY, StateDatabaseError, read_rows
from chatcask.assistants.vscode.writing.body import (
    Body,
    ended_body,
    exact_body,
    is_safe,
    plain_name,
    rewritten_body,
)
from chatcask.catalog.catalog import Catalog
from chatcask.chats.jsontext import JsonObject, dumps
from chatcask.chats.model import Chat
from chatcask.chats.summary import ChatSummary, summarize
from chatcask.errors import ChatcaskError, EditorRunningError, InvalidInputError, NotFoundError
from chatcask.ops.browse.versions import captured_entry
from chatcask.ops.editing.cause import Kind
from chatcask.ops.editing.change import ChangeCause, EditContext, EditorChange, FileChange, PlaceChange
from chatcask.ops.editing.finding import ChatFinding, Diagnosis
from chatcask.ops.editing.place_state import FoundChat, ListState, chats_of, read_chat, read_list
from chatcask.repository.snapshots import StoredSnapshot

_SOUND = (Kind.NOT_LISTED, Kind.BEYOND_CAP, Kind.HIDDEN)
_SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class FixPlan:
    """What a fix would do: the change, what is put right in words, and what cannot be."""

    change: EditorChange
    fixed: tuple[ChatFinding, ...]
    refused: tuple[tuple[ChatFinding, str], ...]


def choose_findings(diagnosis: Diagnosis, wanted: Sequence[str]) -> list[ChatFinding]:
    """Return the findings to fix: those of the named chats and workspaces, or all.

    Raises:
        NotFoundError: a name matches no finding.
    """
    if not wanted:
        return [finding for finding in diagnosis.findings if finding.can_fix]
    chosen: dict[int, ChatFinding] = {}
    for name in wanted:
        matches = {id(f): f for f in diagnosis.findings if _answers_to(f, name)}
        if not matches:
            raise NotFoundError(
                f"the doctor found nothing about {name!r}",
                what="finding",
                name=name,
                advice=Advice(AdviceCode.LIST_FINDINGS),
            )
        chosen.update(matches)
    return [finding for finding in chosen.values() if finding.can_fix]


def _answers_to(finding: ChatFinding, name: str) -> bool:
    identifier = finding.session or finding.place.workspace
    return identifier == name or (len(name) >= _SHORTEST_PREFIX and identifier.startswith(name))


def plan_fix(
    context: EditContext,
    catalog: Catalog,
    newest_first: Sequence[StoredSnapshot],
    diagnosis: Diagnosis,
    findings: Sequence[ChatFinding],
) -> FixPlan:
    """Plan how findings are put right.

    Args:
        context: The store and the guard.
        catalog: The store's sessions.
        newest_first: The snapshots to take earlier lists of chats from.
        diagnosis: What was found.
        findings: Those to put right.

    Raises:
        EditorRunningError: the editor runs; nothing was touched.
    """
    context.guard.require_closed(diagnosis.source)
    return _Fix(context, catalog, newest_first, diagnosis.source).make(findings)


@dataclass(slots=True)
class _Draft:
    """A place being put right: its list as it becomes, its files, and the chats that must be shown."""

    place: Place
    listed: ListState
    text: str | None
    files: list[FileChange] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)


class _Fix:
    """The making of one plan."""

    def __init__(
        self, context: EditContext, catalog: Catalog, newest_first: Sequence[StoredSnapshot], source: Source
    ) -> None:
        self._context = context
        self._catalog = catalog
        self._newest_first = newest_first
        self._source = source
        self._drafts: dict[str, _Draft] = {}

    def make(self, findings: Sequence[ChatFinding]) -> FixPlan:
        fixed: list[ChatFinding] = []
        refused: list[tuple[ChatFinding, str]] = []
        # A list is mended before an entry is added to it.
        for finding in sorted(findings, key=lambda finding: bool(finding.session)):
            try:
                self._put_right(finding)
            except EditorRunningError:
                raise
            except ChatcaskError as error:
                refused.append((finding, error.message))
            else:
                fixed.append(finding)
        drafted = [_change(draft) for draft in self._drafts.values()]
        places = tuple(place for place in drafted if not place.is_empty)
        about = tuple(f"fix {f.session or f.place.workspace}: {f.cause}" for f in fixed)
        change = EditorChange(self._source, ChangeCause.FIX, about, places)
        return FixPlan(change, tuple(fixed), tuple(refused))

    def _watch(self) -> None:
        self._context.guard.watch(self._source)

    def _draft(self, place: Place) -> _Draft:
        draft = self._drafts.get(place.workspace)
        if draft is None:
            listed = read_list(place, self._watch)
            draft = self._drafts[place.workspace] = _Draft(place, listed, listed.text)
        return draft

    def _put_right(self, finding: ChatFinding) -> None:
        draft = self._draft(finding.target or finding.place)
        if finding.kind is Kind.MALFORMED_INDEX:
            draft.text = mend_index(
                draft.text or "", self._summaries(finding.place), self._older(finding.place)
            )
            return
        index = read_index(draft.text)
        if index.problem:
            raise InvalidInputError(f"the list of {finding.place.name} is malformed: {index.problem}")
        session = plain_name(finding.session)
        body, files, from_store = self._body(finding, session)
        entry = self._entry(finding, draft, summarize(body.parsed, session), body, from_store=from_store)
        draft.text = put_entry(draft.text, entry)
        draft.files += files
        draft.shown.append(session)

    def _body(self, finding: ChatFinding, session: str) -> tuple[Body, tuple[FileChange, ...], bool]:
        """Return the file to end up with, what changes to get there, and whether it is the store's."""
        there = read_chat(finding.place, session, self._watch)
        suffix = there.name[len(session) :]
        if finding.kind in _SOUND:
            return exact_body(there.files[there.name], suffix, session), (), False
        if finding.kind is Kind.NO_FINAL_NEWLINE:
            body = ended_body(there.files[there.name], session)
            return body, there.write(body.name, body.data, None), False
        target = read_chat(finding.target, session, self._watch) if finding.target else there
        if finding.kind is Kind.MOVED and is_safe(there.files[there.name], suffix, session):
            body = exact_body(there.files[there.name], suffix, session)
            return body, target.write(body.name, body.data, None), False
        return self._best(finding, there, target)

    def _best(
        self, finding: ChatFinding, there: FoundChat, target: FoundChat
    ) -> tuple[Body, tuple[FileChange, ...], bool]:
        """Return the fullest of what the files and the store have; of equal ones the file that is read."""
        best, from_store = None, False
        for session in self._on_disk(there):
            if best is None or _fullness(session) > _fullness(best):
                best = session
        stored = self._stored(finding)
        if stored is not None and (best is None or _fullness(stored) > _fullness(best)):
            exact = self._exact(finding, target)
            if exact is not None and finding.stored is not None:
                mtime_ns = finding.stored.file.mtime_ns
                return exact, target.write(exact.name, exact.data, mtime_ns), True
            best, from_store = stored, True
        if best is None or not best.turns:
            raise NotFoundError(
                f"nothing can be read of the chat {finding.session}", what="version", name=finding.session
            )
        created_ms = finding.place.made_ns // 1_000_000 or self._now_ms()
        body = rewritten_body(best, finding.session, created_ms=created_ms)
        return body, target.write(body.name, body.data, None), from_store

    def _on_disk(self, there: FoundChat) -> Iterator[Chat]:
        for name in sorted(there.files, key=lambda name: name != there.name):
            session = parse_chat(there.files[name], name).session
            if session is not None:
                yield session

    def _exact(self, finding: ChatFinding, target: FoundChat) -> Body | None:
        """Return the store's own bytes where no file is in the way and the editor can go on with them."""
        if finding.stored is None or target.files:
            return None
        file = finding.stored.file
        suffix = file.name[len(file.session) :]
        data = self._context.repository.reader.read_all(file.content)
        return exact_body(data, suffix, finding.session) if is_safe(data, suffix, finding.session) else None

    def _stored(self, finding: ChatFinding) -> Chat | None:
        if finding.stored is None:
            return None
        return self._catalog.parse(finding.stored.file).session

    def _now_ms(self) -> int:
        return int(self._context.clock().timestamp() * 1000)

    def _entry(
        self, finding: ChatFinding, draft: _Draft, summary: ChatSummary, body: Body, *, from_store: bool
    ) -> JsonObject:
        here = self._entry_in(draft.text, finding.session)
        if finding.target is not None:
            moved_from = read_list(finding.place, self._watch)
            here = {**self._entry_in(moved_from.text, finding.session), **here}
        stored = self._stored_entry(finding)
        raw = {**here, **stored} if from_store else {**stored, **here}
        return listed_entry(raw or None, summary, finding.session, body.session.title)

    def _entry_in(self, text: str | None, session: str) -> JsonObject:
        entry = read_index(text).entry(session)
        return entry.raw if entry else {}

    def _stored_entry(self, finding: ChatFinding) -> JsonObject:
        if finding.stored is None:
            return {}
        monitor = self._context.monitor
        return captured_entry(self._catalog, finding.stored, self._newest_first, monitor) or {}

    def _summaries(self, place: Place) -> dict[str, ChatSummary]:
        """Return every chat of a place in short."""
        found = {}
        for session in chats_of(place, self._watch):
            chat = read_chat(place, session, self._watch)
            if chat.parsed is not None:
                found[session] = summarize(chat.parsed, session)
        return found

    def _older(self, place: Place) -> Iterator[str]:
        """Yield earlier lists of a place: the editor's own backup, then the store's, newest first."""
        self._watch()
        try:
            rows = dict(read_rows(place.backup, (INDEX_KEY,)))
        except (StateDatabaseError, OSError):
            rows = {}
        if INDEX_KEY in rows:
            yield rows[INDEX_KEY].decode("utf-8", "replace")
        for _, snapshot in self._newest_first:
            index = self._catalog.index(snapshot.root, place.source, place.workspace)
            if index is not None and index.is_valid and index.entries:
                yield dumps(index.raw)
                return


def _fullness(session: Chat) -> tuple[int, int]:
    """Return what tells how much of a chat a version holds: its turns, then all that is in them."""
    return len(session.turns), len(dumps([turn.raw for turn in session.turns]))


def _change(draft: _Draft) -> PlaceChange:
    """Return what changes in a place; the marks of archived chats are those of all that are shown."""
    rows = () if draft.text is None else draft.listed.changes(draft.text, draft.shown)
    return PlaceChange(draft.place, tuple(draft.files), rows)
