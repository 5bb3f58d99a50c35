"""The documented exit codes, and which error gives which (docs/cli.md)."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Every code this program exits with."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    GAPS = 3
    ALARM = 4
    NO_STORE = 10
    LOCKED = 11
    EDITOR_RUNNING = 13
    DAMAGED = 14
    NOT_FOUND = 15
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.DONE: "done; also: nothing to do",
    ExitCode.FAILED: "failed, or `--exit-code` was given and `diff` found differences or `doctor` anything",
    ExitCode.USAGE: "the command line or the config file is wrong",
    ExitCode.GAPS: "done with gaps: something could not be read; the snapshot is kept and marked incomplete",
    ExitCode.ALARM: "`--alarm-exit` was given and a chat got lost",
    ExitCode.NO_STORE: "no store there",
    ExitCode.LOCKED: "the store is locked",
    ExitCode.EDITOR_RUNNING: "an editor runs; its chats were not touched",
    ExitCode.DAMAGED: "damage found in the store",
    ExitCode.NOT_FOUND: "not found, or ambiguous: no such editor, folder, snapshot, path or chat",
    ExitCode.INTERRUPTED: "interrupted",
}

_BY_KIND = {
    "failed": ExitCode.FAILED,
    "usage": ExitCode.USAGE,
    "settings": ExitCode.USAGE,
    "not_found": ExitCode.NOT_FOUND,
    "ambiguous": ExitCode.NOT_FOUND,
    "no_store": ExitCode.NO_STORE,
    "store_exists": ExitCode.FAILED,
    "store_locked": ExitCode.LOCKED,
    "unsupported_format": ExitCode.FAILED,
    "stale": ExitCode.FAILED,
    "chat_loss": ExitCode.FAILED,
    "damaged": ExitCode.DAMAGED,
    "forgotten": ExitCode.NOT_FOUND,
    "transport": ExitCode.FAILED,
    "object_not_found": ExitCode.FAILED,
    "object_exists": ExitCode.FAILED,
    "read_only": ExitCode.FAILED,
    "wrong_thread": ExitCode.FAILED,
    "editor_running": ExitCode.EDITOR_RUNNING,
    "not_editable": ExitCode.FAILED,
    "refused": ExitCode.FAILED,
    "malformed_session": ExitCode.FAILED,
    "state_db": ExitCode.FAILED,
    "editor_folder": ExitCode.FAILED,
    "unreadable": ExitCode.FAILED,
    "job": ExitCode.FAILED,
}


def exit_code_of(kind: str) -> ExitCode:
    """Return the exit code for an error's kind."""
    return _BY_KIND[kind]
