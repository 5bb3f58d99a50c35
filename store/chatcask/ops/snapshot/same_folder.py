"""Whether a snapshot of another origin is of the very folder that is here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial

from chatcask.assistants.base import Guard, Source
from chatcask.assistants.groups import marks_in_snapshot
from chatcask.assistants.known import assistant_of
from chatcask.errors import EditorRunningError
from chatcask.format.tree import Content, Entry
from chatcask.ops.snapshot.parent import ParentSnapshot
from chatcask.repository.repository import Repository


class FolderMarks:
    """The marks of the folders that a run captures; each is looked at once, and only when it is asked for.

    Args:
        sources: The folders. One whose editor runs is not looked at, and says nothing.
        guard: Says which editors run.
        repository: Where snapshots are.
    """

    def __init__(self, sources: Sequence[Source], guard: Guard, repository: Repository) -> None:
        self._sources = sources
        self._guard = guard
        self._repository = repository

    def match(self, parent: ParentSnapshot) -> bool:
        """Tell whether every folder of the snapshot is here, as far as their marks can be seen.

        What the run does not capture would become this origin's and might be somebody else's.

        Raises:
            DamagedError: a tree of the snapshot cannot be read.
        """
        if not all(entry.name in self._here for entry in parent.sources):
            return False
        shared = []
        for entry in parent.sources:
            layout = assistant_of(entry.name).layout
            here, there = self._here[entry.name], marks_in_snapshot(layout, entry.content, self._tree)
            if here and there:
                shared.append(bool(here & there))
        return bool(shared) and all(shared)

    @cached_property
    def _here(self) -> dict[str, frozenset[str]]:
        return {source.id: self._marks(source) for source in self._sources}

    def _marks(self, source: Source) -> frozenset[str]:
        if self._guard.running(source) is not None:
            return frozenset()
        try:
            # What cannot be looked at is named by the capture.
            watch = partial(self._guard.watch, source)
            return assistant_of(source.id).marks(source, watch, lambda _: None)
        except EditorRunningError:
            return frozenset()

    def _tree(self, content: Content, _: str) -> tuple[Entry, ...]:
        return self._repository.tree(content)
