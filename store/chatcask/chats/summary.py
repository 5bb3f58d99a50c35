"""A chat in short: what a catalogue stores and what comparisons over many chats need.

A turn's fingerprint is the hash of what a reader sees of it: prompt, attachments, and the visible parts of
the response. Ids, times and state are not in it, because the editor's Fork gives a copied turn new ids, new
times and the state "complete" (microsoft/vscode chatForkActions.ts), and a copied turn must be recognised.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import unquote

from chatcask.chats.fields import array_at, base_name, flag_at, text_at, whole_at
from chatcask.chats.jsontext import canonical
from chatcask.chats.model import (
    CUT_MARK,
    CodeBlockUriPart,
    CommandPart,
    InlineReferencePart,
    MarkdownPart,
    MarkerPart,
    NoticePart,
    TextEditPart,
    ThinkingPart,
    ToolCallPart,
    TreePart,
    TurnState,
    UnknownPart,
)
from chatcask.chats.parsed import ParseState
from chatcask.ids import chunk_id

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject
    from chatcask.chats.model import Part, Turn
    from chatcask.chats.parsed import ParsedChat

_FINGERPRINT_DIGITS = 32


@dataclass(frozen=True, slots=True)
class TurnSummary:
    """The identity of one turn: its ids, its time, the fingerprints of all of it and of its prompt; its size.

    Attributes:
        request_id: Its id.
        response_id: The id of its answer.
        timestamp_ms: When it was sent, in milliseconds since 1970.
        fingerprint: Of what a reader sees of it.
        prompt_fingerprint: Of its prompt alone.
        prompt_length: Characters of its prompt.
        answer_length: Characters of the answer's text.
        is_answered: Whether its answer holds anything that is shown.
        is_taken_back: Whether it was taken back: it is not shown, and the next prompt removes it.
        cut_texts: How many of its texts the editor replaced by its mark of truncation.
    """

    request_id: str | None
    response_id: str | None
    timestamp_ms: int | None
    fingerprint: str
    prompt_fingerprint: str
    prompt_length: int = 0
    answer_length: int = 0
    is_answered: bool = False
    is_taken_back: bool = False
    cut_texts: int = 0


@dataclass(frozen=True, slots=True)
class ChatSummary:
    """A chat in short. Times are milliseconds since 1970.

    `opens` tells whether the editor's own reader takes the file; `is_full` whether the editor would also
    save the chat again; `is_ended` whether its log has its final line feed; `cut_turns` how many
    turns its bytes hold that were cut off when an earlier prompt was sent again.
    """

    session_id: str
    title: str
    custom_title: str | None
    created_ms: int | None
    location: str | None
    responder: str
    models: tuple[str, ...]
    has_pending_edits: bool
    last_state: int
    last_completed_ms: int | None
    turns: tuple[TurnSummary, ...]
    state: ParseState
    opens: bool
    has_header: bool
    is_full: bool
    size: int
    is_ended: bool = True
    cut_turns: int = 0

    @property
    def turn_count(self) -> int:
        """Return the number of turns."""
        return len(self.turns)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no turn; the editor deletes such a chat unless it was given a title."""
        return not self.turns

    @property
    def first_message_ms(self) -> int | None:
        """Return the time of the first prompt."""
        return self.turns[0].timestamp_ms if self.turns else None

    @property
    def last_message_ms(self) -> int | None:
        """Return the time of the last prompt, else of the creation, as the editor's index has it."""
        last = self.turns[-1].timestamp_ms if self.turns else None
        return self.created_ms if last is None else last

    @property
    def first_prompt_fingerprint(self) -> str | None:
        """Return the fingerprint of the first prompt."""
        return self.turns[0].prompt_fingerprint if self.turns else None

    def to_json(self) -> JsonObject:
        """Return the summary as plain values; `summary_from_json` reads them."""
        values: JsonObject = {name: getattr(self, name) for name in _FIELDS}
        values["turns"] = [list(_turn_values(turn)) for turn in self.turns]
        values["models"] = list(self.models)
        values["state"] = str(self.state)
        return values


_FIELDS = tuple(each.name for each in fields(ChatSummary))
_turn_values = attrgetter(*(each.name for each in fields(TurnSummary)))


def summary_from_json(values: Json) -> ChatSummary:
    """Return the summary that `to_json` wrote; a field of another type counts as missing."""
    return ChatSummary(
        session_id=text_at(values, "session_id") or "",
        title=text_at(values, "title") or "",
        custom_title=text_at(values, "custom_title"),
        created_ms=whole_at(values, "created_ms"),
        location=text_at(values, "location"),
        responder=text_at(values, "responder") or "",
        models=tuple(model for model in array_at(values, "models") if isinstance(model, str)),
        has_pending_edits=flag_at(values, "has_pending_edits") is True,
        last_state=_or(whole_at(values, "last_state"), TurnState.COMPLETE),
        last_completed_ms=whole_at(values, "last_completed_ms"),
        turns=tuple(TurnSummary(*turn) for turn in array_at(values, "turns")),
        state=ParseState(text_at(values, "state") or ParseState.UNREADABLE),
        opens=flag_at(values, "opens") is True,
        has_header=flag_at(values, "has_header") is True,
        is_full=flag_at(values, "is_full") is True,
        size=whole_at(values, "size") or 0,
        is_ended=flag_at(values, "is_ended") is not False,
        cut_turns=whole_at(values, "cut_turns") or 0,
    )


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def summarize(parsed: ParsedChat, session_id: str) -> ChatSummary:
    """Return the summary of a file that was read; `session_id` names it when there is no chat in it."""
    chat, report = parsed.chat, parsed.report
    last = chat.turns[-1] if chat and chat.turns else None
    return ChatSummary(
        session_id=chat.session_id if chat else session_id,
        title=chat.title if chat else "",
        custom_title=chat.custom_title if chat else None,
        created_ms=chat.created_ms if chat else None,
        location=chat.location if chat else None,
        responder=chat.responder if chat else "",
        models=chat.models if chat else (),
        has_pending_edits=chat.has_pending_edits if chat else False,
        last_state=int(last.state) if last else int(TurnState.COMPLETE),
        last_completed_ms=last.completed_ms if last else None,
        turns=tuple(map(summarize_turn, chat.turns)) if chat else (),
        state=parsed.state,
        opens=report.opens,
        has_header=report.has_header,
        is_full=report.is_full,
        size=report.size,
        is_ended=report.is_ended,
        cut_turns=report.cut_turns,
    )


def summarize_turn(turn: Turn) -> TurnSummary:
    """Return one turn in short."""
    seen = canonical(_seen_of(turn))
    return TurnSummary(
        request_id=turn.request_id,
        response_id=turn.response_id,
        timestamp_ms=turn.timestamp_ms,
        fingerprint=_hashed(seen),
        prompt_fingerprint=fingerprint([turn.prompt]),
        prompt_length=len(turn.prompt),
        answer_length=sum(len(part.text) for part in turn.parts if isinstance(part, MarkdownPart)),
        is_answered=any(map(says_something, turn.parts)),
        is_taken_back=turn.is_hidden,
        cut_texts=_cut_texts(turn, seen),
    )


def _cut_texts(turn: Turn, seen: str) -> int:
    """Count texts that begin with the mark; one that quotes it is whole. Of joined pieces each may be cut."""
    joined = ((one, other) for one, other in pairwise(turn.parts) if isinstance(one, MarkdownPart))
    later = (other for _, other in joined if isinstance(other, MarkdownPart))
    return seen.count(f'"{CUT_MARK}') + sum(part.text.startswith(CUT_MARK) for part in later)


def turn_fingerprint(turn: Turn) -> str:
    """Return the hash of what a reader sees of a turn."""
    return fingerprint(_seen_of(turn))


def _seen_of(turn: Turn) -> Json:
    attachments = [[item.kind, item.name, item.text, item.base64] for item in turn.attachments]
    return [turn.prompt, attachments, visible_parts(turn), turn.error]


def says_something(part: Part) -> bool:
    """Tell whether a part of an answer shows anything: text that is not blank, or what is not text."""
    if isinstance(part, MarkdownPart | ThinkingPart | TreePart | NoticePart):
        return bool(part.text.strip())
    return not isinstance(part, MarkerPart)


def visible_parts(turn: Turn) -> list[Json]:
    """Return what a reader sees of a response, as plain values.

    Pieces of markdown in a row are one, because the editor joins them when it reads and saves a chat
    again; of a file only the name counts, because its URI may be written with or without cached fields.
    """
    seen: list[Json] = []
    for part in turn.parts:
        if isinstance(part, MarkdownPart) and seen and seen[-1][0] == "markdown":
            seen[-1] = ["markdown", seen[-1][1] + part.text]
        elif not isinstance(part, MarkerPart):
            seen.append(_visible(part))
    return seen


_SEEN: dict[type, tuple[str, ...]] = {
    MarkdownPart: ("markdown", "text"),
    TreePart: ("tree", "text"),
    ThinkingPart: ("thinking", "text", "title"),
    ToolCallPart: ("tool", "tool", "message", "command", "input", "output"),
    InlineReferencePart: ("reference", "name"),
    CommandPart: ("command", "command", "title"),
    NoticePart: ("notice", "level", "text"),
    UnknownPart: ("other", "kind", "raw"),
}


def _visible(part: Part) -> list[Json]:
    if isinstance(part, TextEditPart):
        return ["edits", _file_name(part.uri), [list(astuple(edit)) for edit in part.edits]]
    if isinstance(part, CodeBlockUriPart):
        return ["code", _file_name(part.uri)]
    name, *fields = _SEEN[type(part)]
    return [name, *(getattr(part, field) for field in fields)]


def _file_name(uri: str) -> str:
    return unquote(base_name(uri))


def fingerprint(value: Json) -> str:
    """Return the first 32 hex digits of the BLAKE3 of a value's canonical JSON."""
    return _hashed(canonical(value))


def _hashed(text: str) -> str:
    return chunk_id(text.encode()).hex()[:_FINGERPRINT_DIGITS]
