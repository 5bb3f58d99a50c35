"""Writes docs/cli.md from the commands themselves: `python docs/make_cli_reference.py`."""

from __future__ import annotations

import runpy
from dataclasses import fields
from pathlib import Path
from typing import Any

from chatcask import documents
from chatcask_cli.shell.app import COMMANDS, load_command
from chatcask_cli.shell.exit_codes import MEANINGS

TARGET = Path(__file__).parent / "cli.md"
_wrapped = runpy.run_path(str(Path(__file__).with_name("wrap_prose.py")))["wrapped"]
_COMMON = {"store", "as_json", "quiet", "verbose", "color", "no_progress", "profile", "help"}
DOCUMENTS: dict[str, tuple[type[documents.Document], ...]] = {
    "init": (documents.StoreDocument,),
    "sources": (documents.EditorsDocument,),
    "snapshot": (documents.SnapshotDocument,),
    "auto": (documents.AutomaticDocument, documents.JobsDocument, documents.JobsRemovedDocument),
    "log": (documents.LogDocument, documents.VersionsDocument),
    "sessions": (documents.ChatsDocument,),
    "show": (documents.ChatDocument, documents.ChatFileDocument, documents.ChatBytesDocument),
    "ls": (documents.FilesDocument,),
    "diff": (documents.ComparisonDocument,),
    "archive": (documents.ArchiveDocument,),
    "restore": (
        documents.RestoreDocument,
        documents.RestoresDocument,
        documents.RestoredFilesDocument,
    ),
    "undo": (documents.UndoDocument,),
    "losses": (documents.LossesDocument,),
    "doctor": (documents.DoctorDocument,),
    "check": (documents.CheckDocument,),
    "repair": (documents.RepairDocument, documents.ConfigDocument),
    "forget": (documents.ForgetDocument,),
    "prune": (documents.PruneDocument,),
    "upkeep": (documents.UpkeepDocument,),
    "undelete": (documents.UndeleteDocument,),
    "tag": (documents.TagsDocument,),
    "pin": (documents.PinsDocument,),
    "export": (documents.BundleDocument, documents.ExportedChatsDocument),
    "import": (documents.ImportDocument, documents.CopiesDocument),
    "stats": (documents.StatsDocument,),
    "config": (documents.SettingsDocument, documents.SettingsCheckDocument),
    "demo": (documents.DemoDocument,),
}
"""What `--json` prints; `cat` prints bytes, `wait` nothing."""

_INTRODUCTION = """\
# Command reference

Generated from the code by `docs/make_cli_reference.py`; a test keeps it current.

`chatcask COMMAND [OPTIONS]`. Options may follow the command's arguments.

**Snapshots** are named `latest`, `latest~2`, by the beginning of an id, by a tag, or by time: `@{2026-11-01}` (the end of that day),
`@{2026-11-01 17:30}`, `@{3 days ago}`. Dates are in the local time zone. `latest` and times mean this machine's snapshots, and everybody's when it has none. `SNAP:PATH` is a folder or file in a snapshot, as `ls` shows it.

**JSON.** With `--json` standard output carries one document with `schema_version` 1; messages go to standard error. A failure ends with
`{"message_type": "exit_error", "code": ..., "kind": ..., "message": ..., "hint": ...}`. Times are RFC 3339 in UTC, sizes are bytes.
"""


def reference() -> str:
    """Return the text of docs/cli.md."""
    parts = [_INTRODUCTION, _common_options(load_command(COMMANDS[0])), _exit_codes()]
    parts += [_command(name, load_command(name)) for name in COMMANDS]
    text: str = _wrapped("\n".join([*parts, _documents()]))
    return text


def _documents() -> str:
    rows = [
        f"| `{name}` | `{kind.__name__}`: {(kind.__doc__ or '').partition(chr(10))[0]} | {_keys(kind)} |"
        for name, kinds in DOCUMENTS.items()
        for kind in kinds
    ]
    head = "With `--json` each command prints one document, a type of `chatcask.documents`; all have `schema_version`."
    return "\n".join(
        ["## JSON documents", "", head, "", "| command | document | keys |", "|---|---|---|", *rows, ""]
    )


def _keys(kind: type[documents.Document]) -> str:
    return ", ".join(f"`{field.name}`" for field in fields(kind) if field.name != "schema_version")


def _common_options(command: Any) -> str:
    rows = [_option(parameter) for parameter in command.params if parameter.name in _COMMON]
    return "\n".join(["## Options of every command", "", *rows, "- `-h`, `--help`: Show help and exit.", ""])


def _exit_codes() -> str:
    rows = [f"| {code.value} | {text} |" for code, text in MEANINGS.items()]
    return "\n".join(["## Exit codes", "", "| code | meaning |", "|---|---|", *rows, ""])


def _command(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    own = [p for p in command.params if p.param_type_name == "option" and p.name not in _COMMON]
    options = [p for p in own if not p.hidden]
    usage = " ".join(["chatcask", name, *(_placeholder(argument) for argument in arguments)])
    lines = [f"## {name}", "", f"`{usage}`", "", (command.help or "").strip(), ""]
    rows = [f"- `{_placeholder(p)}`: {p.help}" for p in arguments if p.help]
    rows += [_option(p) for p in options]
    return "\n".join([*lines, *rows, ""] if rows else lines)


def _placeholder(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _option(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = "" if option.is_flag or not option.metavar else f" `{option.metavar}`"
    return f"- {names}{value}: {option.help}"


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
