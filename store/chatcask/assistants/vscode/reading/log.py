"""Replay of a `.jsonl` mutation log: lines of edits that add up to one session object.

One JSON object per line: kind 0 sets the whole object, 1 sets a property, 2 cuts an array and appends to
it, 3 removes a property (microsoft/vscode objectMutationLog.ts). `replay` is as strict as the editor's own
reader: the first line that is not JSON, or whose path leads through something missing, makes the whole log
malformed. Only the object and one line are held in memory.

Two things that no editor writes and that JavaScript shrugs off are refused as well: a named property of an
array, and an append to something that is not an array.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, ClassVar, Final

from chatcask.advice import Advice, AdviceCode
from chatcask.chats import jsontext
from chatcask.errors import ChatcaskError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatcask.chats.jsontext import Json

INITIAL = 0
SET = 1
PUSH = 2
DELETE = 3

MAX_PATH = 64
"""Longest path of an edit; chats were seen to need 4."""

MAX_HOLES = 1024
"""How far beyond its end an array may be extended by one edit. JavaScript has no such limit."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""The state of a log before its first kind 0 line; not the same as a stored `null`."""


class LogError(ChatcaskError):
    """A line of a mutation log cannot be read or applied; the editor refuses such a chat."""

    kind: ClassVar[str] = "malformed_session"

    def __init__(self, message: str, *, line: int = 0) -> None:
        where = f"line {line}: " if line else ""
        super().__init__(where + message, advice=Advice(AdviceCode.SALVAGE_KEEPS))
        self.line = line


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number from 1, where it begins, its bytes, and whether a line feed ends it."""

    number: int
    offset: int
    data: bytes
    ended: bool


def split_lines(buffers: Iterable[bytes]) -> Iterator[Line]:
    """Yield the lines of a file given in pieces, the empty ones too; only a line feed ends a line.

    No line is held beyond the moment it is asked for, since one may be nearly the whole file.
    """
    number, offset = 1, 0
    pending = BytesIO()
    for buffer in buffers:
        start = 0
        while (end := buffer.find(b"\n", start)) >= 0:
            length = pending.tell() + end - start
            if pending.tell():
                pending.write(buffer[start:end])
                yield Line(number, offset, _taken(pending), ended=True)
            else:
                yield Line(number, offset, buffer[start:end], ended=True)
            number, offset, start = number + 1, offset + length + 1, end + 1
        pending.write(buffer[start:])
    if pending.tell():
        yield Line(number, offset, _taken(pending), ended=False)


def _taken(pending: BytesIO) -> bytes:
    """Return what was written and forget it; the bytes are handed over, not copied."""
    data = pending.getvalue()
    pending.seek(0)
    pending.truncate()
    return data


def decode(data: bytes) -> tuple[str, bool]:
    """Return the text of UTF-8 bytes, and whether some of them were not UTF-8.

    Bad bytes become U+FFFD and a leading byte order mark is dropped, as `TextDecoder` does for the editor
    (microsoft/vscode base/common/buffer.ts).
    """
    data = data.removeprefix(BYTE_ORDER_MARK)
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return data.decode(errors="replace"), True


def replay(buffers: Iterable[bytes]) -> Json:
    """Return the object that a log adds up to, or raise `LogError` where the editor would refuse it."""
    state: Json = MISSING
    seen = False
    for line in split_lines(buffers):
        if not line.data:
            continue
        seen = True
        number, text = line.number, decode(line.data)[0]
        del line  # one line may be nearly the whole file
        try:
            state = apply_entry(state, jsontext.loads(text))
        except jsontext.JsonTextError as error:
            raise LogError(f"not JSON: {error}", line=number) from None
        except LogError as error:
            raise LogError(error.message, line=number) from None
    if not seen:
        raise LogError("the log is empty")
    if state is MISSING:
        raise LogError("the log has no initial entry")
    return state


def apply_entry(state: Json, entry: Json) -> Json:
    """Return the state after one parsed line; containers inside `state` are changed in place.

    An entry that cannot be applied raises `LogError` and leaves the state as it was.
    """
    if not is_entry(entry):
        raise LogError("not an entry of a known kind")
    kind = entry["kind"]
    if kind == INITIAL:
        return entry.get("v", MISSING)
    if state is MISSING:
        raise LogError("an edit stands before the initial entry")
    path = _path_of(entry)
    if kind == PUSH:
        _push(state, path, entry)
    elif path:  # an empty path changes nothing
        container = _descend(state, path[:-1])
        _assign(container, path[-1], entry.get("v", MISSING) if kind == SET else MISSING)
    return state


def is_entry(value: Json) -> bool:
    """Tell whether a value is an object of one of the four kinds."""
    kind = value.get("kind") if isinstance(value, dict) else None
    return not isinstance(kind, bool) and kind in (INITIAL, SET, PUSH, DELETE)


def _path_of(entry: Json) -> list[str | int]:
    path = entry.get("k")
    if not isinstance(path, list) or not all(_is_step(step) for step in path):
        raise LogError("an edit has no path")
    if len(path) > MAX_PATH:
        raise LogError("the path of an edit is too long")
    return [int(step) if isinstance(step, float) else step for step in path]


def _is_step(step: Json) -> bool:
    if isinstance(step, float):
        return step.is_integer()
    return isinstance(step, str | int) and not isinstance(step, bool)


def _descend(state: Json, path: list[str | int]) -> Json:
    current = state
    for step in path:
        current = _child(current, step)
    return current


def _child(container: Json, step: str | int) -> Json:
    if isinstance(container, dict):
        return container.get(str(step), MISSING)
    if isinstance(container, list):
        index = _index(step)
        return container[index] if index < len(container) else MISSING
    raise LogError(f"the path leads through something missing at {step!r:.60}")


def _index(step: str | int) -> int:
    if isinstance(step, str):
        if not (step.isascii() and step.isdigit() and str(int(step[:20])) == step):
            raise LogError(f"an array has no place called {step!r:.60}")
        step = int(step)
    if step < 0:
        raise LogError(f"an array has no place {step}")
    return step


def _assign(container: Json, step: str | int, value: Json) -> None:
    """Set or remove a property; a removed element of an array leaves a null, as it does in JSON text."""
    if isinstance(container, dict):
        if value is MISSING:
            container.pop(str(step), None)
        else:
            container[str(step)] = value
    elif isinstance(container, list):
        index = _index(step)
        _extend(container, index + 1)
        container[index] = None if value is MISSING else value
    else:
        raise LogError(f"the path leads through something missing at {step!r:.60}")


def _extend(array: list[Json], length: int) -> None:
    if length > len(array) + MAX_HOLES:
        raise LogError(f"place {length - 1} is far beyond the end of an array")
    array.extend([None] * (length - len(array)))


def _push(state: Json, path: list[str | int], entry: Json) -> None:
    """Cut an array to a length, then append; a missing array is made (objectMutationLog.ts)."""
    values = entry.get("v")
    if values is not None and not isinstance(values, list):
        raise LogError("what is to be appended is not an array")
    if not path:
        raise LogError("an edit has no path")
    container = _descend(state, path[:-1])
    array = _child(container, path[-1])
    if array is MISSING or (not array and not isinstance(array, dict)):
        array = array if isinstance(array, list) else []
    if not isinstance(array, list):
        raise LogError("the path of an append does not lead to an array")
    _cut(array, entry)
    array.extend(values or [])
    _assign(container, path[-1], array)


def _cut(array: list[Json], entry: Json) -> None:
    if "i" not in entry:
        return
    length = entry["i"]
    if isinstance(length, bool) or not isinstance(length, int | float) or length != length // 1 or length < 0:
        raise LogError("an array cannot be cut to that length")
    _extend(array, int(length))
    del array[int(length) :]
