"""Units for a user's own systemd: an hourly timer, and a path unit for each editor's `code.lock`.

What a path unit starts waits for the editor whose process the lock names, so that a crash, which leaves the
lock as it is, is noticed too. While an editor is closed nothing of ours runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chatcask.jobs.job import REMARK, Command, JobFile, Jobs, Work, unit_name

_SYSTEMCTL = ("systemctl", "--user")
_RELOAD = (*_SYSTEMCTL, "daemon-reload")
_TIMER, _SERVICE = "chatcask.timer", "chatcask.service"
_UNLIMITED = "StartLimitIntervalSec=0\n"
"""Without it a path unit that starts something five times in ten seconds is stopped for good."""

_NOT_IN_PROGRAMS = frozenset("\"'\\")
_SHELL = ("/bin/sh", "-c", 'exec "$0" "$@"')
"""Starts a program whose path systemd takes for no program's."""

_GENTLE = "Nice=10\nIOSchedulingClass=idle\n"
_PRIVATE = "NoNewPrivileges=true\nUMask=0077\n"


def systemd_jobs(work: Work, configuration: Path) -> Jobs:
    """Return the units.

    Args:
        work: What is to be started. A folder that a unit cannot name is left to the timer.
        configuration: The user's configuration folder (`~/.config`).
    """
    folder = configuration / "systemd" / "user"
    texts = {_SERVICE: _saving_service(work.saving), _TIMER: _timer()}
    paths = []
    for source, (root, command) in work.following.items():
        if not can_be_named(str(root)):
            continue
        name = f"chatcask-{unit_name(source)}"
        paths.append(f"{name}.path")
        texts[f"{name}.path"] = _path(root)
        texts[f"{name}.service"] = _following_service(root, command)
    files = tuple(JobFile(folder / name, f"# {REMARK}\n{text}".encode()) for name, text in texts.items())
    services = tuple(f"{path.removesuffix('path')}service" for path in paths)
    return Jobs(
        kind="systemd",
        files=files,
        on=(
            _RELOAD,
            (*_SYSTEMCTL, "enable", "--now", _TIMER, *paths),
            *([(*_SYSTEMCTL, "start", "--no-block", *services)] if services else []),
        ),
        off=_off,
        afterwards=_afterwards,
        pattern="chatcask*",
    )


def _off(files: Sequence[Path]) -> tuple[Command, ...]:
    names = [path.name for path in files]
    enabled = [name for name in names if name.endswith((".path", ".timer"))]
    return (
        (*_SYSTEMCTL, "disable", "--now", *enabled),
        (*_SYSTEMCTL, "stop", *names),
        (*_SYSTEMCTL, "clean", "--what=state", _TIMER),  # when the timer last fired
    )


def _afterwards(files: Sequence[Path]) -> tuple[Command, ...]:
    return (_RELOAD, (*_SYSTEMCTL, "reset-failed", *(path.name for path in files)))


def can_be_named(text: str) -> bool:
    """Tell whether a unit can name a path: units are UTF-8, and a line ends where it ends."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return text.isprintable() and not text.endswith((" ", "\\"))


def quoted(argument: str) -> str:
    """Return an argument of `ExecStart=:` as systemd.syntax(7) has it; the colon keeps `$` as it is."""
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{escaped}"'


def _exec(command: Command) -> str:
    is_taken = command[0].isprintable() and not _NOT_IN_PROGRAMS.intersection(command[0])
    words = command if is_taken else (*_SHELL, *command)
    return "ExecStart=:" + " ".join(quoted(argument) for argument in words) + "\n"


def _saving_service(command: Command) -> str:
    return (
        "[Unit]\nDescription=Save the chats of closed editors\n"
        f"{_UNLIMITED}\n[Service]\nType=oneshot\n{_exec(command)}TimeoutStartSec=2h\n{_GENTLE}{_PRIVATE}"
    )


def _following_service(root: Path, command: Command) -> str:
    return (
        f"[Unit]\nDescription=Save the chats of {_plain(root)} when its editor closes\n"
        f"{_UNLIMITED}\n[Service]\nType=exec\n{_exec(command)}{_PRIVATE}"
    )


def _path(root: Path) -> str:
    return (
        f"[Unit]\nDescription=Notice when the editor of {_plain(root)} opens and closes\n{_UNLIMITED}"
        f"\n[Path]\nPathChanged={_plain(root)}/code.lock\n\n[Install]\nWantedBy=default.target\n"
    )


def _timer() -> str:
    return (
        "[Unit]\nDescription=Save the chats of closed editors every hour\n"
        "\n[Timer]\nOnCalendar=hourly\nRandomizedDelaySec=5min\nPersistent=true\n"
        "\n[Install]\nWantedBy=timers.target\n"
    )


def _plain(root: Path) -> str:
    return str(root).replace("%", "%%")
