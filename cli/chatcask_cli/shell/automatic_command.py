"""The command lines of what runs by itself: the saving one, which ends, and the one that waits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from chatcask_cli.shell import environment

_SAVING = ("snapshot", "--automatic", "--quiet", "--skip-unchanged", "--if-closed")


def saving_command(store: Path | None) -> list[str]:
    """Return what saves the chats of all closed editors into the store that is meant by an option."""
    named = environment.named_store(store)
    return [*environment.own_program(), *_SAVING, *(("--store", str(named)) if named else ())]


def waiting_by_itself(store: Path | None) -> list[str]:
    """Return what waits for every editor that there is, or will be when it is started."""
    named = environment.named_store(store)
    return [*environment.own_program(), "wait", "--quiet", *(("--store", str(named)) if named else ())]


def waiting_command(
    store: Path | None,
    folders: Iterable[Path],
    *,
    every: float,
    only_these: bool = False,
    lock: int | None = None,
) -> list[str]:
    """Return what waits for editors to close.

    Args:
        store: The store that an option names.
        folders: Whose editors are waited for.
        every: After how many seconds to save anyway; 0 for at the beginning only.
        only_these: Then, too, save these folders and no others that are found.
        lock: A descriptor that is to be kept open.
    """
    roots = [text for folder in folders for text in ("--root", str(folder))]
    options = ["--every", f"{every:g}", *(["--each"] if only_these else []), *roots]
    if lock is not None:
        options += ["--lock", str(lock)]
    return [*environment.waiting_program(), *options, "--", *saving_command(store)]


def following_command(store: Path | None, folder: Path) -> list[str]:
    """Return what waits for one folder's editor to close, if it runs, then saves the folder and ends."""
    return [*environment.waiting_program(), "--once", "--root", str(folder), "--", *saving_command(store)]
