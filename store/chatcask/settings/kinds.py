"""What kinds of values keys have: each says what it expects, and reads a value of a file or of a variable."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from chatcask.errors import InvalidInputError

T_co = TypeVar("T_co", covariant=True)

_PERIOD = re.compile(r"([0-9]{1,9})(min|[shdwmy])")
_UNITS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
    "y": timedelta(days=365),
}
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%")
_TIME_DIRECTIVES = frozenset("aAbBdHIjmMpSUwWxXyYzZ%")
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """A kind of values.

    Attributes:
        name: What it is called where keys are listed.
        expected: What is expected, to be read behind "must be".
        read: Takes a value of a file; raises `ValueError` for one that is none of this kind.
        is_text: Whether a variable holds the value as it is; else as a file would.
        is_list: Whether a variable may hold a single element in the place of the list.
    """

    name: str
    expected: str
    read: Callable[[object], T_co]
    is_text: bool = False
    is_list: bool = False


def _other(value: object) -> ValueError:
    return ValueError(f"a value of another kind: {value!r}")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _other(value)
    value.encode()  # a variable of no encoding holds half characters; the error is a ValueError
    if "\0" in value:
        raise _other(value)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _other(value)
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise _other(value)
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _other(value)
    found = tuple(_text(each) for each in value)
    if not all(each.strip() for each in found):
        raise _other(value)
    return found


def _command(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _other(value)
    found = tuple(_text(each) for each in value)
    if found and not found[0].strip():
        raise _other(value)
    return found


def parse_period(text: str) -> timedelta:
    """Return a span of time that was written as `30s`, `10min`, `12h`, `30d`, `8w`, `6m`, `2y` or `1y6m`.

    Raises:
        InvalidInputError: it is none, or too long.
    """
    parts = _PERIOD.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise InvalidInputError(f"not a time: {text!r}", what="period", value=text)
    try:
        return sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta(0))
    except OverflowError:
        raise InvalidInputError(f"a time too long: {text!r}", what="period", value=text) from None


def _period(value: object) -> timedelta | None:
    text = _text(value)
    return parse_period(text) if text else None


def _time_limit(value: object) -> timedelta:
    found = parse_period(_text(value))
    if not timedelta(seconds=1) <= found <= timedelta(days=1):
        raise _other(value)
    return found


def _share(value: object) -> float:
    match = _SHARE.fullmatch(_text(value))
    share = float(match[1]) / 100 if match else -1.0
    if not 0 <= share <= 1:
        raise _other(value)
    return share


def _time_format(value: object) -> str:
    text = _text(value)
    directives = re.findall(r"%(.?)", text, re.DOTALL)
    if not set(directives) <= _TIME_DIRECTIVES or not text.isprintable():
        raise _other(value)
    return text


def choice(*names: str) -> Kind[str]:
    """Return the kind of those values."""

    def read(value: object) -> str:
        if value not in names:
            raise _other(value)
        return _text(value)

    quoted = [f'"{name}"' for name in names]
    return Kind(" or ".join(quoted), f"{', '.join(quoted[:-1])} or {quoted[-1]}", read, is_text=True)


PATH = Kind("path", "text: a path", _text, is_text=True)
FLAG = Kind("boolean", "true or false", _flag)
WHOLE = Kind("number", f"a whole number from 0 to {_MOST}", _whole)
TEXTS = Kind("array of texts", "an array of texts, none of them empty", _texts, is_list=True)
COMMAND = Kind("command", 'an array of texts, a program and its arguments: ["less", "-FRX"]', _command)
PERIOD = Kind("time", 'a time like "12h", "30d", "8w", "6m", "2y", or "" for none', _period, is_text=True)
TIME_LIMIT = Kind("time", 'a time from "1s" to "1d" like "30s" or "10min"', _time_limit, is_text=True)
SHARE = Kind("share", 'a share from "0%" to "100%" like "1%"', _share, is_text=True)
TIME_PATTERN = Kind(
    "time format",
    'a pattern of strftime with the usual letters, like "%d.%m.%Y %H:%M"',
    _time_format,
    is_text=True,
)
