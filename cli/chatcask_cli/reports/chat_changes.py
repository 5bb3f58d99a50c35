"""What `chatcask diff` says of chats: a line for each, the text of the turns of one, rows for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

from chatcask.browse import ChatChangeKind
from chatcask_cli.shell.output import count_text, time_json

if TYPE_CHECKING:
    from chatcask.browse import ChatChange, ChatFile, RelatedChat, TurnDelta, TurnText
    from chatcask.workbench import ComparedChat
    from chatcask_cli.shell.output import Output

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARKS = {"added": ("+", "green"), "removed": ("-", "red")}
_CHANGED = ("~", "yellow")
_LINE_COLORS = {"+": "green", "-": "red", "@": "cyan"}
_EVIDENCE = {
    "session_id": "the same id",
    "request_ids": "the same requests",
    "turn_content": "equal turns",
    "turn_times": "equal times",
    "fork_title": "its title",
    "fork_times": "times as the editor's Fork gives them",
    "first_prompt": "the same first prompt",
}
_SURE_ENOUGH = 2


def chat_line(found: ComparedChat, output: Output) -> str:
    """Return one chat that differs as a line."""
    change = found.change
    mark, color = _MARKS.get(change.kind.value, _CHANGED)
    title = change.side.title or f"({change.side.state})"
    what = "; ".join(_facts(found))
    head = f"{output.paint(mark, color)} {output.paint(change.session[:8], 'cyan')}  {title}"
    return f"{head}  ({place_name(change.side.file)}): {what}"


def _facts(found: ComparedChat) -> Iterator[str]:
    change = found.change
    turns = count_text(change.side.turn_count, "turn")
    match change.kind:
        case ChatChangeKind.ADDED:
            yield f"new, {turns}"
        case ChatChangeKind.REMOVED:
            places = ", ".join(sorted({place_name(file) for file in change.elsewhere}))
            yield f"gone from here, still in {places}" if places else f"gone, had {turns}"
        case ChatChangeKind.MOVED | ChatChangeKind.COPIED:
            origin = place_name(change.before.file) if change.before else ""
            yield f"{change.kind} from {origin}"
    yield from _changes(change)
    for related in found.related[:1]:
        if related.match.confidence >= _SURE_ENOUGH:
            yield related_text(related)


def _changes(change: ChatChange) -> Iterator[str]:
    if change.has_new_title and change.before:
        yield f'was called "{change.before.title}"' if change.before.title else "has a title now"
    if change.turns:
        yield turn_sum(change.turns)
    if change.has_new_state and change.after:
        how = "the editor opens it" if change.after.opens else "the editor does not open it"
        yield f"now {change.after.state}, {how}" + (f": {change.after.reason}" if change.after.reason else "")
    if change.reads_the_same:
        yield "rewritten with the same content"


def related_text(related: RelatedChat) -> str:
    """Return in words which chat another one comes from, and why."""
    match = related.match
    evidence = ", ".join(_EVIDENCE.get(name, name) for name in match.evidence)
    shared = f", {count_text(match.shared_turns, 'shared turn')}" if match.shared_turns else ""
    sure = match.confidence.name.lower()
    name = f'{related.file.session[:8]} "{related.title}"'
    return f"{match.relation} of {name}{shared} (confidence {sure}: {evidence})"


def turn_sum(turns: Iterable[TurnDelta]) -> str:
    """Return how many turns changed in which way: `1 turn added, 2 edited`."""
    counts = Counter(str(turn.kind) for turn in turns)
    kinds = [kind for kind in ("added", "removed", "edited", "moved") if counts[kind]]
    return ", ".join(
        f"{count_text(counts[kind], 'turn') if not place else counts[kind]} {kind}"
        for place, kind in enumerate(kinds)
    )


def chats_sum(found: Sequence[ComparedChat]) -> str:
    """Return the sums over all chats."""
    if not found:
        return "no chat differs"
    counts = Counter(one.change.kind.value for one in found)
    chats = ", ".join(f"{count_text(counts[kind], 'chat')} {kind}" for kind in ChatChangeKind if counts[kind])
    turns = turn_sum(turn for one in found for turn in one.change.turns)
    return f"{chats}; {turns}" if turns else chats


def turn_lines(text: TurnText, output: Output) -> Iterator[str]:
    """Yield one changed turn with its text, as a unified diff."""
    turn = text.turn
    facts = [str(turn.kind)]
    if turn.has_moved and str(turn.kind) != "moved":
        facts.append("moved")
    if turn.aspects:
        facts.append(", ".join(turn.aspects))
    number = turn.after or turn.before
    moved = f" (was {turn.before})" if turn.before and turn.after and turn.before != turn.after else ""
    yield ""
    yield output.paint(f"turn {number}{moved}: {'; '.join(facts)}", "bold")
    for line in text.lines:
        color = None if line.startswith(("---", "+++")) else _LINE_COLORS.get(line[:1])
        yield output.paint(line, color) if color else line


def place_name(file: ChatFile) -> str:
    """Return the name of a chat's workspace folder, else the workspace's id."""
    return unquote(file.folder.replace("\\", "/").rstrip("/").rpartition("/")[2]) or file.workspace


def chat_row(found: ComparedChat, texts: Sequence[TurnText] | None = None) -> dict[str, object]:
    """Return one chat that differs as programs get it; `texts` adds a diff to every turn."""
    change = found.change
    rows = (
        [_turn_row(turn) for turn in change.turns]
        if texts is None
        else [{**_turn_row(text.turn), "diff": list(text.lines)} for text in texts]
    )
    return {
        "session": change.session,
        "kind": change.kind.value,
        "title": change.side.title,
        "reads_the_same": change.reads_the_same,
        "before": _side_row(change, "before"),
        "after": _side_row(change, "after"),
        "elsewhere": [file.path for file in change.elsewhere],
        "turns_unchanged": change.unchanged,
        "turns": rows,
        "related": [_related_row(related) for related in found.related],
    }


def _side_row(change: ChatChange, name: str) -> dict[str, object] | None:
    side = change.before if name == "before" else change.after
    if side is None:
        return None
    return {
        "path": side.file.path,
        "source": side.file.source,
        "workspace_key": side.file.workspace,
        "workspace_name": place_name(side.file),
        "title": side.title,
        "turns": side.turn_count,
        "size": side.file.size,
        "state": str(side.state),
        "opens": side.opens,
    }


def _turn_row(turn: TurnDelta) -> dict[str, object]:
    return {
        "kind": str(turn.kind),
        "before": turn.before,
        "after": turn.after,
        "request_id": turn.request_id,
        "timestamp": _time(turn.timestamp_ms),
        "prompt": turn.prompt,
        "aspects": [str(aspect) for aspect in turn.aspects],
        "evidence": str(turn.evidence) if turn.evidence else None,
        "has_moved": turn.has_moved,
    }


def _time(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    try:
        return time_json(_EPOCH + timedelta(milliseconds=milliseconds))
    except OverflowError:
        return None


def _related_row(related: RelatedChat) -> dict[str, object]:
    match = related.match
    return {
        "session": related.file.session,
        "path": related.file.path,
        "title": related.title,
        "relation": str(match.relation),
        "confidence": match.confidence.name.lower(),
        "evidence": list(match.evidence),
        "shared_turns": match.shared_turns,
        "older": match.older,
    }
