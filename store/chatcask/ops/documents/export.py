"""Write chats for people: one document for each chat, in a form that other programs read.

The chats are those of the newest snapshot that has them. Parsing never fails a run: a chat that cannot be
read is a problem, and the others are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chatcask.advice import Advice, AdviceCode
from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.render import renderer
from chatcask.disk.file_names import windows_problem
from chatcask.disk.new_file import new_file
from chatcask.errors import DamagedError, InvalidInputError
from chatcask.format.tree import Content, Entry
from chatcask.monitor import Monitor, OnceMonitor, Problem
from chatcask.ops.browse.in_snapshot import chats_in
from chatcask.ops.browse.selection import ChatSelection, TreeReader, choose
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot

_LONGEST_NAME = 120
_ODD = "no chat has such a name, so no document is written of it; a restore of plain files has it"


@dataclass(frozen=True, slots=True)
class ExportedChats:
    """What was written: paths, bytes, and the chats that could not be read."""

    files: tuple[Path, ...]
    bytes_written: int
    problems: tuple[Problem, ...]


def find_chats(
    repository: Repository, catalog: Catalog, selection: ChatSelection, monitor: Monitor
) -> list[ChatFile]:
    """Return the chosen chats, each from the newest of the selection's snapshots that has it.

    What cannot be read is reported, and the chats in it are left out; so is what lies among the chats under a
    name that no chat can have.

    Raises:
        NotFoundError: there is no such chat or workspace.
        AmbiguousError: the beginning of an id fits several.
        DamagedError: no snapshot can be read.
    """
    once = OnceMonitor(monitor)
    snapshots = _loaded(repository, selection.snapshots, once)
    roots = [stored.snapshot.root for stored in snapshots]
    chosen = choose(selection, roots, _readable_trees(repository), repository.reader)
    newest: dict[tuple[str, str, str], ChatFile] = {}
    for stored in snapshots:
        newest |= {file.place: file for file in chats_in(catalog, stored, once) if chosen.has(file.path)}
        for path in catalog.odd_files(stored.snapshot.root):
            if chosen.has(path):
                once.problem(Problem(path, "name", _ODD))
    return sorted(newest.values(), key=lambda file: file.path)


def _loaded(
    repository: Repository, references: Iterable[SnapshotReference], monitor: Monitor
) -> list[StoredSnapshot]:
    loaded = []
    failure: DamagedError | None = None
    for reference in sorted(references):
        try:
            loaded.append(StoredSnapshot(reference, repository.load(reference)))
        except DamagedError as error:
            failure = error
            monitor.problem(Problem(reference.key, "damaged_snapshot", error.message, reference.id))
    if failure and not loaded:
        raise failure
    return loaded


def _readable_trees(repository: Repository) -> TreeReader:
    """Return what reads trees, and takes those that cannot be read for empty: the catalogue names them."""

    def tree(content: Content, _path: str) -> Sequence[Entry]:
        try:
            return repository.tree(content)
        except DamagedError:
            return ()

    return tree


def export_chats(
    catalog: Catalog,
    chats: Sequence[ChatFile],
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
    there = next((path for path, _ in targets if path.exists()), None)
    if there is not None and not overwrite:
        raise InvalidInputError(f"{there} exists already", advice=Advice(AdviceCode.NAME_OTHER_FOLDER))
    monitor.phase("rendering", sum(chat.size for chat in chats))
    written: list[Path] = []
    problems: list[Problem] = []
    size = 0
    for path, chat in targets:
        try:
            size += export_chat(catalog, chat, _opener(path, overwrite=overwrite), format_name)
            written.append(path)
        except DamagedError as error:
            problems.append(Problem(chat.path, "damaged", error.message))
            monitor.problem(problems[-1])
        monitor.advance(chat.size)
    return ExportedChats(tuple(written), size, tuple(problems))


def export_chat(
    catalog: Catalog,
    chat: ChatFile,
    open_output: Callable[[], AbstractContextManager[BinaryIO]],
    format_name: str,
) -> int:
    """Write one chat as one document; return how many bytes it has.

    `open_output` is called when the chat has been read, so nothing is written for one that cannot be.

    Raises:
        DamagedError: no chat can be read from its bytes.
    """
    render = renderer(format_name)
    parsed = catalog.parse(chat)
    if parsed.chat is None:
        raise DamagedError(
            f"there is no chat in {chat.path}: {parsed.report.reason}",
            advice=Advice(AdviceCode.LOOK_AT_BYTES),
        )
    size = 0
    with open_output() as output:
        for text in render(parsed.chat):
            size += output.write(text.encode("utf-8", "backslashreplace"))
    return size


def _opener(path: Path, *, overwrite: bool) -> Callable[[], AbstractContextManager[BinaryIO]]:
    def opened() -> AbstractContextManager[BinaryIO]:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return new_file(path, overwrite=overwrite)

    return opened


def _target(folder: Path, chat: ChatFile, format_name: str) -> Path:
    source, workspace, session = map(_portable, chat.place)
    return folder / source / workspace / f"{session}.{format_name.partition('-')[0]}"


def _portable(name: str) -> str:
    """Return a name that every system can hold; names of the editor's own making are kept."""
    if windows_problem(name) is None and len(name) <= _LONGEST_NAME:
        return name
    kept = "".join(character if character.isalnum() or character in "-_" else "_" for character in name)
    return f"{kept[:_LONGEST_NAME]}_"
