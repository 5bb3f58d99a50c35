"""`chatcask tag`: give a snapshot a name."""

from __future__ import annotations

from typing import Annotated

import typer

from chatcask import documents
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command


@as_command
def command(
    run: Run,
    snapshot: Annotated[str, typer.Argument(metavar="SNAP", help="A snapshot.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, '.', '_' and '-'.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag away.")] = False,
) -> int:
    """Give a snapshot a tag, by which it can be named from then on; or take one away."""
    with run.open() as bench:
        change = bench.labels.untag if remove else bench.labels.tag
        done = change(snapshot, name)
    tags = " ".join(f"[{tag}]" for tag in done.tags)
    run.output.report(f"{done.snapshot.id[:12]}  {tags or 'has no tags'}")
    for other in done.moved_from:
        run.output.report(f"{other.id[:12]}  had the tag before and has it no more")
    run.output.document(lambda: documents.tags_document(done))
    return ExitCode.DONE
