"""Old copies of an editor's folder into the store: snapshots dated by their files, of origins of their own.

What of a copy is a chat's is laid out as an editor would have it, in a temporary folder, and captured from
there like any other folder. The copy itself is only read.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import NAMESPACE_URL, UUID, uuid5

from blake3 import blake3

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Guard, Platform, RunningEditor, Source
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.assistants.vscode.places.old_copies import CopiedPath, copied_path, path_of_single
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.writing.body import plain_name
from chatcask.chats.jsontext import dumps
from chatcask.chats.model import Chat
from chatcask.errors import ChatcaskError, InvalidInputError
from chatcask.monitor import Monitor, Problem
from chatcask.ops.editing.copied_files import CopiedFile, copied_files
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.ops.snapshot.manifest import Identity
from chatcask.ops.snapshot.take import SnapshotOptions, SnapshotResult, take_snapshot
from chatcask.repository.repository import Repository

_LARGEST_CHAT = 512 << 20
_ORIGIN_DIGITS = 16
_EARLIEST_NS = 946_684_800 * 10**9
"""The year 2000: a file dated earlier says nothing of when a copy was made."""


@dataclass(frozen=True, slots=True)
class ImportedCopy:
    """One copy that was found: its folder, and the snapshot, which may have been there already."""

    folder: str
    result: SnapshotResult


class _Closed:
    """The guard of a temporary folder of ours: no editor ever uses it."""

    def running(self, source: Source) -> RunningEditor | None:
        return None

    def require_closed(self, source: Source) -> None:
        return None

    def watch(self, source: Source) -> None:
        return None


def import_copies(
    repository: Repository,
    path: Path,
    platform: Platform,
    guard: Guard,
    program: str,
    tags: tuple[str, ...],
    *,
    clock: Callable[[], datetime],
    monitor: Monitor,
) -> list[ImportedCopy]:
    """Store what a folder, a zip file or a single file holds of an editor's chats, oldest copy first.

    A folder below the path that an editor uses is left out and reported, and nothing in it is looked at.

    Raises:
        InvalidInputError: no chat is in it.
    """
    with ExitStack() as stack:
        found = stack.enter_context(copied_files(path, platform, guard, monitor))
        staging = Path(stack.enter_context(TemporaryDirectory(prefix="chatcask-")))
        dates: dict[Path, tuple[str, int]] = {}
        for file in found:
            _stage(file, staging, dates, monitor)
        if not dates:
            raise InvalidInputError(
                f"no chat was found in {path}", what="path", advice=Advice(AdviceCode.NAME_COPY)
            )
        copies = sorted(dates.items(), key=lambda item: item[1][1])
        done = []
        for number, (folder, (name, newest_ns)) in enumerate(copies, 1):
            dated = min(datetime.fromtimestamp(newest_ns / 1e9, UTC), clock())
            source = source_for(folder, None, platform)
            result = take_snapshot(
                repository,
                [Request(replace(source, id=source.product.name))],
                SnapshotOptions(tags=tags if number == len(copies) else (), skip_unchanged=True),
                identity=Identity(_origin(path, name), f"copy {path.name}", program),
                guard=_Closed(),
                clock=lambda dated=dated: dated,  # type: ignore[misc]
                monitor=monitor,
            )
            done.append(ImportedCopy(name, result))
        return done


def _origin(path: Path, name: str) -> str:
    text = f"chatcask copy\0{os.path.abspath(path)}\0{name}"  # noqa: PTH100 - links are kept as named
    return blake3(text.encode("utf-8", "surrogateescape")).hexdigest()[:_ORIGIN_DIGITS]


def _stage(file: CopiedFile, staging: Path, dates: dict[Path, tuple[str, int]], monitor: Monitor) -> None:
    """Lay a file out as an editor would have it, if it is a chat's."""
    belongs = copied_path(file.parts)
    if belongs is None:
        return
    try:
        if belongs.path:
            target = _folder_of(belongs, staging, dates) / belongs.path
            _copy(file, target)
        elif (target := _stage_chat(file, staging, dates)) is None:  # type: ignore[assignment]
            return
        os.utime(target, ns=(file.mtime_ns, file.mtime_ns))
    except (OSError, OverflowError, ChatcaskError, zipfile.BadZipFile, RuntimeError, ValueError) as error:
        monitor.problem(Problem("/".join(file.parts), "unreadable", str(error)))
        return
    folder = next(folder for folder in dates if target.is_relative_to(folder))
    name, newest = dates[folder]
    dates[folder] = name, max(newest, file.mtime_ns)


def _folder_of(belongs: CopiedPath, staging: Path, dates: dict[Path, tuple[str, int]]) -> Path:
    name = "/".join(belongs.folder)
    for folder, (known, _) in dates.items():
        if known == name:
            return folder
    folder = staging / str(len(dates)) / (belongs.folder[-1] if belongs.folder[1:] else "Code")
    dates[folder] = name, _EARLIEST_NS
    return folder


def _copy(file: CopiedFile, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with file.open() as source, target.open("wb") as output:
        shutil.copyfileobj(source, output)


def _stage_chat(file: CopiedFile, staging: Path, dates: dict[Path, tuple[str, int]]) -> Path | None:
    """Lay out the file of a single chat, or one that the editor exported, among those of no workspace."""
    if file.size > _LARGEST_CHAT:
        return None
    with file.open() as source:
        data = source.read(_LARGEST_CHAT)
    name = file.parts[-1]
    chat = parse_chat(data, name).chat
    if (
        chat is None
        or not isinstance(chat.raw.get("requests"), list)
        or not (chat.turns or chat.custom_title)
    ):
        return None
    session = plain_name(_id_of(chat, name, data))
    suffix = name[name.rindex(".") :]
    if "sessionId" not in chat.raw or "creationDate" not in chat.raw:
        data, suffix = _as_own(chat, session, file.mtime_ns // 10**6), ".json"
    number = 0
    while True:
        folder = _folder_of(CopiedPath(("", f"single chats {number}") if number else ()), staging, dates)
        target = folder / path_of_single(f"{session}{suffix}")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            return target
        number += 1


def _id_of(chat: Chat, name: str, data: bytes) -> str:
    named = chat.raw.get("sessionId")
    if isinstance(named, str) and named:
        return named
    stem = name.rpartition(".")[0]
    try:
        return str(UUID(stem))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, blake3(data).hexdigest()))


def _as_own(chat: Chat, session: str, dated_ms: int) -> bytes:
    """Return an exported chat as one of the editor's own, which it saves; an export has no id and no date."""
    created = next((turn.timestamp_ms for turn in chat.turns if turn.timestamp_ms), dated_ms)
    own = {"version": 3, "sessionId": session, "creationDate": created, "customTitle": chat.title}
    return dumps({**own, **chat.raw}).encode("utf-8", "replace")
