"""The command lines of what runs by itself: the saving one, which ends, and the one that waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from chatcask_cli.shell import environment

_SAVING = ("snapshot", "--automatic", "--quiet", "--skip-unchanged", "--if-closed")


def handed_on(store: Path | None, profile: str | None) -> list[str]:
    """Return the options that say to a job what options and variables said here: it has neither."""
    named, called = environment.named_store(store), environment.named_profile(profile)
    return [
        *(("--store", str(named)) if named else ()),
        *(("--profile", called) if called else ()),
    ]


def saving_command(given: Sequence[str]) -> list[str]:
    """Return what saves the chats of all closed editors, with the options that are handed on."""
    return [*environment.own_program(), *_SAVING, *given]


def waiting_by_itself(given: Sequence[str]) -> list[str]:
    """Return what waits for every editor that there is, or will be when it is started."""
    return [*environment.own_program(), "wait", "--quiet", *given]


def waiting_command(
    given: Sequence[str],
    folders: Iterable[Path],
    *,
    every: float,
    only_these: bool = False,
    lock: int | None = None,
) -> list[str]:
    """Return what waits for editors to close.

    Args:
        given: The options that are handed on.
        folders: Whose editors are waited for.
        every: After how many seconds to save anyway; 0 for at the beginning only.
        only_these: Then, too, save these folders and no others that are found.
        lock: A descriptor that is to be kept open.
    """
    roots = [text for folder in folders for text in ("--root", str(folder))]
    options = ["--every", f"{every:g}", *(["--each"] if only_these else []), *roots]
    if lock is not None:
        options += ["--lock", str(lock)]
    return [*environment.waiting_program(), *options, "--", *saving_command(given)]


def following_command(given: Sequence[str], folder: Path) -> list[str]:
    """Return what waits for one folder's editor to close, if it runs, then saves the folder and ends."""
    return [*environment.waiting_program(), "--once", "--root", str(folder), "--", *saving_command(given)]
