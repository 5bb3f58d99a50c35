"""`chatcask wait`: sleep until an editor closes, save its chats, and sleep again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatcask.sources import possible_folders, source_for
from chatcask_cli.shell.automatic_command import handed_on, waiting_command
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.programs import become
from chatcask_cli.shell.waiting_process import take_the_wait

_HOUR = 3600.0


@as_command
def command(
    run: Run,
    user_data_dir: Annotated[
        list[Path] | None,
        typer.Option(
            "--user-data-dir", metavar="DIR", help="Wait for the editor of this folder only; may be repeated."
        ),
    ] = None,
    every: Annotated[
        float,
        typer.Option(
            "--every", metavar="SECONDS", min=0, help="Also save what is closed this often; 0 for never."
        ),
    ] = _HOUR,
) -> int:
    """Save what is closed now, then sleep; whenever an editor closes or crashes, save its chats.

    Editors that are installed later are noticed. It goes on as a small program of its own, which reads no
    chat, and ends when it is told to (Ctrl-C, SIGTERM). 'chatcask auto on' starts it where it is needed.
    """
    platform = run.machine().platform
    named = [source_for(folder, None, platform).user_data_dir for folder in user_data_dir or ()]
    folders = named or possible_folders(platform)
    given = handed_on(run.store, run.profile)
    lock = None if named else take_the_wait(run.machine())
    run.output.report(f"waiting for {len(folders)} folders of editors; end it with Ctrl-C")
    return become(waiting_command(given, folders, every=every, only_these=bool(named), lock=lock))
