"""The editor's list of chats of one place being put right: as a whole, or entry by entry."""

from __future__ import annotations

from collections.abc import Iterator

from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.chat_list.mend import mend_index
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.state.database import StateDatabaseError, read_rows
from chatcask.assistants.vscode.state.items import INDEX_KEY
from chatcask.chats.jsontext import JsonObject, dumps
from chatcask.chats.summary import ChatSummary, summarize
from chatcask.errors import RestoreRefusedError
from chatcask.monitor import NullMonitor
from chatcask.ops.editing.finding import ChatFinding
from chatcask.ops.editing.fix_body import FixedBody
from chatcask.ops.editing.fixing import Fixing
from chatcask.ops.editing.place_state import read_chat, read_list


def mended_list(fixing: Fixing, place: Place, text: str) -> str:
    """Return a malformed list as one that the editor uses.

    Raises:
        RestoreRefusedError: an entry would be lost.
    """
    return mend_index(text, _summaries(fixing, place), _older(fixing, place))


def fixed_entry(fixing: Fixing, finding: ChatFinding, text: str | None, fixed: FixedBody) -> JsonObject:
    """Return the entry that lists a chat once it is put right.

    Args:
        fixing: The fix being planned.
        finding: What is wrong with the chat.
        text: The list where the chat belongs, as it becomes.
        fixed: The file that the chat will have.

    Raises:
        StateDatabaseError: the list of the place that the chat comes from cannot be read.
    """
    here = {**_entry_in(_backup(fixing, finding.place), finding.session), **_entry_in(text, finding.session)}
    if finding.target is not None:
        moved_from = read_list(finding.place, fixing.watch)
        here = {**_entry_in(moved_from.text, finding.session), **here}
    stored = (fixing.versions.captured_entry(finding.stored) if finding.stored else None) or {}
    raw = {**here, **stored} if fixed.from_store else {**stored, **here}
    summary = summarize(fixed.body.parsed, finding.session)
    entry = fixing.editing.listed_entry(raw or None, summary, finding.session, fixed.body.chat.title)
    return {**entry, "title": fixed.body.chat.title} if fixed.is_rebuilt else entry


def _entry_in(text: str | None, session: str) -> JsonObject:
    entry = read_index(text).entry(session)
    return entry.raw if entry else {}


def _summaries(fixing: Fixing, place: Place) -> dict[str, ChatSummary]:
    """Return every chat of a place in short; of one that cannot be read the list says what it says."""
    found = {}
    for session in sorted(fixing.editing.chat_ids(place, fixing.watch, NullMonitor().problem)):
        try:
            chat = read_chat(place, session, fixing.watch)
        except RestoreRefusedError:
            continue  # the doctor names it
        if chat.parsed is not None:
            found[session] = summarize(chat.parsed, session)
    return found


def _older(fixing: Fixing, place: Place) -> Iterator[str]:
    """Yield earlier lists of a place: the editor's own backup, then the store's newest that is sound."""
    backup = _backup(fixing, place)
    if backup is not None:
        yield backup
    for index in fixing.versions.lists(place.source, place.workspace):
        if index.is_valid and index.entries:
            yield dumps(index.raw)
            return


def _backup(fixing: Fixing, place: Place) -> str | None:
    """Return the list as the editor's own backup has it."""
    fixing.watch()
    try:
        row = dict(read_rows(place.backup, (INDEX_KEY,))).get(INDEX_KEY)
    except (StateDatabaseError, OSError):
        return None
    return None if row is None else row.decode("utf-8", "replace")
