"""Agents for macOS' launchd: one that saves every hour, and one for each editor's `code.lock`."""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Any

from chatcask.jobs.job import REMARK, Command, JobFile, Jobs, Work, nothing, unit_name

_LABEL = "io.chatcask.snapshot"
_HOUR = 3600
_THROTTLE = 10


def launchd_jobs(work: Work, home: Path, user: int) -> Jobs:
    """Return the agents.

    Args:
        work: What is to be started.
        home: The user's home folder.
        user: The user's number, which names the session that the agents belong to.
    """
    folder, log = home / "Library" / "LaunchAgents", home / "Library" / "Logs" / "chatcask.log"
    agents = {_LABEL: _agent(_LABEL, work.saving, log) | {"StartInterval": _HOUR, "RunAtLoad": True}}
    for source, (root, command) in work.following.items():
        label = f"{_LABEL}.{unit_name(source)}"
        lock = {"WatchPaths": [f"{root}/code.lock"], "RunAtLoad": True}
        agents[label] = _agent(label, command, log) | lock
    files = {label: folder / f"{label}.plist" for label in agents}
    return Jobs(
        kind="launchd",
        files=tuple(JobFile(files[label], _bytes(agent)) for label, agent in agents.items()),
        on=tuple(("launchctl", "bootstrap", f"gui/{user}", str(path)) for path in files.values()),
        off=lambda paths: tuple(("launchctl", "bootout", f"gui/{user}/{path.stem}") for path in paths),
        afterwards=nothing,
        pattern=f"{_LABEL}*.plist",
    )


def _agent(label: str, command: Command, log: Path) -> dict[str, Any]:
    return {
        "Label": label,
        "ProgramArguments": list(command),
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Nice": 10,
        "ThrottleInterval": _THROTTLE,
        "StandardOutPath": str(log),
        "StandardErrorPath": str(log),
    }


def _bytes(agent: dict[str, Any]) -> bytes:
    head, tag, rest = plistlib.dumps(agent, sort_keys=False).partition(b"<plist")
    return b"%s<!-- %s -->\n%s%s" % (head, REMARK.encode(), tag, rest)
