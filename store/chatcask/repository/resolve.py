"""Find the snapshot that a person named."""

from __future__ import annotations

from collections.abc import Sequence

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import AmbiguousError, NotFoundError
from chatcask.repository.addressing import SnapshotAddress
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository


def resolve_snapshot(repository: Repository, address: SnapshotAddress, origin: str) -> SnapshotReference:
    """Find the snapshot that a person named.

    `latest` and dates look at this origin's snapshots, and at everybody's when it has none.

    Raises:
        NotFoundError: none answers to that name.
        AmbiguousError: several do; the message lists them.
    """
    everything = repository.snapshots()
    if not everything:
        raise NotFoundError(
            "the store has no snapshots yet", what="snapshot", advice=Advice(AdviceCode.TAKE_A_SNAPSHOT)
        )
    own = [reference for reference in everything if reference.origin == origin] or everything
    found = _find(repository, address, everything, own)
    siblings = [reference for reference in everything if reference.origin == found.origin]
    position = siblings.index(found) - address.back
    if position < 0:
        raise NotFoundError(
            f"{address.text}: there are only {len(siblings)} snapshots",
            what="snapshot",
            name=address.text,
            advice=Advice(AdviceCode.LIST_SNAPSHOTS),
        )
    return siblings[position]


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
    matches = [reference for reference in everything if reference.id.startswith(prefix)]
    if len(matches) > 1:
        candidates = ", ".join(match.id[:12] for match in matches[:5])
        raise AmbiguousError(
            f"{prefix} is the beginning of {len(matches)} ids: {candidates}",
            what="snapshot",
            name=prefix,
            candidates=tuple(match.id for match in matches),
        )
    if not matches:
        raise NotFoundError(
            f"no snapshot {prefix}", what="snapshot", name=prefix, advice=Advice(AdviceCode.LIST_SNAPSHOTS)
        )
    return matches[0]


def _find_tag(repository: Repository, tag: str, everything: Sequence[SnapshotReference]) -> SnapshotReference:
    labels = repository.labels()
    for reference in reversed(everything):
        if tag in labels.tags(reference.id, repository.load(reference).tags):
            return reference
    raise NotFoundError(
        f"no snapshot has the tag {tag!r}", what="tag", name=tag, advice=Advice(AdviceCode.LIST_TAGS)
    )
