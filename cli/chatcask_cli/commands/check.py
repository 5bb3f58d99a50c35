"""`chatcask check`: verify the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from chatcask import documents
from chatcask.errors import InvalidInputError
from chatcask_cli.reports.findings_report import finding_lines
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text, size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatcask.integrity import CheckResult

_FLAG, _ALL = "--read-data", "100%"


class Parser(TyperCommand):
    """Takes `--read-data` without a value for all of it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give the bare option its value."""
        return super().parse_args(ctx, [f"{_FLAG}={_ALL}" if text == _FLAG else text for text in args])


@as_command
def command(
    run: Run,
    read_data: Annotated[
        str | None,
        typer.Option(
            _FLAG,
            metavar="[=N%]",
            help="Read and prove all stored data, or a share of it: another one each time.",
        ),
    ] = None,
) -> int:
    """Verify the store: every object, what they say of each other, and every stored byte if asked.

    Nothing is changed. Damage is listed with the chats and snapshots it affects and the way out.
    """
    share = None if read_data is None else _share(read_data)
    with run.open() as bench, run.monitor() as monitor:
        result = bench.upkeep.check(share, monitor)
    for finding in result.findings:
        for text in finding_lines(finding, run.output):
            run.output.line(text)
    for text in _summary(result, share):
        run.output.report(text)
    run.output.document(lambda: documents.check_document(result))
    return ExitCode.DAMAGED if result.damage else ExitCode.DONE


def _share(text: str) -> float:
    """Return the share that a user wrote as `5%`.

    Raises:
        InvalidInputError: it is not a share.
    """
    try:
        share = float(text.removesuffix("%")) / 100
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise hinted(InvalidInputError(f"not a share of the data: {text!r}"), "write --read-data=5%")
    return share


def _summary(result: CheckResult, share: float | None) -> Iterator[str]:
    yield (
        f"checked {count_text(result.snapshots, 'snapshot')}, {count_text(result.packs, 'pack')}, "
        f"{count_text(result.chunks, 'chunk')}"
    )
    if share is None:
        yield "stored data was not read; --read-data reads all of it, --read-data=5% a share"
    else:
        yield f"read and proved {size_text(result.bytes_read)} of stored data"
    if result.lost:
        yield "what an earlier repair found to be lost is still lost; everything else is not affected"
    if not result.damage:
        yield "no damage"
