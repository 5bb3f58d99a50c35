"""`export`, `import` and `stats` as a user runs them: files, pipes, exit codes, documents, memory."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatcask.disk.new_file import new_file
from chatcask.format.config import Config
from chatcask.transport import LocalTransport
from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.worlds import World

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CHAT = fictional.session_id("retry")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Console:
    """A user with VS Code and two snapshots, made once."""
    console = Console(tmp_path_factory.mktemp("prepared"))
    fictional.build_folder(console.editor, START)
    assert console.run("snapshot").code == 0
    fictional.add_a_day(console.editor, START.replace(hour=0) + timedelta(days=1))
    assert console.run("snapshot").code == 0
    return console


@pytest.fixture
def console(prepared: Console, tmp_path: Path) -> Console:
    """The same user with a store of their own."""
    console = Console(tmp_path)
    shutil.copytree(prepared.editor, console.editor)
    shutil.copytree(prepared.store, console.store)
    data = Path(".local") / "share"  # who this user on this machine is
    if (prepared.home / data).is_dir():
        shutil.copytree(prepared.home / data, console.home / data, dirs_exist_ok=True)
    return console


def _bytes_of(console: Console, snapshot: str, store: Path) -> dict[str, bytes]:
    listed = console.run("ls", snapshot, "-r", "--json", "--store", store).document["entries"]
    return {
        entry["path"]: console.run("cat", f"{snapshot}:{entry['path']}", "--store", store).out
        for entry in listed
        if entry["kind"] == "file" and CHAT in entry["path"]
    }


def test_a_store_moves_to_another_machine(console: Console, tmp_path: Path) -> None:
    bundle, other = tmp_path / "chats.jsonl.gz", tmp_path / "other"
    exported = console.run("export", bundle, "--all", "--json")
    assert exported.code == 0
    document = exported.document
    assert (document["success"], document["snapshots"], document["errors"]) == (True, 2, [])
    assert document["bytes_written"] == bundle.stat().st_size
    if os.name != "nt":
        assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    assert console.run("init", "--store", other).code == 0
    imported = console.run("import", bundle, "--store", other, "--tag", "old-laptop", "--json")
    assert imported.code == 0
    assert imported.document["unchanged"] is False
    assert len(imported.document["snapshots"]) == 2
    ours = _bytes_of(console, "latest", console.store)
    assert len(ours) >= 3
    assert _bytes_of(console, "old-laptop", other) == ours
    again = console.run("import", bundle, "--store", other, "--json")
    assert (again.code, again.document["unchanged"], again.document["snapshots"]) == (0, True, [])
    assert "nothing new" in console.run("import", bundle, "--store", other).text


def test_a_bundle_with_paths_gives_the_very_same_trees(console: Console, tmp_path: Path) -> None:
    bundle = tmp_path / "chats.jsonl.gz"
    assert console.run("export", bundle, "--all", "--with-paths").code == 0
    imported = console.run("import", bundle, "--json").document
    assert (imported["bytes_new"], len(imported["snapshots"])) == (0, 2)
    roots = {row["snapshot"]: row["root"] for row in console.run("log", "--json").document["snapshots"]}
    assert len(roots) == 4
    own = [root for snapshot, root in roots.items() if snapshot not in imported["snapshots"]]
    assert sorted(own) == sorted(roots[snapshot] for snapshot in imported["snapshots"])
    latest = console.run("ls", "latest", "--json").document["snapshot"]
    assert latest not in imported["snapshots"], "latest goes on meaning this machine's own"


def test_windows_without_a_folder_are_a_workspace_too(console: Console) -> None:
    outcome = console.run("export", "-", "--workspace", "empty-window")
    files = json.loads(gzip.decompress(outcome.out).splitlines()[0])["files"]
    assert sorted(file["kind"] for file in files) == ["file", "file", "folder", "folder"]
    assert {file["path"].partition("/")[0] for file in files} == {"empty-window"}


def test_a_first_import_makes_its_store(console: Console, tmp_path: Path) -> None:
    bundle = tmp_path / "chats.jsonl.gz"
    assert console.run("export", bundle).code == 0
    fresh = tmp_path / "fresh"
    done = console.run("import", bundle, CHATCASK_STORE=str(fresh))
    assert done.code == 0
    assert f"made a store at {fresh}" in done.text
    assert "made a store" in console.run("import", bundle, "--store", tmp_path / "new").text


def test_a_bundle_goes_through_a_pipe(console: Console, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert console.run("init", "--store", other).code == 0
    outcome = console.run("export", "-", "--session", "retry for the")
    assert outcome.code == 0
    by_id = console.run("export", "-", "--session", CHAT[:6])
    rows = gzip.decompress(outcome.out).splitlines()[1:]
    assert rows == gzip.decompress(by_id.out).splitlines()[1:]
    assert "exported" in outcome.err
    lines = [json.loads(line) for line in gzip.decompress(outcome.out).splitlines()]
    assert lines[0]["type"] == "chatcask-bundle"
    assert {line["type"] for line in lines[1:]} == {"row"}
    done = subprocess.run(
        console.command("import", "-", "--store", other, "--json"),
        env=console.environment,
        input=outcome.out,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"] == lines[0]["totalCount"] - sum(
        file["count"] - 1 for file in lines[0]["files"] if "count" in file
    )


def test_a_damaged_bundle_imports_what_is_sound_with_code_3(console: Console, tmp_path: Path) -> None:
    bundle, other = tmp_path / "chats.jsonl.gz", tmp_path / "other"
    assert console.run("export", bundle).code == 0
    assert console.run("init", "--store", other).code == 0
    data = bundle.read_bytes()
    bundle.write_bytes(data[: len(data) * 9 // 10])
    done = console.run("import", bundle, "--store", other, "--json")
    assert done.code == 3
    document = done.document
    assert document["success"] is False
    assert document["files"] > 0 < document["files_lost"]
    assert len(document["errors"]) > document["files_lost"]
    bundle.write_bytes(data[:50])
    assert console.run("import", bundle, "--store", other).code == 14
    bundle.write_bytes(b"text")
    assert console.run("import", bundle, "--store", other).code == 2
    assert console.run("import", tmp_path / "missing", "--store", other).code == 15


def test_an_export_replaces_nothing_and_leaves_nothing_behind(console: Console, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    bundle = folder / "chats.jsonl.gz"
    bundle.write_bytes(b"precious")
    assert console.run("export", bundle).code == 2
    assert console.run("export", folder / "other.gz", "--session", "nobody").code == 15
    assert console.run("export", folder).code == 2
    assert console.run("export", console.editor / "chats.gz").code == 2
    assert [path.name for path in folder.iterdir()] == ["chats.jsonl.gz"]
    assert bundle.read_bytes() == b"precious"
    assert console.run("export", bundle, "--overwrite").code == 0
    assert gzip.decompress(bundle.read_bytes()).startswith(b'{"type":"chatcask-bundle"')


@pytest.mark.skipif(os.name == "nt", reason="processes are not stopped by signals there")
def test_a_reader_that_leaves_ends_an_export_quietly(console: Console) -> None:
    with subprocess.Popen(
        console.command("export", "-"),
        env=console.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no file that is always full")
def test_a_full_disk_is_an_error_with_a_documented_code(console: Console) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            console.command("export", "-"),
            env=console.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == b"chatcask: cannot write to standard output: No space left on device\n"


def test_what_a_killed_export_left_is_removed_by_the_next(console: Console, tmp_path: Path) -> None:
    leftover = tmp_path / "chats.gz"
    with new_file(leftover, overwrite=False) as file:
        file.write(b"killed here")
        (killed,) = (path for path in tmp_path.iterdir() if path.name.startswith(".chatcask-"))
        os.link(killed, tmp_path / "kept")
    leftover.unlink()
    (tmp_path / "kept").rename(killed)
    assert console.run("export", leftover).code == 0
    assert not killed.exists()


def test_a_day_stands_for_its_first_or_its_last_moment(console: Console, tmp_path: Path) -> None:
    def chats(*options: str) -> int:
        outcome = console.run("export", "-", *options)
        if outcome.code == 15:
            return 0
        files = json.loads(gzip.decompress(outcome.out).splitlines()[0])["files"]
        return sum("/chatSessions/" in file["path"] for file in files)

    every = chats()
    first, second = chats("--until", "2026-06-01"), chats("--since", "2026-06-02")
    assert first + second == every
    assert 0 < first < every
    assert chats("--since", "2026-06-01", "--until", "2026-06-02") == every
    assert chats("--since", "2026-06-03") == 0


@pytest.mark.parametrize("name", ["md", "html", "json", "csv"])
def test_chats_are_written_for_people(name: str, console: Console, tmp_path: Path) -> None:
    folder = tmp_path / "read"
    done = console.run("export", folder, "--format", name, "--json")
    assert done.code == 0
    files = [Path(path) for path in done.document["files"]]
    assert sorted(files) == sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) == 8
    assert all(path.suffix == f".{name}" and path.stat().st_size > 100 for path in files)
    assert f"{CHAT}.{name}" in {path.name for path in files}
    assert console.run("export", folder, "--format", name).code == 2
    one = tmp_path / f"one.{name}"
    assert console.run("export", one, "--format", name, "--session", CHAT).code == 0
    piped = console.run("export", "-", "--format", name, "--session", CHAT)
    assert piped.out == one.read_bytes() == next(p for p in files if p.stem == CHAT).read_bytes()
    assert console.run("export", "-", "--format", name).code == 2


def test_stats_are_for_people_and_programs(console: Console) -> None:
    document = console.run("stats", "--json").document
    stored = sum(path.stat().st_size for path in console.store.rglob("*") if path.is_file())
    assert 0 < stored - document["stored"] < 1000, "all of the store but its config"
    assert document["snapshots"] == 2
    assert [month["snapshots"] for month in document["months"]] == [2]
    assert document["dedup_ratio"] > 1.2
    assert document["compression_ratio"] > 1.2
    assert {place["name"] for place in document["workspaces"]} == {"lighthouse", "tide-tables", None}
    (editor,) = document["editors"]
    assert (editor["source"], editor["workspaces"], editor["chats"]) == ("code", 3, 8)
    sizes = [chat["size"] for chat in document["largest_chats"]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 8
    assert all(chat["title"] for chat in document["largest_chats"])
    text = console.run("stats", "-n", "2", PYTHONIOENCODING="utf-8").text
    assert "█" in text
    assert "tide-tables" in text
    plain = console.run("stats", PYTHONIOENCODING="ascii").text
    assert "####" in plain
    assert plain.isascii()


def test_stats_of_a_damaged_store_count_the_rest(console: Console) -> None:
    snapshot = max((console.store / "snapshots").rglob("*-*"))
    snapshot.write_bytes(b"damaged")
    outcome = console.run("stats", "--json")
    assert outcome.code == 14
    assert outcome.document["snapshots"] == 1
    assert [error["kind"] for error in outcome.document["errors"]] == ["damaged_snapshot"]


_MEASURED = """
import sys
from chatcask_cli.shell.app import run
code = run()
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")), file=sys.stderr)
raise SystemExit(code)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_a_large_chat_goes_through_a_pipe_in_little_memory(tmp_path: Path) -> None:
    console, other = Console(tmp_path), tmp_path / "other"
    world = World(tmp_path / "world", LocalTransport(console.store), Config("0" * 32, "2026-11-01T12:00:00Z"))
    text = b"a light on the cliff, " * 200
    lines = b"".join(b'{"kind":1,"k":["requests",%d],"v":"%b"}\n' % (n, text) for n in range(18_000))
    one_line = b'{"kind":0,"v":"' + text * 5000 + b'"}\n'
    world.write({"w1/chatSessions/long.jsonl": one_line + lines})
    world.take()
    assert (world.storage / "w1/chatSessions/long.jsonl").stat().st_size > 100_000_000
    assert console.run("init", "--store", other).code == 0

    def measured(*arguments: str | Path) -> list[str]:
        return [sys.executable, "-c", _MEASURED, *map(str, arguments)]

    with (
        subprocess.Popen(
            measured("export", "-"), env=console.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as source,
        subprocess.Popen(
            measured("import", "-", "--store", other, "--json"),
            env=console.environment,
            stdin=source.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as target,
    ):
        out, err = target.communicate(timeout=120)
        assert source.stdout is not None
        assert source.stderr is not None
        source.stdout.close()
        source_err = source.stderr.read()
    assert (source.returncode, target.returncode) == (0, 0), source_err + err
    assert json.loads(out)["bytes_read"] > 100_000_000
    for text in (source_err.decode(), err.decode()):
        (peak,) = (int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM"))
        assert peak < 200_000, "kilobytes"
