"""Proves that each kind of loss raises its alarm and that ordinary changes raise none."""

from __future__ import annotations

from typing import Any

import pytest

from chatcask.chats.losses import LossKind, find_loss
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
    ],
)
def test_each_kind_of_loss(after: ChatSummary | None, kind: LossKind) -> None:
    loss = find_loss(BEFORE, after)
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
        pytest.param(BEFORE, summary_of_bytes(log_of(chat(3)).rstrip()), id="no final line feed"),
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
    assert find_loss(before, after) is None


def test_a_titled_session_without_turns_is_worth_an_alarm() -> None:
    loss = find_loss(summary(chat(0)), None)
    assert loss is not None
    assert loss.kind is LossKind.VANISHED
