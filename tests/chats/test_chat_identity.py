"""Proves that copies and forks of a chat are recognised, with the evidence for it, and strangers are not."""

from __future__ import annotations

from typing import Any

import pytest

from chatcask.chats.identity import Confidence, Relation, find_match, find_matches
from support.chat_strategies import chat, copied, request, summary

FORKED_AT = 1_790_000_000_000


def fork(
    value: dict[str, Any], turns: int, title: str | None = "Forked: Lamps of the lighthouse"
) -> dict[str, Any]:
    """What the editor's Fork makes: new ids and times everywhere, state complete."""
    made = copied(value)
    made.update(sessionId="ada-fork", creationDate=FORKED_AT, customTitle=title)
    made["requests"] = made["requests"][:turns]
    for place, item in enumerate(made["requests"]):
        item.update(requestId=f"new-{place}", responseId=f"new-response-{place}", timestamp=FORKED_AT + place)
        item["modelState"] = {"value": 1, "completedAt": FORKED_AT + place}
    return made


def test_the_same_id_is_the_same_session_in_any_storage() -> None:
    match = find_match(summary(chat(3), "ada-1.json"), summary(chat(4), "ada-1.jsonl"))
    assert match is not None
    assert (match.relation, match.confidence, match.shared_turns) == (Relation.SAME, Confidence.CERTAIN, 3)


def test_a_restored_copy_has_the_same_request_ids() -> None:
    match = find_match(summary(chat(3)), summary(chat(3, session_id="restored")))
    assert match is not None
    assert (match.relation, match.confidence, match.evidence) == (
        Relation.COPY,
        Confidence.CERTAIN,
        ("request_ids",),
    )


def test_a_copy_that_went_on_is_a_fork_by_request_ids() -> None:
    match = find_match(summary(chat(3)), summary(chat(5, session_id="restored")))
    assert match is not None
    assert (match.relation, match.confidence, match.shared_turns) == (Relation.FORK, Confidence.HIGH, 3)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_fork_of_the_editor_is_recognised_without_any_shared_id(turns: int) -> None:
    made = fork(chat(3), turns)
    made["requests"].append(request(50))
    match = find_match(summary(made), summary(chat(3)))
    assert match is not None
    assert (match.relation, match.confidence, match.shared_turns) == (Relation.FORK, Confidence.HIGH, turns)
    assert match.evidence == ("turn_content", "fork_title", "fork_times")
    assert match.older == "ada-1"


def test_a_cancelled_turn_is_recognised_in_its_fork() -> None:
    value = chat(2)
    value["requests"][1]["modelState"] = {"value": 2}
    match = find_match(summary(value), summary(fork(value, 2)))
    assert match is not None
    assert match.shared_turns == 2


def test_one_equal_turn_alone_is_only_a_guess() -> None:
    other = fork(chat(1), 1, title=None)
    other["requests"][0]["timestamp"] += 5000
    match = find_match(summary(chat(1)), summary(other))
    assert match is not None
    assert (match.relation, match.confidence) == (Relation.FORK, Confidence.MEDIUM)


def test_an_equal_first_prompt_is_weak_evidence() -> None:
    other = fork(chat(2), 2, title=None)
    other["requests"][0]["response"] = [{"value": "Something else."}]
    match = find_match(summary(chat(2)), summary(other))
    assert match is not None
    assert (match.relation, match.confidence, match.shared_turns) == (Relation.RELATED, Confidence.LOW, 0)


def test_strangers_and_empty_sessions_do_not_match() -> None:
    stranger = {**chat(0, session_id="grace-1"), "requests": [request(70)]}
    assert find_match(summary(chat(3)), summary(stranger)) is None
    assert find_match(summary(chat(0)), summary(chat(0, session_id="grace-2"))) is None


def test_equal_ids_of_other_prompts_are_no_match() -> None:
    stranger = chat(3, session_id="grace-1")
    for item in stranger["requests"]:
        item["message"]["text"] = f"Something else about {item['requestId']}"
    assert find_match(summary(chat(3)), summary(stranger)) is None


def test_matches_come_surest_first() -> None:
    related = fork(chat(2), 2, title=None)
    related["sessionId"] = "related"
    related["requests"][0]["response"] = []
    others = [summary(item) for item in (related, fork(chat(3), 2), chat(3, session_id="copy"), chat(1))]
    found = find_matches(summary(chat(3)), others)
    assert [match.session_ids[1] for match in found] == ["copy", "ada-1", "ada-fork", "related"]
    assert [match.confidence for match in found] == sorted(
        (match.confidence for match in found), reverse=True
    )
