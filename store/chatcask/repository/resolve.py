"""Find the snapshot that a person named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import AmbiguousError, DamagedError, NotFoundError
from chatcask.repository.addressing import SnapshotAddress
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository


def resolve_snapshot(
    repository: Repository, address: SnapshotAddress, own: Sequence[SnapshotReference]
) -> SnapshotReference:
    """Find the snapshot that a person named.

    `latest` and dates look at this machine's own snapshots, given oldest first, and at everybody's when it
    has none. Steps back with `~` do not count safety snapshots.

    Raises:
        NotFoundError: none answers to that name.
        AmbiguousError: several do; the message lists them.
    """
    everything = repository.snapshots()
    if not everything:
        raise NotFoundError(
            "the store has no snapshots yet", what="snapshot", advice=Advice(AdviceCode.TAKE_A_SNAPSHOT)
        )
    found = _find(repository, address, everything, own or everything)
    if not address.back:
        return found
    siblings = own if found in own else [each for each in everything if each.origin == found.origin]
    return _steps_back(repository, address, siblings[: siblings.index(found)])


def _steps_back(
    repository: Repository,
    address: SnapshotAddress,
    older: Sequence[SnapshotReference],
) -> SnapshotReference:
    """Return the snapshot so many runs back; safety snapshots are no runs."""
    left = address.back
    for reference in reversed(older):
        left -= not _is_safety(repository, reference)
        if not left:
            return reference
    raise NotFoundError(
        f"{address.text}: there are only {address.back - left + 1} snapshots, safety snapshots not counted",
        what="snapshot",
        name=address.text,
        advice=Advice(AdviceCode.LIST_SNAPSHOTS),
    )


def _is_safety(repository: Repository, reference: SnapshotReference) -> bool:
    try:
        return repository.load(reference).is_safety
    except DamagedError:
        return False


def _find(
    repository: Repository,
    address: SnapshotAddress,
    everything: Sequence[SnapshotReference],
    own: Sequence[SnapshotReference],
) -> SnapshotReference:
    if address.latest:
        return own[-1]
    if address.moment is not None:
        moment = address.moment
        before = [reference for reference in own if reference.taken_at <= moment]
        if not before:
            raise NotFoundError(
                f"no snapshot is as old as {address.text}",
                what="snapshot",
                name=address.text,
                advice=Advice(AdviceCode.FIRST_SNAPSHOT, time=f"{own[0].taken_at:%Y-%m-%d %H:%M}"),
            )
        return before[-1]
    prefix = address.id_prefix
    if prefix is None:
        return _find_tag(repository, address.name, everything)
    found = beginning_with(prefix, everything, "ids")
    if found is None:
        raise NotFoundError(
            f"no snapshot {prefix}", what="snapshot", name=prefix, advice=Advice(AdviceCode.LIST_SNAPSHOTS)
        )
    return found


def beginning_with(
    prefix: str, references: Iterable[SnapshotReference], called: str
) -> SnapshotReference | None:
    """Return the snapshot whose id begins so; None if there is none.

    Raises:
        AmbiguousError: several do; the message lists them, `called` what they are.
    """
    matches = [reference for reference in references if reference.id.startswith(prefix)]
    if len(matches) > 1:
        candidates = ", ".join(match.id[:12] for match in matches[:5])
        raise AmbiguousError(
            f"{prefix} is the beginning of {len(matches)} {called}: {candidates}",
            what="snapshot",
            name=prefix,
            candidates=tuple(match.id for match in matches),
        )
    return matches[0] if matches else None


def _find_tag(repository: Repository, tag: str, everything: Sequence[SnapshotReference]) -> SnapshotReference:
    labels = repository.labels()
    for reference in reversed(everything):
        if tag in labels.tags(reference.id, repository.load(reference).tags):
            return reference
    raise NotFoundError(
        f"no snapshot has the tag {tag!r}", what="tag", name=tag, advice=Advice(AdviceCode.LIST_TAGS)
    )
