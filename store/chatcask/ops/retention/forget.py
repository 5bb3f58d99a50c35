"""Forget snapshots: plan by policy or by name, say what gets lost, then move manifests and nothing else.

What a forgotten snapshot alone needs is deleted by prune, a day later at the earliest; until then it can be
put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chatcask.advice import Advice, AdviceCode
from chatcask.catalog.catalog import Catalog
from chatcask.errors import ChatLossError, DamagedError
from chatcask.format.tree import EMPTY, Content
from chatcask.monitor import Monitor, Problem
from chatcask.ops.retention.last_copies import LostChat, lost_chats
from chatcask.ops.retention.policy import (
    Calendar,
    Candidate,
    ForgetPlan,
    RetentionPolicy,
    plan_forget,
    plan_forget_named,
)
from chatcask.ops.retention.usage import open_usage
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.labels import Labels
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import read_manifest

_SHOWN = 20


def plan_forget_by_policy(repository: Repository, policy: RetentionPolicy, calendar: Calendar) -> ForgetPlan:
    """Choose snapshots to forget by a policy. `calendar` gives a moment in the user's time zone.

    Raises:
        InvalidInputError: the policy keeps nothing.
        DamagedError: a label is damaged, so it is not known what is pinned.
    """
    return plan_forget(candidates(repository), policy, calendar)


def plan_forget_by_name(repository: Repository, references: Iterable[SnapshotReference]) -> ForgetPlan:
    """Choose exactly these snapshots to forget.

    Raises:
        InvalidInputError: one of them is pinned, or none would be left.
        DamagedError: a label is damaged, so it is not known what is pinned.
    """
    return plan_forget_named(candidates(repository), [reference.id for reference in references])


def candidates(repository: Repository) -> list[Candidate]:
    """Return what policies look at, oldest first.

    Raises:
        DamagedError: a label is damaged.
    """
    labels = repository.labels()
    if labels.damaged:
        raise DamagedError(
            f"{labels.damaged[0]} is damaged: it may have been a pin, so nothing is forgotten",
            advice=Advice(AdviceCode.PIN_AGAIN),
        )
    rows = [_candidate(repository, labels, reference) for reference in repository.snapshots()]
    return _with_pinned_chats(repository, rows, labels.pinned_sessions)


def bytes_freed(repository: Repository, plan: ForgetPlan) -> int | None:
    """Return what prune can free once the plan is carried out: stored bytes that only removed ones use.

    None if a tree cannot be read, so that it is not known.
    """
    if not plan.removed:
        return 0
    with open_usage(repository) as usage:
        usage.load_packs()
        try:
            for candidate, _ in plan.kept:
                usage.mark(candidate.root or EMPTY)
            usage.next_pass()
            for candidate in plan.removed:
                usage.mark(candidate.root or EMPTY)
        except DamagedError:
            return None
        return usage.first_used_bytes()


def apply_forget(
    repository: Repository,
    plan: ForgetPlan,
    *,
    allow_losing_chats: bool = False,
    monitor: Monitor,
) -> tuple[SnapshotReference, ...]:
    """Carry out a plan once; return the snapshots that are forgotten now.

    Raises:
        ChatLossError: a chat would lose its last copy; nothing was changed.
        DamagedError: a manifest to be forgotten is damaged; those before it are forgotten.
        TransportError: the store cannot be written; those before it are forgotten.
    """
    if not allow_losing_chats:
        _refuse_losses(lost_chats(repository, plan, monitor))
    monitor.phase("forgetting", len(plan.removed))
    done = []
    for candidate in plan.removed:
        reference = candidate.reference
        data = read_manifest(repository.transport, reference.key)
        repository.transport.put(reference.forgotten_key, data)
        repository.transport.delete(reference.key)
        done.append(reference)
        monitor.advance(1)
    return tuple(done)


def _candidate(repository: Repository, labels: Labels, reference: SnapshotReference) -> Candidate:
    pinned = ("pinned",) if labels.is_pinned(reference.id) else ()
    try:
        snapshot = repository.load(reference)
    except DamagedError:
        return Candidate(reference, None, pinned=pinned)
    tags = labels.tags(reference.id, snapshot.tags)
    return Candidate(reference, snapshot.root, tags, pinned, snapshot.follows)


def _with_pinned_chats(
    repository: Repository, rows: Sequence[Candidate], sessions: frozenset[str]
) -> list[Candidate]:
    """Add a reason to each snapshot in which a version of a pinned chat, or damage, is first found."""
    if not sessions:
        return list(rows)
    seen: set[tuple[str, Content] | Problem] = set()
    found = []
    with Catalog(repository) as catalog:
        for row in rows:
            new: dict[str, None] = {}
            for chat in catalog.files(row.root or EMPTY):
                if chat.session in sessions and (chat.session, chat.content) not in seen:
                    seen.add((chat.session, chat.content))
                    new[f"pinned chat {chat.session}"] = None
            for gap in catalog.gaps(row.root or EMPTY):
                if gap.kind == "damaged" and gap not in seen:
                    seen.add(gap)
                    new["may hold a pinned chat where it cannot be read"] = None
            found.append(replace(row, pinned=(*row.pinned, *new)))
    return found


def _refuse_losses(lost: Sequence[LostChat]) -> None:
    if not lost:
        return
    more = [f"and {len(lost) - _SHOWN} more"] if len(lost) > _SHOWN else []
    what = "1 chat would lose its" if len(lost) == 1 else f"{len(lost)} chats would lose their"
    raise ChatLossError(
        f"{what} last copy:",
        chats=tuple(chat.session for chat in lost),
        advice=Advice(AdviceCode.PIN_OR_ALLOW_LOSS),
    ).with_lines([*map(_words, lost[:_SHOWN]), *more])


def _words(chat: LostChat) -> str:
    unknown = f"; what it holds is not known: {chat.damage}" if chat.damage else ""
    return f"{chat.session or 'any chat'}  ({chat.snapshot.id[:12]}:{chat.path}){unknown}"
