"""`chatcask pin`: keep a snapshot, or every version of a chat, whatever a policy says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import (
    Catalog,
    find_chat,
    pin_chat,
    pin_snapshot,
    unpin_chat,
    unpin_snapshot,
)
from chatcask.errors import AmbiguousError, InvalidInputError, NotFoundError
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import Output

if TYPE_CHECKING:
    from chatcask import Labels, Repository, SnapshotReference


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
    with run.open_store() as repository:
        if name is not None:
            run.output.report(_change(run, repository, name, remove=remove))
        elif remove:
            raise hinted(InvalidInputError("say which pin to take away"), "'chatcask pin' lists pins")
        labels = repository.labels()
        pinned = [reference for reference in repository.snapshots() if labels.is_pinned(reference.id)]
    if name is None:
        _list(run.output, pinned, labels)
    run.output.document(
        snapshots=[reference.id for reference in pinned], sessions=sorted(labels.pinned_sessions)
    )
    return ExitCode.DONE


def _list(output: Output, pinned: list[SnapshotReference], labels: Labels) -> None:
    for reference in pinned:
        output.line(f"snapshot {reference.id[:12]}")
    for session in sorted(labels.pinned_sessions):
        output.line(f"chat {session}")
    if not pinned and not labels.pinned_sessions:
        output.line("nothing is pinned")


def _change(run: Run, repository: Repository, name: str, *, remove: bool) -> str:
    """Pin or unpin what answers to the name; return what was done."""
    reference = _snapshot(run, repository, name)
    session = _session(run, repository, name, forgotten_too=remove)
    if reference is not None and session is not None:
        raise hinted(
            AmbiguousError(
                f"{name!r} names snapshot {reference.id[:12]} and chat {session}",
                what="snapshot or chat",
                name=name,
                candidates=(reference.id, session),
            ),
            "write more of the id",
        )
    verb = "no longer pinned" if remove else "pinned"
    if reference is not None:
        (unpin_snapshot if remove else pin_snapshot)(repository, reference)
        return f"snapshot {reference.id[:12]} is {verb}"
    if session is None:
        raise hinted(
            NotFoundError(f"no snapshot and no chat {name!r}", what="snapshot or chat", name=name),
            "see 'chatcask log' and 'chatcask sessions'",
        )
    (unpin_chat if remove else pin_chat)(repository, session)
    return f"chat {session} is {verb}"


def _snapshot(run: Run, repository: Repository, name: str) -> SnapshotReference | None:
    try:
        return run.find(repository, name)[0]
    except AmbiguousError:
        raise
    except (NotFoundError, InvalidInputError):
        return None


def _session(run: Run, repository: Repository, name: str, *, forgotten_too: bool) -> str | None:
    """Return the id of the chat that answers to the name; of a pinned one even if no snapshot has it."""
    if forgotten_too and name in repository.labels().pinned_sessions:
        return name
    with Catalog(repository) as catalog, run.monitor() as monitor:
        try:
            return find_chat(catalog, name, run.history(repository), monitor).file.session
        except AmbiguousError:
            raise
        except NotFoundError:
            return None
