"""Proves that each kind of change between two versions of a chat is found, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.vscode.reading.build import build_chat
from chatcask.chats.compare import DigestChange, Evidence, TurnChangeKind, compare_digests, unified_lines
from chatcask.chats.digest import Aspect, digest_turn
from chatcask.chats.model import Chat, Turn
from chatcask.chats.render.describe import turn_text
from support.chat_strategies import chat, copied, request


@dataclass(frozen=True)
class Diff:
    """Two versions of a chat and the turns that differ."""

    before: Chat
    after: Chat
    turns: tuple[DigestChange, ...]
    unchanged: int

    def count(self, kind: TurnChangeKind) -> int:
        return sum(change.kind is kind for change in self.turns)

    def sides(self, change: DigestChange) -> tuple[Turn | None, Turn | None]:
        return (
            None if change.before is None else self.before.turns[change.before],
            None if change.after is None else self.after.turns[change.after],
        )


def diff(before: dict[str, Any], after: dict[str, Any]) -> Diff:
    old, new = build_chat(before, "x"), build_chat(after, "x")
    return Diff(old, new, *compare_digests(*([*map(digest_turn, side.turns)] for side in (old, new))))


def kinds(found: Diff) -> list[str]:
    return [str(change.kind) for change in found.turns]


def test_equal_sessions_have_no_difference() -> None:
    found = diff(chat(3), chat(3))
    assert found.turns == ()
    assert found.unchanged == 3


def test_added_and_removed_turns_stand_in_place() -> None:
    before, after = chat(4), chat(4)
    del after["requests"][1]
    after["requests"].append(request(9))
    found = diff(before, after)
    assert kinds(found) == ["removed", "added"]
    removed, _ = found.sides(found.turns[0])
    assert removed is not None
    assert removed.request_id == "request_2"
    assert found.unchanged == 3


def test_an_edited_turn_names_its_sides_and_gives_a_text_diff() -> None:
    after = chat(3)
    after["requests"][1]["message"]["text"] = "How bright is lamp two?"
    after["requests"][1]["response"] = [
        {"kind": "thinking", "value": "Look it up."},
        {"value": "Lamp 2 has 250 candela."},
    ]
    after["requests"][1]["modelState"] = {"value": 2}
    found = diff(chat(3), after)
    (change,) = found.turns
    assert change.kind is TurnChangeKind.EDITED
    assert change.aspects == (Aspect.PROMPT, Aspect.RESPONSE, Aspect.THINKING, Aspect.STATE)
    texts = [turn_text(turn) if turn else "" for turn in found.sides(change)]
    lines = list(unified_lines(("before", texts[0]), ("after", texts[1])))
    assert "-Lamp 2 has 200 candela." in lines
    assert "+Lamp 2 has 250 candela." in lines
    assert "+[Cancelled]" in lines


def test_tool_edit_model_and_attachment_changes() -> None:
    after = chat(1)
    after["requests"][0]["response"] += [
        {"kind": "toolInvocationSerialized", "toolId": "readFile"},
        {"kind": "textEditGroup", "uri": {"scheme": "file", "path": "/a"}, "edits": [[{"text": "x"}]]},
        {"kind": "neverSeen"},
    ]
    after["requests"][0]["modelId"] = "copilot/other"
    after["requests"][0]["variableData"] = {"variables": [{"kind": "file", "name": "a"}]}
    (change,) = diff(chat(1), after).turns
    assert set(change.aspects) == {
        Aspect.TOOLS,
        Aspect.EDITS,
        Aspect.OTHER,
        Aspect.MODEL,
        Aspect.ATTACHMENTS,
    }


def test_moved_turns() -> None:
    after = chat(4)
    after["requests"].append(after["requests"].pop(0))
    found = diff(chat(4), after)
    assert kinds(found) == ["moved"]
    _, moved = found.sides(found.turns[0])
    assert moved is not None
    assert moved.request_id == "request_1"


def test_turns_with_new_ids_are_matched_by_content_and_retried_ones_by_prompt() -> None:
    after = copied(chat(3))
    for place, item in enumerate(after["requests"]):
        item["requestId"] = f"new-{place}"
    assert diff(chat(3), after).turns == ()
    after["requests"][2]["response"] = [{"value": "Another answer."}]
    (change,) = diff(chat(3), after).turns
    assert (change.kind, change.evidence, change.aspects) == (
        TurnChangeKind.EDITED,
        Evidence.PROMPT,
        (Aspect.RESPONSE,),
    )


def test_rewritten_but_equal_markdown_is_no_change() -> None:
    after = chat(1)
    text = after["requests"][0]["response"][0]["value"]
    after["requests"][0]["response"] = [{"value": text[:5], "uris": {}}, text[5:], {"kind": "undoStop"}]
    assert diff(chat(1), after).turns == ()


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)), st.integers(0, 3))
def test_every_turn_is_accounted_for_once(order: list[int], left: set[int], new: int) -> None:
    before = chat(6)
    after = chat(0)
    after["requests"] = [before["requests"][place] for place in order if place not in left]
    after["requests"] += [request(100 + number) for number in range(new)]
    found = diff(before, after)
    assert found.count(TurnChangeKind.REMOVED) == len(left)
    assert found.count(TurnChangeKind.ADDED) == new
    assert found.count(TurnChangeKind.MOVED) + found.unchanged == 6 - len(left)
    kept = [place for place in order if place not in left]
    assert (found.count(TurnChangeKind.MOVED) == 0) == (kept == sorted(kept))
    turned = diff(after, before)
    assert (turned.count(TurnChangeKind.ADDED), turned.count(TurnChangeKind.REMOVED)) == (len(left), new)
