"""A look into old copies of editors' folders, without a trace: nothing of them is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatcask.advice import AdviceCode
from chatcask.errors import InvalidInputError, NotFoundError
from chatcask.monitor import NullMonitor, OnceMonitor
from chatcask.ops.browse.versions import ChatVersions
from chatcask.ops.editing.copied_chats import CopiedChat, chats_in_copies
from chatcask.ops.editing.diagnose import Examination
from chatcask.ops.editing.look import Doctor
from chatcask.workbench.workbench import Workbench

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from chatcask.assistants.base import Source
    from chatcask.monitor import Monitor
    from chatcask.repository.snapshots import StoredSnapshot
    from chatcask.workbench.bench import Bench


@dataclass(frozen=True, slots=True)
class LookedInto:
    """What was found in one folder or file that was named as a copy.

    Attributes:
        path: It.
        chats: How many chats there are in it, those that are here too.
        dates: When each copy in it was made, as its files tell; none if there is no chat in it.
    """

    path: Path
    chats: int
    dates: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class CopiesSeen:
    """What old copies hold: all that was looked into, and the chats of which they have more than is here."""

    looked_into: tuple[LookedInto, ...]
    chats: tuple[CopiedChat, ...]

    def added_to(self, visit: Examination) -> Examination:
        """Return what was found here, with what can be had from the copies."""
        copied = {chat.session: chat for chat in self.chats}
        diagnoses = tuple(
            replace(
                found, findings=tuple(replace(one, copied=copied.get(one.session)) for one in found.findings)
            )
            for found in visit.diagnoses
        )
        return replace(visit, diagnoses=diagnoses)


def look_into_copies(
    bench: Bench,
    history: Iterable[StoredSnapshot],
    paths: Sequence[Path],
    sources: Sequence[Source],
    monitor: Monitor,
) -> CopiesSeen:
    """Compare old copies with what is in the editors' folders and in the store.

    Args:
        bench: The store; it is not changed.
        history: Its snapshots, newest first.
        paths: Folders, zip files, or files of single chats.
        sources: The editors' folders here.
        monitor: Told of what cannot be read of the copies.

    Raises:
        NotFoundError: one is not there.
        InvalidInputError: one is an editor's own folder.
        EditorRunningError: an editor uses one; nothing was touched.
    """
    machine, once = bench.machine, OnceMonitor(monitor)
    with Workbench.in_memory(machine) as held:
        copies: dict[str, Path] = {}
        looked_into = []
        for path in paths:
            if not path.exists():
                raise NotFoundError(f"there is no {path}", what="path", name=str(path))
            dates = _take_in(held, path, copies, once)
            looked_into.append(LookedInto(path, _count(held, copies, path), dates))
        versions = ChatVersions(bench.repository, bench.catalog, history, once)
        doctor = Doctor(machine.guard, machine.platform.family, versions, NullMonitor())
        copied = ChatVersions(held.repository, held.catalog, held.snapshots.history(once), once)
        return CopiesSeen(tuple(looked_into), chats_in_copies(doctor, sources, copies, copied))


def _take_in(held: Workbench, path: Path, copies: dict[str, Path], monitor: Monitor) -> tuple[datetime, ...]:
    """Hold what a copy has, and note which snapshots are of it; return when its copies were made."""
    try:
        found = held.bundles.import_copies(path, (), monitor)
    except InvalidInputError as error:
        if error.advice is None or error.advice.code is not AdviceCode.NAME_COPY:
            raise
        return ()
    references = [copy.result.reference for copy in found if copy.result.reference is not None]
    copies.update((reference.id, path) for reference in references)
    return tuple(copy.result.snapshot.taken_at for copy in found)


def _count(held: Workbench, copies: dict[str, Path], path: Path) -> int:
    roots = (
        held.repository.load(each).root for each in held.repository.snapshots() if copies[each.id] == path
    )
    return len({file.session for root in roots for file in held.catalog.files(root)})
