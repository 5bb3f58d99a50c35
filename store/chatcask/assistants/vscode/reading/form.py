"""Which form a session file has, judged by its first bytes: a log or a flat object, and in which encoding.

Its name says only how the editor reads it. People rename `.json` to `.jsonl`, and editors of text save as
UTF-16; the chat is whole then, and the editor shows nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

_BEGINNING = 4096
_LOG = re.compile(rb'\s*\{\s*"kind"\s*:\s*[0-3]\s*[,}]')
_FLAT = re.compile(
    rb'\s*\{(?:\s*\n\s+"|\s*"(?:version|requests|sessionId|creationDate|lastMessageDate|customTitle|computedTitle|'
    rb"initialLocation|inputState|hasPendingEdits|isImported|isNew|baseUri|repoData|workingDirectory|"
    rb'(?:requester|responder)(?:Username|AvatarIconUri))")'
)
"""An object that begins a line of its own, or with a field of a session: a log without its head may begin
with any other."""
_LIST = re.compile(rb"\s*\[\s*\{")
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16 = {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"{\0": "utf-16-le",
    b"\0{": "utf-16-be",
}


@dataclass(frozen=True, slots=True)
class FormedText:
    """The bytes of a session file as UTF-8, and their form.

    Attributes:
        buffers: The bytes in pieces.
        is_log: Whether it is a log; else it is a flat object, or a list of them.
        is_list: Whether it is a list of flat objects, as the oldest editors kept all chats together.
        encoding: What it was encoded in, if not in UTF-8.
        size: The length of the file in bytes, where it was encoded in something else.
    """

    buffers: Iterable[bytes]
    is_log: bool
    is_list: bool
    encoding: str
    size: int


def formed_text(buffers: Iterable[bytes], *, named_log: bool) -> FormedText:
    """Return a file's text and form; where the text does not say, the name decides.

    Args:
        buffers: The bytes of the file; pieces may be cut anywhere.
        named_log: Whether the editor reads a file of this name as a log.
    """
    pieces = iter(buffers)
    beginning = _taken(pieces)
    encoding = _UTF16.get(beginning[:2], "")
    size = 0
    if encoding:
        whole = beginning + b"".join(pieces)
        size = len(whole)
        text = whole.decode(encoding, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
        beginning, pieces = text, iter(())
    start = beginning[:_BEGINNING].removeprefix(_UTF8_MARK)
    is_log = named_log
    if _LOG.match(start):
        is_log = True
    elif _FLAT.match(start):
        is_log = False
    is_list = not named_log and _LIST.match(start) is not None  # a log without its start may begin like one
    return FormedText(chain([beginning], pieces), is_log, is_list, encoding, size)


def _taken(pieces: Iterator[bytes]) -> bytes:
    """Take pieces until there are enough to judge by."""
    taken = b""
    while len(taken) < _BEGINNING and (piece := next(pieces, None)) is not None:
        taken = taken + piece if taken else piece
    return taken
