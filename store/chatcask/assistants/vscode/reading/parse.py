"""Bytes of a chat file to a `ParsedChat`: the one way in, for every file and any damage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chatcask.assistants.vscode.reading.build import build_chat, is_full_chat
from chatcask.assistants.vscode.reading.form import FormedText, formed_text
from chatcask.assistants.vscode.reading.older_list import recover_listed
from chatcask.assistants.vscode.reading.salvage import recover_log
from chatcask.assistants.vscode.reading.salvage_flat import recover_flat
from chatcask.chats.jsontext import dumps
from chatcask.chats.parsed import Dropped, Note, ParsedChat, ParseState, Recovered, Report

if TYPE_CHECKING:
    from collections.abc import Iterable


def parse_chat(data: bytes | Iterable[bytes], file_name: str) -> ParsedChat:
    r"""Read a chat file, given whole or in pieces. Never raises for any bytes.

    Args:
        data: The bytes of the file; pieces may be cut anywhere.
        file_name: Its name or path with `/` or `\`. The editor reads `.jsonl` as a log, anything else
            as a flat object; one in another form is read as what it is, and does not open. The part
            before the suffix is the session id when the object has none.
    """
    named_log = file_name.lower().endswith(".jsonl")
    formed = formed_text([data] if isinstance(data, bytes) else data, named_log=named_log)
    if formed.is_list:
        session = _named_after(file_name)
        return _judge(recover_listed(formed.buffers, session), session)
    recovered = recover_log(formed.buffers) if formed.is_log else recover_flat(formed.buffers)
    return _judge(_as_named(recovered, formed, named_log=named_log), _named_after(file_name))


def _as_named(recovered: Recovered, formed: FormedText, *, named_log: bool) -> Recovered:
    """Note what keeps the editor from reading a file that is sound in itself."""
    report = recovered.report
    if formed.encoding:
        note = Note("other_encoding", 1, f"the file is encoded in {formed.encoding.upper()}, not in UTF-8")
        notes = (*report.notes, note)
        report = replace(report, size=formed.size, opens=False, notes=notes, reason=note.detail)
    if formed.is_log is not named_log and recovered.value is not None:
        is_, named = ("a log", "a flat object") if formed.is_log else ("a flat object", "a log")
        note = Note("other_form", 1, f"the file holds {is_} and is named like {named}")
        report = replace(report, opens=False, notes=(*report.notes, note), reason=note.detail)
    return Recovered(recovered.value, report)


def _named_after(file_name: str) -> str:
    """Return the session id that a file is named after, whatever its ending."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return stem if stem and dot and suffix else name


def _judge(recovered: Recovered, session_id: str) -> ParsedChat:
    value, report = recovered.value, recovered.report
    if not report.lines and not report.dropped:
        return ParsedChat(None, ParseState.EMPTY, replace(report, opens=False, reason="there is no text"))
    if value is None:
        return ParsedChat(None, ParseState.UNREADABLE, replace(report, opens=False, reason=_why(report)))
    if isinstance(value.get("requests"), list):
        report = _without_bad_turns(value["requests"], report)
        state = ParseState.SOUND if report.is_clean else ParseState.SALVAGED
        report = replace(report, is_full=is_full_chat(value))
        return ParsedChat(build_chat(value, session_id), state, report)
    reason = "the object has no array of requests"
    return ParsedChat(None, ParseState.UNREADABLE, replace(report, opens=False, reason=reason))


def _why(report: Report) -> str:
    if not report.has_header:
        return "the log has edits but no initial entry, and no whole turn among them"
    return str(report.dropped[0]) if report.dropped else "the file is not a JSON object"


def _without_bad_turns(requests: list[object], report: Report) -> Report:
    """Count requests that are no objects as left out; one of them empties the chat in the editor."""
    bad = [(place, item) for place, item in enumerate(requests) if not isinstance(item, dict)]
    drops = tuple(
        Dropped("not_a_turn", 1, max(report.lines, 1), 0, 0, f"request {place} is {dumps(item)[:80]}")
        for place, item in bad
    )
    return replace(report, opens=False, dropped=report.dropped + drops) if drops else report
