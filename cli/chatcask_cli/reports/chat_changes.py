"""What `chatcask diff` says of chats: a line for each, the text of the turns of one, rows for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from chatcask.browse import ChatChangeKind
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.browse import ChatChange, RelatedChat, TurnDelta, TurnText
    from chatcask.workbench import ComparedChat
    from chatcask_cli.shell.output import Output

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
_HAPPENED = ("added", "removed", "edited", "taken back", "shown again", "moved")


def chat_line(found: ComparedChat, output: Output) -> str:
    """Return one chat that differs as a line."""
    change = found.change
    mark, color = _MARKS.get(change.kind.value, _CHANGED)
    title = change.side.title or f"({change.side.state})"
    what = "; ".join(_facts(found))
    head = f"{output.paint(mark, color)} {output.paint(change.session[:8], 'cyan')}  {title}"
    return f"{head}  ({change.side.file.workspace_name}): {what}"


def _facts(found: ComparedChat) -> Iterator[str]:
    change = found.change
    turns = count_text(change.side.turn_count, "turn")
    match change.kind:
        case ChatChangeKind.ADDED:
            yield f"new, {turns}"
        case ChatChangeKind.REMOVED:
            places = ", ".join(sorted({file.workspace_name for file in change.elsewhere}))
            yield f"gone from here, still in {places}" if places else f"gone, had {turns}"
        case ChatChangeKind.MOVED | ChatChangeKind.COPIED:
            origin = change.before.file.workspace_name if change.before else ""
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
    if change.dropped_turns:
        count = count_text(change.dropped_turns, "turn")
        yield f"{count} cut off earlier, by sending a prompt again, left its file"


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
    counts = Counter(map(_what_happened, turns))
    kinds = [kind for kind in _HAPPENED if counts[kind]]
    return ", ".join(
        f"{count_text(counts[kind], 'turn') if not place else counts[kind]} {kind}"
        for place, kind in enumerate(kinds)
    )


def _what_happened(turn: TurnDelta) -> str:
    if turn.aspects != ("taken_back",):
        return str(turn.kind)
    return "taken back" if turn.is_taken_back else "shown again"


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
