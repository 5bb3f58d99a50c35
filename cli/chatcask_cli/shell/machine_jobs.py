"""Which jobs this machine is given so that chats are saved by themselves."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from chatcask.jobs import (
    LOCKS_FOLDER,
    Work,
    autostart_jobs,
    launchd_jobs,
    systemd_jobs,
    task_scheduler_jobs,
)
from chatcask.sources import locate, possible_folders
from chatcask_cli.shell import environment
from chatcask_cli.shell.automatic_command import (
    following_command,
    saving_command,
    waiting_by_itself,
    waiting_command,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatcask import Platform
    from chatcask.jobs import Jobs
    from chatcask.workbench import Machine


def machine_jobs(machine: Machine, given: Sequence[str]) -> Jobs:
    """Return the jobs that this system offers for the editors that are found, with options handed on."""
    platform = machine.platform
    desktop = [source for source in locate(platform) if source.product.kind == "desktop"]
    work = Work(
        saving=tuple(saving_command(given)),
        waiting=tuple(_waiting(platform, given)),
        following={
            source.id: (source.user_data_dir, tuple(following_command(given, source.user_data_dir)))
            for source in desktop
        },
    )
    if sys.platform == "win32":
        folder = machine.memory_folder or environment.data_folder()
        return task_scheduler_jobs(work, folder / LOCKS_FOLDER, environment.windows_user())
    if sys.platform == "darwin":
        return launchd_jobs(work, platform.home, os.getuid())
    configuration = environment.configuration_folder()
    if environment.has_systemd():
        return systemd_jobs(work, configuration)
    return autostart_jobs(work, configuration)


def _waiting(platform: Platform, given: Sequence[str]) -> list[str]:
    """Return what waits. On Windows, which has no way to go on as another program, it is started as such."""
    if sys.platform == "win32":
        return waiting_command(given, possible_folders(platform), every=0)
    return waiting_by_itself(given)
