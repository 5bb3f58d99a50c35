"""Which chat a person means by `SESSION[@SNAP]`, and from which snapshot it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask import find_chat, split_session
from chatcask.errors import AmbiguousError, InvalidInputError, NotFoundError
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.output import time_text

if TYPE_CHECKING:
    from chatcask import Catalog, ChatFile, Monitor, Repository, SnapshotReference, StoredSnapshot
    from chatcask_cli.shell.options import Run


@dataclass(frozen=True, slots=True)
class ChosenChat:
    """A chat in a snapshot. `missing_since` is a newer snapshot that was looked into first and lacks it."""

    stored: StoredSnapshot
    file: ChatFile
    missing_since: SnapshotReference | None = None

    @property
    def note(self) -> str | None:
        """What to tell of the snapshot, if it is not the one that was to be expected."""
        if self.missing_since is None:
            return None
        return (
            f"snapshot {self.missing_since.id[:12]} no longer holds this chat;"
            f" this is its last version, of snapshot {self.stored.reference.id[:12]}"
            f" ({time_text(self.stored.reference.taken_at)})"
        )


def choose_chat(
    run: Run, repository: Repository, catalog: Catalog, text: str, monitor: Monitor
) -> ChosenChat:
    """Find the chat that a person named, in the named snapshot or else in the newest that holds it.

    Raises:
        NotFoundError: no snapshot holds such a chat, or not the named one.
        AmbiguousError: several chats or snapshots answer to the name.
    """
    name, at = split_session(text)
    if not at:
        return _newest(run, repository, catalog, text, monitor)
    try:
        named = run.find(repository, at)
    except AmbiguousError:
        raise
    except (NotFoundError, InvalidInputError) as error:
        try:
            return _newest(run, repository, catalog, text, monitor)  # the @ may belong to a title
        except NotFoundError:
            raise error from None
    try:
        found = find_chat(catalog, name, [named], monitor)
    except AmbiguousError:
        raise
    except NotFoundError as error:
        raise _elsewhere(run, repository, catalog, name, named, monitor) or error from None
    return ChosenChat(found.stored, found.file)


def _newest(run: Run, repository: Repository, catalog: Catalog, name: str, monitor: Monitor) -> ChosenChat:
    history = list(run.history(repository))
    stored, file = find_chat(catalog, name, history, monitor)
    newest = history[0].reference
    return ChosenChat(stored, file, newest if newest != stored.reference else None)


def _elsewhere(
    run: Run,
    repository: Repository,
    catalog: Catalog,
    name: str,
    lacking: StoredSnapshot,
    monitor: Monitor,
) -> NotFoundError | None:
    """Return an error that says where the chat is, if any snapshot holds it."""
    try:
        found = _newest(run, repository, catalog, name, monitor)
    except NotFoundError:
        return None
    return hinted(
        NotFoundError(
            f"snapshot {lacking.reference.id[:12]} does not hold the chat {found.file.session}",
            what="chat",
            name=found.file.session,
        ),
        f"the newest snapshot that does is {found.stored.reference.id[:12]};"
        f" 'chatcask log {found.file.session[:8]}' lists all of its versions",
    )
