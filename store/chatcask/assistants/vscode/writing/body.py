"""The file to write so that the editor opens a chat, saves it again, and does not delete it.

The exact bytes are kept when the editor can safely go on with them. Otherwise the chat becomes a log of
one initial entry, ended by a line feed, because the next append is written without one
(microsoft/vscode objectMutationLog.ts). A chat counts as the editor's own only with `requests`,
`responderUsername`, `creationDate` and `sessionId` (chatModel.ts), and one without turns and without a title
is deleted when it is left (chatServiceImpl.ts). Unknown fields are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.editing import Body
from chatcask.assistants.vscode.reading.build import is_full_chat
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.writing.copied import with_new_id
from chatcask.chats import jsontext
from chatcask.chats.fields import text_at, value_at, whole_at
from chatcask.chats.model import TurnState
from chatcask.chats.parsed import ParseState
from chatcask.errors import InvalidInputError

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject
    from chatcask.chats.model import Chat, Turn

LOG_SUFFIX = ".jsonl"

_PANEL = "panel"
_RESPONDER = "GitHub Copilot"
_FINISHED = (TurnState.COMPLETE, TurnState.CANCELLED, TurnState.FAILED)
_UNNAMED = "?"


def is_safe(data: bytes, suffix: str, session_id: str) -> bool:
    """Tell whether the editor can go on with exactly these bytes as the file of that chat."""
    # Named like no chat, so that an id which is not in the file is not read from its name.
    parsed = parse_chat(data, f"{_UNNAMED}{suffix}")
    chat = parsed.chat
    report = parsed.report
    is_sound = parsed.state is ParseState.SOUND or (
        report.opens and all(note.kind == "too_deep" for note in report.notes)
    )
    if chat is None or not is_sound:
        return False
    if suffix == LOG_SUFFIX and not data.endswith(b"\n"):
        return False
    return (
        chat.session_id == session_id
        and chat.location == _PANEL
        and bool(chat.custom_title)
        and is_full_chat(chat.raw)
        and all(_is_finished(turn.raw) for turn in chat.turns)
    )


def exact_body(data: bytes, suffix: str, session_id: str) -> Body:
    """Return a body of exactly these bytes."""
    name = f"{session_id}{suffix}"
    return Body(name, data, parse_chat(data, name), changes=())


def ended_body(data: bytes, session_id: str) -> Body:
    """Return a sound log with the line feed that the next append needs."""
    name = f"{session_id}{LOG_SUFFIX}"
    ended = data + b"\n"
    return Body(name, ended, parse_chat(ended, name), changes=("a final line feed added",))


def rewritten_body(chat: Chat, session_id: str, *, created_ms: int) -> Body:
    """Return a chat as a log of one line, under that id; another id than its own makes it a copy.

    Args:
        chat: What could be read.
        session_id: The id to write it under.
        created_ms: When it was created, if neither the chat nor its first request says.
    """
    changes: list[str] = []
    raw = _with_fields(chat, created_ms, changes)
    if chat.session_id != session_id:
        raw = with_new_id(raw, chat.session_id, session_id)
        changes.append(f"the new id {session_id}")
    raw["sessionId"] = session_id
    name = f"{session_id}{LOG_SUFFIX}"
    data = jsontext.dumps({"kind": 0, "v": raw}).encode("utf-8", "replace") + b"\n"
    return Body(name, data, parse_chat(data, name), changes=tuple(changes))


def _with_fields(chat: Chat, created_ms: int, changes: list[str]) -> JsonObject:
    """Return the object with everything that the editor asks of a chat of its own."""
    raw = dict(chat.raw)

    def put(name: str, value: Json, why: str) -> None:
        if raw.get(name) != value or type(raw.get(name)) is not type(value):
            raw[name] = value
            changes.append(why)

    put("version", 3, "the version of its form")
    if whole_at(raw, "creationDate") is None:
        first = chat.turns[0].timestamp_ms if chat.turns else None
        put("creationDate", created_ms if first is None else first, "its date of creation")
    if not isinstance(raw.get("responderUsername"), str):
        agents = [turn.agent for turn in chat.turns if turn.agent]
        put("responderUsername", agents[0] if agents else _RESPONDER, "the name of who answered")
    put("initialLocation", _PANEL, "its place in the chat panel")
    if not text_at(raw, "customTitle"):
        put("customTitle", chat.title, "its title, without which the editor may delete it")
    put(
        "requests",
        [_request(turn) for turn in chat.turns],
        "turns that were unfinished, or that the editor could not read",
    )
    return raw


def _request(turn: Turn) -> JsonObject:
    """Return a request in a form that the editor can read; one that has it comes back as it is."""
    raw = turn.raw
    fixed: JsonObject = {}
    message = raw.get("message")
    if not isinstance(message, str) and not isinstance(value_at(message, "parts"), list):
        # The editor makes the parts of a message that is text.
        fixed["message"] = turn.prompt
    if not isinstance(raw.get("response"), list):
        fixed["response"] = [raw["response"]] if isinstance(raw.get("response"), str) else []
    if not _is_finished(raw):
        state = turn.state if turn.state in _FINISHED else TurnState.CANCELLED
        completed = turn.completed_ms or turn.timestamp_ms or 0
        fixed["modelState"] = {"value": int(state), "completedAt": completed}
    kept = {key: value for key, value in raw.items() if key != "usedContext" or _is_context(value)}
    return {**kept, **fixed} if fixed or len(kept) < len(raw) else raw


def _is_finished(raw: JsonObject) -> bool:
    """Tell whether a request is over; old data says it in other ways, and has no such field."""
    if "modelState" not in raw:
        return True
    number = whole_at(raw, "modelState", "value")
    return number is not None and number in _FINISHED


def _is_context(value: Json) -> bool:
    return not value or isinstance(value_at(value, "documents"), list)


def plain_name(session_id: str) -> str:
    """Return the id if it can be the name of a file; newest editors refuse others (chatUri.ts).

    Raises:
        InvalidInputError: it could lead out of the folder, or no file can be named so.
    """
    is_odd = any(c in '/\\:*?"<>|' or not c.isprintable() for c in session_id)
    if is_odd or session_id in {"", ".", ".."} or session_id.endswith((" ", ".")):
        raise InvalidInputError(
            f"the id {session_id!r} cannot be the name of a file",
            advice=Advice(AdviceCode.RESTORE_AS_COPY),
        )
    return session_id
