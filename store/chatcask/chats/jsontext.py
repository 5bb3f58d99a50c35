r"""JSON text to values and back, with the limits that keep hostile files harmless.

What JavaScript's `JSON.parse` refuses is refused here too (`NaN`, `Infinity`, a byte order mark, control
characters in strings), and of two equal keys the last one wins. Whole numbers keep all their digits. A lone
surrogate escape such as `"\ud800"` is legal JSON and is kept: it stays a lone surrogate in memory and is
written as an escape again. A number too large for a double becomes infinity as in JavaScript, and is
written as `null`, as `JSON.stringify` does. Values nested deeper than `MAX_DEPTH` are refused, so that
whatever is read can be walked and written again without exhausting the stack; `shortened_at` reads them
without what lies deeper, which JavaScript has no limit for.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn, TypeAlias

Json: TypeAlias = Any
"""Any value that JSON text can stand for."""

JsonObject: TypeAlias = dict[str, Any]

MAX_DEPTH = 128
"""How many objects and arrays may stand inside each other; chats were seen to need about 20."""

TOO_DEEP = "(nested too deeply to be shown)"
"""What stands for an object or array that `shortened_at` left out."""

_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\r\n]*")


class JsonTextError(ValueError):
    """The text is not JSON, or is nested too deeply; `position` is the character where it goes wrong."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class TooDeepError(JsonTextError):
    """The text is nested too deeply, and may be JSON."""


def _refuse_constant(name: str) -> NoReturn:
    raise JsonTextError(f"{name} is not JSON", 0)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def loads(text: str) -> Json:
    """Return the value that the whole text stands for, or raise `JsonTextError`."""
    start = skip_space(text, 0)
    value, end = value_at(text, start)
    if end != len(text) and (end := skip_space(text, end)) != len(text):
        raise JsonTextError("more text after the value", end)
    return value


def value_at(text: str, position: int) -> tuple[Json, int]:
    """Return the value that begins exactly at `position`, and the position after it."""
    try:
        value, end = _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise JsonTextError(error.msg, error.pos) from None
    except JsonTextError:
        raise
    except RecursionError:
        raise TooDeepError("nested too deeply", position) from None
    except ValueError as error:  # a whole number with more digits than Python converts
        raise JsonTextError(str(error), position) from None
    if _may_be_deep(text, position, end) and is_too_deep(value):
        raise TooDeepError("nested too deeply", position)
    return value, end


def shortened_at(text: str, position: int) -> tuple[Json, int]:
    """Return a value as `value_at` does, with `TOO_DEEP` in place of what is nested too deeply.

    Raises:
        JsonTextError: the text is not JSON, as far as it is not left out.
    """
    kept: list[str] = []
    depth, start = 0, position
    for match in _BRACKET.finditer(text, position):
        bracket = match.group()
        if bracket in ("{", "["):
            depth += 1
            if depth == MAX_DEPTH + 1:
                kept += text[start : match.start()], json.dumps(TOO_DEEP)
        elif bracket in ("}", "]"):
            depth -= 1
            if depth == MAX_DEPTH:
                start = match.end()
            elif depth <= 0:
                kept.append(text[start : match.end()])
                return loads("".join(kept)), match.end()
    raise JsonTextError("the value has no end", len(text))


def skip_space(text: str, position: int) -> int:
    """Return the first position from `position` on that is not JSON white space."""
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _may_be_deep(text: str, start: int, end: int) -> bool:
    """Tell cheaply whether there are brackets enough for too many levels."""
    if end - start <= 2 * MAX_DEPTH:
        return False
    return text.count("{", start, end) + text.count("[", start, end) > MAX_DEPTH


def is_too_deep(value: Json) -> bool:
    """Tell whether objects and arrays stand inside each other more than `MAX_DEPTH` levels deep."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
    return bool(level)


def dumps(value: Json, *, indent: int | None = None) -> str:
    """Return JSON text as `JSON.stringify` writes it: compact, in UTF-8 characters, keys in their order."""
    separators = (",", ":") if indent is None else (",", ": ")
    return _write(value, indent=indent, separators=separators, sort_keys=False)


def canonical(value: Json) -> str:
    """Return the one text that equal values share: compact, keys sorted."""
    return _write(value, indent=None, separators=(",", ":"), sort_keys=True)


def _write(value: Json, *, indent: int | None, separators: tuple[str, str], sort_keys: bool) -> str:
    try:
        text = json.dumps(
            value,
            ensure_ascii=False,
            allow_nan=False,
            indent=indent,
            separators=separators,
            sort_keys=sort_keys,
        )
    except ValueError:
        finite = _without_infinity(value)
        return _write(finite, indent=indent, separators=separators, sort_keys=sort_keys)
    return _SURROGATE.sub(_escape_surrogate, text)


def _escape_surrogate(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _without_infinity(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_infinity(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_infinity(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
