"""The past of a store does not hang on a host name: one machine with two, a new one, containers."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support import vscode_view
from support.console import Console, Outcome
from support.state_database import make_database

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
RETRY = fictional.session_id("retry")
_NAMED = """
import os, sys
real, name = os.uname(), sys.argv.pop(1)
os.uname = lambda: type(real)((real.sysname, name, *tuple(real)[2:]))
import runpy
runpy.run_module("chatcask_cli", run_name="__main__", alter_sys=True)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="host names are replaced by their Unix call")


class User(Console):
    """A user whose machine is called as a test says; several may share a store."""

    def __init__(self, folder: Path, host: str, store: Path) -> None:
        folder.mkdir()
        super().__init__(folder)
        self.host = host
        self.environment["CHATCASK_STORE"] = str(store)

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-c", _NAMED, self.host, *map(str, arguments)]

    def run(self, *arguments: str | Path, **environment: str) -> Outcome:
        return self.run_afresh(*arguments, **environment)

    @property
    def identity(self) -> Path:
        return self.home / ".local" / "share" / "chatcask" / "identity"

    def sessions(self, *options: str) -> set[str]:
        done = self.run("sessions", "--json", *options)
        assert done.code == 0, done.err
        return {row["session"] for row in done.document["sessions"]}


@pytest.fixture
def old(tmp_path: Path) -> User:
    made = User(tmp_path / "old", "mbp.local", tmp_path / "store")
    fictional.build_folder(made.editor, START)
    assert made.run("init").code == 0
    return made


@pytest.fixture
def new(tmp_path: Path) -> User:
    """Another machine with the same store and an editor that has opened the folders and has no chats."""
    made = User(tmp_path / "new", "newpc", tmp_path / "store")
    fictional.build_folder(made.editor, START)
    for folder in ("chatSessions", "chatEditingSessions", "emptyWindowChatSessions"):
        for path in made.editor.rglob(folder):
            shutil.rmtree(path)
    for path in list(made.editor.rglob("state.vscdb*")):
        path.unlink()
        if path.name == "state.vscdb":
            make_database(path, {})
    for path in made.editor.rglob("workspace.json"):
        os.utime(path, (1780000000, 1780000000))
    return made


def _lost(user: User, *options: str) -> Sequence[str]:
    done = user.run("snapshot", "--json", "--alarm-exit", *options)
    assert done.code in (0, 4), done.err
    return [row["session"] for row in done.document["losses"]]


def test_one_machine_with_two_names(old: User) -> None:
    assert _lost(old) == []
    fictional.lose_chat(old.editor, RETRY)
    old.host = "mbp.fritz.box"
    assert _lost(old) == [RETRY]
    assert old.sessions("--deleted") == {RETRY}
    assert RETRY in old.run("show", RETRY).text
    assert [row["events"] for row in old.run("log", RETRY, "--json").document["versions"]] == [
        ["vanished"],
        ["appeared"],
    ]
    assert old.run("restore", RETRY).code == 0
    assert RETRY in {session for _, session in vscode_view.view(old.editor)}
    old.host = "localhost"
    assert old.run("undo", "--yes").code == 0
    assert RETRY not in {session for _, session in vscode_view.view(old.editor)}
    hosts = {row["host"] for row in old.run("log", "--json").document["snapshots"]}
    assert hosts == {"mbp.local", "mbp.fritz.box", "localhost"}


def test_a_new_machine_with_the_store_reads_and_restores_what_the_old_one_saved(old: User, new: User) -> None:
    _lost(old)
    everything = old.sessions()
    assert len(everything) > 2
    assert new.sessions() == everything
    assert not new.identity.exists()  # who only reads needs none
    for session in sorted(everything)[:2]:
        done = new.run("restore", session, "--user-data-dir", new.editor, "--workspace", "empty-window")
        assert done.code == 0, done.err
        # The safety snapshot is this machine's latest from now on, and hides nothing.
        assert new.sessions() == everything
        assert new.sessions("--deleted") == set()
    assert new.identity.exists()
    assert {session for _, session in vscode_view.view(new.editor)} >= set(sorted(everything)[:2])
    assert "newpc" in new.run("sessions").text


def test_a_machine_that_restores_several_chats_first_is_the_same_one_afterwards(old: User, new: User) -> None:
    _lost(old)
    chosen = sorted(old.sessions())[:2]
    done = new.run("restore", *chosen, "--user-data-dir", new.editor, "--workspace", "empty-window")
    assert done.code == 0, done.err
    kept = new.identity.read_bytes()
    assert new.run("undo", "--yes", "--user-data-dir", new.editor).code == 0
    assert new.identity.read_bytes() == kept


def test_the_hosts_are_named_only_when_there_are_several(old: User, new: User) -> None:
    _lost(old)
    assert "mbp.local" not in old.run("sessions").text
    _lost(new)
    assert "mbp.local" in new.run("sessions").text
    document = new.run("sessions", "--json").document
    assert [row["host"] for row in document["snapshots"]] == ["newpc", "mbp.local"]
    assert {row["host"] for row in document["sessions"]} == {"mbp.local"}


def test_latest_is_this_machines_newest_and_without_one_the_stores(old: User, new: User) -> None:
    _lost(old)
    assert RETRY in new.sessions("latest")
    _lost(new)
    _lost(old)
    assert new.sessions("latest") == set()
    assert RETRY in old.sessions("latest")


def test_two_machines_that_are_nothing_to_each_other_raise_no_alarm(old: User, new: User) -> None:
    for _ in range(2):
        assert _lost(old) == []
        assert _lost(new) == []
    assert old.identity.read_bytes() != new.identity.read_bytes()


def test_containers_that_are_new_each_time_write_once(old: User, tmp_path: Path) -> None:
    editor = old.editor
    for number in range(3):
        container = User(tmp_path / f"c{number}", f"c{number}", tmp_path / "store")
        done = container.run("snapshot", "--skip-unchanged", "--user-data-dir", editor, "--json")
        assert done.code == 0, done.err
        assert (done.document["snapshot"] is None) == bool(number)
    fictional.lose_chat(editor, RETRY)
    container = User(tmp_path / "last", "last", tmp_path / "store")
    assert _lost(container, "--user-data-dir", str(editor)) == [RETRY]
    assert container.sessions("--deleted") == {RETRY}


def test_after_an_import_a_new_machine_has_all_chats(old: User, new: User, tmp_path: Path) -> None:
    _lost(old)
    everything = old.sessions()
    bundle = tmp_path / "all.gz"
    assert old.run("export", bundle, "--all").code == 0
    new.environment["CHATCASK_STORE"] = str(tmp_path / "store2")
    assert new.run("init").code == 0
    assert new.run("import", bundle).code == 0
    assert new.sessions() == everything
    assert _lost(new) == []
    assert new.sessions() == everything
    assert RETRY in new.run("show", RETRY).text
    again = tmp_path / "again.gz"
    assert new.run("export", again).code == 0
    archive = new.run("archive", tmp_path / "archive", "--json")
    assert archive.code == 0, archive.err
    assert {row["session"] for row in archive.document["chats"]} == everything


def test_an_upgrade_goes_on_with_the_origin_that_the_names_gave(old: User) -> None:
    _lost(old)
    kept = json.loads(old.identity.read_text())["origin"]
    (folder,) = (Path(old.environment["CHATCASK_STORE"]) / "snapshots").iterdir()
    assert folder.name == kept
    code = "from chatcask_cli.shell import environment; print(environment.machine().former_origin)"
    former = _output(old, code)
    folder.rename(folder.with_name(former))
    old.identity.unlink()
    fictional.lose_chat(old.editor, RETRY)
    assert _lost(old) == [RETRY]
    assert json.loads(old.identity.read_text())["origin"] == former


def _output(user: User, code: str) -> str:
    replaced = _NAMED.partition("import runpy")[0] + code
    command = [sys.executable, "-c", replaced, user.host]
    return subprocess.run(
        command, env=user.environment, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize("content", [b"", b"{", b'{"origin": "../../etc"}', b"[]", b'{"origin": 1}'])
def test_a_damaged_identity_is_made_anew_and_loses_no_past(old: User, content: bytes) -> None:
    _lost(old)
    old.identity.write_bytes(content)
    fictional.lose_chat(old.editor, RETRY)
    assert _lost(old) == [RETRY]
    assert len(json.loads(old.identity.read_text())["origin"]) == 16
    assert stat.S_IMODE(old.identity.stat().st_mode) == 0o600


def test_a_home_that_cannot_be_written_keeps_no_run_from_being_made(old: User) -> None:
    data = old.home / ".local"
    data.mkdir()
    (data / "share").write_bytes(b"no folder")
    assert _lost(old) == []
    fictional.lose_chat(old.editor, RETRY)
    assert _lost(old) == [RETRY]


def test_a_copied_home_is_the_same_origin_and_hides_nothing(old: User, new: User) -> None:
    _lost(old)
    everything = old.sessions()
    new.identity.parent.mkdir(parents=True)
    shutil.copy(old.identity, new.identity)
    assert sorted(_lost(new)) == sorted(everything)  # they are not where they were; nothing is gone
    assert new.sessions("--deleted") == everything
    assert _lost(old) == []
    assert old.sessions() == everything
