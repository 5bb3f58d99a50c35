"""Writes session bodies: as a mutation log, as a log compacted to one line, or as one flat object.

(facts: microsoft/vscode objectMutationLog.ts, chatSessionStore.ts)
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulation.project import Project
from simulation.text import prose
from simulation.turn import Turn, make_turn

MAX_ENTRIES = 1024
"""A chat's log that holds more entries is rewritten as one line (facts: objectMutationLog.ts)."""

_ENTRIES_PER_TURN = 12
_MEDIAN_TURN = 13_000
_HEADER = (
    '"hasPendingEdits":false,"pendingRequests":[],"inputState":{"attachments":[],"mode":{"id":"agent","kind":'
    '"agent"},"selectedModel":{"identifier":"copilot/example-model","metadata":{"id":"example-model","name":'
    '"Example Model","vendor":"copilot"}},"inputText":"","selections":[],"contrib":{}}'
)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What the index says of a session (times in milliseconds)."""

    session: str
    title: str
    created: int
    last: int
    ended: int

    def index_entry(self) -> dict[str, Any]:
        """Return the entry without which VS Code does not list the session."""
        timing = {
            "created": self.created,
            "lastRequestStarted": self.last,
            "lastRequestEnded": self.ended,
        }
        return {
            "sessionId": self.session,
            "title": self.title,
            "lastMessageDate": self.last,
            "timing": timing,
            "initialLocation": "panel",
            "hasPendingEdits": False,
            "isEmpty": False,
            "isExternal": False,
            "lastResponseState": 1,
        }


def make_turns(rng: random.Random, project: Project, started: int, size: int) -> Iterator[Turn]:
    """Yield turns of together about `size` bytes, the first asked at `started`."""
    # A long session has larger turns too, as an agent works on its own for longer.
    median = max(_MEDIAN_TURN, size / 400)
    left, moment = size, started
    while left > 0:
        turn = make_turn(rng, project, moment, round(min(left, rng.lognormvariate(0, 0.8) * median)))
        yield turn
        left -= len(turn.opening) + sum(map(len, turn.parts)) + sum(len(value) for _, value in turn.closing)
        moment = turn.ended + rng.randrange(20_000, 900_000)


def write_log(
    path: Path, rng: random.Random, project: Project, started: int, size: int, *, compacted: bool
) -> SessionFacts:
    """Write a `.jsonl` body of about `size` bytes; `compacted` gives one line."""
    title = _title(rng)
    turns = make_turns(rng, project, started, size)
    # In a log a streamed part stands more than once; that is about a quarter more bytes.
    allowed = 0 if compacted else MAX_ENTRIES // _ENTRIES_PER_TURN
    whole, logged = _split(turns, allowed)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"kind":0,"v":{')
        file.write(_header(path.stem, title, started))
        file.write(f'"requests":[{",".join(turn.whole() for turn in whole)}]}}}}\n')
        for number, turn in enumerate(logged, start=len(whole)):
            file.writelines(turn.entries(number))
    return _facts(path, title, started, (logged or whole)[-1])


def write_flat(path: Path, rng: random.Random, project: Project, started: int, size: int) -> SessionFacts:
    """Write a `.json` body of about `size` bytes, as VS Code did before it had logs."""
    title = _title(rng)
    turns = list(make_turns(rng, project, started, size))
    requests = ",".join(turn.whole() for turn in turns)
    text = f'{{{_header(path.stem, title, started)}"requests":[{requests}]}}'
    path.write_text(text, encoding="utf-8", newline="\n")
    return _facts(path, title, started, turns[-1])


def append_turns(path: Path, turns: list[Turn]) -> int:
    """Append turns to a sound log; return how many entries it then has."""
    requests, entries = _count(path)
    lines = [line for number, turn in enumerate(turns, start=requests) for line in turn.entries(number)]
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)
    return entries + len(lines)


def compact_log(path: Path) -> None:
    """Rewrite a sound log as the one line it stands for."""
    state: Any = None
    with path.open(encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            if entry["kind"] == 0:
                state = entry["v"]
            else:
                _apply(state, entry)
    text = _compact({"kind": 0, "v": state})
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def rewrite_flat(path: Path, turns: list[Turn]) -> None:
    """Rewrite a `.json` body whole, with turns added at its end."""
    session = json.loads(path.read_text(encoding="utf-8"))
    session["requests"] += [json.loads(turn.whole()) for turn in turns]
    path.write_text(_compact(session), encoding="utf-8", newline="\n")


def tear(path: Path, rng: random.Random) -> None:
    """Cut a log within its last line, as a crash in the middle of a write does."""
    data = path.read_bytes()
    last_line = len(data) - 1 - (data.rfind(b"\n", 0, len(data) - 1) + 1)
    path.write_bytes(data[: len(data) - 1 - rng.randrange(1, max(2, last_line))])


def is_torn(path: Path) -> bool:
    """Tell whether a log does not end in a newline."""
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read() != b"\n"


def _split(turns: Iterator[Turn], logged: int) -> tuple[list[Turn], list[Turn]]:
    every = list(turns)
    cut = max(0, len(every) - logged)
    return every[:cut], every[cut:]


def _title(rng: random.Random) -> str:
    return prose().text(rng, 30).split("\\n", 1)[0].replace("`", "").strip(" .:")[:60]


def _header(session: str, title: str, started: int) -> str:
    return (
        f'"version":3,"creationDate":{started},"customTitle":"{title}","initialLocation":"panel",'
        f'"responderUsername":"GitHub Copilot","sessionId":"{session}",{_HEADER},'
    )


def _facts(path: Path, title: str, started: int, last: Turn) -> SessionFacts:
    return SessionFacts(path.stem, title, started, last.started, last.ended)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _count(path: Path) -> tuple[int, int]:
    """Return how many requests and how many entries a log of this module holds."""
    requests = entries = 0
    with path.open(encoding="utf-8") as file:
        for line in file:
            entries += 1
            if line.startswith('{"kind":2,"k":["requests"],'):
                requests += 1
            elif line.startswith('{"kind":0,'):
                requests = len(json.loads(line)["v"]["requests"])
    return requests, entries


def _apply(state: Any, entry: dict[str, Any]) -> None:
    *parents, last = entry["k"]
    for step in parents:
        state = state[step]
    if entry["kind"] == 1:
        state[last] = entry["v"]
        return
    array = state[last]
    if "i" in entry:
        del array[entry["i"] :]
    array.extend(entry["v"])
