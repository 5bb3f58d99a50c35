"""`chatcask losses`, and the one line that tells a person what runs by themselves found."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatcask.jobs import AutomaticRun, add_run, mark_seen, unseen_losses
from chatcask_cli.demo import folder as fictional
from chatcask_cli.shell.unseen import since_text
from support.console import Console

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def console(tmp_path: Path) -> Console:
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    return console


def _lose(console: Console) -> str:
    assert console.run("snapshot").code == 0
    chat = fictional.session_id("retry")
    fictional.lose_chat(console.editor, chat)
    return chat


def test_all_losses_are_listed_with_the_way_back_until_it_was_gone(console: Console) -> None:
    chat = _lose(console)
    assert console.run("losses").text.strip() == "no chat was found lost"
    found = console.run("snapshot", "--json").document
    (row,) = console.run("losses", "--json").document["losses"]
    assert (row["found_in"], row["is_back"]) == (found["snapshot"], False)
    assert row["loss"]["session"] == chat
    assert row["loss"]["remedy"] == f"chatcask restore {chat[:8]}@{found['parent'][:12]}"
    text = console.run("losses").text
    assert f"to bring it back: {row['loss']['remedy']}" in text
    assert console.run("losses", "--since", "2026-01-01", "--json").document["losses"]
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert console.run("losses", "--since", tomorrow, "--json").document["losses"] == []
    assert console.run("restore", chat).code == 0
    assert console.run("snapshot").code == 0
    (row,) = console.run("losses", "--json").document["losses"]
    assert row["is_back"] is True
    text = console.run("losses").text
    assert "is back" in text
    assert "to bring it back" not in text


def test_without_a_store_there_is_nothing_to_list(console: Console) -> None:
    assert console.run("losses").code == 10


@pytest.mark.skipif(os.name == "nt", reason="terminals of POSIX")
def test_a_person_is_told_once_and_programs_never(console: Console) -> None:
    from support.terminal import on_terminal

    def shown(*arguments: str) -> str:
        return on_terminal(console.command(*arguments), console.environment, console.home).text

    _lose(console)
    assert console.run("snapshot", "--automatic").code == 0
    assert "lost" not in console.run("sources").err
    assert "lost" not in shown("sources", "--json")
    assert "lost" not in shown("sources", "--quiet")
    assert "1 chat was lost today: 'chatcask losses'" in shown("sources", "--color", "never")
    assert "lost" not in shown("sources")
    fictional.lose_chat(console.editor, fictional.session_id("lamp"))
    assert console.run("snapshot", "--automatic").code == 0
    assert console.run("losses").code == 0
    assert "lost" not in shown("sources")


def test_what_was_seen_is_remembered_by_time(tmp_path: Path) -> None:
    def run(hour: int, losses: int) -> AutomaticRun:
        return AutomaticRun(
            START + timedelta(hours=hour),
            START + timedelta(hours=hour, minutes=1),
            "snapshot",
            0,
            losses=losses,
        )

    assert unseen_losses(None) is None
    assert unseen_losses(tmp_path) is None
    for hour, losses in enumerate([1, 0, 2]):
        add_run(tmp_path, run(hour, losses))
    unseen = unseen_losses(tmp_path)
    assert unseen is not None
    assert (unseen.chats, unseen.since) == (3, START)
    mark_seen(tmp_path, START + timedelta(hours=1))
    unseen = unseen_losses(tmp_path)
    assert unseen is not None
    assert (unseen.chats, unseen.since) == (2, START + timedelta(hours=2))
    mark_seen(tmp_path, START + timedelta(hours=3))
    assert unseen_losses(tmp_path) is None
    (tmp_path / "automatic" / "seen.json").write_bytes(b"\xff{")
    assert unseen_losses(tmp_path) is not None
    mark_seen(None, START)


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (1, "since yesterday"), (9, "since 20")])
def test_since_when_is_said_as_people_say_it(days: int, words: str) -> None:
    now = datetime(2026, 6, 20, 12, 0).astimezone()
    assert since_text(now - timedelta(days=days), now).startswith(words)
