"""Text as it can be shown: whatever a terminal or reader would act on, or would hide, becomes visible.

That are control characters (escape sequences, and line ends where there is one line only), the controls of
writing direction, and characters without width, by which two names look alike that differ.
"""

from __future__ import annotations

import json
import re

_CONTROLS = "\x00-\x1f\x7f-\x9f"
_SURROGATES = "\ud800-\udfff"
_UNSEEN = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_JOINING = "\u0600-\u1cff"
"""Scripts whose words need joiners: Arabic, those of India, Mongolian."""

_EMOJI = "\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
"""Emoji, of which several joined are one: a family, a profession."""

_JOINERS = (
    f"(?<![{_JOINING}{_EMOJI}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINING}{_EMOJI}])|(?<=[{_EMOJI}])\u200c"
)
_UNSAFE_IN_LINE = f"[{_CONTROLS}{_SURROGATES}{_UNSEEN}]|{_JOINERS}"
_UNSAFE_IN_TEXT = f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_SURROGATES}{_UNSEEN}]|{_JOINERS}"
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible_line(text: str) -> str:
    r"""Return text as one line that shows what it holds: ESC as `\x1b`, a line end as `\n`.

    Half a character of UTF-16 becomes U+FFFD, a byte of a file name that is not text its escape.
    """
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_UNSAFE_IN_LINE, _escape, text)


def visible_text(text: str) -> str:
    r"""Return text of several lines that shows what it holds; line ends become `\n`.

    Control characters become the symbols that stand for them, half a character of UTF-16 U+FFFD, and what has
    no width its escape.
    """
    return re.sub(_UNSAFE_IN_TEXT, _symbol, text.replace("\r\n", "\n").replace("\r", "\n"))


def visible_json(text: str) -> str:
    """Return JSON text of the same value, with escapes for what a terminal would act on or hide."""
    return re.sub(_UNSAFE_IN_TEXT, _json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1].replace("\x7f", "\\u007f")


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if 0xD800 <= code < 0xE000 and not 0xDC80 <= code < 0xDD00:
        return "\ufffd"
    return _SHORT.get(character) or _escaped(code)


def _symbol(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if code < 0xA0 or 0xD800 <= code < 0xE000 else _escaped(code)


def _escaped(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def in_quotes(text: str) -> str:
    """Return a text in quotes, otherwise as it is: whoever prints it makes it visible."""
    mark = '"' if "'" in text else "'"
    return f"{mark}{text}{mark}"
