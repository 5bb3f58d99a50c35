"""The fictional machine of the demo: Ada's, with a clock that the story sets and no program that runs.

Nothing of the real machine is looked at but the folder of the demo, so the story is the same for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatcask import Platform
from chatcask.workbench import Machine

if TYPE_CHECKING:
    from pathlib import Path

    from chatcask import Source
    from chatcask.sources import RunningEditor

FIRST_DAY = datetime(2025, 6, 2, 9, 0, tzinfo=UTC)
"""When the story begins: in the past of every machine that runs this."""


@dataclass(slots=True)
class StoryClock:
    """Shows the moment that the story has come to."""

    moment: datetime = FIRST_DAY

    def __call__(self) -> datetime:
        """Return the time now."""
        return self.moment


class NoEditorRuns:
    """The guard of a machine on which no editor runs."""

    def running(self, source: Source) -> RunningEditor | None:
        """Return None: the source's editor is closed."""
        return None

    def require_closed(self, source: Source) -> None:
        """Agree: the source's editor is closed."""

    def watch(self, source: Source) -> None:
        """Agree: the source's editor is closed."""


def fictional_machine(home: Path, base: Path, clock: StoryClock) -> Machine:
    """Return Ada's machine; `base` is the folder in which her programs keep their folders."""
    return Machine(
        platform=Platform("linux", home=home, environment={"XDG_CONFIG_HOME": str(base)}),
        origin="ada0ada0ada0ada0",
        host="lighthouse",
        program="chatcask demo",
        clock=clock,
        zone=UTC,
        watcher=NoEditorRuns(),
    )
