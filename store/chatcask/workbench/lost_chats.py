"""Which chats a person wants back who names none: all of a workspace, all that are gone, or all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.errors import EditorRunningError, NotEditableError
from chatcask.monitor import Problem
from chatcask.ops.browse.list_chats import ChatFilter
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.editing.present_chats import present_chats
from chatcask.workbench.known_folders import known_folders
from chatcask.workbench.sources import choose_sources

if TYPE_CHECKING:
    from pathlib import Path

    from chatcask.assistants.base import Source
    from chatcask.monitor import Monitor
    from chatcask.workbench.chats import Chats
    from chatcask.workbench.machine import Machine
    from chatcask.workbench.snapshots import Snapshots


@dataclass(frozen=True, slots=True)
class ManyChats:
    """Which chats are meant: those of the newest snapshot, or with `deleted` those that are gone.

    Attributes:
        deleted: Those that an earlier snapshot held and the newest lacks, or that have no file now.
        wanted: Of which workspace and time.
        folder: The editor's folder that is looked at for what has no file now; None for each one's own.
    """

    deleted: bool
    wanted: ChatFilter
    folder: Path | None = None


def choose_chats(
    machine: Machine, snapshots: Snapshots, chats: Chats, many: ManyChats, monitor: Monitor
) -> list[str]:
    """Return the names of the chats that are meant, each once, for a restore.

    Raises:
        NotFoundError: the store has no snapshot.
    """
    newest = snapshots.find("latest")
    there = chats.listed(newest, many.wanted, monitor)
    if there and not many.deleted:
        return _each_once(there)
    gone = chats.deleted(newest, many.wanted, monitor)
    if not many.deleted:
        return _each_once(gone)  # of a workspace that is gone as a whole
    return _each_once([*gone, *_without_file(machine, there, many, monitor)])


def _each_once(chats: list[StoredVersion]) -> list[str]:
    return list(dict.fromkeys(chat.file.session for chat in chats if chat.summary.turn_count))


def _without_file(
    machine: Machine, chats: list[StoredVersion], many: ManyChats, monitor: Monitor
) -> Iterator[StoredVersion]:
    """Yield the chats of a snapshot of which their editor's folder has no file now, in any workspace."""
    folders = choose_sources(machine, many.folder, None)
    sources = {source.id: source for source in (*folders, *known_folders(machine))}
    captured = {chat.file.source for chat in chats}
    present = {
        name: _present(machine, source, monitor) for name, source in sources.items() if name in captured
    }
    for chat in chats:
        ids = present.get(chat.file.source)
        if ids is not None and chat.file.session not in ids:
            yield chat


def _present(machine: Machine, source: Source, monitor: Monitor) -> frozenset[str] | None:
    """Return the ids of the chats that a folder has files of; None if nobody may look, or need not."""
    try:
        return present_chats(machine.guard, source, monitor)
    except EditorRunningError as error:
        monitor.problem(Problem(source.id, error.kind, error.message))
        return None
    except NotEditableError:  # none of them could be put back
        return None
