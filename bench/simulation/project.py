"""The source files of a workspace's project, as the chats about it quote and change them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

from simulation.text import code
from simulation.words import NOUNS, PEOPLE, PROJECTS

_FILES = 24


@dataclass(slots=True)
class SourceFile:
    """One file: its path and its lines, escaped for JSON. Lines change as chats edit it."""

    path: str
    lines: list[str]

    def excerpt(self, rng: random.Random, length: int) -> str:
        """Return some consecutive lines, about `length` characters."""
        count = max(3, length // 34)
        start = rng.randrange(max(1, len(self.lines) - count + 1))
        return "".join(self.lines[start : start + count])

    def edit(self, rng: random.Random, count: int) -> tuple[int, list[str]]:
        """Replace `count` consecutive lines; return the first line's number and the new lines."""
        new = code().lines(rng, count)
        start = rng.randrange(max(1, len(self.lines) - count + 1))
        self.lines[start : start + count] = new
        return start + 1, new

    def text(self) -> str:
        """Return the file as it stands on disk."""
        return str(json.loads(f'"{"".join(self.lines)}"'))


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of source files that somebody works on in one workspace."""

    folder: str
    files: tuple[SourceFile, ...]


def make_project(seed: int, workspace: str) -> Project:
    """Return the project of a workspace; the same arguments give the same files."""
    rng = random.Random(f"{seed}/project/{workspace}")
    folder = f"/home/{rng.choice(PEOPLE)}/projects/{rng.choice(PROJECTS)}-{workspace[:4]}"
    files = []
    for name in rng.sample(NOUNS, _FILES):
        lines = code().lines(rng, round(min(2500, rng.lognormvariate(5.2, 0.8))))
        files.append(SourceFile(f"{folder}/src/{name}.py", lines))
    return Project(folder, tuple(files))
