"""`chatcask check` and `chatcask repair` as whole commands: exit codes, JSON, options, samples that move."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatcask_cli.demo import folder as fictional
from support.console import Console


class Shell:
    """Runs chatcask with a home, a store and a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.store, self.cache, self.code = folder / "store", folder / "cache", folder / "Code"
        self._console = Console(folder)
        self._console.environment |= {"CHATCASK_CACHE": str(self.cache), "NO_COLOR": "1"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = self._console.run(*arguments)
        return subprocess.CompletedProcess(arguments, done.code, done.text, done.err)

    def json(self, *arguments: str) -> tuple[int, dict]:
        done = self.run(*arguments, "--json")
        return done.returncode, json.loads(done.stdout)

    def packs(self) -> list[Path]:
        return sorted(self.store.glob("packs/*/*"), key=lambda path: -path.stat().st_size)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    fictional.build_folder(shell.code, datetime(2026, 11, 1, tzinfo=UTC))
    assert shell.run("snapshot", "--user-data-dir", str(shell.code)).returncode == 0
    return shell


def _break(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


def test_a_sound_store(shell: Shell) -> None:
    done = shell.run("check")
    assert done.returncode == 0
    assert "no damage" in done.stdout
    code, document = shell.json("check", "--read-data")
    assert code == 0
    assert document["success"]
    assert document["findings"] == []
    assert document["bytes_read"] == sum(path.stat().st_size for path in shell.packs())
    assert shell.json("repair")[1]["findings"] == []


def test_damage_gives_14_names_chats_and_is_mended_from_the_closed_editor(shell: Shell) -> None:
    _break(shell.packs()[0])
    done = shell.run("check", "--read-data")
    assert done.returncode == 14
    assert "affects chat" in done.stdout
    assert "chatcask repair" in done.stdout
    code, document = shell.json("check", "--read-data=100%")
    assert code == 14
    (finding,) = document["findings"]
    assert finding["severity"] == "damage"
    assert finding["chats"][0].keys() == {"source", "workspace", "session"}
    assert len(finding["snapshots"]) == finding["snapshot_count"] == 1
    code, planned = shell.json("repair", "--dry-run", "--user-data-dir", str(shell.code))
    assert code == 14
    assert planned["chunks_wanted"] > 0
    done = shell.run("repair", "--user-data-dir", str(shell.code))
    assert done.returncode == 0, done.stdout + done.stderr
    assert shell.run("check", "--read-data").returncode == 0


def test_what_nobody_has_is_lost_and_exits_with_3_once(shell: Shell, tmp_path: Path) -> None:
    shell.packs()[0].unlink()
    empty = tmp_path / "empty"
    (empty / "User").mkdir(parents=True)
    code, document = shell.json("repair", "--user-data-dir", str(empty))
    assert code == 3
    assert document["newly_lost"] > 0
    assert shell.run("repair", "--user-data-dir", str(empty)).returncode == 0
    done = shell.run("check")
    assert done.returncode == 0
    assert "lost" in done.stdout
    restored = shell.run("restore", "latest", "--output", str(tmp_path / "out"))
    assert restored.returncode == 3


def test_a_copy_mends_everything(shell: Shell, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(shell.store, tmp_path / "copy")
    for pack in shell.packs():
        pack.unlink()
    next(shell.store.glob("snapshots/*/*")).write_bytes(b"")
    assert shell.run("check").returncode == 14
    done = shell.run("repair", "--from", str(copy), "--user-data-dir", str(shell.code))
    assert done.returncode == 0, done.stdout + done.stderr
    assert shell.run("restore", "latest", "--output", str(tmp_path / "out")).returncode == 0


def test_a_missing_config_is_named_and_made_again(shell: Shell) -> None:
    (shell.store / "config").unlink()
    code, document = shell.json("check")
    assert code == 14
    assert "repair" in document["hint"]
    assert shell.run("repair", "--dry-run").returncode == 14
    assert not (shell.store / "config").exists()
    assert shell.run("repair", "--user-data-dir", str(shell.code)).returncode == 0
    assert shell.run("check", "--read-data").returncode == 0


def test_samples_go_on_where_the_last_one_ended(shell: Shell) -> None:
    for expected in ("0.4", "0.8", "0.2"):
        assert shell.json("check", "--read-data=40%")[0] == 0
        (file,) = shell.cache.glob("*.read-data")
        assert file.read_text().startswith(expected)
    file.write_text("nonsense")
    assert shell.run("check", "--read-data=40%").returncode == 0


@pytest.mark.parametrize("share", ["0%", "101%", "many", ""])
def test_a_share_that_is_none_is_a_usage_error(shell: Shell, share: str) -> None:
    code, document = shell.json("check", f"--read-data={share}")
    assert code == 2
    assert document["kind"] == "usage"


def test_without_a_store_both_say_so(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert shell.run("check").returncode == 10
    assert shell.run("repair").returncode == 10
    assert not shell.store.exists()
