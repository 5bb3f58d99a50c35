"""What an archive folder remembers of itself: which files it wrote, from what, and with which bytes.

The record is one JSON file in the folder. Only files that it names, with the bytes that it names, are ever
replaced or removed. Without it the archive finds its own files again by their content.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from blake3 import blake3

from chatcask.advice import Advice, AdviceCode
from chatcask.disk.file_names import windows_problem
from chatcask.disk.new_file import new_file
from chatcask.errors import DamagedError, TransportError, UnsupportedFormatError

RECORD = ".chatcask-archive.json"
_VERSION = 1
_BLOCK = 1024 * 1024
_REMOVE = Advice(AdviceCode.REMOVE_RECORD)
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One file that the archive wrote.

    Attributes:
        path: Its path in the folder, with `/`.
        hash: BLAKE3 of its bytes.
        content: What names the chat's bytes in the store.
        snapshot: The snapshot from which that version was first written.
        writer: The version of the program that wrote it.
    """

    path: str
    hash: str
    content: str
    snapshot: str
    writer: str


def read_record(folder: Path) -> dict[str, ArchivedFile]:
    """Return what the archive wrote, by the chat's id; empty for a folder without a record.

    Raises:
        DamagedError: the record is not one.
        UnsupportedFormatError: a newer program wrote it.
        TransportError: it cannot be read.
    """
    path = folder / RECORD
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise TransportError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise DamagedError(f"{path} is damaged: {error}", advice=_REMOVE) from None
    version = document.get("schema_version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > _VERSION:
        raise UnsupportedFormatError(
            f"{path} was written by a newer chatcask", advice=Advice(AdviceCode.UPDATE_OR_OTHER_FOLDER)
        )
    rows = document.get("files") if version == _VERSION else None
    if not isinstance(rows, dict):
        raise DamagedError(f"{path} is damaged: it has no list of files", advice=_REMOVE)
    try:
        return {str(session): _file(row) for session, row in rows.items()}
    except (TypeError, ValueError) as error:
        raise DamagedError(f"{path} is damaged: {error}", advice=_REMOVE) from None


def write_record(folder: Path, files: Mapping[str, ArchivedFile]) -> None:
    """Replace the record.

    Raises:
        TransportError: it cannot be written.
    """
    rows = {session: asdict(files[session]) for session in sorted(files)}
    document = {"schema_version": _VERSION, "files": rows}
    with new_file(folder / RECORD, overwrite=True) as file:
        file.write(json.dumps(document, indent=1, ensure_ascii=True).encode() + b"\n")


def file_hash(path: Path) -> str | None:
    """Return the hash of a file's bytes; None if there is no regular file, or a link in its place.

    Raises:
        TransportError: it cannot be read.
    """
    hasher = blake3()
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                hasher.update(block)
    except OSError as error:
        raise TransportError(f"cannot read {path}: {error.strerror or error}") from error
    return hasher.hexdigest()


def is_taken(path: Path) -> bool:
    """Tell whether anything stands under that name, a broken link as well."""
    return os.path.lexists(path)


def _file(row: Any) -> ArchivedFile:
    names = ("path", "hash", "content", "snapshot", "writer")
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in names):
        raise ValueError("a file's row lacks a field")
    file = ArchivedFile(*(row[name] for name in names))
    # A record that somebody changed must not lead out of the folder.
    parts = file.path.split("/")
    if len(parts) != 2 or any(part.strip(".") == "" or windows_problem(part) for part in parts):
        raise ValueError(f"{file.path!r} is not a path that the archive writes")
    if not file.path.endswith(".md") or not _HASH.fullmatch(file.hash):
        raise ValueError(f"{file.path!r} has no hash, or is not a Markdown file")
    return file
