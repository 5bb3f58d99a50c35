"""Wait until editors have closed, for a bounded time; nothing of their chats is touched meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from chatcask.advice import AdviceCode
from chatcask.assistants.base import Guard, Source
from chatcask.assistants.vscode.guard.processes import wait_for_end
from chatcask.errors import EditorRunningError

_PAUSE_SECONDS = 0.02
"""Between the end of a process and the next look: what it held is let go a moment later."""
_BLIND_SECONDS = 1.0
"""Between two looks at an editor whose process is not known, so that no system can tell of its end."""


def wait_until_closed(
    guard: Guard,
    sources: Iterable[Source],
    seconds: float,
    told: Callable[[EditorRunningError], None],
    *,
    wait: Callable[[int, float], None] = wait_for_end,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Return when the editors of all sources are closed, or when the time is over.

    Args:
        guard: Says which editor runs, and as which process.
        sources: Whose editors are waited for.
        seconds: How long, all in all.
        told: Called before each wait, with what runs.
        wait: Sleeps until a process has ended, or for so many seconds.
        sleep: Sleeps.
        clock: A clock in seconds that never goes back.

    Raises:
        EditorRunningError: this very process was started inside an editor that it would wait for, and would
            end with it.
    """
    until = clock() + seconds
    for source in sources:
        while (error := _running(guard, source)) is not None:
            left = until - clock()
            if left <= 0:
                return
            told(error)
            if error.pid is None:
                sleep(min(_BLIND_SECONDS, left))
            else:
                wait(error.pid, left)
                sleep(min(_PAUSE_SECONDS, left))


def _running(guard: Guard, source: Source) -> EditorRunningError | None:
    try:
        guard.require_closed(source)
    except EditorRunningError as error:
        if error.advice is not None and error.advice.code is AdviceCode.CLOSE_OUTER_EDITOR:
            raise
        return error
    return None
