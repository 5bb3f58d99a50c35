"""Turns that a log still holds and the chat does not: an earlier prompt was edited and sent again.

The editor then cuts its list of requests and goes on; the lines that wrote the others stay in the file until
it writes the log anew (microsoft/vscode objectMutationLog.ts, kind 2 with a length).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chatcask.assistants.vscode.reading import log
from chatcask.assistants.vscode.reading.build import build_turn
from chatcask.chats import jsontext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatcask.chats.jsontext import Json, JsonObject
    from chatcask.chats.model import Turn

_REQUESTS = "requests"


def cut_turns(buffers: Iterable[bytes]) -> tuple[Turn, ...]:
    """Return the turns of a log that were cut off, as they were then, in the order they were cut.

    `index` is where each stood. Reading ends at the first line that is damaged; never raises for any bytes.
    """
    state: Json = log.MISSING
    cut: dict[str, tuple[int, JsonObject]] = {}
    for line in log.split_lines(buffers):
        if not line.data:
            continue
        try:
            entry = jsontext.loads(log.decode(line.data)[0])
            before = list(_requests(state)) if _may_cut(entry) else []
            state = log.apply_entry(state, entry)
        except (jsontext.JsonTextError, log.LogError):
            break
        if before:
            left = {_id(request) for request in _requests(state)}
            for place, request in enumerate(before):
                if isinstance(request, dict) and _id(request) not in left:
                    cut[_id(request)] = place, request
    there = {_id(request) for request in _requests(state)}
    return tuple(
        replace(build_turn(place, request), is_cut=True)
        for name, (place, request) in cut.items()
        if name not in there
    )


def _may_cut(entry: Json) -> bool:
    if not log.is_entry(entry):
        return False
    path = entry.get("k")
    return entry["kind"] == log.INITIAL or (
        isinstance(path, list) and path[:1] == [_REQUESTS] and len(path) < 3
    )


def _requests(state: Json) -> list[Json]:
    requests = state.get(_REQUESTS) if isinstance(state, dict) else None
    return requests if isinstance(requests, list) else []


def _id(request: Json) -> str:
    name = request.get("requestId") if isinstance(request, dict) else None
    return name if isinstance(name, str) else jsontext.canonical(request)
