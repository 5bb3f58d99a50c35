"""The file that a restored chat ends up with: the stored bytes, if the editor can go on with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatcask.advice import Advice, AdviceCode, Remark
from chatcask.assistants.editing import Body
from chatcask.assistants.vscode.places.path_roles import suffix_of_name
from chatcask.chats.summary import ChatSummary, summarize
from chatcask.errors import NotFoundError, RestoreRefusedError
from chatcask.ops.browse.stored_version import describe
from chatcask.ops.editing.change import FileChange
from chatcask.ops.editing.place_state import ChatOnDisk
from chatcask.ops.editing.restoring import RestoreMode, Restoring


@dataclass(frozen=True, slots=True)
class RestoredBody:
    """The file to end up with, what changes to get there, and what the user should know."""

    body: Body
    files: tuple[FileChange, ...]
    notes: tuple[Remark, ...] = ()


def restored_body(restoring: Restoring, found: ChatOnDisk) -> RestoredBody:
    """Return the file that the chat will have.

    Raises:
        RestoreRefusedError: another version is there, and nobody said that it may be replaced.
        NotFoundError: nothing can be read from the stored file.
        DamagedError: the store cannot give the version.
    """
    context, session, file = restoring.context, restoring.session, restoring.version.file
    editing = restoring.editing
    data = context.repository.reader.read_all(file.content, file.size)
    if _is_kept(restoring, found, data):
        kept = editing.exact_body(found.files[found.name], found.suffix, session)
        return RestoredBody(kept, (), _notes_on_kept(restoring))
    if not found.files and editing.is_safe(data, suffix_of_name(file.name), session):
        body = editing.exact_body(data, suffix_of_name(file.name), session)
        return RestoredBody(body, found.write(body.name, body.data, file.mtime_ns))
    parsed = context.catalog.parse(file)
    chat = parsed.chat
    if parsed.report.is_shortened:
        return _as_it_is(restoring, found, data)
    if chat is None:
        raise NotFoundError(
            f"nothing can be read from {file.path} in snapshot {restoring.version.snapshot.id[:12]}",
            what="version",
            name=file.session,
            advice=Advice(AdviceCode.LIST_VERSIONS, session=file.session),
        )
    body = editing.rewritten_body(chat, session, created_ms=file.mtime_ns // 1_000_000)
    return RestoredBody(body, found.write(body.name, body.data, None))


def _as_it_is(restoring: Restoring, found: ChatOnDisk, data: bytes) -> RestoredBody:
    """Return the stored bytes of a chat that cannot be written anew, since not all of it is read.

    Raises:
        RestoreRefusedError: it would have to be written anew.
    """
    file = restoring.version.file
    if restoring.session != file.session or not restoring.context.catalog.parse(file).report.opens:
        raise RestoreRefusedError(
            f"the chat {file.session} is nested too deeply to be written in another form",
            advice=Advice(AdviceCode.OTHER_VERSIONS_OR_RAW, session=file.session),
        )
    body = restoring.editing.exact_body(data, suffix_of_name(file.name), restoring.session)
    return RestoredBody(body, found.write(body.name, body.data, file.mtime_ns))


def _is_kept(restoring: Restoring, found: ChatOnDisk, data: bytes) -> bool:
    """Tell whether what is there is the same chat already and the editor can go on with it."""
    if found.parsed is None:
        return False
    there = summarize(found.parsed, restoring.session)
    wanted = restoring.version.summary
    current = found.files[found.name]
    is_same = current == data or (there.opens and _reads_same(there, wanted))
    if is_same and restoring.editing.is_safe(current, found.suffix, restoring.session):
        return True
    holds_something = bool(there.turns or (there.custom_title and not wanted.turns))
    if is_same or not holds_something or restoring.options.mode is RestoreMode.REPLACE:
        return False
    raise RestoreRefusedError(
        f"the chat {restoring.session} is there with other content",
        advice=Advice(AdviceCode.COPY_OR_REPLACE),
    ).with_lines((f"there: {describe(there)}", restoring.version.words))


def _notes_on_kept(restoring: Restoring) -> tuple[Remark, ...]:
    if restoring.options.mode is not RestoreMode.REPLACE:
        return ()
    advice = Advice(AdviceCode.NAME_OLDER_VERSION, session=restoring.session)
    return (Remark("the newest version in the store is what is there", advice),)


def _reads_same(one: ChatSummary, other: ChatSummary) -> bool:
    return _turns(one) == _turns(other) and one.title == other.title


def _turns(summary: ChatSummary) -> Sequence[str]:
    return [turn.fingerprint for turn in summary.turns]
