"""`chatcask diff`: what changed between two snapshots, in files and in chats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import (
    Catalog,
    ChangeKind,
    ChatChangeKind,
    Content,
    EntryKind,
    Problem,
    StoredSnapshot,
    diff_chats,
    diff_trees,
    find_chat,
    find_related,
    split_path,
    turn_texts,
)
from chatcask.errors import DamagedError, InvalidInputError, NotFoundError
from chatcask_cli.reports.chat_changes import (
    ShownChange,
    chat_line,
    chat_row,
    chats_sum,
    kin_text,
    turn_lines,
)
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import Output, count_text, problems_json, size_text

if TYPE_CHECKING:
    from chatcask import ChatChange, FileChange, Repository, Snapshot, SnapshotReference, TurnText
    from chatcask_cli.shell.progress import PlainMonitor

_EMPTY = Content(0, None)
_MARKS = {
    ChangeKind.ADDED: ("+", "green"),
    ChangeKind.REMOVED: ("-", "red"),
    ChangeKind.CHANGED: ("~", "yellow"),
}


@as_command
def command(
    run: Run,
    before: Annotated[str, typer.Argument(metavar="A[:PATH]", help="The older snapshot.")] = "latest",
    after: Annotated[
        str | None,
        typer.Argument(metavar="[B[:PATH]]", help="The newer one. Without it: A against its parent."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(
            "--session", metavar="SESSION", help="Only this chat (id or title), with the text of its turns."
        ),
    ] = None,
    *,
    stat: Annotated[bool, typer.Option("--stat", help="Show sums only.")] = False,
    name_only: Annotated[
        bool, typer.Option("--name-only", help="Show paths of files only; read no chat.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when there are differences.")
    ] = False,
) -> int:
    """Show which files and chats differ between two snapshots, and in which turns."""
    if session is not None and name_only:
        raise InvalidInputError("--session and --name-only contradict each other", hint="leave one out")
    with run.open_store() as repository, Catalog(repository) as catalog, run.monitor() as monitor:
        old, new = _sides(run, repository, before, after)
        comparison = _Comparison(repository, catalog, monitor, old, new)
        if session is not None:
            differs = _one_chat(run, comparison, session, stat=stat)
        else:
            differs = _everything(run, comparison, stat=stat, name_only=name_only)
    if exit_code and differs:
        return ExitCode.FAILED
    return ExitCode.GAPS if monitor.problems else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two: a snapshot, a folder in it, and that folder's tree. Without a snapshot it is empty."""

    reference: SnapshotReference | None
    snapshot: Snapshot | None
    path: str
    tree: Content

    @property
    def id(self) -> str | None:
        return self.reference.id if self.reference else None

    @property
    def root(self) -> Content:
        return self.snapshot.root if self.snapshot else _EMPTY


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The two sides, and what is needed to compare them."""

    repository: Repository
    catalog: Catalog
    monitor: PlainMonitor
    old: _Side
    new: _Side

    def files(self) -> list[FileChange]:
        return list(diff_trees(self.repository, self.old.tree, self.new.tree))

    def chats(self, session: str | None = None) -> list[ShownChange]:
        """Return the chats that differ; none for folders that are not the same on both sides."""
        if self.old.path.strip("/") != self.new.path.strip("/"):
            return []
        roots = (self.old.root, self.new.root)
        found = diff_chats(self.catalog, *roots, self.monitor, within=self.new.path, session=session)
        return [self._with_kin(change) for change in found]

    def _with_kin(self, change: ChatChange) -> ShownChange:
        # Against nothing every chat is new, and none comes from a chat that was there.
        if change.kind is not ChatChangeKind.ADDED or self.old.root == _EMPTY:
            return ShownChange(change)
        return ShownChange(change, find_related(self.catalog, change.side.file, self.old.root, self.new.root))

    def texts(self, change: ChatChange) -> list[TurnText]:
        try:
            return list(turn_texts(self.catalog, change))
        except DamagedError as error:
            self.monitor.problem(Problem(change.side.file.path, "damaged", error.message))
            return []

    def session_id(self, text: str) -> str:
        """Return the id of the chat that the user named, looked for on the newer side first."""
        sides = [
            StoredSnapshot(side.reference, side.snapshot)
            for side in (self.new, self.old)
            if side.reference and side.snapshot
        ]
        return find_chat(self.catalog, text, sides)[1].session


def _everything(run: Run, comparison: _Comparison, *, stat: bool, name_only: bool) -> bool:
    """Print the files and chats that differ; tell whether there are any."""
    changes = comparison.files()
    chats = None if name_only else comparison.chats()
    output = run.output
    for change in [] if stat else changes:
        output.line(change.path if name_only else change_line(change, output))
    if chats is not None:
        output.line(_sum(changes))
        if chats and not stat:
            output.line()
        for found in [] if stat else chats:
            output.line(chat_line(found, output))
        if chats:
            output.line(chats_sum(chats))
    output.document(
        before=comparison.old.id,
        after=comparison.new.id,
        changes=[_file_row(change) for change in changes],
        sessions=None if chats is None else [chat_row(found) for found in chats],
        errors=problems_json(comparison.monitor.problems),
    )
    return bool(changes)


def _one_chat(run: Run, comparison: _Comparison, text: str, *, stat: bool) -> bool:
    """Print what differs in one chat, with the text of its turns; tell whether anything does."""
    output, chats = run.output, comparison.chats(comparison.session_id(text))
    rows = []
    for found in chats:
        output.line(chat_line(found, output))
        for kin in found.kin[1:]:
            output.line(f"  {kin_text(kin)}")
        texts = comparison.texts(found.change) if not stat else None
        for turn in texts or []:
            for line in turn_lines(turn, output):
                output.line(line)
        rows.append(chat_row(found, texts))
    if not chats:
        output.line("no differences")
    output.document(
        before=comparison.old.id,
        after=comparison.new.id,
        changes=None,
        sessions=rows,
        errors=problems_json(comparison.monitor.problems),
    )
    return bool(chats)


def _sides(run: Run, repository: Repository, before: str, after: str | None) -> tuple[_Side, _Side]:
    """Return both sides; a first snapshot is compared with nothing."""
    if after is not None:
        return _side(run, repository, before), _side(run, repository, after)
    newer = _side(run, repository, before)
    parent = newer.snapshot.parent if newer.snapshot else None
    if parent is None:
        return _Side(None, None, newer.path, _EMPTY), newer
    return _side(run, repository, f"{parent}:{newer.path}"), newer


def _side(run: Run, repository: Repository, place: str) -> _Side:
    name, path = split_path(place)
    reference, snapshot = run.find(repository, name)
    return _Side(reference, snapshot, path, _folder(repository, snapshot.root, path))


def _folder(repository: Repository, root: Content, path: str) -> Content:
    try:
        entry = repository.entry(root, path)
    except NotFoundError:
        return _EMPTY  # a folder that one side lacks is an empty one
    if entry.kind is not EntryKind.FOLDER:
        raise InvalidInputError(f"{path} is a file", hint="compare folders, or use 'chatcask cat' on both")
    return entry.content


def change_line(change: FileChange, output: Output) -> str:
    """Return one changed file as a line."""
    mark, color = _MARKS[change.kind]
    before = size_text(change.size_before) if change.size_before is not None else None
    after = size_text(change.size_after) if change.size_after is not None else None
    sizes = f"{before} -> {after}" if before and after else before or after
    return f"{output.paint(mark, color)} {change.path}  ({sizes})"


def _sum(changes: list[FileChange]) -> str:
    counts = {kind: sum(change.kind is kind for change in changes) for kind in ChangeKind}
    if not changes:
        return "no differences"
    return ", ".join(f"{count_text(count, 'file')} {kind}" for kind, count in counts.items() if count)


def _file_row(change: FileChange) -> dict[str, object]:
    return {
        "path": change.path,
        "kind": change.kind.value,
        "size_before": change.size_before,
        "size_after": change.size_after,
    }
