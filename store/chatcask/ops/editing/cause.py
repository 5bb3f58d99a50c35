"""What is wrong with one chat, and why, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatcask.assistants.vscode.chat_list.cap import is_full
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.assistants.vscode.writing.body import LOG_SUFFIX
from chatcask.chats.chat_list import ChatIndex, IndexEntry
from chatcask.chats.fields import whole_at
from chatcask.chats.model import NEW_CHAT
from chatcask.chats.parsed import ParsedChat, ParseState
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.editing.place_state import ChatOnDisk
from chatcask.visible import in_quotes


class FindingKind(StrEnum):
    """What a finding is about. Codes are only ever added."""

    NOT_LISTED = "not_listed"
    BEYOND_CAP = "beyond_cap"
    HIDDEN = "hidden"
    TORN = "torn"
    NO_HEADER = "no_header"
    FUSED = "fused"
    MALFORMED = "malformed"
    NO_FINAL_NEWLINE = "no_final_newline"
    SHADOWED = "shadowed"
    EMPTIED = "emptied"
    NO_FILE = "no_file"
    MOVED = "moved"
    MALFORMED_INDEX = "malformed_index"
    NO_DATABASE = "no_database"
    ORPHANED = "orphaned"
    ONLY_IN_BACKUP = "only_in_backup"
    ONLY_TRANSCRIPT = "only_transcript"
    ONLY_EDITS = "only_edits"
    GONE = "gone"
    GONE_BEFORE = "gone_before"
    WORKSPACE_GONE = "workspace_gone"
    DAMAGED_DATABASE = "damaged_database"
    RENAMED = "renamed"
    ONLY_OLDER_LIST = "only_older_list"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble of a chat.

    Attributes:
        kind: What it is.
        cause: Why, in words.
        turns_beside: How many turns a second, hidden file of the chat holds.
        needs_database: Whether there is a list to put it right in.
    """

    kind: FindingKind
    cause: str
    turns_beside: int = 0
    needs_database: bool = True


@dataclass(frozen=True, slots=True)
class Once:
    """What tells that there once was more of a chat than its file has.

    Attributes:
        stored: The best version in the store.
        transcript_turns: How many turns the Copilot extension's transcript has.
        listed_as: What the editor's list says of it that an empty chat would not have, in words, or "".
    """

    stored: StoredVersion | None = None
    transcript_turns: int = 0
    listed_as: str = ""

    @property
    def was_more(self) -> bool:
        """Tell whether anything says that it had turns."""
        held = self.stored is not None and self.stored.summary.turn_count > 0
        return held or self.transcript_turns > 0 or bool(self.listed_as)


def said_by_entry(entry: IndexEntry | None, found: ChatOnDisk) -> str:
    """Return what an entry of the editor's list says that the entry of a chat without turns never does."""
    if entry is None or entry.is_external:
        return ""
    chat = found.chat
    said = []
    if entry.title not in ("", NEW_CHAT, chat.custom_title if chat else None):
        said.append(f"it is called {in_quotes(entry.title)}")
    asked = whole_at(entry.raw, "timing", "lastRequestStarted")
    created = whole_at(entry.raw, "timing", "created") or (chat.created_ms if chat else None)
    if asked or (created is not None and entry.last_message_ms > created):
        said.append("it had a message")
    if entry.raw.get("isEmpty") is False:
        said.append("it is not empty")
    return " and ".join(said)


def trouble_of(found: ChatOnDisk, index: ChatIndex | None, once: Once) -> Trouble | None:
    """Return what is wrong with a chat that has a file; None if nothing is, or nothing was ever in it.

    Args:
        found: The chat's files.
        index: The editor's list; None where there is no database.
        once: What tells whether there once was more.
    """
    if found.parsed is None:
        return None
    trouble = _of_file(found, found.parsed, once) or _of_list(found, index)
    if trouble is None:
        return None
    listed = "" if _is_known(found.session, index) else "; and the editor does not list it"
    words = trouble.cause + (listed if trouble.kind not in _LIST_KINDS else "")
    return Trouble(trouble.kind, words, trouble.turns_beside, needs_database=index is not None)


_LIST_KINDS = (FindingKind.NOT_LISTED, FindingKind.BEYOND_CAP, FindingKind.HIDDEN)


def _of_file(found: ChatOnDisk, parsed: ParsedChat, once: Once) -> Trouble | None:
    beside = _turns_beside(found)
    had_more = once.was_more or beside
    said = f"; the editor's list says {once.listed_as}" if once.listed_as else ""
    if parsed.state is ParseState.EMPTY:
        words = f"its file is empty{said}"
        return Trouble(FindingKind.EMPTIED, words, beside) if had_more else None
    if not found.opens:
        kind, words = _why_closed(parsed)
        if beside > found.turns:
            words += f"; a readable .json with {beside} turns lies beside it, which the editor ignores"
            return Trouble(FindingKind.SHADOWED, words, beside)
        return Trouble(kind, words, beside)
    if not found.turns:
        words = f"there are no turns in its file, and once there were{said}"
        return Trouble(FindingKind.EMPTIED, words, beside) if had_more else None
    if found.name.endswith(LOG_SUFFIX) and not found.files[found.name].endswith(b"\n"):
        words = "its log does not end with a line feed; it opens, and the editor's next append breaks it"
        return Trouble(FindingKind.NO_FINAL_NEWLINE, words)
    return None


def _why_closed(parsed: ParsedChat) -> tuple[FindingKind, str]:
    """Return why the editor refuses a file, the first finding first."""
    report = parsed.report
    kinds = [drop.kind for drop in report.dropped]
    if not report.has_header:
        return (
            FindingKind.NO_HEADER,
            "its log has lost its initial entry, without which the editor reads none of it",
        )
    if any(note.kind == "fused_lines" for note in report.notes):
        return FindingKind.FUSED, "two entries of its log stand on one line, which the editor cannot read"
    if "null_bytes" in kinds or kinds[:1] == ["torn"]:
        return FindingKind.TORN, f"its file breaks off: {report.dropped[0]}"
    what = str(report.dropped[0]) if report.dropped else report.reason or "a line that the editor cannot read"
    return FindingKind.MALFORMED, f"its file is malformed: {what}"


def _turns_beside(found: ChatOnDisk) -> int:
    """Return how many turns the best of the chat's other files holds."""
    counts = [0]
    for name, data in found.files.items():
        if name != found.name:
            chat = parse_chat(data, name).chat
            counts.append(len(chat.turns) if chat else 0)
    return max(counts)


def _of_list(found: ChatOnDisk, index: ChatIndex | None) -> Trouble | None:
    if index is None or not found.turns:
        return None
    entry = index.entry(found.session)
    if entry is not None:
        if entry.hidden_because is None or entry.is_external:
            return None
        return Trouble(FindingKind.HIDDEN, f"its entry in the editor's list hides it: {entry.hidden_because}")
    if _is_known(found.session, index):
        return None  # a malformed entry; the finding about the whole list says so
    return _not_listed(found, index)


def _not_listed(found: ChatOnDisk, index: ChatIndex) -> Trouble:
    dates = sorted(entry.last_message_ms for entry in index.entries if not entry.is_external)
    chat = found.chat
    last = (chat.turns[-1].timestamp_ms or 0) if chat and chat.turns else 0
    if is_full(index) and last < dates[0]:
        words = f"the editor keeps {len(dates)} chats in its list, and this one is older than all of them"
        return Trouble(FindingKind.BEYOND_CAP, words)
    return Trouble(FindingKind.NOT_LISTED, "its file is there, and the editor's list does not name it")


def _is_known(session: str, index: ChatIndex | None) -> bool:
    entries = index.raw.get("entries") if index else None
    return isinstance(entries, dict) and session in entries
