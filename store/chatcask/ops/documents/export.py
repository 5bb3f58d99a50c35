"""Write chats for people: one document for each chat, in a form that other programs read.

The chats are those of the newest snapshot that has them. Parsing never fails a run: a chat that cannot be
read is a problem, and the others are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants import chat_path
from chatcask.assistants.vscode.reading.parse import parse_chat, preferred_file
from chatcask.chats.chat_path import ChatPath, Group
from chatcask.chats.render import renderer
from chatcask.disk.file_names import windows_problem
from chatcask.disk.new_file import new_file
from chatcask.errors import DamagedError, InvalidInputError
from chatcask.format.tree import EMPTY, Content, Entry
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.selection import ChatSelection, choose, is_body, tree_changes
from chatcask.repository.repository import Repository

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class ChosenChat:
    """One chat of a snapshot: where it lies, its id, and the path and entry of the file to read."""

    place: Group
    session: str
    path: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class ExportedChats:
    """What was written: paths, bytes, and the chats that could not be read."""

    files: tuple[Path, ...]
    bytes_written: int
    problems: tuple[Problem, ...]


def find_chats(repository: Repository, selection: ChatSelection) -> list[ChosenChat]:
    """Return the chosen chats, each from the newest of the selection's snapshots that has it.

    Raises:
        NotFoundError: there is no such chat or workspace.
        AmbiguousError: the beginning of an id fits several.
        DamagedError: a snapshot or a tree cannot be read.
    """
    roots = [repository.load(reference).root for reference in sorted(selection.snapshots)]
    chosen = choose(selection, roots, repository.tree, repository.reader)
    newest: dict[tuple[Group, str], dict[str, Entry]] = {}
    for root in roots:
        seen: dict[tuple[Group, str], dict[str, Entry]] = {}
        for path, entry in _chat_files(repository, root):
            if chosen.has(path.path):
                where = Group(path.source, path.group), path.session
                seen.setdefault(where, {})[path.path] = entry
        newest |= seen
    chats = []
    for (place, session), files in newest.items():
        preferred = preferred_file(files)
        if preferred is not None:
            chats.append(ChosenChat(place, session, preferred, files[preferred]))
    return sorted(chats, key=lambda chat: chat.path)


def export_chats(
    repository: Repository,
    chats: Sequence[ChosenChat],
    folder: Path,
    format_name: str,
    *,
    overwrite: bool,
    monitor: Monitor,
) -> ExportedChats:
    """Write each chat to `folder/<source>/<workspace>/<session>.<format>`.

    Raises:
        InvalidInputError: a file is there already and `overwrite` is false.
        TransportError: the folder cannot be written.
    """
    targets = [(_target(folder, chat, format_name), chat) for chat in chats]
    taken = next((path for path, _ in targets if path.exists()), None)
    if taken is not None and not overwrite:
        raise InvalidInputError(f"{taken} exists already", advice=Advice(AdviceCode.NAME_OTHER_FOLDER))
    monitor.phase("rendering", sum(chat.entry.size for chat in chats))
    written: list[Path] = []
    problems: list[Problem] = []
    size = 0
    for path, chat in targets:
        try:
            size += export_chat(repository, chat, _opener(path, overwrite=overwrite), format_name)
            written.append(path)
        except DamagedError as error:
            problems.append(Problem(chat.path, "damaged", error.message))
            monitor.problem(problems[-1])
        monitor.advance(chat.entry.size)
    return ExportedChats(tuple(written), size, tuple(problems))


def export_chat(
    repository: Repository,
    chat: ChosenChat,
    open_output: Callable[[], AbstractContextManager[BinaryIO]],
    format_name: str,
) -> int:
    """Write one chat as one document; return how many bytes it has.

    `open_output` is called when the chat has been read, so nothing is written for one that cannot be.

    Raises:
        DamagedError: no chat can be read from its bytes.
    """
    render = renderer(format_name)
    parsed = parse_chat(repository.reader.read(chat.entry.content), chat.path)
    if parsed.session is None:
        raise DamagedError(
            f"there is no chat in {chat.path}: {parsed.report.reason}",
            advice=Advice(AdviceCode.LOOK_AT_BYTES),
        )
    size = 0
    with open_output() as output:
        for text in render(parsed.session):
            size += output.write(text.encode("utf-8", "backslashreplace"))
    return size


def _chat_files(repository: Repository, root: Content) -> Iterator[tuple[ChatPath, Entry]]:
    for change in tree_changes(repository.tree, EMPTY, root):
        path = chat_path(change.path)
        if path and change.after is not None and is_body(path, change.after):
            yield path, change.after


def _opener(path: Path, *, overwrite: bool) -> Callable[[], AbstractContextManager[BinaryIO]]:
    def opened() -> AbstractContextManager[BinaryIO]:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return new_file(path, overwrite=overwrite)

    return opened


def _target(folder: Path, chat: ChosenChat, format_name: str) -> Path:
    parts = (chat.place.source, chat.place.name, chat.session)
    source, place, session = (_portable(part) for part in parts)
    return folder / source / place / f"{session}.{format_name}"


def _portable(name: str) -> str:
    """Return a name that every system can hold; names of the editor's own making are kept."""
    if windows_problem(name) is None and len(name) <= _LONGEST_NAME:
        return name
    kept = "".join(character if character.isalnum() or character in "-_" else "_" for character in name)
    return f"{kept[:_LONGEST_NAME]}_"
