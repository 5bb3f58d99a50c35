"""What a test has done inside a namespace with a systemd user manager: prints one JSON object.

`chatcask auto on` for a fake editor's folder, its editor closing and crashing, many cycles, `auto off`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOME = Path(os.environ["HOME"])
EDITOR, CODE = HOME / ".config" / "Code", Path(sys.argv[1])
CHAT = next((EDITOR / "User").rglob("chatSessions/*.jsonl"))


def chatcask(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chatcask_cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def systemctl(*arguments: str) -> str:
    done = subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def until(is_so: Callable[[], object], seconds: float = 30.0) -> float:
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise TimeoutError(systemctl("status", "--no-pager", "chatcask*"))
        time.sleep(0.01)
    return time.monotonic() - began


def opened() -> subprocess.Popen[bytes]:
    editor = subprocess.Popen([CODE], stdin=subprocess.DEVNULL)
    (EDITOR / "code.lock").write_text(str(editor.pid))
    return editor


def closed(editor: subprocess.Popen[bytes], *, orderly: bool) -> None:
    with CHAT.open("a") as file:
        file.write(json.dumps({"kind": 1, "k": ["customTitle"], "v": f"at {time.time_ns()}"}) + "\n")
    if orderly:
        (EDITOR / "code.lock").unlink()
        time.sleep(0.05)
    editor.kill()
    editor.wait()


def saved() -> bytes:
    """The chat in the newest snapshot, read from the store by a command."""
    path = CHAT.relative_to(EDITOR / "User" / "workspaceStorage")
    done = chatcask("cat", f"latest:code/workspaces/{path.as_posix()}")
    return done.stdout.encode()


def snapshots() -> int:
    return len(list((HOME / "store" / "snapshots").rglob("*"))) if (HOME / "store").is_dir() else 0


def files() -> list[str]:
    places = [HOME / ".config" / "systemd", HOME / ".local"]
    found = (path for place in places for path in place.rglob("*") if not path.is_dir())
    return sorted(str(path.relative_to(HOME)) for path in found)


def main() -> dict[str, Any]:
    told: dict[str, Any] = {"files_before": files()}
    on = chatcask("auto", "on")
    told["on"] = [on.returncode, on.stdout, on.stderr]
    until(lambda: "active" not in systemctl("is-active", "chatcask-code.service").split())
    told["verify"] = subprocess.run(
        ["systemd-analyze", "--user", "verify", *(HOME / ".config/systemd/user").glob("chatcask*")],
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    told["after"] = []
    for orderly in (True, False, True):
        until(lambda: "inactive" in systemctl("is-active", "chatcask-code.service"))
        editor = opened()
        until(lambda: "pidfd" in _held(systemctl("show", "-P", "MainPID", "chatcask-code.service").strip()))
        before = snapshots()
        closed(editor, orderly=orderly)
        told["after"].append(until(lambda before=before: snapshots() > before))  # type: ignore[misc]
    began = time.monotonic()
    for _ in range(20):
        editor = opened()
        time.sleep(0.05)
        closed(editor, orderly=True)
        time.sleep(0.03)
    told["cycles_took"] = time.monotonic() - began
    until(lambda: saved() == CHAT.read_bytes(), 60)
    told["path"] = systemctl("is-active", "chatcask-code.path").strip()
    told["timer"] = systemctl("is-active", "chatcask.timer").strip()
    cursor = HOME / ".config" / "Cursor"
    (cursor / "User").mkdir(parents=True)
    systemctl("start", "chatcask.service")
    told["later"] = systemctl("is-active", "chatcask-cursor.path").strip()
    told["status"] = json.loads(chatcask("auto", "status", "--json").stdout)
    off = chatcask("auto", "off")
    told["off"] = [off.returncode, off.stdout, off.stderr]
    told["units_left"] = systemctl("list-unit-files", "--no-legend", "chatcask*").strip()
    told["files_after"] = files()
    return told


def _held(pid: str) -> str:
    try:
        return " ".join(os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return ""


print(json.dumps(main()))
