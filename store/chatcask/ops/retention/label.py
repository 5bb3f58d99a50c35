"""Tag and pin snapshots, pin chats, and take both away again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, InvalidInputError, NotFoundError
from chatcask.format.label import Label, LabelKind
from chatcask.repository.addressing import check_tag
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.labels import give_label, take_label
from chatcask.repository.repository import Repository


def tag_snapshot(
    repository: Repository, reference: SnapshotReference, tag: str
) -> tuple[SnapshotReference, ...]:
    """Give a snapshot a tag, and take it from others, since a name names one; return those.

    Raises:
        InvalidInputError: the tag could be read as another way to name a snapshot.
        DamagedError: the manifest cannot be read.
    """
    check_tag(tag)
    if tag not in repository.load(reference).tags:
        give_label(repository.transport, Label(LabelKind.TAG, reference.id, name=tag))
    take_label(repository.transport, Label(LabelKind.UNTAG, reference.id, name=tag))
    others = tuple(_others_with(repository, reference, tag))
    for other in others:
        untag_snapshot(repository, other, tag)
    return others


def _others_with(
    repository: Repository, reference: SnapshotReference, tag: str
) -> Iterator[SnapshotReference]:
    labels = repository.labels()
    for other in repository.snapshots():
        with suppress(DamagedError):  # what cannot be read is found by no name either
            if other.id != reference.id and tag in labels.tags(other.id, repository.load(other).tags):
                yield other


def untag_snapshot(repository: Repository, reference: SnapshotReference, tag: str) -> None:
    """Take a tag away, one of the manifest too.

    Raises:
        NotFoundError: the snapshot has no such tag.
        DamagedError: the manifest cannot be read.
    """
    own = repository.load(reference).tags
    if tag not in repository.labels().tags(reference.id, own):
        raise NotFoundError(
            f"snapshot {reference.id[:12]} has no tag {tag!r}",
            what="tag",
            name=tag,
            advice=Advice(AdviceCode.LIST_TAGS),
        )
    if tag in own:
        give_label(repository.transport, Label(LabelKind.UNTAG, reference.id, name=tag))
    take_label(repository.transport, Label(LabelKind.TAG, reference.id, name=tag))


def pin_snapshot(repository: Repository, reference: SnapshotReference) -> None:
    """Keep a snapshot whatever a policy says."""
    give_label(repository.transport, Label(LabelKind.PIN, reference.id))


def unpin_snapshot(repository: Repository, reference: SnapshotReference) -> None:
    """Let policies decide about a snapshot again.

    Raises:
        NotFoundError: it is not pinned.
    """
    if not repository.labels().is_pinned(reference.id):
        raise NotFoundError(
            f"snapshot {reference.id[:12]} is not pinned",
            what="pin",
            name=reference.id,
            advice=Advice(AdviceCode.LIST_PINS),
        )
    take_label(repository.transport, Label(LabelKind.PIN, reference.id))


def pin_chat(repository: Repository, session: str) -> None:
    """Keep every snapshot in which a version of the chat is first found.

    Raises:
        InvalidInputError: the id is empty or no text.
    """
    if not session or not session.isprintable():
        raise InvalidInputError(f"not the id of a chat: {session!r}")
    give_label(repository.transport, Label(LabelKind.PIN_SESSION, session=session))


def unpin_chat(repository: Repository, session: str) -> None:
    """Let policies decide about a chat's snapshots again.

    Raises:
        NotFoundError: it is not pinned.
    """
    if session not in repository.labels().pinned_sessions:
        raise NotFoundError(
            f"chat {session} is not pinned", what="pin", name=session, advice=Advice(AdviceCode.LIST_PINS)
        )
    take_label(repository.transport, Label(LabelKind.PIN_SESSION, session=session))
