"""What an editor's folder holds now: the list of chats of a place, and the files of a chat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.chat_list.edit import ARCHIVE_KEY, without_archived
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.places.chat_places import Watch
from chatcask.assistants.vscode.places.snapshot_paths import LAYOUT
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.state.database import StateDatabaseError, read_rows
from chatcask.assistants.vscode.state.items import INDEX_KEY
from chatcask.assistants.vscode.state.write import RowChange, StateValue, row_bytes, row_text
from chatcask.assistants.watched_file import read_whole
from chatcask.chats.chat_list import ChatIndex
from chatcask.chats.model import Chat
from chatcask.chats.parsed import ParsedChat
from chatcask.errors import RestoreRefusedError
from chatcask.ids import object_name
from chatcask.ops.editing.change import FileChange


@dataclass(frozen=True, slots=True)
class ListState:
    """The editor's list of chats of one place, as its database has it."""

    stored: bytes | None
    archive: bytes | None
    index: ChatIndex

    @property
    def text(self) -> str | None:
        """The list as text; None if there is none."""
        return None if self.stored is None else row_text(self.stored)

    def changes(self, text: str, shown: Iterable[str]) -> tuple[RowChange, ...]:
        """Return what makes this the list, and these chats no longer archived."""
        rows = []
        if text != self.text:
            rows.append(RowChange(INDEX_KEY, self.stored, StateValue.of(text)))
        marks = row_text(self.archive or b"")
        for session in shown:
            marks = without_archived(marks, session)
        archive = row_bytes(marks)
        if archive != (self.archive or b""):
            rows.append(RowChange(ARCHIVE_KEY, self.archive, StateValue(archive)))
        return tuple(rows)


def read_list(place: Place, watch: Watch) -> ListState:
    """Read the list of a place.

    Raises:
        StateDatabaseError: there is no database, or it cannot be read.
    """
    watch()
    try:
        rows = dict(read_rows(place.database, (INDEX_KEY, ARCHIVE_KEY)))
        is_empty = not rows and place.database.stat().st_size == 0
    except OSError as error:
        raise _no_database(place, error.strerror or str(error)) from error
    if is_empty:
        raise _no_database(place, "it is empty")
    stored = rows.get(INDEX_KEY)
    text = None if stored is None else row_text(stored)
    return ListState(stored, rows.get(ARCHIVE_KEY), read_index(text))


def _no_database(place: Place, why: str) -> StateDatabaseError:
    return StateDatabaseError(
        f"{place.database} cannot be used: {why}",
        advice=Advice(AdviceCode.OPEN_PLACE, place=place.name),
    )


@dataclass(frozen=True, slots=True)
class ChatOnDisk:
    """The files of one chat in a place, and what the one that the editor reads holds.

    Attributes:
        place: Where.
        session: The chat's id.
        files: The bytes of its files, by name.
        name: The file that the editor reads, or "".
        parsed: What is in it; None without a file.
    """

    place: Place
    session: str
    files: dict[str, bytes] = field(repr=False)
    name: str
    parsed: ParsedChat | None = field(repr=False)

    @property
    def suffix(self) -> str:
        """The ending of the file that the editor reads, or ""."""
        return self.name[len(self.session) :]

    @property
    def chat(self) -> Chat | None:
        """The chat that can be read from it."""
        return self.parsed.chat if self.parsed else None

    @property
    def turns(self) -> int:
        """How many turns can be read from it."""
        return len(self.chat.turns) if self.chat else 0

    @property
    def opens(self) -> bool:
        """Tell whether the editor opens it."""
        return self.parsed is not None and self.parsed.report.opens

    def write(self, name: str, data: bytes, mtime_ns: int | None) -> tuple[FileChange, ...]:
        """Return what leaves this file, and no other, of the chat."""
        changes = [] if self.files.get(name) == data else [self._change(name, data, mtime_ns)]
        changes += [self._change(other, None, None) for other in self.files if other != name]
        return tuple(changes)

    def _change(self, name: str, data: bytes | None, mtime_ns: int | None) -> FileChange:
        before = self.files.get(name)
        # Where a file is to go, its link goes, not what that leads to.
        path = self.place.sessions / name if data is None else self.place.session_file(name)
        return FileChange(
            path=path,
            logical=self.place.session_path(name),
            before=None if before is None else object_name(before),
            size_before=len(before or b""),
            after=data,
            mtime_ns=mtime_ns,
        )


def read_chat(place: Place, session: str, watch: Watch) -> ChatOnDisk:
    """Read the files of a chat; there may be none.

    Raises:
        RestoreRefusedError: one of them is not a plain file, or cannot be read.
    """
    names = [f"{session}.json", f"{session}.jsonl"]
    files = {}
    for name in names:
        watch()
        path = place.session_file(name)
        data = read_if_there(path, watch)
        if data and path.suffix != Path(name).suffix and parse_chat(data, name).chat is None:
            raise RestoreRefusedError(
                f"{place.sessions / name} is a link to {path}, which holds no chat",
                advice=Advice(AdviceCode.MUST_BE_READABLE),
            )
        if data is not None:
            files[name] = data
    return found_chat(place, session, files)


def found_chat(place: Place, session: str, files: dict[str, bytes]) -> ChatOnDisk:
    """Return a chat from the bytes of its files."""
    name = LAYOUT.preferred_file(files)
    parsed = None if name is None else parse_chat(files[name], name)
    return ChatOnDisk(place, session, files, name or "", parsed)


def read_if_there(path: Path, watch: Watch) -> bytes | None:
    """Return the bytes of a file; None if there is none.

    Raises:
        RestoreRefusedError: it is not a plain file, or cannot be read.
    """
    try:
        return read_whole(path, watch)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise RestoreRefusedError(
            f"{path} cannot be read: {error.strerror or error}",
            advice=Advice(AdviceCode.MUST_BE_READABLE),
        ) from error
