r"""Tasks for Windows' Task Scheduler: one that saves every hour, one that waits for editors from logon on.

The files are what `schtasks /create /xml` reads; they stay, and say what the tasks in `\chatcask` are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from subprocess import list2cmdline
from xml.sax.saxutils import escape

from chatcask.jobs.job import REMARK, Command, JobFile, Jobs, Work, nothing

_FOREVER = "PT0S"
_HALF_AN_HOUR = "PT30M"
_HOURLY = """    <TimeTrigger>
      <Repetition>
        <Interval>PT1H</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
      <StartBoundary>2026-01-01T00:07:00</StartBoundary>
      <Enabled>true</Enabled>
    </TimeTrigger>
"""


def task_scheduler_jobs(work: Work, folder: Path, user: str) -> Jobs:
    r"""Return the tasks.

    Args:
        work: What is to be started.
        folder: Where the files lie.
        user: The user's name with that of the domain or machine, `DESK\ada`.
    """
    tasks = {
        "snapshot": _task(work.saving, user, _logon(user, "PT2M") + _HOURLY, _HALF_AN_HOUR),
        "wait": _task(work.waiting, user, _logon(user, "PT30S"), _FOREVER),
    }
    files = {name: folder / f"chatcask-{name}.xml" for name in tasks}
    return Jobs(
        kind="task-scheduler",
        files=tuple(JobFile(files[name], _bytes(text)) for name, text in tasks.items()),
        on=(
            *(
                ("schtasks", "/create", "/f", "/tn", _named(path), "/xml", str(path))
                for path in files.values()
            ),
            ("schtasks", "/run", "/tn", _named(files["wait"])),
        ),
        off=_off,
        afterwards=nothing,
        pattern="chatcask-*.xml",
    )


def _off(files: Sequence[Path]) -> tuple[Command, ...]:
    names = [_named(path) for path in files]
    ends = [("schtasks", "/end", "/tn", name) for name in names]
    return (*ends, *(("schtasks", "/delete", "/f", "/tn", name) for name in names))


def _named(path: Path) -> str:
    return path.stem.replace("-", "\\", 1)


def _logon(user: str, delay: str) -> str:
    return (
        "    <LogonTrigger>\n      <Enabled>true</Enabled>\n"
        f"      <UserId>{escape(user)}</UserId>\n      <Delay>{delay}</Delay>\n    </LogonTrigger>\n"
    )


def _task(command: Command, user: str, triggers: str, limit: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Saves the chats of editors that are closed. {REMARK}</Description>
  </RegistrationInfo>
  <Triggers>
{triggers}  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <ExecutionTimeLimit>{limit}</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(command[0])}</Command>
      <Arguments>{escape(list2cmdline(command[1:]))}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def _bytes(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-16")
