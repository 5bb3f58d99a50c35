"""Find, list and read the chats of a store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.catalog.chat_file import ChatFile, StoredChat
from chatcask.errors import AmbiguousError, InvalidInputError, NotFoundError
from chatcask.monitor import OnceMonitor
from chatcask.ops.browse.find_chat import find_chat
from chatcask.ops.browse.history import Version, chat_history
from chatcask.ops.browse.list_chats import ChatFilter, list_chats, list_deleted
from chatcask.ops.browse.listed_titles import listed_title
from chatcask.ops.browse.read_chat import (
    ReadableChat,
    read_chat_or_transcript,
    with_branches,
    with_pasted_images,
)
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.repository.addressing import split_session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from chatcask.monitor import Monitor
    from chatcask.ops.documents.archive import ArchiveResult
    from chatcask.repository.keys import SnapshotReference
    from chatcask.repository.snapshots import StoredSnapshot
    from chatcask.workbench.bench import Bench
    from chatcask.workbench.past_losses import PastLoss
    from chatcask.workbench.snapshots import Snapshots


@dataclass(frozen=True, slots=True)
class ChosenChat(StoredChat):
    """A chat in a snapshot. `missing_since` is a newer snapshot that was looked into first and lacks it.

    `is_pinned_down` tells whether the snapshot itself was named, `is_transcript` whether only the Copilot
    extension's transcript of the chat is left.
    """

    missing_since: SnapshotReference | None = None
    is_pinned_down: bool = False
    is_transcript: bool = False


class Chats:
    """The chats of a workbench's store."""

    def __init__(self, bench: Bench, snapshots: Snapshots) -> None:
        self._bench = bench
        self._snapshots = snapshots

    def find(self, text: str, monitor: Monitor) -> ChosenChat:
        """Return the chat that `SESSION[@SNAP]` names, of that snapshot or else of the newest that holds it.

        Raises:
            NotFoundError: no snapshot holds such a chat, or not the named one.
            AmbiguousError: several chats or snapshots answer to the name.
        """
        name, at = split_session(text)
        if not at:
            return self._newest(text, monitor)
        try:
            stored = self._snapshots.find(at)
        except AmbiguousError:
            raise
        except (NotFoundError, InvalidInputError) as error:
            try:
                return self._newest(text, monitor)  # the @ may belong to a title
            except NotFoundError:
                raise error from None
        try:
            file = find_chat(self._bench.catalog, name, [stored], monitor).file
        except AmbiguousError:
            raise
        except NotFoundError as error:
            raise self._elsewhere(name, stored.reference, monitor) or error from None
        return ChosenChat(stored, file, is_pinned_down=True)

    def listed(self, stored: StoredSnapshot, wanted: ChatFilter, monitor: Monitor) -> list[StoredVersion]:
        """Return the chats of a snapshot, newest message first; one that cannot be read is a problem."""
        monitor.phase("reading chats", None)
        return _newest_first(list_chats(self._bench.catalog, stored, wanted, monitor))

    def deleted(self, stored: StoredSnapshot, wanted: ChatFilter, monitor: Monitor) -> list[StoredVersion]:
        """Return the chats that earlier snapshots of the same machine held and this one lacks."""
        monitor.phase("reading chats", None)
        history = self._snapshots.history(monitor, stored)
        earlier = [other for other in history if other.reference != stored.reference]
        return _newest_first(list_deleted(self._bench.catalog, stored, earlier, wanted, monitor))

    def everywhere(
        self, newest: Sequence[StoredSnapshot], wanted: ChatFilter, monitor: Monitor
    ) -> list[StoredVersion]:
        """Return the chats that any of these snapshots holds, newest message first.

        Args:
            newest: One snapshot for each machine (`Snapshots.newest_of_each`); a chat that several hold is
                told as the first of them has it.
            wanted: Which chats to list.
            monitor: Told of what cannot be read.
        """
        return _each_once(chat for stored in newest for chat in self.listed(stored, wanted, monitor))

    def only_transcripts(
        self, newest: Sequence[StoredSnapshot], wanted: ChatFilter, monitor: Monitor
    ) -> list[StoredVersion]:
        """Return the chats of which these snapshots hold nothing but a transcript, newest message first.

        The arguments are those of `everywhere`.
        """
        from chatcask.ops.browse.only_transcripts import only_transcripts  # noqa: PLC0415 - seldom asked

        bench = self._bench
        return _each_once(
            chat
            for stored in newest
            for chat in only_transcripts(bench.catalog, bench.repository, stored, wanted, monitor)
        )

    def deleted_everywhere(
        self, newest: Sequence[StoredSnapshot], wanted: ChatFilter, monitor: Monitor
    ) -> list[StoredVersion]:
        """Return the chats that one machine's earlier snapshots held and none of these snapshots holds.

        The arguments are those of `everywhere`.
        """
        others = newest if len(newest) > 1 else ()
        alive = {
            chat.file.session
            for stored in others
            for chat in self.listed(stored, ChatFilter(), monitor)
            if chat.summary.turn_count
        }
        found = [chat for stored in newest for chat in self.deleted(stored, wanted, monitor)]
        return _each_once(chat for chat in found if chat.file.session not in alive)

    def past_losses(self, since: datetime | None, monitor: Monitor) -> list[PastLoss]:
        """Return what any run found lost since then, newest first, each once, and which of it is back."""
        from chatcask.workbench.past_losses import past_losses  # noqa: PLC0415 - one command asks

        return past_losses(self._bench, self._snapshots, self, since, monitor)

    def versions(self, text: str, monitor: Monitor) -> tuple[ChatFile, Sequence[Version]]:
        """Return the chat that a person named and all its versions, oldest first.

        What happened to it is told for each machine apart: that another one lacks it is no event.

        Raises:
            NotFoundError: no snapshot holds such a chat.
            AmbiguousError: several chats answer to the name.
        """
        once, catalog, snapshots = OnceMonitor(monitor), self._bench.catalog, self._snapshots
        file = find_chat(catalog, text, snapshots.history(once), once).file
        found: dict[SnapshotReference, Version] = {}
        for newest in snapshots.newest_of_each(once):
            oldest_first = list(snapshots.history(once, newest))[::-1]
            for version in chat_history(catalog, file.session, oldest_first, once):
                found.setdefault(version.snapshot, version)
        return file, tuple(found[reference] for reference in sorted(found))

    def read(self, chosen: ChosenChat) -> ReadableChat:
        """Read a chat whole; where its file holds no turn, as the transcript beside it tells it.

        Raises:
            DamagedError: its bytes cannot be read from the store.
            ChatcaskError: there is no chat in them.
        """
        bench = self._bench
        chat = read_chat_or_transcript(bench.catalog, bench.repository, chosen.stored, chosen.file)
        title = listed_title(bench.catalog, chosen.stored.snapshot.root, chosen.file)
        return replace(chat, chat=replace(chat.chat, title=title)) if title else chat

    def with_branches(self, chosen: ChosenChat, chat: ReadableChat) -> ReadableChat:
        """Return a chat that was read with the turns that were cut off and are still in its bytes."""
        return with_branches(self._bench.catalog, chosen.file, chat)

    def with_images(self, chosen: ChosenChat, chat: ReadableChat, monitor: Monitor) -> ReadableChat:
        """Return a chat that was read with the images it only refers to, where the snapshot has them."""
        return with_pasted_images(self._bench.repository, chosen.stored, chosen.file, chat, monitor)

    def fuller(self, chosen: ChosenChat, monitor: Monitor) -> StoredVersion | None:
        """Return the version that holds most, if the chosen one has no turn or the editor cannot open it."""
        from chatcask.ops.browse.versions import ChatVersions  # noqa: PLC0415 - most chats need none

        bench = self._bench
        summary = bench.catalog.summary(chosen.file)
        if summary.turn_count and summary.opens:
            return None
        once = OnceMonitor(monitor)
        history, session = self._snapshots.history(once), chosen.file.session
        best = ChatVersions(bench.repository, bench.catalog, history, once, session).best(session)
        is_fuller = best is not None and best.summary.turn_count > summary.turn_count
        return best if is_fuller else None

    def read_bytes(self, chosen: ChosenChat) -> Iterator[bytes]:
        """Return the exact bytes of a chat's file, piece by piece."""
        return self._bench.repository.reader.read(chosen.file.content, chosen.file.size)

    def archive(self, chats: Sequence[StoredVersion], folder: Path, monitor: Monitor) -> ArchiveResult:
        """Keep a folder of Markdown files up to date, one for each chat.

        Raises:
            InvalidInputError: the folder is a file, or inside an editor's.
            DamagedError: the folder's record of its own files is damaged.
            TransportError: the folder cannot be written.
        """
        from chatcask.ops.documents.archive import archive_chats  # noqa: PLC0415 - nobody else needs it
        from chatcask.workbench.sources import keep_out_of_editors  # noqa: PLC0415

        keep_out_of_editors(self._bench.machine, folder, "the archive")
        return archive_chats(self._bench.catalog, list(chats), folder, monitor)

    def _newest(self, name: str, monitor: Monitor) -> ChosenChat:
        snapshots, once = self._snapshots, OnceMonitor(monitor)
        try:
            found = find_chat(self._bench.catalog, name, snapshots.history(once), once)
        except NotFoundError:
            if (told := self._transcript(name, once)) is None:
                raise
            return told
        newest = snapshots.newest_on_machine_of(found.snapshot, once)
        return ChosenChat(found.stored, found.file, newest if newest != found.snapshot else None)

    def _transcript(self, name: str, monitor: Monitor) -> ChosenChat | None:
        """Return the one chat of that id or title of which only a transcript is left; None without one."""
        try:
            newest = self._snapshots.newest_of_each(monitor)
        except NotFoundError:
            return None
        found = [
            chat
            for chat in self.only_transcripts(newest, ChatFilter(), monitor)
            if chat.file.session.startswith(name.lower()) or name.casefold() in chat.summary.title.casefold()
        ]
        if len(found) != 1:
            return None
        return ChosenChat(found[0].stored, found[0].file, is_transcript=True)

    def _elsewhere(self, name: str, lacking: SnapshotReference, monitor: Monitor) -> NotFoundError | None:
        """Return an error that says where the chat is, if any snapshot holds it."""
        try:
            found = self._newest(name, monitor)
        except NotFoundError:
            return None
        return NotFoundError(
            f"snapshot {lacking.id[:12]} does not hold the chat {found.file.session}",
            what="chat",
            name=found.file.session,
            advice=Advice(
                AdviceCode.OTHER_SNAPSHOT_HOLDS_CHAT,
                snapshot=found.stored.reference.id[:12],
                session=found.file.session[:8],
            ),
        )


def _newest_first(chats: Iterator[StoredVersion]) -> list[StoredVersion]:
    return sorted(chats, key=lambda chat: chat.summary.last_message_ms or 0, reverse=True)


def _each_once(chats: Iterable[StoredVersion]) -> list[StoredVersion]:
    """Return each chat as it comes first, newest message first."""
    kept: dict[str, StoredVersion] = {}
    for chat in chats:
        kept.setdefault(chat.file.session, chat)
    return _newest_first(iter(kept.values()))
