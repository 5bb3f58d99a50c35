"""How findings of check and repair look, on a screen and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from chatcask.integrity import Finding, Severity
from chatcask_cli.shell.output import Output, count_text

_COLORS = {Severity.DAMAGE: "red", Severity.LOST: "yellow", Severity.LEFTOVER: "dim"}
_SHOWN = 5


def finding_lines(finding: Finding, output: Output) -> Iterator[str]:
    """Yield a finding as lines: what and where, what it affects, the way out."""
    severity = output.paint(finding.severity.value, _COLORS[finding.severity])
    yield f"{severity}: {finding.key}: {finding.message}"
    affects = finding.affects
    shown = None if output.verbosity > 0 else _SHOWN
    if affects.snapshot_count:
        names = ", ".join(name[:12] for name in affects.snapshots[-_SHOWN:])
        count = affects.snapshot_count
        yield f"  affects {count_text(count, 'snapshot')}: {names}{_more(count)}"
    for chat in affects.chats[:shown]:
        where = f" of workspace {chat.workspace}" if chat.workspace else ""
        yield f"  affects chat {chat.session}{where} ({chat.source})"
    if shown is not None and len(affects.chats) > shown:
        yield f"  and {count_text(len(affects.chats) - shown, 'more chat')}; -v lists them"
    if affects.path_count and not affects.chats:
        paths = ", ".join(path or "/" for path in affects.paths[:shown])
        yield f"  affects {paths}{_more(affects.path_count)}"
    if finding.advice:
        yield f"  {output.wording.words(finding.advice)}"


def _more(count: int) -> str:
    return ", ..." if count > _SHOWN else ""
