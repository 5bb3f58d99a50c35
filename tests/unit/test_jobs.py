"""What each system is given: parsed again and looked at field by field, hostile paths and all."""

from __future__ import annotations

import configparser
import os
import plistlib
import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from chatcask.errors import InvalidInputError, JobError
from chatcask.jobs import (
    Command,
    Done,
    Jobs,
    Work,
    add_missing,
    autostart_jobs,
    install,
    installed,
    launchd_jobs,
    systemd_jobs,
    task_scheduler_jobs,
    uninstall,
)
from chatcask.jobs.job import MARK
from chatcask.jobs.systemd import can_be_named

HOSTILE = [
    "/home/ada/plain",
    "/home/ada/two words/50% off/%h",
    "/home/ada/\"quoted\" 'single' `tick`",
    "/home/ada/$HOME/${PATH}/$$",
    "/home/ada/back\\slash\\n",
    "/home/ada/Überraschung/日本語/🦀",
    "/home/ada/<tag> & ; # = [x]",
    "/home/ada/new\nline\ttab",
]


def _work(folder: str = "/home/ada/.config/Code") -> Work:
    following = {"code~1a2b3c4d": (Path(folder), ("/opt/py", "--root", folder))}
    return Work(("/opt/py", "-m", "chatcask_cli", "--store", folder), ("/opt/py", "wait", folder), following)


def _every(folder: str, place: Path) -> list[Jobs]:
    work = _work(folder)
    return [
        systemd_jobs(work, place),
        autostart_jobs(work, place),
        launchd_jobs(work, place, 501),
        task_scheduler_jobs(work, place, "DESK\\ada"),
    ]


def _words_of_systemd(line: str) -> list[str]:
    """Split as systemd.syntax(7) says, specifiers resolved and variables left, as `:` asks for."""
    words = []
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"', line.removeprefix(":")):
        text = re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), match[1])
        words.append(text.replace("%%", "%"))
    return words


posix = pytest.mark.skipif(os.name == "nt", reason="a path of another system becomes one of Windows here")


@posix
@pytest.mark.parametrize("folder", HOSTILE)
def test_units_say_what_was_meant(folder: str, tmp_path: Path) -> None:
    work = _work(folder)
    files = {file.path.name: file.text for file in systemd_jobs(work, tmp_path).files}
    (saving,) = re.findall(r"^ExecStart=(.*)$", files["chatcask.service"], re.MULTILINE)
    assert _words_of_systemd(saving) == list(work.saving)
    shell = systemd_jobs(Work((folder,), (), {}), tmp_path).files[0].text
    assert _words_of_systemd(re.findall(r"^ExecStart=(.*)$", shell, re.MULTILINE)[0])[-1] == folder
    if "\n" in folder:
        assert set(files) == {"chatcask.service", "chatcask.timer"}
        return
    (following,) = re.findall(r"^ExecStart=(.*)$", files["chatcask-code-1a2b3c4d.service"], re.MULTILINE)
    assert _words_of_systemd(following) == list(work.following["code~1a2b3c4d"][1])
    (watched,) = re.findall(r"^PathChanged=(.*)$", files["chatcask-code-1a2b3c4d.path"], re.MULTILINE)
    assert watched.replace("%%", "%") == f"{folder}/code.lock"
    assert "%" not in watched.replace("%%", "")


@pytest.mark.parametrize("folder", HOSTILE)
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_systemd_finds_no_fault_in_the_units(folder: str, tmp_path: Path) -> None:
    program = tmp_path / Path(folder).name.replace("/", "") / "py"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    command = (str(program), folder)
    jobs = systemd_jobs(Work(command, command, {"code": (Path(folder), command)}), tmp_path / "config")
    install(jobs, lambda _: Done(0, ""))
    (tmp_path / "run").mkdir()
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", *(file.path for file in jobs.files)],
        env={"XDG_RUNTIME_DIR": str(tmp_path / "run"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "chatcask" in line]
    assert (done.returncode, ours) == (0, [])


def test_units_are_never_stopped_for_starting_often(tmp_path: Path) -> None:
    for file in systemd_jobs(_work(), tmp_path).files:
        if file.path.suffix != ".timer":
            unit = file.text.partition("[Unit]")[2].partition("\n\n")[0]
            assert "StartLimitIntervalSec=0" in unit, file.path.name
    timer = next(file.text for file in systemd_jobs(_work(), tmp_path).files if file.path.suffix == ".timer")
    assert {"OnCalendar=hourly", "Persistent=true"} <= set(timer.splitlines())


@pytest.mark.parametrize("text", ["/a\nb", "/a\x1bb", "/a\udcff", "/a ", "/a\\"])
def test_what_a_unit_cannot_name_is_not_put_into_one(text: str) -> None:
    assert not can_be_named(text)


def _words_of_desktop(value: str) -> list[str]:
    """Undo the escapes of a string value, then split as the Exec key is split."""
    plain = re.sub(
        r"\\(.)", lambda found: {"n": "\n", "t": "\t", "r": "\r", "s": " "}.get(found[1], found[1]), value
    )
    words = re.findall(r'"((?:[^"\\]|\\.)*)"', plain, re.DOTALL)
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in words]


@pytest.mark.parametrize("folder", HOSTILE)
def test_the_desktop_entry_says_what_was_meant(folder: str, tmp_path: Path) -> None:
    (file,) = autostart_jobs(_work(folder), tmp_path).files
    parser = configparser.RawConfigParser(comment_prefixes="#", delimiters="=")
    parser.read_string(file.text)
    entry = parser["Desktop Entry"]
    assert _words_of_desktop(entry["Exec"]) == list(_work(folder).waiting)
    assert (entry["Type"], entry["Terminal"]) == ("Application", "false")
    assert file.path == tmp_path / "autostart" / "chatcask.desktop"


@posix
@pytest.mark.parametrize("folder", HOSTILE)
def test_agents_say_what_was_meant(folder: str, tmp_path: Path) -> None:
    work = _work(folder)
    hourly, lock = (plistlib.loads(file.content) for file in launchd_jobs(work, tmp_path, 501).files)
    log = str(tmp_path / "Library" / "Logs" / "chatcask.log")
    shared = {
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Nice": 10,
        "ThrottleInterval": 10,
        "StandardOutPath": log,
        "StandardErrorPath": log,
        "RunAtLoad": True,
    }
    assert hourly == shared | {
        "Label": "io.chatcask.snapshot",
        "ProgramArguments": list(work.saving),
        "StartInterval": 3600,
    }
    assert lock == shared | {
        "Label": "io.chatcask.snapshot.code-1a2b3c4d",
        "ProgramArguments": list(work.following["code~1a2b3c4d"][1]),
        "WatchPaths": [f"{folder}/code.lock"],
    }


def test_agents_are_loaded_by_their_files_and_unloaded_by_their_labels(tmp_path: Path) -> None:
    jobs = launchd_jobs(_work(), tmp_path, 501)
    paths = [file.path for file in jobs.files]
    assert jobs.on == tuple(("launchctl", "bootstrap", "gui/501", str(path)) for path in paths)
    assert jobs.off(paths[1:]) == (("launchctl", "bootout", "gui/501/io.chatcask.snapshot.code-1a2b3c4d"),)


def _windows_words(line: str) -> list[str]:
    """Split as Microsoft's C library does."""
    words, word, slashes, quoted, begun = [], "", 0, False, False
    for letter in line:
        if letter == "\\":
            slashes, begun = slashes + 1, True
            continue
        if letter == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
            slashes, begun = 0, True
            continue
        word, slashes = word + "\\" * slashes, 0
        if letter in " \t" and not quoted:
            if begun:
                words.append(word)
            word, begun = "", False
        else:
            word, begun = word + letter, True
    return [*words, word + "\\" * slashes] if begun else words


@pytest.mark.parametrize("folder", HOSTILE)
def test_tasks_say_what_was_meant(folder: str, tmp_path: Path) -> None:
    work = _work(folder)
    saving, waiting = task_scheduler_jobs(work, tmp_path, "DESK & CO\\ada").files
    for file, command, limit in ((saving, work.saving, "PT30M"), (waiting, work.waiting, "PT0S")):
        assert file.content[:2] in (b"\xff\xfe", b"\xfe\xff")
        root = ET.fromstring(file.content)
        found = {element.tag.partition("}")[2]: element.text or "" for element in root.iter()}
        assert found["Command"] == command[0]
        expected = [argument.replace("\r", "") for argument in command[1:]]
        assert _windows_words(found["Arguments"]) == expected
        assert found["UserId"] == "DESK & CO\\ada"
        assert {name: found[name] for name in _SETTINGS} == _SETTINGS
        assert found["ExecutionTimeLimit"] == limit
        assert [child.tag.partition("}")[2] for child in root] == [
            *("RegistrationInfo", "Triggers", "Principals", "Settings", "Actions")
        ]
    assert found.get("Interval") is None
    assert "<Interval>PT1H</Interval>" in saving.text


_SETTINGS = {
    "LogonType": "InteractiveToken",
    "RunLevel": "LeastPrivilege",
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "StartWhenAvailable": "true",
    "RunOnlyIfNetworkAvailable": "false",
    "Hidden": "false",
    "Priority": "7",
}


def test_tasks_are_named_in_a_folder_of_their_own(tmp_path: Path) -> None:
    jobs = task_scheduler_jobs(_work(), tmp_path, "ada")
    assert [command[4] for command in jobs.on[:2]] == ["chatcask\\snapshot", "chatcask\\wait"]
    assert jobs.off([tmp_path / "chatcask-wait.xml"])[-1] == (
        *("schtasks", "/delete", "/f", "/tn", "chatcask\\wait"),
    )


@pytest.mark.parametrize("number", range(4))
def test_what_is_installed_is_removed_and_nothing_else(tmp_path: Path, number: int) -> None:
    jobs = _every("/home/ada/.config/Code", tmp_path)[number]
    ran: list[Command] = []

    def run(command: Command) -> Done:
        ran.append(command)
        return Done(0, "")

    folder = jobs.files[0].path.parent
    folder.mkdir(parents=True, exist_ok=True)
    foreign = folder / "chatcask-foreign.service"
    foreign.write_text("[Unit]\nDescription=Somebody else's\n")
    before = sorted(tmp_path.rglob("*"))
    install(jobs, run)
    assert ran == list(jobs.on)
    assert installed(jobs) == sorted(file.path for file in jobs.files)
    assert all(MARK in file.text for file in jobs.files)
    assert sorted(uninstall(jobs, run)) == sorted(file.path for file in jobs.files)
    assert sorted(tmp_path.rglob("*")) == before
    ran.clear()
    assert uninstall(jobs, run) == []
    assert ran == []


@pytest.mark.parametrize("number", range(4))
def test_a_foreign_file_of_the_same_name_is_refused(tmp_path: Path, number: int) -> None:
    jobs = _every("/home/ada/.config/Code", tmp_path)[number]
    foreign = jobs.files[-1].path
    foreign.parent.mkdir(parents=True, exist_ok=True)
    foreign.write_text("mine")
    with pytest.raises(InvalidInputError, match=re.escape(str(foreign))):
        install(jobs, lambda _: pytest.fail("nothing is run"))
    assert installed(jobs) == []
    assert foreign.read_text() == "mine"


def test_what_the_system_refuses_is_taken_back(tmp_path: Path) -> None:
    jobs = systemd_jobs(_work(), tmp_path)
    refusing = {"enable": Done(1, "Failed to connect to bus\n")}
    with pytest.raises(JobError, match="Failed to connect to bus"):
        install(jobs, lambda command: refusing.get(command[2], Done(0, "")))
    assert installed(jobs) == []


def test_an_editor_that_came_later_is_added_and_one_that_went_is_removed_too(tmp_path: Path) -> None:
    ran: list[Command] = []

    def run(command: Command) -> Done:
        ran.append(command)
        return Done(0, "")

    first = systemd_jobs(_work(), tmp_path)
    both = dict(_work().following) | {"cursor": (Path("/home/ada/.config/Cursor"), ("/opt/py",))}
    later = systemd_jobs(Work(("/opt/py",), ("/opt/py",), both), tmp_path)
    assert not add_missing(later, run)
    assert installed(later) == []
    install(first, run)
    assert add_missing(later, run)
    assert "chatcask-cursor.path" in shlex.join(ran[-2])
    assert not add_missing(later, run)
    ran.clear()
    assert len(uninstall(first, run)) == 6
    assert "chatcask-cursor.path" in ran[0]
