"""Bytes of a chat file to a `ParsedChat`: the one way in, for every file and any damage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chatcask.assistants.vscode.reading.build import build_chat, is_full_session
from chatcask.assistants.vscode.reading.salvage import recover_log
from chatcask.assistants.vscode.reading.salvage_flat import recover_flat
from chatcask.chats.jsontext import dumps
from chatcask.chats.parsed import Dropped, ParsedChat, ParseState, Recovered, Report

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def parse_chat(data: bytes | Iterable[bytes], file_name: str) -> ParsedChat:
    r"""Read a chat file, given whole or in pieces. Never raises for any bytes.

    Args:
        data: The bytes of the file; pieces may be cut anywhere.
        file_name: Its name or path with `/` or `\`: `.jsonl` is a mutation log, anything else a flat object.
            The part before the suffix is the session id when the object has none.
    """
    buffers = [data] if isinstance(data, bytes) else data
    is_log = file_name.lower().endswith(".jsonl")
    recovered = recover_log(buffers) if is_log else recover_flat(buffers)
    return _judge(recovered, _named_after(file_name))


def _named_after(file_name: str) -> str:
    """Return the session id that a file is named after, whatever its ending."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return stem if stem and dot and suffix else name


def preferred_file(file_names: Collection[str]) -> str | None:
    """Return which of a session's files the editor reads.

    A `.json` that was moved to a `.jsonl` stays beside it, stale (microsoft/vscode chatSessionStore.ts).
    """
    return min(file_names, key=lambda name: (not name.lower().endswith(".jsonl"), name), default=None)


def _judge(recovered: Recovered, session_id: str) -> ParsedChat:
    value, report = recovered.value, recovered.report
    if not report.lines and not report.dropped:
        return ParsedChat(None, ParseState.EMPTY, replace(report, opens=False, reason="there is no text"))
    if value is None:
        return ParsedChat(None, ParseState.UNREADABLE, replace(report, opens=False, reason=_why(report)))
    if isinstance(value.get("requests"), list):
        report = _without_bad_turns(value["requests"], report)
        state = ParseState.SOUND if report.is_clean else ParseState.SALVAGED
        report = replace(report, is_full=is_full_session(value))
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
