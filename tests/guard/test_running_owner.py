"""Proves on written-down processes of every system which folders a process owns, without starting any."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatcask.assistants.base import Platform, Source
from chatcask.assistants.vscode.guard.machine_guard import MachineGuard
from chatcask.assistants.vscode.guard.owned import Owner
from chatcask.assistants.vscode.guard.owner import owner, owns
from chatcask.assistants.vscode.guard.processes import Process, split_title
from chatcask.assistants.vscode.guard.program import identify, lies_in_chat_folder
from chatcask.assistants.vscode.places.products import product_named

_WINDOWS_HOME = "C:\\Users\\ada"
_ROAMING = "C:\\Users\\ada\\AppData\\Roaming"
_WINDOWS = Platform("windows", Path(_WINDOWS_HOME), {"APPDATA": _ROAMING})
_CODE_EXE = "C:\\Users\\ada\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe"
_MAC = Platform("macos", Path("/Users/ada"), {})
_APP = "/Applications/Visual Studio Code.app/Contents"
_LINUX = Platform("linux", Path("/home/ada"), {})


def _source(folder: str, name: str = "code") -> Source:
    return Source(name, product_named(name), Path(folder), (folder,))


def _process(
    executable: str | None, *arguments: str, environment: dict[str, str] | None = None, **more: object
) -> Process:
    whole = (executable or "", *arguments)
    return Process(4711, "Code", executable, whole, environment, **more)  # type: ignore[arg-type]


def _slashed(owner_: Owner | None) -> list[str]:
    # Path joins with this system's separator; on the other system it is the other one.
    return [] if owner_ is None else [folder.replace("\\", "/") for folder in owner_.folders]


# Windows


def test_windows_default_folder_comes_from_the_environment_of_the_process() -> None:
    found = owner(_process(_CODE_EXE, environment={"APPDATA": "D:\\Profiles\\ada"}), _WINDOWS)
    assert _slashed(found) == ["D:/Profiles/ada/Code"]


def test_windows_default_folder_without_a_readable_environment() -> None:
    found = owner(_process(_CODE_EXE), _WINDOWS)
    assert "C:/Users/ada/AppData/Roaming/Code" in _slashed(found)


@pytest.mark.parametrize(
    "told", ["C:\\Data\\Ada", "c:\\data\\ADA\\", "C:/Data/Ada", "C:\\Data\\.\\x\\..\\Ada"]
)
def test_windows_spellings_of_one_folder_are_one(told: str) -> None:
    found = owner(_process(_CODE_EXE, f"--user-data-dir={told}"), _WINDOWS)
    assert found is not None
    assert owns(found, _source("C:\\Data\\Ada"), "windows")
    assert not owns(found, _source("C:\\Data\\Grace"), "windows")


def test_windows_names_ignore_case_and_helpers_do_not_count() -> None:
    assert owner(_process(_CODE_EXE.replace("Code.exe", "CODE.EXE")), _WINDOWS) is not None
    assert owner(_process(_CODE_EXE, "--type=crashpad-handler"), _WINDOWS) is None
    assert owner(_process("C:\\Program Files\\Microsoft VS Code\\bin\\code-tunnel.exe"), _WINDOWS) is None
    assert owner(_process("C:\\Program Files\\Microsoft VS Code\\unins000.exe"), _WINDOWS) is None
    assert owner(_process("C:\\Windows\\notepad.exe"), _WINDOWS) is None


def test_windows_command_line_tool_does_not_count() -> None:
    script = _CODE_EXE.replace("Code.exe", "resources\\app\\out\\cli.js")
    assert owner(_process(_CODE_EXE, script, "--wait"), _WINDOWS) is None
    assert owner(_process(_CODE_EXE, script, environment={"ELECTRON_RUN_AS_NODE": "1"}), _WINDOWS) is None


def test_windows_server() -> None:
    server = "C:\\Users\\ada\\.vscode-server\\bin\\0a1b\\out\\server-main.js"
    found = owner(_process("C:\\node\\node.exe", server), _WINDOWS)
    assert found is not None
    assert owns(found, _source("C:\\Users\\ada\\.vscode-server\\data", "vscode-server"), "windows")


# macOS


@pytest.mark.parametrize("name", ["Electron", "Code"])
def test_macos_main_program_under_its_old_and_new_name(name: str) -> None:
    found = owner(_process(f"{_APP}/MacOS/{name}", environment={"HOME": "/Users/ada"}), _MAC)
    assert _slashed(found) == ["/Users/ada/Library/Application Support/Code"]


def test_macos_electron_of_another_application_does_not_count() -> None:
    assert owner(_process("/Applications/Beacon.app/Contents/MacOS/Electron"), _MAC) is None


def test_macos_helpers_do_not_count() -> None:
    helper = f"{_APP}/Frameworks/Code Helper (Renderer).app/Contents/MacOS/Code Helper (Renderer)"
    assert owner(_process(helper, "--type=renderer"), _MAC) is None
    assert owner(_process(f"{_APP}/Frameworks/Code Helper.app/Contents/MacOS/Code"), _MAC) is None


def test_macos_portable_data_beside_the_application(tmp_path: Path) -> None:
    application = tmp_path / "Visual Studio Code.app" / "Contents"
    (application / "MacOS").mkdir(parents=True)
    portable = tmp_path / "code-portable-data"
    portable.mkdir()
    found = owner(_process(f"{application}/MacOS/Electron", environment={"HOME": "/Users/ada"}), _MAC)
    assert found is not None
    assert found.folders == (str(portable / "user-data"),)


def test_macos_folders_ignore_case() -> None:
    found = owner(_process(f"{_APP}/MacOS/Code", "--user-data-dir", "/Users/ADA/data"), _MAC)
    assert found is not None
    assert owns(found, _source("/Users/ada/Data"), "macos")


# What is hidden


def test_an_editor_whose_command_line_is_hidden_may_own_any_folder() -> None:
    for executable in (_CODE_EXE, None):
        found = owner(Process(1, "Code.exe", executable, None), _WINDOWS)
        assert found is not None
        assert not found.certain
        assert owns(found, _source("E:\\anything"), "windows")


def test_another_program_whose_command_line_is_hidden_owns_nothing() -> None:
    assert owner(Process(1, "notepad.exe", "C:\\Windows\\notepad.exe", None), _WINDOWS) is None
    assert owner(Process(1, "node", "/usr/bin/node", None), _LINUX) is None


def test_a_process_with_neither_program_nor_command_line_is_a_kernel_thread() -> None:
    assert owner(Process(2, "kthreadd", None, ()), _LINUX) is None


def test_a_relative_folder_of_an_unknown_beginning_may_be_every_folder_with_that_end() -> None:
    found = owner(_process("/gone/code", "--user-data-dir=./data/ada", environment={"HOME": "/h"}), _LINUX)
    assert found is not None
    assert owns(found, _source("/srv/data/ada"), "linux")
    assert not owns(found, _source("/srv/data/grace"), "linux")


def test_an_editor_of_another_user_uses_the_home_of_that_user(monkeypatch: pytest.MonkeyPatch) -> None:
    pwd = pytest.importorskip("pwd")

    class Account:
        pw_dir = "/home/grace"

    monkeypatch.setattr(pwd, "getpwuid", lambda user: Account)
    stranger = os.getuid() + 1
    found = owner(Process(1, "code", None, ("/gone/code",), None, None, stranger), _LINUX)
    assert found is not None
    assert owns(found, _source("/home/grace/.config/Code"), "linux")
    assert not owns(found, _source("/home/ada/.config/Code"), "linux")


class OneProcess:
    """A table of one process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def select(self, is_program: object, names: frozenset[str]) -> Iterator[Process]:
        yield self._process

    def process(self, pid: int) -> Process | None:
        return self._process if pid == self._process.pid else None

    def holder(self, folder: str, file_name: str, is_program: object) -> int | None:
        return None

    def is_ancestor(self, pid: int) -> bool:
        return False


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no user numbers")
def test_a_hidden_editor_counts_as_unsure_unless_the_folder_is_another_users(tmp_path: Path) -> None:
    source = _source(str(tmp_path))
    for user, running in ((os.getuid(), True), (None, True), (os.getuid() + 1, False)):
        table = OneProcess(Process(4711, "code", None, None, None, None, user))
        found = MachineGuard(_LINUX, processes=table).running(source)
        assert (found is not None) is running
        if found is not None:
            assert (found.reason, found.pid) == ("unsure", 4711)


# Small parts


def test_a_command_line_in_one_text_is_taken_apart() -> None:
    text = "/usr/share/code/code --type=utility --user-data-dir=/home/ada/.config/Code - OSS --lang=en"
    assert split_title((text,)) == (
        "/usr/share/code/code",
        "--type=utility",
        "--user-data-dir=/home/ada/.config/Code - OSS",
        "--lang=en",
    )
    assert split_title(("code", "--a b --c")) == ("code", "--a b --c")


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/home/ada/.config/Code/User/globalStorage/x/bin/code", True),
        ("C:\\Users\\ada\\AppData\\Roaming\\Code\\User\\workspaceStorage", True),
        ("/home/User/bin/code", False),
        ("/Users/ada/bin/code", False),
    ],
)
def test_chat_folders_are_known_by_their_text(path: str, inside: bool) -> None:
    assert lies_in_chat_folder(path) is inside


def test_a_broken_product_file_is_no_evidence(tmp_path: Path) -> None:
    application = tmp_path / "resources" / "app"
    application.mkdir(parents=True)
    for text in ("", "[]", '{"nameShort": 7}', "[" * 100_000, "\xff"):
        (application / "product.json").write_text(text)
        assert identify(str(tmp_path / "lighthouse"), "linux") is None
        found = identify(str(tmp_path / "code"), "linux")
        assert found is not None
        assert found.role == "editor"
