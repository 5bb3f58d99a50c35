"""Proves that each kind of loss raises its alarm and that ordinary changes raise none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.chats.losses import LossKind, holds_as_much, lost_between
from chatcask.chats.measure import fullest, measure
from chatcask.chats.model import CUT_MARK
from chatcask.chats.summary import ChatSummary
from support.chat_strategies import chat, copied, grown_log, line, log_of, request, summary, summary_of_bytes

BEFORE = summary(chat(3))


def retried(value: dict[str, Any]) -> dict[str, Any]:
    changed = copied(value)
    changed["requests"][-1] = request(77, prompt=changed["requests"][-1]["message"]["text"], answer="Again.")
    return changed


def edited(value: dict[str, Any]) -> dict[str, Any]:
    changed = copied(value)
    changed["requests"][-1]["response"] = [{"value": "Rewritten."}]
    return changed


def taken_back(value: dict[str, Any], count: int) -> dict[str, Any]:
    changed = copied(value)
    for turn in changed["requests"][-count:]:
        turn["shouldBeRemovedOnSend"] = {"requestId": turn["requestId"]}
    return changed


def without_answer(value: dict[str, Any], answer: Any = ()) -> dict[str, Any]:
    changed = copied(value)
    changed["requests"][0]["response"] = list(answer)
    return changed


def quoted(value: dict[str, Any]) -> dict[str, Any]:
    changed = copied(value)
    changed["requests"][-1]["response"].append({"value": f"It writes {CUT_MARK}; original 9 chars]."})
    return changed


def with_texts(value: dict[str, Any], prompt: str, answer: str) -> dict[str, Any]:
    changed = copied(value)
    changed["requests"][0]["message"]["text"] = prompt
    changed["requests"][0]["response"] = [{"value": answer}]
    return changed


UNENDED = summary_of_bytes(log_of(chat(3)).rstrip())
TORN = log_of(chat(3)) + b'{"kind":1,"k":["customT'
HEADLESS = line(2, ["requests"], v=[request(1)]) + line(1, ["requests", 0, "response"], v=[])


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (None, LossKind.VANISHED),
        (summary(chat(2)), LossKind.SHRANK),
        (summary(chat(0)), LossKind.EMPTIED),
        (summary_of_bytes(b""), LossKind.EMPTIED),
        (summary_of_bytes(HEADLESS), LossKind.LOST_HEADER),
        (summary_of_bytes(line(1, ["hasPendingEdits"], v=False)), LossKind.LOST_HEADER),
        (summary_of_bytes(b"\0" * 50), LossKind.UNREADABLE),
        (summary_of_bytes(b"garbage", "ada-1.json"), LossKind.UNREADABLE),
        (summary_of_bytes(log_of({"requests": 5})), LossKind.UNREADABLE),
        (summary_of_bytes(TORN), LossKind.UNREADABLE),
        (summary_of_bytes(log_of(chat(3)) + b"\0\0"), LossKind.UNREADABLE),
        (summary_of_bytes(grown_log(3)[:-200]), LossKind.UNREADABLE),
        (summary_of_bytes(grown_log(3)[:-200] + b"\0" * 200), LossKind.UNREADABLE),
    ],
)
def test_each_kind_of_loss(after: ChatSummary | None, kind: LossKind) -> None:
    loss = lost_between(BEFORE, after)
    assert loss is not None
    assert loss.kind is kind
    assert (loss.session_id, loss.title, loss.turns_before) == ("ada-1", "Lamps of the lighthouse", 3)
    assert loss.turns_after == (after.turn_count if after else 0)
    assert "3 turns" in loss.message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, BEFORE, id="new session"),
        pytest.param(None, None, id="nothing"),
        pytest.param(BEFORE, BEFORE, id="unchanged"),
        pytest.param(BEFORE, summary(chat(5)), id="grown"),
        pytest.param(summary_of_bytes(grown_log(3)), summary(chat(3)), id="compacted"),
        pytest.param(summary(chat(3), "ada-1.json"), BEFORE, id="json to jsonl"),
        pytest.param(BEFORE, summary(chat(3, title="New")), id="title changed"),
        pytest.param(BEFORE, summary(chat(3, title=None)), id="title taken away"),
        pytest.param(BEFORE, summary(edited(chat(3))), id="last turn edited"),
        pytest.param(BEFORE, summary(retried(chat(3))), id="last turn retried"),
        pytest.param(UNENDED, UNENDED, id="no final line feed before"),
        pytest.param(UNENDED, BEFORE, id="final line feed again"),
        pytest.param(summary(chat(3)), summary(taken_back(chat(3), 2)), id="turns taken back"),
        pytest.param(summary(taken_back(chat(3), 2)), summary(chat(2)), id="taken back and sent anew"),
        pytest.param(summary(without_answer(chat(3))), summary(without_answer(chat(3))), id="no answer yet"),
        pytest.param(BEFORE, summary(quoted(chat(3))), id="the mark of truncation is quoted"),
        pytest.param(summary(chat(0, title=None)), None, id="empty session deleted by the editor"),
        pytest.param(summary_of_bytes(b""), None, id="empty file deleted"),
        pytest.param(summary_of_bytes(b""), summary(chat(1)), id="filled"),
        pytest.param(summary_of_bytes(TORN), summary_of_bytes(TORN), id="torn before"),
        pytest.param(summary_of_bytes(HEADLESS), summary_of_bytes(HEADLESS), id="headless before"),
        pytest.param(
            summary_of_bytes(b"x", "a.json"), summary_of_bytes(b"y", "a.json"), id="unreadable before"
        ),
        pytest.param(summary_of_bytes(TORN), BEFORE, id="mended"),
    ],
)
def test_no_false_alarm(before: ChatSummary | None, after: ChatSummary | None) -> None:
    assert lost_between(before, after) is None


LONG = "The lamp burns oil. " * 200


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (chat(3), without_answer(chat(3)), "1 answer is empty now"),
        (chat(3), without_answer(chat(3), [{"value": " "}, {"kind": "undoStop", "id": "x"}]), "1 answer is"),
        (chat(3), without_answer(without_answer(chat(3)), [""]), "1 answer is empty now"),
        (chat(3), with_texts(chat(3), "", "x"), "1 prompt is empty now"),
        (
            with_texts(chat(3), "?", LONG),
            with_texts(chat(3), "?", f"{CUT_MARK}; original 4000 chars]"),
            "the editor cut 1 long text",
        ),
        (with_texts(chat(3), "?", LONG), with_texts(chat(3), "?", "..."), "1 turn lost most of its text"),
    ],
)
def test_texts_that_are_gone_while_the_turns_stay(before: Any, after: Any, words: str) -> None:
    loss = lost_between(summary(before), summary(after))
    assert loss is not None
    assert (loss.kind, loss.turns_before, loss.turns_after) == (LossKind.LOST_TEXT, 3, 3)
    assert words in loss.message
    assert measure(summary(before)).is_fuller_than(measure(summary(after))) or "most" in words


def test_answers_are_missed_in_a_copy_with_new_ids_too() -> None:
    copy = without_answer(chat(3))
    for turn in copy["requests"]:
        turn["requestId"] = f"new {turn['requestId']}"
    loss = lost_between(BEFORE, summary(copy))
    assert loss is not None
    assert loss.kind is LossKind.LOST_TEXT


def test_a_lost_final_line_feed_is_told_since_the_next_append_breaks_the_chat() -> None:
    loss = lost_between(BEFORE, UNENDED)
    assert loss is not None
    assert (loss.kind, loss.turns_after) == (LossKind.UNENDED, 3)
    assert holds_as_much(UNENDED, BEFORE)


def test_a_torn_log_says_how_much_of_it_can_be_recovered() -> None:
    loss = lost_between(BEFORE, summary_of_bytes(grown_log(2) + b'{"kind":2,"k":["requ'))
    assert loss is not None
    assert loss.kind is LossKind.UNREADABLE
    assert "2 of 3 turns can be recovered" in loss.message


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_the_fullest_version_is_the_newest_of_which_no_other_has_more(
    shapes: list[tuple[int, bool, bool]],
) -> None:
    versions = []
    for turns, is_answered, is_torn in shapes:
        value = chat(turns) if is_answered or not turns else without_answer(chat(turns))
        versions.append(summary_of_bytes(log_of(value) + (b"{" if is_torn else b"")))
    best = fullest(enumerate(versions), lambda each: each[1])
    assert best is not None
    place, found = best
    ranks = [measure(version).rank for version in versions]
    assert ranks[place] == max(ranks)
    assert ranks.index(max(ranks)) == place
    assert found.turn_count == max(turns for turns, _, _ in shapes)


def test_a_measure_counts_what_is_shown_and_what_is_not() -> None:
    found = measure(summary(taken_back(without_answer(chat(3)), 1)), is_listed=False)
    assert (found.turns, found.shown, found.taken_back, found.empty_answers) == (3, 2, 1, 1)
    assert (found.opens, found.is_ended, found.is_listed) == (True, True, False)
    assert found.text > 0


def test_a_titled_session_without_turns_is_worth_an_alarm() -> None:
    loss = lost_between(summary(chat(0)), None)
    assert loss is not None
    assert loss.kind is LossKind.VANISHED
