"""The commands forget, prune, undelete, tag and pin as a user runs them: output, exit codes, JSON."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support.console import Console

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
LOST = fictional.session_id("retry")


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Console:
    """A user with three snapshots: all chats, the same again, and one in which a chat is lost."""
    console = Console(tmp_path_factory.mktemp("beginning"))
    fictional.build_folder(console.editor, START)
    for _ in range(2):
        assert console.run("snapshot").code == 0
    fictional.lose_chat(console.editor, LOST)
    assert console.run("snapshot").code == 0
    return console


@pytest.fixture
def console(beginning: Console, tmp_path: Path) -> Console:
    """A user of one's own at that beginning."""
    console = Console(tmp_path)
    shutil.copytree(beginning.home, console.home, dirs_exist_ok=True)
    shutil.copytree(beginning.store, console.store)
    return console


def _age(store: Path, days: int) -> None:
    """Date all objects back, as if they had been written days ago."""
    for path in store.rglob("*"):
        if path.is_file():
            moment = path.stat().st_mtime - days * 86_400
            os.utime(path, (moment, moment))


def test_a_tag_names_shows_and_goes(console: Console) -> None:
    assert console.run("tag", "latest~1", "before-trouble").code == 0
    assert "[before-trouble]" in console.run("log").text
    by_tag = console.run("tag", "before-trouble", "second", "--json").document
    assert by_tag["tags"] == ["before-trouble", "second"]
    row = next(r for r in console.run("log", "--json").document["snapshots"] if r["tags"])
    assert (row["snapshot"], row["tags"]) == (by_tag["snapshot"], ["before-trouble", "second"])
    assert console.run("tag", "latest~1", "second", "--remove").code == 0
    gone = console.run("ls", "second")
    assert gone.code == 15
    assert console.run("tag", "latest~1", "second", "--remove").code == 15
    assert console.run("tag", "latest", "latest").code == 2


def test_by_default_only_runs_without_change_can_go(console: Console) -> None:
    preview = console.run("forget", "--dry-run", "--json").document
    assert preview["removed"] == []
    assert [row["reasons"][0] for row in preview["kept"]] == ["change", "recent", "change"]
    assert preview["lost_chats"] == []
    assert "nothing to forget among 3 snapshots" in console.run("forget").text


def test_a_policy_that_loses_a_chat_needs_leave(console: Console) -> None:
    preview = console.run("forget", "--keep-last", "1", "--dry-run")
    assert preview.code == 0
    assert f"loses its last copy: chat {LOST}" in preview.text
    document = console.run("forget", "--keep-last", "1", "--dry-run", "--json").document
    assert [chat["session"] for chat in document["lost_chats"]] == [LOST]
    assert document["bytes_freed"] > 500
    refused = console.run("forget", "--keep-last", "1", "--json")
    assert refused.code == 1
    assert refused.document["kind"] == "chat_loss"
    assert len(console.run("log", "--json").document["snapshots"]) == 3
    assert console.run("forget", "--keep-last", "1", "--allow-losing-chats").code == 0
    assert len(console.run("log", "--json").document["snapshots"]) == 1


def test_pins_keep_and_are_listed(console: Console) -> None:
    assert console.run("pin").text.strip() == "nothing is pinned"
    assert console.run("pin", LOST[:8]).code == 0
    document = console.run("pin", "latest~1", "--json").document
    assert document["sessions"] == [LOST]
    assert len(document["snapshots"]) == 1
    assert "pinned" in console.run("log").text
    outcome = console.run("forget", "--keep-last", "1", "--json").document
    assert outcome["removed"] == []
    assert console.run("pin", "latest~1", "--remove").code == 0
    removed = console.run("forget", "--keep-last", "1", "--json").document["removed"]
    assert [row["snapshot"] for row in removed] == document["snapshots"]
    assert console.run("pin", LOST, "--remove").code == 0
    assert console.run("pin", LOST, "--remove").code == 15
    assert console.run("pin", "no such thing").code == 15
    assert console.run("pin", "--remove").code == 2


def test_what_is_forgotten_comes_back_or_is_freed(console: Console, tmp_path: Path) -> None:
    ids = [row["snapshot"] for row in console.run("log", "--json").document["snapshots"]]
    assert console.run("forget", ids[1], ids[2], "--allow-losing-chats").code == 0
    listed = console.run("undelete", "--json").document
    assert sorted(row["snapshot"] for row in listed["forgotten"]) == sorted(ids[1:])
    marked = console.run("prune", "--json").document
    assert marked["packs_condemned"] >= 1
    assert marked["packs_deleted"] == 0
    back = console.run("undelete", ids[2][:10], "--json").document
    assert [row["snapshot"] for row in back["undeleted"]] == [ids[2]]
    restored = console.run("restore", ids[2][:12], "--output", tmp_path / "out")
    assert restored.code == 0
    assert list((tmp_path / "out").rglob(f"{LOST}.jsonl"))
    assert console.run("undelete", "--all").code == 0
    assert len(console.run("log", "--json").document["snapshots"]) == 3
    assert console.run("forget", ids[1], ids[2], "--allow-losing-chats").code == 0
    console.run("prune")
    _age(console.store, days=2)
    assert "would be" in console.run("prune", "--dry-run").text
    done = console.run("prune", "--json").document
    assert done["packs_deleted"] >= 1
    assert done["snapshots_deleted"] == 2
    assert console.run("undelete", ids[2][:10]).code == 15
    assert console.run("cat", f"{ids[0][:12]}:code/workspaces").code != 14
    assert console.run("restore", "latest", "--output", tmp_path / "latest").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--keep-last", "0"),
        ("--keep-within", "soon"),
        ("--keep-within", "5"),
        ("--keep-tag", "no good"),
        ("--keep-last", "1", "latest"),
        ("--keep-daily", "-1"),
    ],
    ids=" ".join,
)
def test_policies_that_make_no_sense_are_usage_errors(console: Console, arguments: tuple[str, ...]) -> None:
    before = sorted(path.name for path in console.store.rglob("*"))
    assert console.run("forget", *arguments).code == 2
    assert sorted(path.name for path in console.store.rglob("*")) == before


def test_times_of_a_policy_are_understood(console: Console) -> None:
    for text in ("12h", "1y6m"):
        assert console.run("forget", "--keep-within", text, "--dry-run", "--json").document["removed"] == []


_HOLD = """
import sys
from pathlib import Path
from chatcask.transport import LocalTransport, exclusive
with exclusive(LocalTransport(Path(sys.argv[1])), "prune", holder="prune of Grace", wait_seconds=0):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_prune_is_told_who_holds_the_store(console: Console) -> None:
    command = [sys.executable, "-c", _HOLD, str(console.store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        refused = console.run("prune", "--lock-wait", "0", "--json")
        assert refused.code == 11
        assert refused.document["kind"] == "store_locked"
        assert "prune of Grace" in refused.document["message"]
        assert console.run("prune", "--dry-run").code == 0
        fictional.add_a_day(console.editor, START.replace(hour=0) + timedelta(days=1))
        assert console.run("snapshot").code == 0
        holder.kill()
    assert console.run("prune").code == 0
