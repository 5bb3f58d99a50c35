"""A desktop entry that starts the waiting program when the user logs in, where there is no systemd."""

from __future__ import annotations

from pathlib import Path

from chatcask.jobs.job import REMARK, JobFile, Jobs, Work, nothing

_RESERVED = '"`$\\'


def autostart_jobs(work: Work, configuration: Path) -> Jobs:
    """Return the entry (Desktop Entry Specification, "The Exec key"); it begins to work at the next login."""
    text = (
        f"[Desktop Entry]\n# {REMARK}\nType=Application\nVersion=1.0\nName=chatcask\n"
        "Comment=Saves chats when the editor closes\n"
        f"Exec={' '.join(quoted(argument) for argument in work.waiting)}\n"
        "Terminal=false\nNoDisplay=true\nX-GNOME-Autostart-enabled=true\n"
    )
    return Jobs(
        kind="autostart",
        files=(JobFile(configuration / "autostart" / "chatcask.desktop", text.encode()),),
        on=(),
        off=nothing,
        afterwards=nothing,
        pattern="chatcask.desktop",
    )


def quoted(argument: str) -> str:
    """Return an argument of `Exec=`: quoted, and then escaped once more as every string of the file is."""
    inner = "".join(f"\\{letter}" if letter in _RESERVED else letter for letter in argument)
    whole = f'"{inner}"'.replace("%", "%%").replace("\\", "\\\\")
    return whole.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
