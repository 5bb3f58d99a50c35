"""The command at the end of an alarm can be pasted into the shell in use, with given options."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask import Platform
from chatcask.advice import Advice, AdviceCode
from chatcask.snapshots import Loss
from chatcask_cli.reports.loss_report import age_text, loss_lines
from chatcask_cli.shell.advice import WORDS
from chatcask_cli.shell.app import COMMANDS
from chatcask_cli.shell.output import Given, Output
from chatcask_cli.shell.wording import Wording, quoted

LINUX = Platform("linux", Path("/home/ada"), {})
CMD = Platform("windows", Path("C:/Users/ada"), {"PROMPT": "$P$G"})
POWERSHELL = Platform("windows", Path("C:/Users/ada"), {})
RESTORE = Advice(AdviceCode.RESTORE_VERSION, session="2c776815", snapshot="881ea8ab0539")
SNAPSHOT = "881ea8ab0539" + "0" * 52


def loss(kind: str, session: str = "2c776815-ab07-5020-a314-6931ea901a1f") -> Loss:
    path = f"code~1/workspaces/w/chatSessions/{session}.jsonl"
    return Loss(session, "Lamp", kind, path, 3, 0, "the chat is gone", SNAPSHOT)


def test_ids_are_short_and_plain_words_stay_plain() -> None:
    for platform in (LINUX, CMD, POWERSHELL):
        assert Wording(platform).words(RESTORE) == "chatcask restore 2c776815@881ea8ab0539"


@pytest.mark.parametrize(
    ("platform", "path", "word"),
    [
        (LINUX, "/srv/my store", "'/srv/my store'"),
        (LINUX, "/srv/it's", "'/srv/it'\"'\"'s'"),
        (LINUX, "/srv/$HOME", "'/srv/$HOME'"),
        (POWERSHELL, "D:\\my store", "'D:\\my store'"),
        (POWERSHELL, "D:\\it's $x", "'D:\\it''s $x'"),
        (POWERSHELL, "@x", "'@x'"),
        (CMD, "D:\\my store", '"D:\\my store"'),
        (CMD, "D:\\a&b", '"D:\\a&b"'),
        (CMD, "D:\\store", "D:\\store"),
    ],
)
def test_paths_are_quoted_for_the_shell_in_use(platform: Platform, path: str, word: str) -> None:
    assert Wording(platform, path).words(RESTORE).endswith(f" --store {word}")


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_posix_shell_reads_back_every_word(word: str) -> None:
    assert shlex.split(quoted(word, LINUX)) == [word]


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("vanished", "restore 2c776815@881ea8ab0539"),
        ("emptied", "restore 2c776815@881ea8ab0539 --replace"),
        ("shrank", "restore 2c776815@881ea8ab0539 --replace"),
        ("lost_text", "restore 2c776815@881ea8ab0539 --replace"),
        ("unreadable", "restore 2c776815@881ea8ab0539 --replace"),
        ("unended", "doctor --fix 2c776815"),
        ("left_index", "doctor --fix 2c776815"),
        ("lost_list", "doctor --fix"),
    ],
)
def test_every_alarm_ends_with_the_command_that_helps(kind: str, command: str) -> None:
    output = Output(color="never", given=Given(Path("/s")))
    *_, last = loss_lines([loss(kind)], output, {"code~1": Path("/e d")})
    assert last == f"    to bring it back: chatcask {command} --store /s --user-data-dir '/e d'"


def test_many_losses_are_folded() -> None:
    lines = list(loss_lines([loss("vanished")] * 50, Output(color="never")))
    assert len(lines) == 21
    assert "40 more chats" in lines[-1]


def test_ages_are_short() -> None:
    ages = [timedelta(seconds=-1), timedelta(minutes=59), timedelta(hours=14), timedelta(days=3)]
    assert [age_text(age) for age in ages] == ["0 min", "59 min", "14 h", "3 days"]


GIVEN = Wording(LINUX, Path("/s"), Path("/e d"), "code-insiders")
EDITOR = "--store /s --user-data-dir '/e d' --product code-insiders"


@pytest.mark.parametrize(
    ("advice", "text"),
    [
        (Advice(AdviceCode.FIX_LIST), f"chatcask doctor --fix {EDITOR}"),
        (Advice(AdviceCode.RESTORE_CHAT, session="2c"), f"chatcask restore 2c {EDITOR}"),
        (
            Advice(AdviceCode.SNAPSHOT_THEN_RESTORE_INTO, session="2c", workspace="w"),
            f"chatcask snapshot {EDITOR}, then chatcask restore 2c --workspace w {EDITOR}",
        ),
        (
            Advice(AdviceCode.OPEN_THEN_FIX, folder="/a, then b", name="2c"),
            f"open /a, then b once in the editor, close it, then: chatcask doctor --fix 2c {EDITOR}",
        ),
        (Advice(AdviceCode.LIST_SNAPSHOTS), "'chatcask log --store /s' lists the snapshots"),
        (
            Advice(AdviceCode.START_EDITOR_THEN_DIAGNOSE),
            (
                "start the editor and close it again: it puts its own backup in place;"
                f' then run "chatcask doctor {EDITOR}"'
            ),
        ),
        (Advice(AdviceCode.LIST_THIS_FOLDER, place="a b:c"), "list it: chatcask ls 'a b:c' --store /s"),
        (Advice(AdviceCode.INSTALL_FOR_FORMAT, number=2), "install a chatcask that knows store format 2"),
    ],
)
def test_every_command_says_where_things_are(advice: Advice, text: str) -> None:
    assert GIVEN.words(advice) == text


def test_every_command_in_the_words_is_known_and_ready_to_be_pasted() -> None:
    where = Wording(LINUX, Path("/s"))
    for code, words in WORDS.items():
        text = where.text(words)
        for name in COMMANDS:
            assert text.count(f"chatcask {name}") == words.count(f"chatcask {name}"), code
            if name not in ("init", "sources", "demo", "config"):
                assert text.count("--store /s") >= words.count(f"chatcask {name}"), code


def test_what_is_put_into_words_is_no_command() -> None:
    advice = Advice(AdviceCode.OPEN_THEN_RESTORE, folder="/x/'chatcask doctor'")
    assert "--store" not in GIVEN.words(advice)
