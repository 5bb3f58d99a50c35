"""All losses that the store's snapshots tell of, newest first, and which of those chats are back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chatcask.errors import DamagedError, NotFoundError
from chatcask.monitor import OnceMonitor
from chatcask.ops.browse.list_chats import ChatFilter
from chatcask.ops.snapshot.compare_chats import Loss

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatcask.monitor import Monitor
    from chatcask.repository.keys import SnapshotReference
    from chatcask.repository.snapshots import StoredSnapshot
    from chatcask.workbench.bench import Bench
    from chatcask.workbench.chats import Chats
    from chatcask.workbench.snapshots import Snapshots


@dataclass(frozen=True, slots=True)
class PastLoss:
    """A loss as a snapshot tells of it.

    Attributes:
        loss: What was lost.
        found: The snapshot whose run found it.
        host: The name of the machine.
        is_back: Whether the newest snapshots hold the chat with as many turns as it had.
    """

    loss: Loss
    found: SnapshotReference
    host: str
    is_back: bool


def past_losses(
    bench: Bench, snapshots: Snapshots, chats: Chats, since: datetime | None, monitor: Monitor
) -> list[PastLoss]:
    """Return what was found lost since then, each once; a manifest that is damaged is a problem.

    What several snapshots tell of the same version is taken from the newest. Chats of excluded workspaces are
    passed over as far as the snapshot that holds them is still there.
    """
    once = OnceMonitor(monitor)
    told = [
        (stored, loss)
        for stored in snapshots.history(once)
        if since is None or stored.reference.taken_at >= since
        for loss in _losses(stored)
    ]
    told.sort(key=lambda row: row[0].reference.taken_at, reverse=True)
    turns = _turns_now(snapshots, chats, once) if told else {}
    found: dict[tuple[str, str, str], PastLoss] = {}
    for stored, loss in told:
        key = (loss.path, loss.kind, loss.snapshot)
        if key not in found and not _is_hidden(bench, snapshots, loss):
            is_back = bool(loss.before) and turns.get(loss.session, 0) >= loss.before
            found[key] = PastLoss(loss, stored.reference, stored.snapshot.host, is_back)
    return list(found.values())


def _losses(stored: StoredSnapshot) -> Iterator[Loss]:
    for row in stored.snapshot.losses:
        yield Loss(
            session=_text(row, "session"),
            title=_text(row, "title"),
            kind=_text(row, "kind"),
            path=_text(row, "path"),
            before=_count(row, "before"),
            after=_count(row, "after"),
            message=_text(row, "message"),
            snapshot=_text(row, "snapshot"),
        )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _count(row: Mapping[str, Any], key: str) -> int:
    value = row.get(key)
    return value if isinstance(value, int) else 0


def _turns_now(snapshots: Snapshots, chats: Chats, monitor: Monitor) -> dict[str, int]:
    """Return how many turns each chat has in the newest snapshots."""
    try:
        newest = snapshots.newest_of_each(monitor)
    except (NotFoundError, DamagedError):
        return {}
    listed = chats.everywhere(newest, ChatFilter(), monitor)
    return {chat.file.session: chat.summary.turn_count for chat in listed}


def _is_hidden(bench: Bench, snapshots: Snapshots, loss: Loss) -> bool:
    """Tell whether a lost chat belongs to a workspace that is excluded: the catalogue does not show it."""
    if not bench.machine.platform.scope.excluded or not loss.session:
        return False
    try:
        stored = snapshots.find(loss.snapshot)
    except (NotFoundError, DamagedError):
        return False
    return not bench.catalog.files(stored.snapshot.root, loss.session)
