"""A chat as YAML: one document per message, its content as a literal block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from chatcask.chats.render.messages import messages
from chatcask.chats.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.emitter import ScalarAnalysis

    from chatcask.chats.model import Chat
    from chatcask.chats.render.messages import Message

_LINE_END_SPACES = re.compile(r" +(?=\n|\Z)")


class _Literal(str):
    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes text as a block also if it has tabs, or spaces before a line end as Markdown often has.

    A block keeps them; PyYAML puts such text in quotes to make them visible.
    """

    def analyze_scalar(self, scalar: str) -> ScalarAnalysis:
        analysis = super().analyze_scalar(scalar)
        if not analysis.allow_block and scalar.strip():
            analysis.allow_block = (
                super().analyze_scalar(_LINE_END_SPACES.sub("", scalar.replace("\t", "x"))).allow_block
            )
        return analysis


def _write_literal(dumper: yaml.SafeDumper, text: _Literal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")


_Dumper.add_representer(_Literal, _write_literal)


def render(chat: Chat) -> Iterator[str]:
    """Yield the documents."""
    for message in messages(chat):
        yield yaml.dump(
            _document(chat, message),
            Dumper=_Dumper,
            allow_unicode=True,
            explicit_start=True,
            sort_keys=False,
            width=100,
        )


def _document(chat: Chat, message: Message) -> dict[str, Any]:
    turn = message.turn
    metadata = {
        "session_id": clean(chat.session_id),
        "title": clean(chat.title),
        "turn": turn.index + 1,
        "request_id": _cleaned(turn.request_id),
        "model": _cleaned(turn.model),
        "mode": _cleaned(turn.mode),
        "state": turn.state.name.lower(),
        "attachments": list(message.attachments),
    }
    return {
        "role": message.role,
        "content": _Literal(message.content),
        "timestamp": message.timestamp,
        "metadata": {name: value for name, value in metadata.items() if value not in (None, [])},
    }


def _cleaned(text: str | None) -> str | None:
    return None if text is None else clean(text)
