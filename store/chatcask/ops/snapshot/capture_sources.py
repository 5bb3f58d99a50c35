"""Every source that was asked for, one after the other: captured, or skipped since its editor runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Guard, RunningEditor, Source
from chatcask.errors import DamagedError, EditorRunningError
from chatcask.monitor import Monitor
from chatcask.ops.snapshot.capture import Captured, SourceCapture
from chatcask.ops.snapshot.parent import Parent
from chatcask.ops.snapshot.store_writer import Writer

if TYPE_CHECKING:
    from chatcask.ops.snapshot.read_items import Observer


@dataclass(frozen=True, slots=True)
class Request:
    """One source to capture, whole or only some of its workspaces."""

    source: Source
    only_workspaces: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A source that was asked for and not captured, since its editor runs."""

    source: Source
    editor: RunningEditor


@dataclass(frozen=True, slots=True)
class Captures:
    """What became of each source that was asked for, by its id."""

    captured: Mapping[str, Captured]
    skipped: Mapping[str, Skipped]

    def passed_over(self, path: str) -> bool:
        """Tell whether a path of a snapshot lies in a workspace that is excluded."""
        source, _, inside = path.partition("/")
        captured = self.captured.get(source)
        excluded = captured.excluded if captured else ()
        return any(f"{inside}/".startswith(f"{folder}/") for folder in excluded)

    def without(self, started: Iterable[Skipped]) -> Captures:
        """Return the captures without those sources whose editor was started meanwhile."""
        skipped = {**self.skipped, **{each.source.id: each for each in started}}
        captured = {name: each for name, each in self.captured.items() if name not in skipped}
        return Captures(captured, skipped)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What capturing needs beside the sources.

    Attributes:
        guard: Tells whether an editor runs.
        writer: Where bytes go.
        observer: Gives who is to see changed files, if anybody is; asked when the first one is read.
        monitor: Told of progress and problems.
    """

    guard: Guard
    writer: Writer
    observer: Callable[[], Observer] | None
    monitor: Monitor


def capture_sources(
    requests: Iterable[Request], parent_of: Callable[[Source], Parent], surroundings: Surroundings
) -> Captures:
    """Capture each source whose editor is closed; `parent_of` gives what the last run knew of it."""
    captured: dict[str, Captured] = {}
    skipped: dict[str, Skipped] = {}
    for request in requests:
        source = request.source
        surroundings.monitor.phase(source.product.display_name, None)
        found = _capture(request, parent_of(source), surroundings)
        if isinstance(found, Skipped):
            skipped[source.id] = found
        else:
            captured[source.id] = found
    return Captures(captured, {}).without(skipped.values())


def started_since(requests: Iterable[Request], captures: Captures, guard: Guard) -> tuple[Skipped, ...]:
    """Ask the guard again; return the captured sources whose editor runs by now."""
    asked = (request.source for request in requests if request.source.id in captures.captured)
    return tuple(skipped for source in asked if (skipped := _running(source, guard)))


def refuse_if_all_run(captures: Captures) -> None:
    """Refuse to go on with nothing.

    Raises:
        EditorRunningError: the editor of every source runs.
    """
    if captures.captured:
        return
    running = [skipped.editor for skipped in captures.skipped.values()]
    what = "; ".join(editor.description for editor in running)
    raise EditorRunningError(
        f"nothing was captured: {what}",
        product=running[0].product.name,
        user_data_dir=running[0].user_data_dir,
        reason=running[0].reason,
        pid=running[0].pid,
        advice=Advice(AdviceCode.CLOSE_EDITOR_AND_SNAPSHOT),
    )


def _capture(request: Request, parent: Parent, surroundings: Surroundings) -> Captured | Skipped:
    source, guard = request.source, surroundings.guard
    if skipped := _running(source, guard):
        return skipped
    watch = partial(guard.watch, source)
    capture = SourceCapture(
        source, parent, surroundings.writer, watch, surroundings.monitor, surroundings.observer
    )
    try:
        captured = capture.run(request.only_workspaces)
    except EditorRunningError:
        if skipped := _running(source, guard):
            return skipped
        raise
    except DamagedError:
        if not parent.is_trusted:
            raise
        # What else the store lost of it only shows when somebody asks for it; what the disk has is sound.
        return _capture(request, replace(parent, is_trusted=False), surroundings)
    # The last look at the source's files lies behind; from here on the editor may start.
    return _running(source, guard) or captured


def _running(source: Source, guard: Guard) -> Skipped | None:
    editor = guard.running(source)
    return Skipped(source, editor) if editor is not None else None
