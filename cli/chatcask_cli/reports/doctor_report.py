"""What `chatcask doctor` says: what most can be had from first, and what is alike in one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.editing import FindingKind
from chatcask_cli.shell.output import count_text

if TYPE_CHECKING:
    from chatcask.editing import ChatFinding, Diagnosis
    from chatcask_cli.shell.output import Output

_ALIKE = 3
"""So many findings alike are listed; more become one line, unless `-v` asks for all."""

_OF_PLACES = (FindingKind.ORPHANED, FindingKind.NO_DATABASE)
_SHORT = 8


def diagnosis_lines(diagnosis: Diagnosis, output: Output) -> Iterator[str]:
    """Yield the findings about one editor's folder; those alike in one place, or about places, fold."""
    looked = f"{diagnosis.source.id}: {count_text(diagnosis.chats, 'chat')} looked at"
    for problem in diagnosis.problems:
        yield output.paint(f"cannot be looked at: {problem.path}: {problem.message}", "yellow")
    if diagnosis.is_sound:
        yield f"{looked}, nothing is wrong"
        return
    yield f"{looked}, {count_text(len(diagnosis.findings), 'finding')}"
    place = None
    for (_, where), group in groupby(diagnosis.findings, _fold_key):
        findings = list(group)
        if where != place:
            place = where
            yield ""
            yield output.paint(where or "folders", "bold")
        if len(findings) > _ALIKE and output.verbosity <= 0:
            yield from _folded_lines(findings, output)
            continue
        for finding in findings:
            yield from _finding_lines(finding, output)


def _fold_key(finding: ChatFinding) -> tuple[FindingKind, str]:
    return finding.kind, "" if finding.kind in _OF_PLACES else finding.place.name


def _folded_lines(findings: Sequence[ChatFinding], output: Output) -> Iterator[str]:
    """Yield one line for findings alike, and one with the way out of all of them."""
    first, count = findings[0], len(findings)
    kind = output.paint(_words(first), "yellow")
    if not first.session:
        chats = sum(finding.chats for finding in findings)
        names = ", ".join(finding.place.name for finding in findings[:_ALIKE])
        about = "are not there now" if first.kind is FindingKind.ORPHANED else "have no usable database"
        with_chats = f"{count} folders with {count_text(chats, 'chat')}"
        yield f"  {kind}  {with_chats} {about}: {names}, ...; -v lists them"
        yield f"    {output.wording.words(first.advice)}"
        return
    titles = ", ".join(finding.title or finding.session[:_SHORT] for finding in findings[:_ALIKE])
    turns = sum(finding.turns for finding in findings)
    yield f"  {kind}  {count} chats: {titles}, ...; -v lists them"
    yield f"    {first.cause}"
    if not turns:
        yield "    nothing is left of them"
    elif first.can_fix:
        yield f"    can be had: {count_text(turns, 'turn')} in all"
        advice = Advice(AdviceCode.FIX_CHAT, name=first.place.workspace)
        yield f"    {output.wording.words(advice)}"
    else:
        yield f"    can be had: {count_text(turns, 'turn')} in all; one by one:"
        yield f"    {output.wording.words(first.advice)}"


def _finding_lines(finding: ChatFinding, output: Output) -> Iterator[str]:
    about = f"{finding.session}  {finding.title}".rstrip() if finding.session else finding.place.name
    yield f"  {output.paint(_words(finding), 'yellow')}  {about}"
    yield f"    {finding.cause}"
    if available := _available(finding):
        yield f"    can be had: {'; '.join(available)}"
    is_copied = finding.copied is not None and finding.advice == finding.copied.steps[0]
    for advice in finding.copied.steps if finding.copied and is_copied else (finding.advice,):
        yield f"    {output.wording.words(advice)}"


def _words(finding: ChatFinding) -> str:
    return finding.kind.value.replace("_", " ")


def _available(finding: ChatFinding) -> list[str]:
    """Return what can be had of the chat, and from where."""
    found = []
    if finding.turns_on_disk:
        found.append(f"{count_text(finding.turns_on_disk, 'turn')} from the file on disk")
    if finding.stored is not None:
        words = count_text(finding.stored.summary.turn_count, "turn")
        found.append(f"{words} from snapshot {finding.stored.snapshot.id[:12]}")
    if finding.turns_in_transcript:
        words = count_text(finding.turns_in_transcript, "turn")
        found.append(f"{words} (text and tools) from the transcript of the Copilot extension")
    elif finding.transcript is not None:
        found.append(f"the text of the conversation from {finding.transcript}")
    if finding.copied is not None:
        found.append(f"{count_text(finding.copied.turns, 'turn')} from a copy, {finding.copied.copy}")
    return found
