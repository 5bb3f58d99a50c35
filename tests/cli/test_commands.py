"""The commands as a user runs them: whole processes, real output, documented exit codes."""

from __future__ import annotations

import json
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


def test_the_story_of_a_lost_chat(console: Console, tmp_path: Path) -> None:
    first = console.run("snapshot")
    assert first.code == 0
    assert f"made a store at {console.store}" in first.text
    assert "2 workspaces, 7 chats, 12 files, 12 new or changed" in first.text
    quiet = console.run("snapshot")
    assert "nothing changed" in quiet.text
    fictional.add_a_day(console.editor, START.replace(hour=0) + timedelta(days=1))
    assert console.run("snapshot", "--tag", "day-two").code == 0
    chat = fictional.session_id("retry")
    bytes_before = next(console.editor.rglob(f"{chat}.jsonl")).read_bytes()
    lost = fictional.lose_chat(console.editor, chat)
    alarm = console.run("snapshot", "--alarm-exit", "--json")
    assert alarm.code == 4
    (loss,) = alarm.document["losses"]
    assert (loss["session"], loss["kind"], loss["before"]) == (chat, "vanished", 3)
    shown = console.run("diff", "latest~1", "latest", "--name-only")
    assert f"code/workspaces/{lost.parent.parent.name}/chatSessions/{chat}.jsonl" in shown.text.splitlines()
    place = f"day-two:{loss['path']}"
    assert console.run("cat", place).out == bytes_before
    restored = console.run("restore", place, "--output", tmp_path / "out")
    assert restored.code == 0
    assert (tmp_path / "out" / f"{chat}.jsonl").read_bytes() == bytes_before
    log = console.run("log").text
    assert "[day-two]" in log
    assert "1 chat lost" in log
    assert "... 1 run without change" in log


def test_snapshot_gives_programs_what_is_promised(console: Console) -> None:
    outcome = console.run("snapshot", "--json")
    assert outcome.code == 0
    document = outcome.document
    promised = (
        "success timestamp snapshot parent root unchanged complete workspaces_processed files_extracted"
        " files_unchanged errors bytes_scanned bytes_read bytes_new bytes_stored losses details"
    )
    assert set(promised.split()) <= document.keys()
    assert document["success"] is True
    assert document["parent"] is None
    assert document["timestamp"].endswith("Z")
    assert datetime.fromisoformat(document["timestamp"]).tzinfo is not None
    assert document["errors"] == document["losses"] == []
    assert {d["workspace_name"] for d in document["details"]} == {"lighthouse", "tide-tables"}
    assert all(
        set(d) == {"workspace_key", "workspace_name", "files_extracted", "errors"}
        for d in document["details"]
    )
    again = console.run("snapshot", "--json").document
    assert again["unchanged"] is True
    assert again["parent"] == document["snapshot"]
    assert again["root"] == document["root"]
    assert again["bytes_read"] == again["bytes_stored"] == 0
    skipped = console.run("snapshot", "--skip-unchanged", "--json").document
    assert skipped["snapshot"] is None
    assert len(console.run("log", "--json").document["snapshots"]) == 2


def test_a_dry_run_makes_no_store(console: Console) -> None:
    outcome = console.run("snapshot", "--dry-run")
    assert outcome.code == 0
    assert "would read 12 new or changed" in outcome.text
    assert not console.store.exists()


def test_ls_and_cat_show_the_raw_files(console: Console) -> None:
    console.run("snapshot")
    assert [row["path"] for row in console.run("ls", "--json").document["entries"]] == ["code"]
    top = console.run("ls", "latest:code")
    names = [line.split()[-1] for line in top.text.splitlines()]
    assert names == ["code/empty-window/", "code/workspaces/"]
    rows = console.run("ls", "latest:code", "-r", "--json").document["entries"]
    chats = [row for row in rows if "/chatSessions/" in row["path"]]
    assert len(chats) == 7
    for row in chats:
        original = next((console.editor / "User").rglob(row["path"].rpartition("/")[2]))
        content = (
            console.run("cat", f"latest:{row['path']}").out if row is chats[0] else original.read_bytes()
        )
        assert content == original.read_bytes()
        assert row["size"] == len(content)
        assert row["kind"] == "file"
    one = console.run("ls", f"latest:{chats[0]['path']}", "--json").document["entries"]
    assert one == [chats[0]]


def test_every_way_to_name_a_snapshot(console: Console) -> None:
    first = console.run("snapshot", "--json", "--tag", "start").document["snapshot"]
    fictional.add_a_day(console.editor, START.replace(hour=0) + timedelta(days=1))
    second = console.run("snapshot", "--json").document["snapshot"]
    expected = {
        "latest": second,
        "@": second,
        "latest~1": first,
        "latest~": first,
        first[:8]: first,
        second: second,
        f"{second[:12]}~1": first,
        "start": first,
        "@{now}": second,
        "@{2999-01-01}": second,
        "@{0 days ago}": second,
    }
    for name, wanted in expected.items():
        assert console.run("ls", name, "--json").document["snapshot"] == wanted, name
    for name, words in {
        "latest~2": "there are only 2",
        "@{2001-01-01}": "no snapshot is as old",
        "0123456789": "no snapshot 0123456789",
        "never-given": "no snapshot has the tag",
    }.items():
        outcome = console.run("ls", name)
        assert (outcome.code, words in outcome.err) == (15, True), (name, outcome.err)
    assert console.run("ls", "@{the day before}").code == 2
    assert console.run("ls", "latest:no/such/path").code == 15
    assert console.run("cat", "latest:code").code == 2


def test_diff_speaks_in_exit_codes_when_asked(console: Console) -> None:
    console.run("snapshot")
    assert console.run("diff", "--exit-code").code == 1  # a first snapshot against nothing
    console.run("snapshot")
    same = console.run("diff", "--exit-code")
    assert (same.code, same.text) == (0, "no differences\n")
    fictional.add_a_day(console.editor, START.replace(hour=0) + timedelta(days=1))
    console.run("snapshot")
    assert console.run("diff").code == 0
    document = console.run("diff", "latest~2", "latest", "--json").document
    kinds = sorted(c["kind"] for c in document["changes"] if "/chatSessions/" in c["path"])
    assert kinds == ["added", "changed", "changed"]
    assert "1 file added" in console.run("diff", "--stat").text
    below = console.run("diff", "latest~1:code/empty-window", "latest:code/empty-window", "--exit-code")
    assert below.code == 0


def test_restore_writes_everything_and_refuses_to_replace(console: Console, tmp_path: Path) -> None:
    console.run("snapshot")
    output = tmp_path / "out"
    document = console.run("restore", "latest", "--output", output, "--json").document
    assert document["success"] is True
    assert document["files"] > 12
    chat = next(output.rglob("chatSessions/*.jsonl"))
    chat.write_bytes(b"changed since")
    refused = console.run("restore", "latest", "--output", output)
    assert refused.code == 1
    assert "--overwrite" in refused.err
    assert chat.read_bytes() == b"changed since"
    assert console.run("restore", "latest", "--output", output, "--overwrite").code == 0
    assert chat.read_bytes() != b"changed since"
    inside = console.run("restore", "latest", "--output", console.editor / "User" / "workspaceStorage")
    assert inside.code == 2
    assert "inside the folder" in inside.err


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["snapshot", "--user-data-dir", "no-such-folder"], 15, "not_found"),
        (["snapshot", "--product", "emacs"], 15, "not_found"),
        (["snapshot", "--product", "vscodium"], 15, "not_found"),
        (["snapshot", "--manifest", "no-such-file"], 2, "usage"),
        (["snapshot", "--tag", "deadbeef"], 2, "usage"),
        (["snapshot", "--tag", "two words"], 2, "usage"),
        (["sessions", "--store", "no-such-store"], 10, "no_store"),
        (["log"], 10, "no_store"),
        (["ls"], 10, "no_store"),
        (["no-such-command"], 2, "usage"),
        (["ls", "--no-such-option"], 2, "usage"),
        (["restore"], 2, "usage"),
    ],
)
def test_every_failure_has_its_code_a_message_and_a_way_out(
    console: Console, arguments: list[str], code: int, kind: str
) -> None:
    outcome = console.run(*arguments)
    assert outcome.code == code, outcome.err
    assert outcome.err.strip()
    document = console.run(*arguments, "--json").document
    assert (document["message_type"], document["code"], document["kind"]) == ("exit_error", code, kind)
    assert document["message"]


def test_init_makes_a_store_once_and_never_among_chats(console: Console, tmp_path: Path) -> None:
    assert console.run("init").code == 0
    again = console.run("init")
    assert (again.code, "there is a store" in again.err) == (1, True)
    inside = console.run("init", "--store", console.editor / "User" / "store")
    assert inside.code == 2
    assert not (console.editor / "User" / "store").exists()
    assert console.run("snapshot", "--store", console.editor / "store").code == 2
    named = console.run("init", "--store", tmp_path / "other", "--json").document
    assert named["store"] == str(tmp_path / "other")


def test_the_store_is_found_by_option_variable_file_and_default(console: Console, tmp_path: Path) -> None:
    del console.environment["CHATCASK_STORE"]
    default = console.run("init", "--json").document["store"]
    assert Path(default).is_relative_to(console.home)
    if sys.platform == "linux":
        config = console.home / ".config" / "chatcask" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f"store = {json.dumps(str(tmp_path / 'configured'))}\n")
        assert console.run("init", "--json").document["store"] == str(tmp_path / "configured")
        config.write_text("store = 3")
        assert console.run("log").code == 2
        config.write_text(f"store = {json.dumps(str(tmp_path / 'other'))}\n")
    named = console.run("init", "--json", CHATCASK_STORE=str(tmp_path / "variable")).document
    assert named["store"] == str(tmp_path / "variable")


def test_sources_names_editors_and_touches_no_chat(console: Console) -> None:
    document = console.run("sources", "--json").document
    assert [(s["id"], s["running"]) for s in document["sources"]] == [("code", False)]
    assert str(console.editor) in console.run("sources").text
    shutil.rmtree(console.editor)
    assert console.run("sources", "--json").document["sources"] == []
    nothing = console.run("snapshot")
    assert nothing.code == 15
    assert "--user-data-dir" in nothing.err


def test_a_manifest_picks_workspaces(console: Console) -> None:
    storage = console.editor / "User" / "workspaceStorage"
    key = min(path.name for path in storage.iterdir())
    manifest = console.home / "manifest.json"
    rows = [
        {"workspace_key": key, "workspace_name": "x", "storage_root": str(storage / key)},
        {
            "workspace_key": "w" * 32,
            "storage_root": "C:\\Users\\ada\\AppData\\Roaming\\Code\\User\\workspaceStorage",
        },
    ]
    manifest.write_text(json.dumps({"version": "2.0", "workspaces": rows}))
    document = console.run("snapshot", "--manifest", manifest, "--json").document
    assert [d["workspace_key"] for d in document["details"]] == [key]
    listed = console.run("log").text
    assert "(some workspaces)" in listed
    assert "(carried over)" not in listed


def test_damage_is_named_with_its_own_code(console: Console) -> None:
    console.run("snapshot")
    manifest = next((console.store / "snapshots").rglob("*-*"))
    manifest.write_bytes(manifest.read_bytes()[:-5])
    shown = console.run("ls")
    assert shown.code == 14
    assert manifest.name in shown.err
    assert console.run("log").code == 14
    config = console.store / "config"
    whole = config.read_bytes()
    config.write_bytes(whole[:40])
    assert console.run("log").code == 14
    config.write_bytes(whole.replace(b'"level": 3', b'"level": 9'))
    changed = console.run("log")
    assert (changed.code, "checksum" in changed.err) == (14, True)
    config.write_bytes(whole.replace(b'"format": 1', b'"format": 2'))
    newer = console.run("log")
    assert (newer.code, "format 2" in newer.err) == (1, True)


def test_data_goes_to_standard_output_and_nothing_else_does(console: Console) -> None:
    quiet = console.run("snapshot", "--quiet")
    assert (quiet.out, quiet.err) == (b"", "")
    assert console.run("snapshot", "--json", "-q").document["success"] is True
    assert "\x1b" not in console.run("log").text
    assert "\x1b[36m" in console.run("log", "--color", "always").text
    assert "\x1b[36m" in console.run("log", FORCE_COLOR="1").text
    assert "\x1b" not in console.run("log", "--color", "never", FORCE_COLOR="1").text


def test_a_reader_that_leaves_early_sees_no_complaint(console: Console) -> None:
    console.run("snapshot")
    with subprocess.Popen(
        console.command("ls", "-r"), env=console.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        process.wait(timeout=60)


def test_two_processes_that_save_different_editors_at_once_both_commit(console: Console) -> None:
    insiders = console.home / ".config" / "Code - Insiders"
    fictional.build_folder(insiders, START)
    console.run("init")
    commands = [
        console.command("snapshot", "--json", "--product", name) for name in ("code", "code-insiders")
    ]
    processes = [
        subprocess.Popen(command, env=console.environment, stdout=subprocess.PIPE) for command in commands
    ]
    documents = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    listed = {row["snapshot"] for row in console.run("log", "--json").document["snapshots"]}
    assert listed == {document["snapshot"] for document in documents}
    console.run("snapshot")
    rows = console.run("ls", "-r", "--json").document["entries"]
    for product, folder in (("code", console.editor), ("code-insiders", insiders)):
        for original in folder.rglob("chatSessions/*"):
            (row,) = [
                r for r in rows if r["path"].startswith(f"{product}/") and r["path"].endswith(original.name)
            ]
            assert row["size"] == original.stat().st_size


def test_the_demo_tells_its_story_with_real_numbers(console: Console) -> None:
    outcome = console.run("demo")
    assert outcome.code == 0, outcome.err
    assert "the chat with 3 turns is gone" in outcome.text
    assert "byte for byte as it was" in outcome.text
    assert not (console.home / ".cache" / "chatcask-demo").exists()
    assert console.run("demo", "--json").document["identical"] is True
    kept = console.run("demo", "--keep", "story")
    assert kept.code == 0
    assert console.run("log", "--store", console.home / "story" / "store").code == 0
    assert console.run("demo", "--keep", "story").code != 0


def test_help_and_version_need_no_store(console: Console) -> None:
    for arguments in (["--help"], ["--version"], ["-h"], ["snapshot", "--help"]):
        assert console.run(*arguments).code == 0
    assert console.run("--version").text.startswith("chatcask ")
    assert not console.store.exists()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_interrupt_ends_with_its_own_code(console: Console) -> None:
    import signal

    fifo = console.home / "manifest"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        console.command("snapshot", "--manifest", fifo), env=console.environment, stderr=subprocess.PIPE
    )
    with fifo.open("wb"):  # the command waits for the manifest's text: it is in its own code now
        process.send_signal(signal.SIGINT)
        error = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert b"Traceback" not in error


_SLOW_DISK = """
import os, stat, sys, time
from chatcask_cli.shell.app import run

def wait(descriptor):
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        print("writing", flush=True)
        time.sleep(600)

os.fsync = wait
sys.exit(run())
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_being_told_to_end_is_an_interrupt_that_leaves_nothing_half_written(console: Console) -> None:
    import signal

    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW_DISK, "init"],
        env=console.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"writing"
    assert len(list((console.store / "tmp").iterdir())) == 1
    process.send_signal(signal.SIGTERM)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert b"interrupted" in error
    assert b"Traceback" not in error
    assert list((console.store / "tmp").iterdir()) == []
    assert console.run("init").code == 0


_IGNORING = """
import os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_who_ignores_being_told_to_end_still_does(console: Console) -> None:
    import signal

    fifo = console.home / "manifest"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [sys.executable, "-c", _IGNORING, *console.command("snapshot", "--manifest", fifo)],
        env=console.environment,
        stderr=subprocess.PIPE,
    )
    with fifo.open("wb") as manifest:
        process.send_signal(signal.SIGTERM)
        manifest.write(b"not a manifest")
    error = process.communicate(timeout=60)[1]
    assert process.returncode not in {130, -signal.SIGTERM}
    assert b"interrupted" not in error
