"""What `chatcask log SESSION` says: the life of one chat."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from chatcask import documents
from chatcask.advice import Advice, AdviceCode
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.output import count_text, size_text

if TYPE_CHECKING:
    from chatcask import SnapshotReference
    from chatcask.browse import Version
    from chatcask_cli.shell.options import Run
    from chatcask_cli.shell.output import Output

_WORDS = {
    "appeared": "first seen",
    "grew": "grew",
    "shrank": "has fewer turns than before",
    "emptied": "lost all its turns",
    "lost_header": "lost the head of its log",
    "unreadable": "can no longer be opened by the editor",
    "lost_text": "lost text that it had",
    "unended": "lost the end of its last line; the editor's next change would break it",
    "taken_back": "a turn was taken back",
    "dropped_branches": "turns that were cut off before are in its file no more",
    "renamed": "renamed",
    "edited": "a turn was edited",
    "rewritten": "rewritten with the same content",
    "copied": "moved or copied to another workspace",
    "vanished": "is gone",
    "came_back": "came back",
}
_ALARMING = {"shrank", "emptied", "lost_header", "unreadable", "lost_text", "unended", "vanished"}


def show_history(run: Run, session: str, limit: int | None) -> int:
    """Print every version of a chat, newest first; return the exit code."""
    with run.open() as bench, run.monitor() as monitor:
        file, versions = bench.chats.versions(session, monitor)
    shown = list(reversed(versions))[:limit]
    before = {version.snapshot: earlier for earlier, version in pairwise(versions)}
    with run.paged():
        run.output.line(f"{run.output.paint(file.session, 'bold')}  {_title(versions)}")
        for version in shown:
            run.output.line(_line(version, run.output))
            if "dropped_branches" in version.events:
                run.output.line(branches_line(file.session, before[version.snapshot].snapshot, run.output))
    run.output.document(lambda: documents.versions_document(file.session, shown))
    return ExitCode.DONE


def branches_line(session: str, snapshot: SnapshotReference, output: Output) -> str:
    """Return how to read turns that were cut off and that only an earlier snapshot has."""
    advice = Advice(AdviceCode.SHOW_BRANCHES, session=session[:8], snapshot=snapshot.id[:12])
    return f"    to read them: {output.wording.words(advice)}"


def _title(versions: Sequence[Version]) -> str:
    return next((v.summary.title for v in reversed(versions) if v.summary and v.summary.title), "")


def _line(version: Version, output: Output) -> str:
    words = ", ".join(_WORDS[event] for event in version.events)
    alarming = any(event in _ALARMING for event in version.events)
    facts = ""
    if version.file and version.summary:
        facts = f"  ({count_text(version.summary.turn_count, 'turn')}, {size_text(version.file.size)})"
    name = output.paint(version.snapshot.id[:12], "cyan")
    moment = output.listed_time(version.snapshot.taken_at)
    told = output.paint(words, "yellow") if alarming else words
    return f"{name}  {moment}  {told}{facts}"
