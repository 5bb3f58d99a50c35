"""A chat under another id: what a copy must not share with the chat it was made from.

The editor keeps one model per request and response id, and with equal ids in two chats shows blank messages
when one is opened after the other. Its own Fork gives every request and response a new id
(microsoft/vscode chatForkActions.ts). Here new ids follow from the copy's own, so that a plan made again
says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from chatcask.assistants.vscode.chat_list.edit import session_uri
from chatcask.chats.fields import array_at, text_at

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json, JsonObject

COPY_PREFIX = "Restored: "

_ID_FIELDS = {"requestId": "request", "responseId": "response"}


@dataclass(frozen=True, slots=True)
class _Renaming:
    """What changes: the session's id, texts that name it by URI, and the ids of requests and responses."""

    old_id: str
    new_id: str
    rename: Callable[[str], str]
    ids: Mapping[str, str]


def with_new_id(raw: JsonObject, old_id: str, new_id: str) -> JsonObject:
    """Return a session's object as a copy under a new id, with new ids of its requests and responses.

    Outputs of tools are named by `vscode-chat-response-resource://<hex of the session's URI>/...`
    (microsoft/vscode chatModel.ts). The text of the chat is left alone.
    """
    old_uri, new_uri = session_uri(old_id), session_uri(new_id)
    pairs = ((old_uri, new_uri), (old_uri.encode().hex(), new_uri.encode().hex()))

    def rename(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    copied: JsonObject = dict(_fields(raw, _Renaming(old_id, new_id, rename, copied_ids(raw, new_id))))
    requests = copied.get("requests")
    if isinstance(requests, list):
        copied["requests"] = [_with_own_ids(item, n, new_id, raw) for n, item in enumerate(requests)]
    title = text_at(copied, "customTitle") or ""
    if not title.startswith(COPY_PREFIX):
        copied["customTitle"] = COPY_PREFIX + title
    return copied


def copied_ids(raw: Json, new_id: str) -> dict[str, str]:
    """Return the new id of each request and response of a chat; of two with one id, the first counts."""
    found: dict[str, str] = {}
    for number, request in enumerate(array_at(raw, "requests")):
        for name in _ID_FIELDS:
            old = text_at(request, name)
            if old:
                found.setdefault(old, _new_id(name, number, old, new_id))
    return found


def _with_own_ids(request: Json, number: int, new_id: str, raw: JsonObject) -> Json:
    """Return a copied request with ids of its own, also where two requests had the same."""
    if not isinstance(request, dict):
        return request
    before = array_at(raw, "requests")[number]
    olds = {name: text_at(before, name) for name in _ID_FIELDS}
    own: JsonObject = {name: _new_id(name, number, old, new_id) for name, old in olds.items() if old}
    return {**request, **own}


def _new_id(name: str, number: int, old: str, new_id: str) -> str:
    return f"{_ID_FIELDS[name]}_{uuid5(NAMESPACE_URL, f'{new_id}/{number}/{name}/{old}')}"


def _mapped(value: Json, renaming: _Renaming) -> Json:
    """Return a value with its strings renamed, and fields that hold an old id changed."""
    if isinstance(value, str):
        return renaming.rename(value)
    if isinstance(value, list):
        return [_mapped(item, renaming) for item in value]
    if isinstance(value, dict):
        return dict(_fields(value, renaming))
    return value


def _fields(value: JsonObject, renaming: _Renaming) -> Iterator[tuple[str, Json]]:
    for key, item in value.items():
        if key == "sessionId" and item == renaming.old_id:
            yield key, renaming.new_id
        elif key in _ID_FIELDS and isinstance(item, str) and item in renaming.ids:
            yield key, renaming.ids[item]
        else:
            yield key, _mapped(item, renaming)
