"""The file that a chat has once it is put right: the fullest of what its files and the store give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatcask.assistants.editing import Body
from chatcask.assistants.vscode.places.path_roles import suffix_of_name
from chatcask.assistants.vscode.reading.build import build_chat
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.reading.transcript import read_transcript, rebuilt
from chatcask.assistants.vscode.writing.body import ended_body
from chatcask.chats.jsontext import dumps
from chatcask.chats.model import Chat
from chatcask.errors import DamagedError, NotFoundError
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.change import FileChange
from chatcask.ops.editing.finding import ChatFinding
from chatcask.ops.editing.fixing import Fixing
from chatcask.ops.editing.place_state import ChatOnDisk, read_chat, read_if_there

_SOUND = (FindingKind.NOT_LISTED, FindingKind.BEYOND_CAP, FindingKind.HIDDEN)


@dataclass(frozen=True, slots=True)
class FixedBody:
    """The file to end up with, what changes to get there, and whether it is the store's or a transcript's."""

    body: Body
    files: tuple[FileChange, ...]
    from_store: bool = False
    is_rebuilt: bool = False


def fixed_body(fixing: Fixing, finding: ChatFinding) -> FixedBody:
    """Return the file that puts a finding right.

    Raises:
        RestoreRefusedError: a file of the chat cannot be read.
        NotFoundError: nothing can be read of the chat.
    """
    session = fixing.editing.plain_name(finding.session)
    there = read_chat(finding.place, session, fixing.watch)
    if finding.kind in _SOUND:
        return FixedBody(fixing.editing.exact_body(there.files[there.name], there.suffix, session), ())
    if finding.kind is FindingKind.NO_FINAL_NEWLINE:
        body = ended_body(there.files[there.name], session)
        return FixedBody(body, there.write(body.name, body.data, None))
    target = read_chat(finding.target, session, fixing.watch) if finding.target else there
    if finding.kind is FindingKind.MOVED and fixing.editing.is_safe(
        there.files[there.name], there.suffix, session
    ):
        body = fixing.editing.exact_body(there.files[there.name], there.suffix, session)
        return FixedBody(body, target.write(body.name, body.data, None))
    return _fullest(fixing, finding, there, target)


def _fullest(fixing: Fixing, finding: ChatFinding, there: ChatOnDisk, target: ChatOnDisk) -> FixedBody:
    """Return the fullest of what the files and the store have; of equal ones the file that is read."""
    best = max(_on_disk(there), key=_fullness, default=None)
    stored = _stored(fixing, finding)
    from_store = stored is not None and (best is None or _fullness(stored) > _fullness(best))
    if from_store and finding.stored is not None and not target.files:
        exact = _exact(fixing, finding)
        if exact is not None:
            files = target.write(exact.name, exact.data, finding.stored.file.mtime_ns)
            return FixedBody(exact, files, from_store=True)
    best = stored if from_store else best
    if best is None or not best.turns:
        body = _rebuilt_body(fixing, finding)
        return FixedBody(body, target.write(body.name, body.data, None), is_rebuilt=True)
    created_ms = finding.place.made_ns // 1_000_000 or fixing.now_ms
    body = fixing.editing.rewritten_body(best, finding.session, created_ms=created_ms)
    return FixedBody(body, target.write(body.name, body.data, None), from_store)


def _rebuilt_body(fixing: Fixing, finding: ChatFinding) -> Body:
    """Return the chat as the Copilot extension's transcript tells it, marked as rebuilt.

    Raises:
        NotFoundError: there is none, or nothing in it.
    """
    data = read_if_there(finding.place.transcript(finding.session), fixing.watch)
    raw = rebuilt(read_transcript(data or b"", finding.session), finding.title)
    if raw is None:
        raise NotFoundError(
            f"nothing can be read of the chat {finding.session}", what="version", name=finding.session
        )
    return fixing.editing.rewritten_body(
        build_chat(raw, finding.session), finding.session, created_ms=fixing.now_ms
    )


def _on_disk(there: ChatOnDisk) -> Iterator[Chat]:
    """Yield what the chat's files give, the one that the editor reads first."""
    for name in sorted(there.files, key=lambda name: name != there.name):
        chat = parse_chat(there.files[name], name).chat
        if chat is not None:
            yield chat


def _stored(fixing: Fixing, finding: ChatFinding) -> Chat | None:
    """Return the store's version; None if there is none, or if only the files on disk can be had."""
    if finding.stored is None:
        return None
    try:
        return fixing.context.catalog.parse(finding.stored.file).chat
    except DamagedError:
        if finding.turns_on_disk:
            return None
        raise


def _exact(fixing: Fixing, finding: ChatFinding) -> Body | None:
    """Return the store's own bytes if the editor can go on with them."""
    if finding.stored is None:
        return None
    file = finding.stored.file
    data, suffix = (
        fixing.context.repository.reader.read_all(file.content, file.size),
        suffix_of_name(file.name),
    )
    is_exact = fixing.editing.is_safe(data, suffix, finding.session)
    return fixing.editing.exact_body(data, suffix, finding.session) if is_exact else None


def _fullness(chat: Chat) -> tuple[int, int]:
    """Return what tells how much of a chat a version holds: its turns, then all that is in them."""
    return len(chat.turns), len(dumps([turn.raw for turn in chat.turns]))
