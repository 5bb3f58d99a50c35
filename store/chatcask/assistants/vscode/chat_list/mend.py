"""Make a malformed list of chats one that the editor uses, without losing an entry.

One entry without a text `sessionId`, a text `title` and a number `lastMessageDate` makes the editor discard
the whole list (microsoft/vscode chatSessionStore.ts). Here such an entry gets what it lacks; the others keep
every byte. A list that is not JSON is built again from an older one; what it can be seen to name must be in
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.chat_list import jsonspan
from chatcask.assistants.vscode.chat_list.edit import listed_entry, put_entry
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.chats import jsontext
from chatcask.chats.fields import text_at, whole_at
from chatcask.chats.model import NEW_CHAT
from chatcask.errors import RestoreRefusedError

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject
    from chatcask.chats.summary import ChatSummary

_NAMED = re.compile(r'"sessionId"\s*:\s*"([^"\\]+)"')


def mend_index(text: str, chats: Mapping[str, ChatSummary], older: Iterable[str]) -> str:
    """Return the list with every entry complete.

    Args:
        text: The malformed list.
        chats: The chats whose files are there, by id.
        older: Earlier lists, newest first.

    Raises:
        RestoreRefusedError: an entry would be lost, or the list is of a version that is not known.
    """
    known = [index for index in map(read_index, older) if index.is_valid and index.entries]
    sources: list[dict[str, JsonObject]] = [{e.key: e.raw for e in index.entries} for index in known]
    raw = _parsed(text)
    if raw is None:
        mended = _built_again(text, chats, known[0].raw if known else None)
    else:
        mended = _completed(text, raw, chats, sources)
    problem = read_index(mended).problem
    if problem:
        raise _refused(problem)
    return mended


def _parsed(text: str) -> JsonObject | None:
    """Return the list if it is an object with an object of entries."""
    try:
        raw = jsontext.loads(text)
    except jsontext.JsonTextError:
        return None
    is_list = isinstance(raw, dict) and isinstance(raw.get("entries"), dict)
    return raw if is_list else None


def _completed(
    text: str, raw: JsonObject, chats: Mapping[str, ChatSummary], sources: list[dict[str, JsonObject]]
) -> str:
    version = raw.get("version")
    if isinstance(version, int | float) and version > 1:
        raise _refused(f"it has version {version}, which is not known")
    for key in raw["entries"]:
        start = jsontext.skip_space(text, 0)
        entries = [span for span in jsonspan.members(text, start) if span.key == "entries"][-1]
        span = [span for span in jsonspan.members(text, entries.value_start) if span.key == key][-1]
        if not _is_sound(span.value):
            older = next((source[key] for source in sources if key in source), None)
            text = jsonspan.replace_value(text, span, _entry(key, span.value, chats.get(key), older))
    return _with_version(text, version)


def _with_version(text: str, version: Json) -> str:
    if version == 1 and not isinstance(version, bool):
        return text
    start = jsontext.skip_space(text, 0)
    for span in jsonspan.members(text, start):
        if span.key == "version":
            return jsonspan.replace_value(text, span, 1)
    return jsonspan.append_member(text, start, "version", 1)


def _is_sound(value: Json) -> bool:
    return read_index(jsontext.dumps({"version": 1, "entries": {"": value}})).is_valid


def _entry(key: str, value: Json, chat: ChatSummary | None, older: JsonObject | None) -> JsonObject:
    """Return an entry with what it lacks, from its chat's file, an older list, or itself."""
    fields = value if isinstance(value, dict) else {}
    if chat is not None:
        built = listed_entry(older, chat, key, chat.title or NEW_CHAT)
    elif older is not None:
        built = older
    elif fields:
        date = whole_at(fields, "timing", "lastRequestStarted") or whole_at(fields, "timing", "created") or 0
        built = {"sessionId": key, "title": NEW_CHAT, "lastMessageDate": date}
    else:
        raise _refused(f"nothing is known of its entry {key!r}")
    title = text_at(fields, "title")
    sound = {
        "sessionId": text_at(fields, "sessionId") or built["sessionId"],
        "title": built["title"] if title is None else title,
        "lastMessageDate": built["lastMessageDate"],
    }
    if whole_at(fields, "lastMessageDate") is not None:
        sound["lastMessageDate"] = fields["lastMessageDate"]
    return {**built, **fields, **sound}


def _built_again(text: str, chats: Mapping[str, ChatSummary], older: JsonObject | None) -> str:
    mended = jsontext.dumps(older or {"version": 1, "entries": {}})
    for key, chat in chats.items():
        if read_index(mended).entry(key) is None and chat.opens and not chat.is_empty:
            mended = put_entry(mended, listed_entry(None, chat, key, chat.title or NEW_CHAT))
    entries = read_index(mended).entries
    present = {entry.key for entry in entries} | {entry.session_id for entry in entries}
    lost = [name for name in dict.fromkeys(_NAMED.findall(text)) if name not in present]
    if lost:
        raise _refused(f"it is no whole JSON, and nothing but it knows of {', '.join(lost[:3])}")
    return mended


def _refused(why: str) -> RestoreRefusedError:
    return RestoreRefusedError(
        f"the editor's list of chats cannot be mended without losing something: {why}",
        advice=Advice(AdviceCode.OLDER_CHAT_LIST),
    )
