"""What each snapshot of a bundle held, as root trees made one after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chatcask.assistants.base import NO_WORKSPACE
from chatcask.assistants.known import chat_path
from chatcask.format.bundle import BundleFile, BundleManifest, BundleSnapshot, FileKind
from chatcask.format.tree import Content, Entry, EntryKind
from chatcask.monitor import Monitor, Problem
from chatcask.ops.bundle.tree_builder import AddTree, TreeBuilder

_KINDS = {FileKind.FILE: EntryKind.FILE, FileKind.LINK: EntryKind.LINK, FileKind.FOLDER: EntryKind.FOLDER}


@dataclass(frozen=True, slots=True)
class LostFiles:
    """Files of a bundle that cannot be had, by their number; each is told once."""

    monitor: Monitor
    problems: dict[int, Problem] = field(default_factory=dict)

    def note(self, number: int, file: BundleFile, message: str) -> Problem:
        """Note that a file is lost, unless that is known; return the problem that says so."""
        if number not in self.problems:
            self.problems[number] = Problem(full_path(file), "damaged", message)
            self.monitor.problem(self.problems[number])
        return self.problems[number]


@dataclass(frozen=True, slots=True)
class RootTree:
    """One snapshot of the bundle as the store has it; `problems` are the files it lacks."""

    described: BundleSnapshot
    root: Content
    files: int
    files_new: int
    workspaces: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Shown:
    """The files of the snapshot that is being made, and those that it lacks."""

    numbers: set[int] = field(default_factory=set)
    lost: dict[int, Problem] = field(default_factory=dict)
    files: int = 0
    workspaces: Counter[str] = field(default_factory=Counter)

    def count(self, number: int, file: BundleFile, step: int) -> None:
        self.numbers ^= {number}
        self.files += step if file.kind is not FileKind.FOLDER else 0
        found = chat_path(full_path(file))
        if found is not None and found.group not in ("", NO_WORKSPACE):
            self.workspaces[f"{found.source}/{found.group}"] += step


def make_root_trees(
    manifest: BundleManifest, contents: Sequence[Content | None], add_tree: AddTree, lost: LostFiles
) -> Iterator[RootTree]:
    """Yield the snapshots in order; each differs from the one before by the files that differ.

    Args:
        manifest: What the bundle says.
        contents: What was stored for each file; None for a file that was lost.
        add_tree: Stores a tree.
        lost: The lost files; one whose path another has is added.
    """
    builder, shown = TreeBuilder(add_tree), _Shown()
    starts: list[list[int]] = [[] for _ in manifest.snapshots]
    ends: list[list[int]] = [[] for _ in range(len(manifest.snapshots) + 1)]
    for number, file in enumerate(manifest.files):
        for first, last in file.snapshots:
            starts[first].append(number)
            ends[last + 1].append(number)
    for place, described in enumerate(manifest.snapshots):
        for number in ends[place]:
            _remove(builder, shown, number, manifest.files[number])
        for number in starts[place]:
            _put(builder, shown, number, manifest.files[number], contents[number], lost)
        yield RootTree(
            described=described,
            root=builder.root(),
            files=shown.files,
            files_new=len(starts[place]),
            workspaces=sum(count > 0 for count in shown.workspaces.values()),
            problems=tuple(shown.lost[number] for number in sorted(shown.lost)),
        )


def full_path(file: BundleFile) -> str:
    """Return a file's path in a root tree."""
    return f"{file.source}/{file.path}"


def _remove(builder: TreeBuilder, shown: _Shown, number: int, file: BundleFile) -> None:
    shown.lost.pop(number, None)
    if number in shown.numbers:
        shown.count(number, file, -1)
        builder.remove(full_path(file))


def _put(
    builder: TreeBuilder,
    shown: _Shown,
    number: int,
    file: BundleFile,
    content: Content | None,
    lost: LostFiles,
) -> None:
    if content is None:
        shown.lost[number] = lost.note(number, file, "it could not be read")
        return
    size = file.size if file.kind is FileKind.FOLDER else file.bytes
    name = file.path.rpartition("/")[2]
    entry = Entry(name, _KINDS[file.kind], size, file.mtime_ns, content, file.carried)
    if builder.put(full_path(file), entry):
        shown.count(number, file, 1)
    else:
        shown.lost[number] = lost.note(number, file, "another file of the bundle has its path")
