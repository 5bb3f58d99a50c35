"""Keep a folder of Markdown files, one for each chat, under the day of its last message.

A run writes only what changed. It replaces and removes only files that an earlier run wrote and that nobody
changed since; where somebody did, their file stays and the new text is written beside it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from chatcask._version import __version__
from chatcask.advice import Advice, AdviceCode
from chatcask.catalog.catalog import Catalog
from chatcask.chats.parsed import ParseState
from chatcask.disk.new_file import new_file
from chatcask.errors import ChatcaskError, InvalidInputError, TransportError
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.documents.document import MarkdownChat, snapshot_named
from chatcask.ops.documents.names import file_names, folder_name, portable_key
from chatcask.ops.documents.record import (
    ArchivedFile,
    file_hash,
    is_taken,
    read_record,
    write_record,
)

_NAMES_KNOWN_AGAIN = 9


class UnreadableChatError(ChatcaskError):
    """The editor's file holds no chat that can be read."""

    kind = "unreadable"


class State(StrEnum):
    """What stands under the name that an earlier run gave to a chat's file."""

    GONE = "gone"
    OURS = "ours"
    MISPLACED = "misplaced"
    """Ours, and the chat's day or title is another one now."""
    THEIRS = "theirs"
    """Somebody changed it."""


class Deed(StrEnum):
    """What a run did with one chat."""

    WRITTEN = "written"
    REWRITTEN = "rewritten"
    MOVED = "moved"
    """Its day or title changed, and perhaps its text."""
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    """It has no turn, so there is nothing to write; what was written earlier stays."""


@dataclass(frozen=True, slots=True)
class ArchivedChat:
    """One chat and what was done. `kept` is a file of this chat that somebody changed, and that stays."""

    session: str
    title: str
    deed: Deed
    path: str
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class ArchiveResult:
    """What a run did with every chat, and what it could not read or write."""

    chats: tuple[ArchivedChat, ...]
    problems: tuple[Problem, ...]

    def count(self, deed: Deed) -> int:
        """Return with how many chats this was done."""
        return sum(chat.deed is deed for chat in self.chats)


def archive_chats(
    catalog: Catalog, chats: Iterable[StoredVersion], folder: Path, monitor: Monitor
) -> ArchiveResult:
    """Bring a folder up to date with some chats. Files of other chats are left as they are.

    Of copies of a chat in several workspaces the one changed last is used.

    Raises:
        DamagedError: the folder's record of its own files is damaged.
        InvalidInputError: the folder is a file.
        TransportError: the folder or its record cannot be written.
    """
    newest: dict[str, StoredVersion] = {}
    for listed in chats:
        known = newest.get(listed.file.session)
        if known is None or listed.file.mtime_ns > known.file.mtime_ns:
            newest[listed.file.session] = listed
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise InvalidInputError(f"{folder} is a file", advice=Advice(AdviceCode.NAME_A_FOLDER)) from None
    except OSError as error:
        raise TransportError(f"cannot make {folder}: {error.strerror or error}") from error
    chosen = sorted(newest.values(), key=lambda listed: listed.file.path)
    monitor.phase("archiving", sum(listed.file.size for listed in chosen))
    return _Archive(catalog, folder, read_record(folder), monitor).update(chosen)


@dataclass(frozen=True, slots=True)
class _Goal:
    """A path in the folder, and the snapshot that its file names; the file may be as it should be already."""

    path: str
    snapshot: str
    is_written: bool = False


@dataclass(slots=True)
class _Archive:
    """One run. `record` is what the folder's own files are, `claimed` the names that are in use."""

    catalog: Catalog
    folder: Path
    record: dict[str, ArchivedFile]
    monitor: Monitor
    claimed: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def update(self, chats: Iterable[StoredVersion]) -> ArchiveResult:
        self.claimed = {portable_key(file.path): session for session, file in self.record.items()}
        before = dict(self.record)
        done: list[ArchivedChat] = []
        try:
            for listed in chats:
                try:
                    done.append(self._chat(listed))
                except ChatcaskError as error:
                    self._report(listed, error)
                self.monitor.advance(listed.file.size)
        finally:
            if self.record != before:
                write_record(self.folder, self.record)
        return ArchiveResult(tuple(done), tuple(self.problems))

    def _report(self, listed: StoredVersion, error: ChatcaskError) -> None:
        self.problems.append(Problem(listed.file.path, error.kind, error.message))
        self.monitor.problem(self.problems[-1])

    def _chat(self, listed: StoredVersion) -> ArchivedChat:
        session, summary = listed.file.session, listed.summary
        known = self.record.get(session)
        if summary.state is ParseState.UNREADABLE:
            raise UnreadableChatError(
                "the file holds no chat that can be read; what was written earlier stays"
            )
        if summary.is_empty:
            return ArchivedChat(session, summary.title, Deed.EMPTY, known.path if known else "")
        if known is None or not is_taken(self.folder / known.path):
            return self._write(listed, known, State.GONE)
        stays = self._stays(listed, known)
        if stays and (known.content, known.writer) == (_key(listed), __version__):
            return ArchivedChat(session, summary.title, Deed.UNCHANGED, known.path)
        is_ours = file_hash(self.folder / known.path) == known.hash
        if not is_ours:
            return self._write(listed, known, State.THEIRS)
        return self._write(listed, known, State.OURS if stays else State.MISPLACED)

    def _stays(self, listed: StoredVersion, known: ArchivedFile) -> bool:
        """Tell whether a file is where the chat belongs; another case of letters is no other name."""
        day = folder_name(listed.summary.last_message_ms)
        names = itertools.islice(file_names(listed.summary.title, listed.file.session), _NAMES_KNOWN_AGAIN)
        return portable_key(known.path) in {portable_key(f"{day}/{name}") for name in names}

    def _write(self, listed: StoredVersion, known: ArchivedFile | None, state: State) -> ArchivedChat:
        self._refuse_links(listed, known)
        document = self._document(listed)
        place = self._place(listed, document, known, state)
        if not place.is_written:
            self._save(place.path, document, listed.snapshot.id, overwrite=state is State.OURS)
        file_is = document.hash(place.snapshot)
        file = ArchivedFile(place.path, file_is, _key(listed), place.snapshot, __version__)
        self.record[listed.file.session] = file
        self.claimed[portable_key(file.path)] = listed.file.session
        if known and state is State.MISPLACED:
            self._remove(known.path)
        kept = known.path if known and state is State.THEIRS and known.path != place.path else None
        deed = _deed(known, state, is_written=place.is_written)
        return ArchivedChat(listed.file.session, listed.summary.title, deed, place.path, kept)

    def _place(
        self, listed: StoredVersion, document: MarkdownChat, known: ArchivedFile | None, state: State
    ) -> _Goal:
        """Return where a document goes, which may be a file that has these very bytes already."""
        if known and state is State.OURS:
            if document.hash(known.snapshot) == known.hash:
                return _Goal(known.path, known.snapshot, is_written=True)  # only the editor's file differs
            return _Goal(known.path, listed.snapshot.id)
        day = folder_name(listed.summary.last_message_ms)
        return next(self._free_places(listed, document, day))

    def _free_places(self, listed: StoredVersion, document: MarkdownChat, day: str) -> Iterator[_Goal]:
        """Yield the places that a document may take without touching what is not ours; they do not end."""
        for name in file_names(listed.summary.title, listed.file.session):
            path = f"{day}/{name}"
            if self.claimed.get(portable_key(path), listed.file.session) != listed.file.session:
                continue
            if not is_taken(self.folder / path):
                yield _Goal(path, listed.snapshot.id)
                continue
            snapshot = snapshot_named(self.folder / path)
            if snapshot and file_hash(self.folder / path) == document.hash(snapshot):
                yield _Goal(path, snapshot, is_written=True)

    def _refuse_links(self, listed: StoredVersion, known: ArchivedFile | None) -> None:
        days = {
            folder_name(listed.summary.last_message_ms),
            *([known.path.partition("/")[0]] if known else []),
        }
        for day in days:
            if (self.folder / day).is_symlink():
                raise TransportError(f"{self.folder / day} is a link, and nothing is written through links")

    def _document(self, listed: StoredVersion) -> MarkdownChat:
        parsed = self.catalog.parse(listed.file)
        if parsed.chat is None:
            raise UnreadableChatError(f"the file holds no chat that can be read: {parsed.report.reason}")
        return MarkdownChat(listed, parsed.chat)

    def _save(self, path: str, document: MarkdownChat, snapshot: str, *, overwrite: bool) -> None:
        target = self.folder / path
        try:
            target.parent.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise TransportError(f"cannot make {target.parent}: {error.strerror or error}") from error
        with new_file(target, overwrite=overwrite) as file:
            for piece in document.pieces(snapshot):
                file.write(piece)

    def _remove(self, path: str) -> None:
        """Remove a file of ours that has moved, and its day's folder if nothing else is in it."""
        target = self.folder / path
        with suppress(OSError):
            target.unlink()
            target.parent.rmdir()


def _deed(known: ArchivedFile | None, state: State, *, is_written: bool) -> Deed:
    if state is State.MISPLACED:
        return Deed.MOVED
    if is_written:
        return Deed.UNCHANGED
    return Deed.REWRITTEN if known else Deed.WRITTEN


def _key(listed: StoredVersion) -> str:
    content = listed.file.content
    return f"{content.depth}:{content.id.hex()}" if content.id else ""
