"""What `chatcask doctor` says: lines for people, rows for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatcask_cli.shell.advice import words_of
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.editing import ChatFinding, Diagnosis
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
