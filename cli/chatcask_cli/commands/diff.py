"""`chatcask diff`: what changed between two snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import ChangeKind, Content, EntryKind, diff_trees, split_path
from chatcask.errors import InvalidInputError, NotFoundError
from chatcask_cli.exit_codes import ExitCode
from chatcask_cli.options import Run
from chatcask_cli.options import command as as_command
from chatcask_cli.output import Output, count_text, size_text

if TYPE_CHECKING:
    from chatcask import FileChange, Repository

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
    *,
    stat: Annotated[bool, typer.Option("--stat", help="Show sums only.")] = False,
    name_only: Annotated[bool, typer.Option("--name-only", help="Show paths only.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when there are differences.")
    ] = False,
) -> int:
    """Show which files were added, removed or changed between two snapshots."""
    with run.open_store() as repository:
        old, new = _sides(run, repository, before, after)
        changes = list(diff_trees(repository, old[1], new[1]))
    for change in [] if stat else changes:
        run.output.line(change.path if name_only else change_line(change, run.output))
    if not name_only:
        run.output.line(_sum(changes))
    run.output.document(
        before=old[0],
        after=new[0],
        changes=[
            {
                "path": change.path,
                "kind": change.kind.value,
                "size_before": change.size_before,
                "size_after": change.size_after,
            }
            for change in changes
        ],
    )
    return ExitCode.FAILED if exit_code and changes else ExitCode.DONE


def _sides(
    run: Run, repository: Repository, before: str, after: str | None
) -> tuple[tuple[str | None, Content], tuple[str | None, Content]]:
    """Return id and tree of both sides; a first snapshot is compared with nothing."""
    if after is not None:
        return _side(run, repository, before), _side(run, repository, after)
    name, path = split_path(before)
    reference, snapshot = run.find(repository, name)
    newer = (reference.id, _folder(repository, snapshot.root, path))
    if snapshot.parent is None:
        return (None, Content(0, None)), newer
    return _side(run, repository, f"{snapshot.parent}:{path}"), newer


def _side(run: Run, repository: Repository, place: str) -> tuple[str | None, Content]:
    name, path = split_path(place)
    reference, snapshot = run.find(repository, name)
    return reference.id, _folder(repository, snapshot.root, path)


def _folder(repository: Repository, root: Content, path: str) -> Content:
    try:
        entry = repository.entry(root, path)
    except NotFoundError:
        return Content(0, None)  # a folder that one side lacks is an empty one
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
