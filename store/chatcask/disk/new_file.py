"""A file that only its owner may read, which appears whole under its name or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from chatcask.advice import Advice, AdviceCode
from chatcask.disk.durable import TEMPORARY_PREFIX, make_durable, open_new, rename_new
from chatcask.errors import InvalidInputError, TransportError
from chatcask.ids import object_name

_NAME_DIGITS = 12


@contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Write a file with mode 0600; it takes its name when the block ends without an error.

    What a killed process left beside it is removed by the next one that writes the same file.

    Raises:
        InvalidInputError: something is there, and `overwrite` is false; or it is a folder.
        TransportError: it cannot be written.
    """
    if path.is_dir() or (not overwrite and os.path.lexists(path)):
        raise _in_the_way(path)
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{object_name(os.fsencode(path.name))[:_NAME_DIGITS]}")
    try:
        temporary.unlink(missing_ok=True)
        opened = open_new(temporary, 0o600)
        try:
            with opened as file:
                yield file
                make_durable(file)
                own = os.fstat(file.fileno())
            _publish(temporary, path, own, overwrite=overwrite)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise TransportError(
            f"cannot write {path}: {error.strerror or error}",
            advice=Advice(AdviceCode.TRY_OTHER_PLACE),
        ) from error


def _publish(temporary: Path, path: Path, own: os.stat_result, *, overwrite: bool) -> None:
    if not os.path.samestat(own, os.lstat(temporary)):
        raise TransportError(
            f"another process writes {path} at the same time", advice=Advice(AdviceCode.RUN_ONE_ALONE)
        )
    if overwrite:
        temporary.replace(path)
        return
    try:
        rename_new(temporary, path)
    except FileExistsError:
        raise _in_the_way(path) from None


def _in_the_way(path: Path) -> InvalidInputError:
    what = "is a folder" if path.is_dir() else "exists already"
    return InvalidInputError(f"{path} {what}", advice=Advice(AdviceCode.NAME_OTHER_FILE))
