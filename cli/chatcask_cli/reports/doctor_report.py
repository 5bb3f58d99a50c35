"""What `chatcask doctor` says: lines for people, rows for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chatcask_cli.reports.change_report import change_document
from chatcask_cli.shell.advice import words_of
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.editing import ChatFinding, Diagnosis, Fixed
    from chatcask_cli.shell.output import Output


def diagnosis_lines(diagnosis: Diagnosis, output: Output) -> Iterator[str]:
    """Yield the findings about one editor's folder, grouped by place."""
    looked = f"{diagnosis.source.id}: {count_text(diagnosis.chats, 'chat')} looked at"
    for problem in diagnosis.problems:
        yield output.paint(f"cannot be looked at: {problem.path}: {problem.message}", "yellow")
    if diagnosis.is_sound:
        yield f"{looked}, nothing is wrong; chats that are gone altogether: 'chatcask sessions --deleted'"
        return
    yield f"{looked}, {count_text(len(diagnosis.findings), 'finding')}"
    place = None
    for finding in diagnosis.findings:
        if finding.place is not place:
            place = finding.place
            yield ""
            yield output.paint(place.name, "bold")
        yield from _finding_lines(finding, output)
    yield ""
    yield "chats that are gone altogether: 'chatcask sessions --deleted'"


def _finding_lines(finding: ChatFinding, output: Output) -> Iterator[str]:
    about = f"{finding.session}  {finding.title}".rstrip() if finding.session else finding.place.workspace
    kind = finding.kind.value.replace("_", " ")
    yield f"  {output.paint(kind, 'yellow')}  {about}"
    yield f"    {finding.cause}"
    if available := _available(finding):
        yield f"    can be had: {'; '.join(available)}"
    yield f"    {words_of(finding.advice)}"


def _available(finding: ChatFinding) -> list[str]:
    """Return what can be had of the chat, and from where."""
    found = []
    if finding.turns_on_disk:
        found.append(f"{count_text(finding.turns_on_disk, 'turn')} from the file on disk")
    if finding.stored is not None:
        words = count_text(finding.stored.summary.turn_count, "turn")
        found.append(f"{words} from snapshot {finding.stored.snapshot.id[:12]}")
    if finding.transcript is not None:
        found.append(f"the text of the conversation from {finding.transcript}")
    return found


def finding_row(finding: ChatFinding) -> dict[str, Any]:
    """Return a finding for programs."""
    stored = finding.stored
    return {
        "kind": finding.kind.value,
        "source": finding.place.source,
        "workspace": finding.place.workspace,
        "folder": finding.place.folder or None,
        "session": finding.session or None,
        "title": finding.title or None,
        "cause": finding.cause,
        "turns_on_disk": finding.turns_on_disk,
        "turns_in_store": stored.summary.turn_count if stored else 0,
        "snapshot": stored.snapshot.id if stored else None,
        "transcript": str(finding.transcript) if finding.transcript else None,
        "target_workspace": finding.target.workspace if finding.target else None,
        "fixable": finding.can_fix,
        "command": words_of(finding.advice),
    }


def fix_row(done: Fixed) -> dict[str, Any]:
    """Return what was mended in one folder, for programs."""
    plan, applied = done.plan, done.applied
    return {
        "source": plan.change.source.id,
        "fixed": [finding.about for finding in plan.fixed],
        "refused": [{"finding": finding.about, "message": why} for finding, why in plan.refused],
        **change_document(plan.change),
        "safety_snapshot": applied.safety.id if applied else None,
    }
