"""Plan how one chat comes back into an editor: which files and which fields of its list would change.

Nothing is written here. `apply` carries the plan out, and `undo` takes it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatcask.advice import Advice, AdviceCode, Remark
from chatcask.assistants.base import Source
from chatcask.assistants.editing import Body, Place
from chatcask.assistants.vscode.chat_list.cap import cap_warning
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.chats.chat_list import ChatIndex
from chatcask.chats.fields import text_at
from chatcask.chats.jsontext import JsonObject
from chatcask.chats.summary import ChatSummary, summarize
from chatcask.errors import RestoreRefusedError
from chatcask.monitor import Monitor
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.browse.versions import ChatVersions
from chatcask.ops.editing.change import ChangeCause, EditorChange, PlaceChange, notes_on_links
from chatcask.ops.editing.choose_place import ChosenPlace, choose_place
from chatcask.ops.editing.context import EditContext
from chatcask.ops.editing.place_state import ListState, read_chat, read_list
from chatcask.ops.editing.restored_body import restored_body
from chatcask.ops.editing.restored_edits import restored_edits
from chatcask.ops.editing.restoring import RestoreMode, RestoreOptions, Restoring
from chatcask.ops.editing.successors import Origin


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
    versions: ChatVersions,
    version: StoredVersion,
    target: Source,
    options: RestoreOptions,
    monitor: Monitor,
) -> RestorePlan:
    """Plan the restore of one version of a chat into an editor's folder.

    Args:
        context: The store and the guard.
        versions: Where the chat's entry in the editor's list and its edits may be found, if the version's own
            snapshot has them no more.
        version: What to restore.
        target: The editor's folder to restore into.
        options: How.
        monitor: Told of places that cannot be looked at.

    Raises:
        NotEditableError: the chat's assistant is one whose folders never change, or not the target's.
        EditorRunningError: the editor runs; nothing was touched.
        RestoreRefusedError: the same chat is there with other content, or the editor's list is malformed.
        NotFoundError: the place to restore to is not there.
        AmbiguousError: the chat would not be shown where it was.
        DamagedError: the store cannot give the version.
    """
    restoring = Restoring(context, versions, version, target, options, monitor)
    session = restoring.session
    context.guard.require_closed(target)
    chosen = _chosen_place(restoring)
    place, listed = chosen.place, _usable_list(restoring, chosen.place)
    restored = restored_body(restoring, read_chat(place, session, restoring.watch))
    body = restored.body
    summary = summarize(body.parsed, session)
    entry = _entry(restoring, listed.index, summary, body)
    title = text_at(entry, "title") or body.chat.title
    text = restoring.editing.put_entry(listed.text, entry)
    edits = restored_edits(restoring, place)
    change = EditorChange(
        source=target,
        cause=ChangeCause.RESTORE,
        about=(f"restore {session} ({title}) into {place.name}",),
        places=(PlaceChange(place, (*restored.files, *edits.files), listed.changes(text, [session])),),
    )
    return RestorePlan(
        session=session,
        title=title,
        turns=summary.turn_count,
        version=version,
        place=place,
        change=change,
        put_right=body.changes,
        warnings=(
            *_notes_on_versions(restoring),
            *map(Remark, _notes_on_damage(restoring)),
            *map(Remark, chosen.notes),
            *map(Remark, notes_on_links(change)),
            *restored.notes,
            *map(Remark, edits.notes),
            *map(Remark, _notes_on_listing(read_index(text), session, summary)),
        ),
    )


def _chosen_place(restoring: Restoring) -> ChosenPlace:
    file, options = restoring.version.file, restoring.options
    places = restoring.editing.places(restoring.target, restoring.watch, restoring.monitor.problem)
    return choose_place(places, Origin(file.workspace, file.folder), options.workspace, options.family)


def _usable_list(restoring: Restoring, place: Place) -> ListState:
    listed = read_list(place, restoring.watch)
    if listed.index.problem:
        raise RestoreRefusedError(
            f"the editor's list of chats in {place.database} is malformed: {listed.index.problem}",
            advice=Advice(AdviceCode.FIX_LIST_THEN_RESTORE),
        )
    return listed


def _entry(restoring: Restoring, index: ChatIndex, summary: ChatSummary, body: Body) -> JsonObject:
    """Return the entry that lists the chat: the captured one over the present one, put right."""
    there = index.entry(restoring.session)
    known = restoring.versions.captured_entry(restoring.version)
    raw = {**(there.raw if there else {}), **(known or {})}
    if restoring.options.mode is RestoreMode.COPY and raw:
        raw["title"] = body.chat.title
    return restoring.editing.listed_entry(raw or None, summary, restoring.session, body.chat.title)


def _notes_on_versions(restoring: Restoring) -> Iterator[Remark]:
    """Say that another version holds more, or that the newest one holds less and so was passed over."""
    version, session = restoring.version, restoring.version.file.session
    best, newest = restoring.versions.best(session), restoring.versions.newest_of(session)
    if best is not None and best.measure.is_fuller_than(version.measure):
        yield Remark(f"there is a fuller version: {best.words}", _restore_advice(best))
    elif newest is not None and version.measure.is_fuller_than(newest.measure):
        yield Remark(
            f"this is the fullest version; the newest holds less: {newest.words}",
            _restore_advice(newest) if newest.summary.turn_count else None,
        )


def _restore_advice(version: StoredVersion) -> Advice:
    snapshot = version.snapshot.id[:12]
    return Advice(AdviceCode.RESTORE_VERSION, session=version.file.session[:8], snapshot=snapshot)


def _notes_on_damage(restoring: Restoring) -> list[str]:
    """Say what damage of the store may hide a newer version."""
    problems = restoring.versions.passed_over(restoring.version.file)
    return [f"the store has lost what may be a newer version: {p.path}: {p.message}" for p in problems]


def _notes_on_listing(index: ChatIndex, session: str, summary: ChatSummary) -> list[str]:
    notes = ["the chat has no turns; the editor does not list such chats"] if summary.is_empty else []
    warning = cap_warning(index, session)
    return [*notes, warning] if warning else notes
