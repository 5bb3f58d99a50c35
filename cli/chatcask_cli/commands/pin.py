"""`chatcask pin`: keep a snapshot, or every version of a chat, whatever a policy says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask.errors import InvalidInputError
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatcask import SnapshotReference


@as_command
def command(
    run: Run,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[SNAP|SESSION]", help="A snapshot; or a chat, by its id or title."),
    ] = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take the pin away.")] = False,
) -> int:
    """Keep a snapshot, or all that first hold a version of a chat, whatever a policy says.

    Without an argument: list what is pinned.
    """
    if name is None and remove:
        raise hinted(
            InvalidInputError("say which pin to take away"),
            run.output.wording.text("'chatcask pin' lists pins"),
        )
    with run.open() as bench, run.monitor() as monitor:
        if name is not None:
            changed = (bench.labels.unpin if remove else bench.labels.pin)(name, monitor)
            run.output.report(f"{_name(changed)} is {'no longer pinned' if remove else 'pinned'}")
        snapshots, sessions = bench.labels.pinned()
    for text in _lines(snapshots, sessions) if name is None else ():
        run.output.line(text)
    run.output.document(lambda: documents.pins_document(snapshots, sessions))
    return ExitCode.DONE


def _lines(snapshots: Sequence[SnapshotReference], sessions: Sequence[str]) -> Iterator[str]:
    yield from map(_name, snapshots)
    yield from map(_name, sessions)
    if not snapshots and not sessions:
        yield "nothing is pinned"


def _name(pinned: SnapshotReference | str) -> str:
    return f"chat {pinned}" if isinstance(pinned, str) else f"snapshot {pinned.id[:12]}"
