"""What is said of a look into old copies: what can be had from there, and the commands that bring it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatcask_cli.shell.output import count_text, time_text

if TYPE_CHECKING:
    from chatcask.editing import CopiedChat
    from chatcask.workbench import CopiesSeen, LookedInto
    from chatcask_cli.shell.output import Output

_SHOWN = 10


def copies_lines(seen: CopiesSeen, output: Output) -> Iterator[str]:
    """Yield what each copy holds that is not here, the chats with the latest messages first."""
    for looked in seen.looked_into:
        chats = [chat for chat in seen.chats if chat.copy == looked.path]
        yield f"{looked.path}: {_sentence(looked, len(chats), output)}"
        shown = chats if output.verbosity > 0 else chats[:_SHOWN]
        for chat in shown:
            yield from _chat_lines(chat, output)
        if more := len(chats) - len(shown):
            yield output.paint(f"  and {count_text(more, 'more chat')}; -v lists them", "yellow")
        yield ""


def _sentence(looked: LookedInto, missing: int, output: Output) -> str:
    if not looked.dates:
        return "no chat was found in it"
    first, last = (time_text(moment, output.zone) for moment in (min(looked.dates), max(looked.dates)))
    when = (
        f"a copy of {last}" if len(looked.dates) == 1 else f"{len(looked.dates)} copies of {first} to {last}"
    )
    what = f"{missing:,} of which it has more than is here" if missing else "none of them is missing here"
    return f"{count_text(looked.chats, 'chat')} in {when}, {what}"


def _chat_lines(chat: CopiedChat, output: Output) -> Iterator[str]:
    summary = chat.version.summary
    here = (
        "it has no file here"
        if chat.turns_here is None
        else f"here it has {count_text(chat.turns_here, 'turn')}"
    )
    yield f"  {output.paint('in a copy', 'yellow')}  {chat.session}  {summary.title}"
    when = time_text(chat.version.snapshot.taken_at, output.zone)
    yield f"    {here}; can be had: {count_text(chat.turns, 'turn')} from the copy of {when}"
    wording = output.wording
    if chat.source is not None and chat.source.id != chat.version.file.source:
        wording = wording.at(chat.source.user_data_dir)
    for advice in chat.steps:
        yield f"    {wording.words(advice)}"
