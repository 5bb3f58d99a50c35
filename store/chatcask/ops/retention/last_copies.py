"""Which chats would hold less than they ever did, were snapshots forgotten: judged by what versions hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.losses import holds_as_much
from chatcask.chats.summary import ChatSummary
from chatcask.errors import DamagedError
from chatcask.format.tree import Content
from chatcask.monitor import Monitor, Problem
from chatcask.ops.retention.policy import Candidate, ForgetPlan
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository


@dataclass(frozen=True, slots=True)
class LostChat:
    """A chat of which every kept version holds less than one that is to be forgotten.

    Attributes:
        session: The chat's id; "" if it is not known which chats there are below the path.
        path: Its file in the snapshot, or the damaged tree that may hold chats.
        size: The file's length in bytes; 0 if not known.
        snapshot: The newest snapshot that has the fullest version.
        damage: Why it is not known what this version holds, so that it counts as the fullest; "" if known.
    """

    session: str
    path: str
    size: int
    snapshot: SnapshotReference
    damage: str = ""


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of a chat, and the newest of the looked at snapshots that has it."""

    file: ChatFile
    snapshot: SnapshotReference


@dataclass(slots=True)
class _Found:
    """What some snapshots hold: versions by chat and content, and damaged trees, newest first."""

    versions: dict[str, dict[Content, _Version]] = field(default_factory=dict)
    gaps: dict[Problem, SnapshotReference] = field(default_factory=dict)


def lost_chats(repository: Repository, plan: ForgetPlan, monitor: Monitor) -> tuple[LostChat, ...]:
    """Return the chats whose fullest version no kept snapshot has or surpasses, by path.

    A version surpasses another when the alarm of a run would name no loss from the other to it. What cannot
    be read counts as the fullest where it is to be forgotten, and as nothing where it is kept; the latter is
    reported to the monitor. Damage of one chat or tree hides no other.
    """
    with Catalog(repository) as catalog:
        kept = _find(catalog, [candidate for candidate, _ in plan.kept])
        for gap, snapshot in kept.gaps.items():
            monitor.problem(Problem(f"{snapshot.id[:12]}:{gap.path}", gap.kind, gap.message))
        going = _find(catalog, plan.removed)
        lost = [
            LostChat("", gap.path, 0, snapshot, gap.message)
            for gap, snapshot in going.gaps.items()
            if gap not in kept.gaps
        ]
        for session, versions in going.versions.items():
            found = _fullest_lost(catalog, versions, kept.versions.get(session, {}))
            if found is not None:
                lost.append(found)
    return tuple(sorted(lost, key=lambda chat: (chat.path, chat.session)))


def _find(catalog: Catalog, candidates: Iterable[Candidate]) -> _Found:
    found = _Found()
    for candidate in sorted(candidates, key=lambda each: each.reference.taken_at, reverse=True):
        if candidate.root is None:
            unread = Problem("", "damaged", f"the manifest of {candidate.reference.id[:12]} cannot be read")
            found.gaps[unread] = candidate.reference
            continue
        for file in catalog.files(candidate.root):
            versions = found.versions.setdefault(file.session, {})
            versions.setdefault(file.content, _Version(file, candidate.reference))
        for gap in catalog.gaps(candidate.root):
            if gap.kind == "damaged":
                found.gaps.setdefault(gap, candidate.reference)
    return found


def _fullest_lost(
    catalog: Catalog, going: dict[Content, _Version], kept: dict[Content, _Version]
) -> LostChat | None:
    """Return what of a chat is lost with the versions that go, the fullest of them; None if nothing is."""
    fullest: tuple[_Version, ChatSummary] | None = None
    for content, version in going.items():
        if content in kept or not version.file.size:
            continue
        try:
            summary = catalog.summary(version.file)
        except DamagedError as error:
            return _lost(version, error.message)
        if fullest is not None and holds_as_much(fullest[1], summary):
            continue
        if not any(_surpasses(catalog, other, summary) for other in kept.values()):
            fullest = version, summary
    return _lost(fullest[0], "") if fullest is not None else None


def _surpasses(catalog: Catalog, kept: _Version, going: ChatSummary) -> bool:
    if not kept.file.size:
        return False
    try:
        return holds_as_much(catalog.summary(kept.file), going)
    except DamagedError:
        return False


def _lost(version: _Version, damage: str) -> LostChat:
    return LostChat(version.file.session, version.file.path, version.file.size, version.snapshot, damage)
