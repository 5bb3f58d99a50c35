"""What a restore means: which chat, of which editor, which version, and where it is to go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import AmbiguousError, NotFoundError
from chatcask.ops.editing.restoring import RestoreMode
from chatcask.workbench.known_folders import known_folders
from chatcask.workbench.sources import choose_sources, choose_target

if TYPE_CHECKING:
    from pathlib import Path

    from chatcask.monitor import Monitor
    from chatcask.ops.browse.stored_version import StoredVersion
    from chatcask.ops.browse.versions import ChatVersions
    from chatcask.workbench.chats import Chats, ChosenChat
    from chatcask.workbench.machine import Machine


@dataclass(frozen=True, slots=True)
class RestoreWishes:
    """Where a chat is to be put back, and how.

    Attributes:
        workspace: The id or folder of a workspace; None for where the chat was.
        folder: The editor's user-data folder; None for the one it was captured from.
        product: The editor; None for the one it was captured from.
        mode: What to do when the chat is there already.
        with_edits: Put the chat's record of edits back too.
    """

    workspace: str | None = None
    folder: Path | None = None
    product: str | None = None
    mode: RestoreMode = RestoreMode.PLAIN
    with_edits: bool = False


def find_meant(
    machine: Machine, chats: Chats, text: str, wishes: RestoreWishes, monitor: Monitor
) -> ChosenChat:
    """Return the chat that is meant; the editor that it is to go to says which of two with one id.

    Raises:
        NotFoundError: there is no such chat.
        AmbiguousError: several answer to the name.
    """
    try:
        return chats.find(text, monitor)
    except AmbiguousError:
        if wishes.folder is None and wishes.product is None:
            raise
        target = choose_target(machine, wishes.folder, wishes.product, "")
        try:
            return chats.find(f"{target.id}/{text}", monitor)
        except NotFoundError:
            pass
        raise


def editor_meant(
    machine: Machine, text: str, wishes: RestoreWishes, chosen: ChosenChat, sources: frozenset[str]
) -> str | None:
    """Return the editor whose version is meant: the one that was named, or that it goes to; None for any.

    Raises:
        AmbiguousError: the chat belonged to several editors that are here; the candidates are names that
            say which.
    """
    session = chosen.file.session
    if text.startswith(f"{chosen.file.source}/"):
        return chosen.file.source
    if len(sources) < 2:
        return None
    if wishes.folder is not None or wishes.product is not None:
        target = choose_target(machine, wishes.folder, wishes.product, "").id
        return target if target in sources else None
    here = {source.id for source in (*choose_sources(machine, None, None), *known_folders(machine))}
    names = tuple(f"{source}/{session}" for source in sorted(sources & here))
    if len(names) > 1:
        raise AmbiguousError(
            f"the chat {session} belongs to {len(names)} editors here:",
            what="chat",
            name=session,
            candidates=names,
            advice=Advice(AdviceCode.NAME_CHAT_OF_EDITOR, name=names[0]),
        ).with_lines(names)
    return None


def version_meant(named: ChatVersions, everything: ChatVersions, chosen: ChosenChat) -> StoredVersion:
    """Return the version to put back.

    Raises:
        NotFoundError: no turn can be read from it; the error names the version that holds most.
        DamagedError: the store cannot give its bytes.
    """
    session = chosen.file.session
    try:
        return named.choose(session)
    except NotFoundError as error:
        best = everything.best(session)
        if not chosen.is_pinned_down or best is None or best.summary.is_empty:
            raise
        snapshot = best.snapshot.id[:12]
        raise NotFoundError(
            f"no turn can be read from {session} in snapshot {chosen.stored.reference.id[:12]}"
            f"; the fullest version is {best.words}",
            what="version",
            name=session,
            advice=Advice(AdviceCode.RESTORE_VERSION, session=session[:8], snapshot=snapshot),
        ) from error
