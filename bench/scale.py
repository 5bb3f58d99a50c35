"""Measures what the commands cost on a store of many snapshots and chunks, as whole processes.

python bench/scale.py [--snapshots 2000] [--chunks 1000000] [--work DIR]

Prints a Markdown table. The chunks are thin (see scale_store.py): what is measured is the work that grows
with the number of snapshots, packs and chunks, not with the bytes of chats.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from contenders import PATHS, REPOSITORY
from measure import Command, CommandFailedError, Usage, measure, tree_bytes
from report import machine_in_words, table

SOURCE = "code~00112233"
"""The source of the made-up runs."""

_MB = 1_000_000
_OLDEST_FILE = f"latest:{SOURCE}/workspaces/{0:032x}/chatEditingSessions/{0:06d}"


class Scale:
    """One store with its user's home; nothing of the real user's is read."""

    def __init__(self, work: Path, snapshots: int, chunks: int) -> None:
        self.store = work / "store"
        self._editor = work / "Code"
        self._home = work / "home"
        self._home.mkdir()
        self._snapshots = snapshots
        self._chunks = chunks

    def build(self) -> Usage:
        """Make the store and the editor's folder."""
        # In a process of its own, because the memory of this one is the floor of every peak it measures.
        numbers = ("--snapshots", str(self._snapshots), "--chunks", str(self._chunks))
        places = ("--store", str(self.store), "--user-data-dir", str(self._editor))
        script = str(REPOSITORY / "bench" / "scale_store.py")
        return measure([self._command(script, *numbers, *places)])

    def commands(self) -> dict[str, Command]:
        """Return what is measured, in order; the first one finds no local cache."""
        half = max(1, self._snapshots // 2)
        snapshot = ("snapshot", "--user-data-dir", str(self._editor))
        return {
            "snapshot of new chats, empty cache": self._chatcask(*snapshot),
            "snapshot, no change": self._chatcask(*snapshot),
            "log": self._chatcask("log"),
            "sessions": self._chatcask("sessions"),
            "diff with the run halfway back": self._chatcask("diff", f"latest~{half}", "latest"),
            "restore one file": self._chatcask("restore", _OLDEST_FILE, "--output", str(self._home / "back")),
            "check": self._chatcask("check"),
            "forget --dry-run": self._chatcask("forget", "--keep-daily", "30", "--dry-run"),
            "prune --dry-run": self._chatcask("prune", "--dry-run"),
            "stats": self._chatcask("stats"),
        }

    def shape(self) -> str:
        """Say what the store holds."""
        files = sum(len(names) for _, _, names in os.walk(self.store))
        size = tree_bytes(self.store) / _MB
        return f"{self._snapshots:,} snapshots, {self._chunks:,} chunks, {files:,} objects of {size:.0f} MB"

    def _chatcask(self, *arguments: str) -> Command:
        return self._command("-m", "chatcask_cli", *arguments)

    def _command(self, *arguments: str) -> Command:
        places = {
            "HOME": str(self._home),
            "XDG_CACHE_HOME": str(self._home / "cache"),
            "XDG_CONFIG_HOME": str(self._home / "config"),
            "XDG_DATA_HOME": str(self._home / "data"),
            "CHATCASK_STORE": str(self.store),
            "CHATCASK_CACHE": str(self._home / "cache" / "chatcask"),
        }
        return Command((sys.executable, *arguments), self._home, places | PATHS)


def run(snapshots: int, chunks: int, work: Path) -> str:
    """Build a store below `work`, measure the commands on it, and return the report as Markdown."""
    scale = Scale(work, snapshots, chunks)
    _say("building the store")
    built = scale.build()
    rows = [_row("(building the store)", built)]
    shape = scale.shape()
    for name, command in scale.commands().items():
        _say(name)
        try:
            rows.append(_row(name, measure([command])))
        except CommandFailedError as error:
            _say(str(error))
            rows.append([name, "failed", "-", "-"])
    setting = f"{shape}. {machine_in_words()}."
    method = "Whole processes on a warm page cache, one run each."
    return "\n\n".join([setting, method, table(["", "wall s", "CPU s", "peak MB"], rows)]) + "\n"


def _row(name: str, usage: Usage) -> list[str]:
    return [name, f"{usage.wall_seconds:.2f}", f"{usage.cpu_seconds:.2f}", f"{usage.peak_bytes / _MB:.0f}"]


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the bench that the command line asks for."""
    parser = argparse.ArgumentParser(description="Measures the commands on a large store.")
    parser.add_argument("--snapshots", type=int, default=2000, metavar="N")
    parser.add_argument("--chunks", type=int, default=1_000_000, metavar="M")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where the store goes")
    options = parser.parse_args(arguments)
    if not 0 < options.snapshots <= options.chunks:
        parser.error("there is at least one snapshot, and every snapshot adds a chunk")
    if not hasattr(os, "wait4"):
        parser.error("this system cannot tell what a process cost; run the bench on Linux or macOS")
    work = Path(tempfile.mkdtemp(prefix="chatcask-scale-", dir=options.work))
    try:
        print(run(options.snapshots, options.chunks, work), end="")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
