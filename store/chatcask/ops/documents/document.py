"""A chat as a file of the archive: front matter that says where it comes from, then Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from chatcask.chats.model import Chat
from chatcask.chats.parsed import ParseState
from chatcask.chats.render import renderer
from chatcask.chats.render.text import one_line, utc_time
from chatcask.ops.browse.stored_version import StoredVersion

_HEAD_BYTES = 64 * 1024
_SNAPSHOT_LINE = re.compile(rb'^snapshot: "([0-9a-f]{64})"$', re.MULTILINE)
_NOT_YAML = re.compile("[\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class MarkdownChat:
    """One chat to be written; `listed` says where it comes from."""

    listed: StoredVersion
    chat: Chat

    def pieces(self, snapshot: str) -> Iterator[bytes]:
        """Yield the bytes of the file; `snapshot` is the one that it names."""
        yield "".join(self._front(snapshot)).encode("utf-8", "backslashreplace")
        for text in renderer("md")(self.chat):
            yield text.encode("utf-8", "backslashreplace")

    def hash(self, snapshot: str) -> str:
        """Return the hash of the file's bytes, without holding them."""
        hasher = blake3()
        for piece in self.pieces(snapshot):
            hasher.update(piece)
        return hasher.hexdigest()

    def _front(self, snapshot: str) -> Iterator[str]:
        """Yield the lines of the front matter; a JSON string is a YAML string too."""
        file, summary = self.listed.file, self.listed.summary
        models = ", ".join(map(_quoted, summary.models))
        facts: dict[str, str | None] = {
            "title": _quoted(summary.title),
            "session": _quoted(file.session),
            "snapshot": _quoted(snapshot),
            "source": _quoted(file.source),
            "workspace": _quoted(file.workspace),
            "folder": _quoted(file.folder) if file.folder else None,
            "turns": str(summary.turn_count),
            "models": f"[{models}]",
            "created": utc_time(summary.created_ms),
            "first_message": utc_time(summary.first_message_ms),
            "last_message": utc_time(summary.last_message_ms),
            "state": None if summary.state is ParseState.SOUND else str(summary.state),
        }
        yield "---\n"
        yield from (f"{name}: {value}\n" for name, value in facts.items() if value is not None)
        yield "---\n\n"


def snapshot_named(path: Path) -> str | None:
    """Return the snapshot that a file's front matter names, if it looks like one of the archive."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return None
    match = _SNAPSHOT_LINE.search(head) if head.startswith(b"---\n") else None
    return match[1].decode() if match else None


def _quoted(text: str) -> str:
    return json.dumps(_NOT_YAML.sub("\ufffd", one_line(text)), ensure_ascii=False)
