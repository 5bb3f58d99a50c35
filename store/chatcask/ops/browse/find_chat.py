"""Which chat a person means: by its id, by the beginning of its id, or by its title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatcask.advice import Advice, AdviceCode
from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile, StoredChat
from chatcask.errors import AmbiguousError, NotFoundError
from chatcask.monitor import Monitor, NullMonitor, OnceMonitor
from chatcask.ops.browse.in_snapshot import chats_in, chats_named, each_root_once, readable
from chatcask.ops.browse.listed_titles import listed_title
from chatcask.ops.browse.sync_copies import without_copies
from chatcask.repository.snapshots import StoredSnapshot

_SHORTEST_PREFIX = 4
_WHOLE_ID = 32
"""Ids of editors are UUIDs; nobody who writes as much of one as this left much out."""
_CANDIDATES_SHOWN = 10
_OF_EDITOR = "/"
"""Stands between the id of an editor's folder and that of a chat, where two editors have the same chat."""


def find_chat(
    catalog: Catalog, text: str, newest_first: Iterable[StoredSnapshot], monitor: Monitor
) -> StoredChat:
    """Return the newest snapshot that holds the chat a person named, and the chat's file there.

    The chat is named by its id, behind `EDITOR/` if two editors have it, by the beginning of its id (at least
    four characters), in any case, or by its title, whole or in part, as its file has it or as the editor
    shows it. The snapshots are searched for the id first, since that reads no chat; a whole id in an old one
    counts more than a beginning in the newest. What cannot be read has no title and is reported.

    Raises:
        NotFoundError: no snapshot holds such a chat.
        AmbiguousError: several chats answer to that name; the message lists them.
    """
    once = OnceMonitor(monitor)
    looked_at = []
    begins: StoredChat | AmbiguousError | None = None
    for stored in each_root_once(newest_first):
        looked_at.append(stored)
        found = _by_id(catalog, text, stored, once)
        name = text.rpartition(_OF_EDITOR)[2]
        if exact := [file for file in found if file.session.lower() == name.lower()]:
            same_case = [file for file in exact if file.session == name]
            return StoredChat(stored, _only(catalog, text, stored, same_case or exact))
        if found and begins is None:
            begins = _chosen(catalog, text, stored, found)
            if not _may_be_whole(catalog, text):
                break
    if isinstance(begins, AmbiguousError):
        raise begins
    if begins is not None:
        return begins
    for stored in looked_at:
        if matches := _by_title(catalog, text, stored, once):
            return StoredChat(stored, _only(catalog, text, stored, matches))
    raise NotFoundError(
        f"no snapshot holds a chat {text!r}",
        what="chat",
        name=text,
        advice=Advice(AdviceCode.LIST_CHATS),
    )


def _require_one_editor(text: str, matches: Sequence[ChatFile]) -> None:
    """Raise where two editors have a chat of one id and not of one content: nobody can know which is meant.

    Raises:
        AmbiguousError: they do; the candidates are names that say which.
    """
    editors = {file.source: file for file in sorted(matches, key=lambda file: file.mtime_ns)}
    if len({file.content for file in editors.values()}) < 2:
        return
    names = [f"{source}{_OF_EDITOR}{file.session}" for source, file in sorted(editors.items())]
    raise AmbiguousError(
        f"{text!r} is a chat of {len(names)} editors, with other content in each:",
        what="chat",
        name=text,
        candidates=tuple(names),
        advice=Advice(AdviceCode.NAME_CHAT_OF_EDITOR, name=names[0]),
    ).with_lines(names)


def _of_editor(text: str, found: Sequence[ChatFile]) -> list[ChatFile]:
    """Return the chats that belong to the editor which a name may begin with."""
    source, mark, _ = text.partition(_OF_EDITOR)
    return [file for file in found if not mark or file.source == source]


def _by_id(catalog: Catalog, text: str, stored: StoredSnapshot, monitor: Monitor) -> tuple[ChatFile, ...]:
    """Return the chats whose id begins with a text; a sync tool's copy only if its own name is given."""
    if len(text.rpartition(_OF_EDITOR)[2]) < _SHORTEST_PREFIX:
        return ()
    name = text.rpartition(_OF_EDITOR)[2]
    spellings = dict.fromkeys((name, name.lower(), name.upper()))
    found = [file for spelled in spellings for file in chats_named(catalog, stored, spelled, monitor)]
    found = _of_editor(text, list({file.path: file for file in found}.values()))
    named = tuple(file for file in found if file.session.lower() == name.lower())
    return named or without_copies(catalog, found)


def _may_be_whole(catalog: Catalog, text: str) -> bool:
    """Tell whether a text may be the whole id of a chat that only an older snapshot holds."""
    return len(text) >= _WHOLE_ID or catalog.knows(text)


def _chosen(
    catalog: Catalog, text: str, stored: StoredSnapshot, found: Sequence[ChatFile]
) -> StoredChat | AmbiguousError:
    try:
        return StoredChat(stored, _only(catalog, text, stored, found))
    except AmbiguousError as error:
        return error


def _by_title(catalog: Catalog, text: str, stored: StoredSnapshot, monitor: Monitor) -> list[ChatFile]:
    wanted = text.casefold()
    named = [
        (file, {title.casefold() for title in _titles(catalog, file, stored, monitor)})
        for file in chats_in(catalog, stored, monitor)
    ]
    exact = [file for file, titles in named if wanted in titles]
    return exact or [file for file, titles in named if any(wanted in title for title in titles)]


def _titles(catalog: Catalog, file: ChatFile, stored: StoredSnapshot, monitor: Monitor) -> tuple[str, ...]:
    """Return what a chat is called: by the editor, and by its own file."""
    summary = readable(catalog.summary, file, stored.reference, monitor)
    listed = listed_title(catalog, stored.snapshot.root, file)
    return tuple(title for title in (listed, summary.title if summary else "") if title)


def _title(catalog: Catalog, file: ChatFile, stored: StoredSnapshot, monitor: Monitor) -> str:
    return next(iter(_titles(catalog, file, stored, monitor)), "")


def _only(catalog: Catalog, text: str, stored: StoredSnapshot, matches: Sequence[ChatFile]) -> ChatFile:
    """Return the one chat among the matches; copies of it in several workspaces are one."""
    chats = {file.session: file for file in sorted(matches, key=lambda file: file.mtime_ns)}
    if len(chats) == 1:
        _require_one_editor(text, matches)
        return next(iter(chats.values()))
    lines = [
        f"{session}  {_title(catalog, file, stored, NullMonitor())}".rstrip()
        for session, file in sorted(chats.items())[:_CANDIDATES_SHOWN]
    ]
    raise AmbiguousError(
        f"{text!r} is the name of {len(chats)} chats:",
        what="chat",
        name=text,
        candidates=tuple(sorted(chats)),
        advice=Advice(AdviceCode.NAME_CHAT_BY_ID),
    ).with_lines(lines)
