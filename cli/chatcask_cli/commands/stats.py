"""`chatcask stats`: how big the store is, and why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import documents
from chatcask_cli.shell.bars import bar_lines, plain_bars
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import Output, count_text, size_text

if TYPE_CHECKING:
    from chatcask.stats import StoreStats

_MONTHS_SHOWN = 24
_LONGEST_LABEL = 40


@as_command
def command(
    run: Run,
    limit: Annotated[
        int,
        typer.Option("--limit", "-n", metavar="N", min=1, help="Show the N largest workspaces and chats."),
    ] = 10,
) -> int:
    """Show how big the store is, what it saves, how it grows, and what in it is largest.

    'Deduplicated' says how often a stored byte of a file stands in the snapshots, 'compressed' how many
    bytes one on disk stands for. Growth is what the runs that are kept added. Editors, workspaces and chats
    are those of the newest snapshot of each line, imported ones included.
    """
    with run.open() as bench, run.monitor() as monitor:
        stats = bench.upkeep.stats(limit, monitor)
    for text in _lines(stats, run.output, limit):
        run.output.line(text)
    run.output.document(lambda: documents.stats_document(stats))
    return ExitCode.DAMAGED if stats.problems else ExitCode.DONE


def _lines(stats: StoreStats, output: Output, limit: int) -> Iterator[str]:
    yield output.paint("store", "bold")
    for name, kind in stats.objects.items():
        if kind.count:
            yield f"  {name:<10} {size_text(kind.size):>9}  {count_text(kind.count, 'object')}"
    chunks = sum(kind.count for kind in stats.chunks.values())
    yield f"  {'total':<10} {size_text(stats.stored):>9}  {count_text(chunks, 'chunk')}"
    if stats.dedup_ratio and stats.compression_ratio:
        held = f"{count_text(stats.snapshots, 'snapshot')} hold {size_text(stats.logical.size)}"
        yield f"  {held} in {count_text(stats.logical.files, 'file')}"
        yield f"  deduplicated {stats.dedup_ratio:.1f}x, compressed {stats.compression_ratio:.1f}x"
    growth = [
        (month.month, month.bytes_stored, f"{size_text(month.bytes_stored)}, {month.snapshots} runs")
        for month in stats.months[-_MONTHS_SHOWN:]
    ]
    editors = [
        (editor.source, editor.size, _size_and_chats(editor.size, editor.chats)) for editor in stats.editors
    ]
    workspaces = [
        (_label(place.name or place.workspace), place.size, _size_and_chats(place.size, place.chats))
        for place in stats.workspaces[:limit]
    ]
    chats = [(_label(chat.title or chat.session), chat.size, size_text(chat.size)) for chat in stats.largest]
    yield from _chart("growth per month", growth, output)
    yield from _chart("editors, newest snapshots", editors, output)
    yield from _chart("largest workspaces", workspaces, output)
    yield from _chart("largest chats", chats, output)


def _size_and_chats(size: int, chats: int) -> str:
    return f"{size_text(size)}, {count_text(chats, 'chat')}"


def _chart(title: str, rows: list[tuple[str, int, str]], output: Output) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield output.paint(title, "bold")
    lines = list(bar_lines(rows))
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    yield from lines if encoding.startswith("utf") else plain_bars(lines)


def _label(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST_LABEL else f"{plain[: _LONGEST_LABEL - 3]}..."
