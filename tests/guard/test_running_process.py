"""Proves which live processes the guard takes for the editor of a folder, with real processes."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.guard.machine_guard import MachineGuard
from chatcask.assistants.vscode.guard.processes import LinuxProcesses, Process
from chatcask.errors import EditorRunningError
from support.fake_editor import Machine, install, needs_linux, new_dir, program

pytestmark = needs_linux


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Machine(tmp_path) as machine:
        yield machine


def test_a_quiet_machine_is_closed(machine: Machine) -> None:
    assert machine.guard().running(machine.source()) is None
    machine.guard().require_closed(machine.source())


def test_a_main_process_without_options_owns_the_default_folder_only(
    machine: Machine, tmp_path: Path
) -> None:
    other = machine.source(new_dir(tmp_path / "other"))
    pid = machine.start(str(tmp_path / "lighthouse"))
    found = machine.guard().running(machine.source())
    assert found is not None
    assert (found.reason, found.pid, found.user_data_dir) == ("process", pid, machine.default_dir)
    assert f"process {pid}" in found.description
    assert machine.guard().running(other) is None


def test_a_refusal_names_product_folder_process_and_the_way_out(machine: Machine) -> None:
    pid = machine.start()
    with pytest.raises(EditorRunningError) as raised:
        machine.guard().require_closed(machine.source())
    assert "Visual Studio Code" in raised.value.message
    assert str(machine.default_dir) in raised.value.message
    assert str(pid) in raised.value.message
    assert raised.value.advice == Advice(AdviceCode.CLOSE_EDITOR)
    assert raised.value.pid == pid
    assert raised.value.user_data_dir == machine.default_dir


def test_the_folder_is_free_again_once_the_process_is_gone(machine: Machine) -> None:
    pid = machine.start()
    guard = machine.guard()
    assert guard.running(machine.source()) is not None
    machine.stop(pid)
    assert guard.running(machine.source()) is None


def test_a_dead_process_that_nobody_waited_for_does_not_count(machine: Machine) -> None:
    pid = machine.start()
    process = machine.processes[-1]
    process.kill()
    # It stays a zombie until it is waited for; this looks without doing that.
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        pass
    assert machine.guard().running(machine.source()) is None


@pytest.mark.parametrize("form", ["=", " "])
def test_user_data_dir_option_in_both_forms(machine: Machine, tmp_path: Path, form: str) -> None:
    folder = new_dir(tmp_path / "with space")
    option = f"--user-data-dir={folder}".split("=") if form == " " else [f"--user-data-dir={folder}"]
    pid = machine.start(*option, "--new-window")
    found = machine.guard().running(machine.source(folder))
    assert found is not None
    assert (found.reason, found.pid) == ("process", pid)
    assert machine.guard().running(machine.source()) is None


@pytest.mark.parametrize("text", ["{0}/", "{0}/../named", "{1}/link", "named"])
def test_the_option_may_spell_the_folder_in_another_way(machine: Machine, tmp_path: Path, text: str) -> None:
    folder = new_dir(tmp_path / "named")
    (tmp_path / "link").symlink_to(folder)
    machine.start(f"--user-data-dir={text.format(folder, tmp_path)}", folder=tmp_path)
    assert machine.guard().running(machine.source(folder)) is not None


def test_a_source_named_through_a_link_is_the_same_folder(machine: Machine, tmp_path: Path) -> None:
    folder = new_dir(tmp_path / "named")
    (tmp_path / "link").symlink_to(folder)
    machine.start(f"--user-data-dir={folder}")
    assert machine.guard().running(machine.source(tmp_path / "link")) is not None


def test_the_environment_of_the_process_moves_its_folder(machine: Machine, tmp_path: Path) -> None:
    moved = {
        "XDG_CONFIG_HOME": tmp_path / "xdg",
        "VSCODE_APPDATA": tmp_path / "appdata",
    }
    for variable, base in moved.items():
        folder = new_dir(base / "Code")
        machine.start(environment={variable: str(base)})
        assert machine.guard().running(machine.source(folder)) is not None, variable
    portable = new_dir(tmp_path / "stick" / "user-data")
    machine.start(environment={"VSCODE_PORTABLE": str(tmp_path / "stick")})
    assert machine.guard().running(machine.source(portable)) is not None
    assert machine.guard().running(machine.source()) is None


def test_an_editor_that_is_told_two_folders_counts_for_both(machine: Machine, tmp_path: Path) -> None:
    one, other = new_dir(tmp_path / "appdata" / "Code"), new_dir(tmp_path / "other")
    machine.start(f"--user-data-dir={other}", environment={"VSCODE_APPDATA": str(one.parent)})
    assert machine.guard().running(machine.source(one)) is not None
    assert machine.guard().running(machine.source(other)) is not None
    assert machine.guard().running(machine.source()) is None


def test_a_portable_installation_owns_the_folder_beside_it(machine: Machine, tmp_path: Path) -> None:
    executable = install(tmp_path / "VSCode-linux-x64")
    portable = new_dir(executable.parent / "data" / "user-data")
    machine.start(executable=executable)
    assert machine.guard().running(machine.source(portable)) is not None
    assert machine.guard().running(machine.source()) is None


@pytest.mark.parametrize("kind", ["renderer", "gpu-process", "utility", "zygote"])
@pytest.mark.parametrize("joined", [False, True])
def test_a_helper_alone_is_not_the_editor(machine: Machine, kind: str, joined: bool) -> None:
    arguments = [f"--type={kind}", "--no-sandbox", f"--user-data-dir={machine.default_dir}"]
    if joined:  # as Chromium's children rewrite their command line
        machine.start(argv0=" ".join([str(machine.code), *arguments]))
    else:
        machine.start(*arguments)
    assert machine.guard().running(machine.source()) is None


def test_crash_handler_and_search_tool_beside_the_editor_do_not_count(machine: Machine) -> None:
    folder = machine.code.parent
    machine.start(
        f"--database={machine.default_dir}/Crashpad", executable=program(folder / "chrome_crashpad_handler")
    )
    machine.start("--files", executable=program(folder / "resources/app/node_modules/ripgrep/bin/rg"))
    assert machine.guard().running(machine.source()) is None


@pytest.mark.parametrize("wait", [[], ["--wait", "notes.md"]])
def test_the_command_line_tool_does_not_count(machine: Machine, wait: list[str]) -> None:
    script = str(machine.code.parent / "resources/app/out/cli.js")
    machine.start(script, *wait, environment={"ELECTRON_RUN_AS_NODE": "1", "VSCODE_DEV": ""})
    assert machine.guard().running(machine.source()) is None


def test_a_language_server_run_by_the_editors_program_does_not_count(machine: Machine) -> None:
    machine.start("/opt/extensions/server.js", "--stdio", environment={"ELECTRON_RUN_AS_NODE": "1"})
    assert machine.guard().running(machine.source()) is None


def test_a_file_called_cli_js_opened_in_the_editor_does_not_hide_it(machine: Machine) -> None:
    machine.start("/srv/lighthouse/resources/app/out/cli.js")
    assert machine.guard().running(machine.source()) is not None


def test_tunnels_do_not_count(machine: Machine, tmp_path: Path) -> None:
    machine.start("tunnel", executable=program(machine.code.parent / "bin" / "code-tunnel"))
    machine.start("tunnel", executable=program(tmp_path / "bin" / "code"))
    machine.start("serve-web", executable=program(tmp_path / "bin" / "code-insiders"))
    assert machine.guard().running(machine.source()) is None


def test_another_program_called_code_does_not_count(machine: Machine, tmp_path: Path) -> None:
    machine.start(executable=program(tmp_path / "bin" / "code"))
    assert machine.guard().running(machine.source()) is None


def test_another_program_called_code_counts_if_told_to_use_the_folder(
    machine: Machine, tmp_path: Path
) -> None:
    machine.start(f"--user-data-dir={machine.default_dir}", executable=program(tmp_path / "bin" / "code"))
    assert machine.guard().running(machine.source()) is not None


def test_a_script_called_code_does_not_count(machine: Machine, tmp_path: Path) -> None:
    script = tmp_path / "code"
    script.write_text(f"#!{sys.executable}\nprint('ready', flush=True)\ninput()\n")
    script.chmod(0o755)
    with subprocess.Popen([script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert machine.guard().running(machine.source()) is None
        process.communicate(b"\n")


def test_a_renamed_program_is_known_by_what_lies_beside_it(machine: Machine) -> None:
    machine.start(executable=program(machine.code.parent / ".code-wrapped"))
    assert machine.guard().running(machine.source()) is not None


def test_a_process_that_calls_itself_something_else_counts(machine: Machine) -> None:
    machine.start(argv0="lighthouse")
    assert machine.guard().running(machine.source()) is not None


def test_an_editor_without_a_product_file_is_known_by_its_resources(machine: Machine) -> None:
    shutil.rmtree(machine.code.parent / "resources")
    machine.start()
    assert machine.guard().running(machine.source()) is not None


def test_an_editor_whose_installation_was_replaced_or_removed_still_counts(machine: Machine) -> None:
    machine.start()
    machine.code.unlink()
    assert machine.guard().running(machine.source()) is not None
    shutil.rmtree(machine.code.parent)
    assert machine.guard().running(machine.source()) is not None


def test_another_editor_owns_its_own_folder(machine: Machine, tmp_path: Path) -> None:
    insiders = new_dir(machine.home / ".config" / "Code - Insiders")
    unknown = new_dir(machine.home / ".config" / "Beacon")
    machine.start(executable=install(tmp_path / "insiders", "code-insiders", "Code - Insiders"))
    machine.start(executable=install(tmp_path / "beacon", "beacon", "Beacon"))
    assert machine.guard().running(machine.source(insiders)) is not None
    assert machine.guard().running(machine.source(unknown)) is not None
    assert machine.guard().running(machine.source()) is None


def test_an_editor_on_the_systems_electron_is_known_by_its_application(
    machine: Machine, tmp_path: Path
) -> None:
    folder = new_dir(machine.home / ".config" / "Code - OSS")
    installed = install(tmp_path / "usr/lib/lighthouse", "lighthouse", "Code - OSS")
    application = installed.parent / "resources" / "app"
    electron = program(tmp_path / "usr/lib/electron32/electron")
    machine.start(str(application / "out" / "main.js"), executable=electron)
    machine.start("/usr/lib/another/app.asar", executable=electron)
    assert machine.guard().running(machine.source(folder)) is not None
    assert machine.guard().running(machine.source()) is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["{home}/.vscode-server/bin/0a1b/out/server-main.js", "--start-server"],
        ["{home}/.vscode-server/cli/servers/Stable-0a1b/server/out/server-main.js"],
        ["{home}/.vscode-server/bin/0a1b/out/bootstrap-fork", "--type=extensionHost"],
        ["/opt/server/out/server-main.js", "--server-data-dir", "{home}/.vscode-server"],
        ["/opt/server/out/server-main.js", "--server-data-dir={home}/.vscode-server"],
    ],
)
def test_a_server_owns_its_data_folder_and_no_desktop_folder(
    machine: Machine, tmp_path: Path, arguments: list[str]
) -> None:
    data = new_dir(machine.home / ".vscode-server" / "data")
    elsewhere = new_dir(machine.home / ".vscode-server-insiders" / "data")
    machine.start(
        *(argument.format(home=machine.home) for argument in arguments),
        executable=program(tmp_path / "srv" / "node"),
    )
    found = machine.guard().running(machine.source(data.parent))
    assert found is not None
    assert found.product.name == "vscode-server"
    assert machine.guard().running(machine.source(elsewhere.parent)) is None
    assert machine.guard().running(machine.source()) is None


def test_other_programs_of_node_do_not_count(machine: Machine, tmp_path: Path) -> None:
    data = new_dir(machine.home / ".vscode-server" / "data")
    node = program(tmp_path / "srv" / "node")
    machine.start("server.js", executable=node)
    machine.start(
        f"{machine.home}/.vscode-server/bin/0a1b/out/bootstrap-fork", "--type=ptyHost", executable=node
    )
    assert machine.guard().running(machine.source(data.parent)) is None


def test_code_server_owns_its_folder(machine: Machine, tmp_path: Path) -> None:
    data = new_dir(machine.home / ".local" / "share" / "code-server")
    machine.start("/usr/lib/code-server/out/node/entry", executable=program(tmp_path / "srv" / "node"))
    found = machine.guard().running(machine.source(data))
    assert found is not None
    assert found.product.name == "code-server"


_ENTRY = "/usr/lib/code-server/out/node/entry"


def test_the_serving_process_of_code_server_owns_what_its_wrapper_was_told(
    machine: Machine, tmp_path: Path
) -> None:
    folder, node = new_dir(tmp_path / "served"), program(tmp_path / "srv" / "node")
    wrapper = machine.start("/usr/lib/code-server", "--user-data-dir", str(folder), executable=node)
    child = machine.start(_ENTRY, executable=node, environment={"CODE_SERVER_PARENT_PID": str(wrapper)})
    alone = MachineGuard(machine.platform, processes=_Without(wrapper))
    found = alone.running(machine.source(folder))
    assert found is not None
    assert (found.reason, found.pid) == ("process", child)
    assert "code-server (process" in found.description
    assert "MainThread" not in found.description
    assert machine.guard().running(machine.source()) is None
    with pytest.raises(EditorRunningError) as raised:
        alone.require_closed(machine.source(folder))
    assert raised.value.advice == Advice(AdviceCode.STOP_SERVER, name=f"code-server (process {child})")


class _Without(LinuxProcesses):
    """The machine's processes, of which one is not found by its program."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._hidden = pid

    def select(self, is_program: Callable[[str], bool], names: frozenset[str]) -> Iterator[Process]:
        return (found for found in super().select(is_program, names) if found.pid != self._hidden)


def test_code_server_without_its_wrapper_may_own_any_folder(machine: Machine, tmp_path: Path) -> None:
    folder, node = new_dir(tmp_path / "served"), program(tmp_path / "srv" / "node")
    wrapper = machine.start("/usr/lib/code-server", f"--user-data-dir={folder}", executable=node)
    child = machine.start(_ENTRY, executable=node, environment={"CODE_SERVER_PARENT_PID": str(wrapper)})
    machine.stop(wrapper)
    found = machine.guard().running(machine.source(folder))
    assert found is not None
    assert (found.reason, found.pid) == ("unsure", child)
    machine.stop(child)
    assert machine.guard().running(machine.source(folder)) is None


@pytest.mark.parametrize("kind", ["agentHost", "ptyHost"])
@pytest.mark.parametrize("place", ["logs/20261101T120000", "logs", "coder-logs/x"])
def test_a_servers_other_hosts_tell_its_folder_by_its_logs(
    machine: Machine, tmp_path: Path, kind: str, place: str
) -> None:
    folder = new_dir(tmp_path / "served")
    machine.start(
        "/usr/lib/code-server/lib/vscode/out/bootstrap-fork",
        f"--type={kind}", "--logsPath", f"{folder}/{place}",
        executable=program(tmp_path / "srv" / "node"),
    )  # fmt: skip
    assert machine.guard().running(machine.source(folder)) is not None
    assert machine.guard().running(machine.source()) is None


def test_code_servers_own_settings_name_its_folder(machine: Machine, tmp_path: Path) -> None:
    folder = new_dir(tmp_path / "served")
    settings = machine.home / ".config" / "code-server" / "config.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"bind-addr: 127.0.0.1:8080\nuser-data-dir: {folder}\nauth: none\n")
    machine.start("/usr/lib/code-server", executable=program(tmp_path / "srv" / "node"))
    assert machine.guard().running(machine.source(folder)) is not None
    assert machine.guard().running(machine.source()) is None


def test_code_servers_socket_counts(machine: Machine, tmp_path: Path) -> None:
    folder = new_dir(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "code-server-ipc.sock"))
        server.listen()
        found = machine.guard().running(machine.source(folder))
    assert found is not None
    assert found.reason == "socket"
    assert machine.guard().running(machine.source(folder)) is None


def test_the_advice_says_when_the_command_was_started_from_that_editor(machine: Machine) -> None:
    class BelowEveryEditor(LinuxProcesses):
        def is_ancestor(self, pid: int) -> bool:
            return True

    machine.start()
    guard = MachineGuard(machine.platform, processes=BelowEveryEditor())
    with pytest.raises(EditorRunningError) as raised:
        guard.require_closed(machine.source())
    assert raised.value.advice == Advice(AdviceCode.CLOSE_OUTER_EDITOR)
