"""The tools that are compared, each as the commands a user would type.

Every tool keeps its store, cache and settings in a folder of its own; nothing of the user's is read.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from measure import Command, CommandFailedError, output_of

REPOSITORY = Path(__file__).resolve().parents[1]
PATHS = {
    "PYTHONPATH": os.pathsep.join(str(REPOSITORY / name) for name in ("store", "cli")),
    "PYTHONDONTWRITEBYTECODE": "",  # an installed program is compiled once
}
"""What lets an interpreter run the project as it stands here."""


@dataclass(frozen=True)
class Contender(ABC):
    """One tool with its home folder; `folder` is the user-data folder that it keeps safe."""

    name: ClassVar[str]
    home: Path
    folder: Path

    @property
    def store(self) -> Path:
        """Where the tool keeps its store."""
        return self.home / "store"

    @abstractmethod
    def version(self) -> str:
        """Return the tool's version; raise `CommandFailedError` if it is not installed."""

    @abstractmethod
    def create(self) -> list[Command]:
        """Make the empty store."""

    @abstractmethod
    def snapshot(self, number: int) -> list[Command]:
        """Take snapshot `number`."""

    @abstractmethod
    def restore_all(self, number: int, output: Path) -> list[Command]:
        """Write the files of snapshot `number`, which is the latest, below `output`."""

    @abstractmethod
    def restore_one(self, number: int, path: str, output: Path) -> list[Command]:
        """Write one file of the latest snapshot below `output`; `path` is relative to the folder."""

    @abstractmethod
    def verify(self) -> list[Command]:
        """Read every stored byte and prove it."""

    def _command(
        self, *arguments: str, folder: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> Command:
        places = {
            "HOME": self.home,
            "XDG_CACHE_HOME": self.home / "cache",
            "XDG_CONFIG_HOME": self.home / "config",
            "XDG_DATA_HOME": self.home / "data",
        }
        own = {variable: str(place) for variable, place in places.items()}
        return Command(arguments, folder or self.folder, own | dict(settings or {}))


class Chatcask(Contender):
    """This project, run by the interpreter that runs the bench."""

    name = "chatcask"

    def version(self) -> str:
        """Return what `--version` prints."""
        return output_of(self._chatcask("--version")).strip()

    def create(self) -> list[Command]:
        """Make the store by `init`."""
        return [self._chatcask("init", "--store", str(self.store), "--json")]

    def snapshot(self, number: int) -> list[Command]:
        """Take a snapshot of the folder."""
        del number
        where = ("--user-data-dir", str(self.folder), "--store", str(self.store))
        return [self._chatcask("snapshot", *where, "--json")]

    def restore_all(self, number: int, output: Path) -> list[Command]:
        """Restore the latest snapshot as plain files."""
        del number
        return [self._restore("latest", output)]

    def restore_one(self, number: int, path: str, output: Path) -> list[Command]:
        """Restore one session by its path in the snapshot."""
        del number
        inner = path.removeprefix("User/workspaceStorage/")
        return [self._restore(f"latest:{self._source()}/workspaces/{inner}", output)]

    def check(self) -> list[Command]:
        """Check the store's structure."""
        return [self._chatcask("check", "--store", str(self.store), "--json")]

    def verify(self) -> list[Command]:
        """Check the store with all its data."""
        return [self._chatcask("check", "--read-data", "--store", str(self.store), "--json")]

    def _restore(self, what: str, output: Path) -> Command:
        return self._chatcask("restore", what, "--store", str(self.store), "--output", str(output), "--json")

    def _source(self) -> str:
        listing = output_of(self._chatcask("ls", "latest", "--store", str(self.store), "--json"))
        found = re.search(r"[a-z-]+~[0-9a-f]{8}", listing)
        if found is None:
            raise CommandFailedError(f"no source in the listing of the latest snapshot: {listing[:200]}")
        return found[0]

    def _chatcask(self, *arguments: str) -> Command:
        return self._command(sys.executable, "-m", "chatcask_cli", *arguments, settings=PATHS)


class Restic(Contender):
    """restic with its defaults: encryption and its own compression are always on in a new store."""

    name = "restic"

    def version(self) -> str:
        """Return the version number."""
        return " ".join(output_of(self._restic("version")).split()[:2])

    def create(self) -> list[Command]:
        """Make a store of the newest format, so that it compresses."""
        return [self._restic("init", "--repository-version", "latest")]

    def snapshot(self, number: int) -> list[Command]:
        """Back the folder up."""
        del number
        return [self._restic("backup", "--quiet", ".")]

    def restore_all(self, number: int, output: Path) -> list[Command]:
        """Restore the latest snapshot."""
        del number
        return [self._restic("restore", "latest", "--target", str(output))]

    def restore_one(self, number: int, path: str, output: Path) -> list[Command]:
        """Restore one file of the latest snapshot."""
        del number
        return [self._restic("restore", "latest", "--target", str(output), "--include", path)]

    def verify(self) -> list[Command]:
        """Check the store with all its data."""
        return [self._restic("check", "--read-data")]

    def _restic(self, *arguments: str) -> Command:
        settings = {"RESTIC_PASSWORD": "fictional", "RESTIC_CACHE_DIR": str(self.home / "cache")}
        return self._command("restic", "-r", str(self.store), *arguments, settings=settings)


class Borg(Contender):
    """borg without encryption, zstd level 3."""

    name = "borg"

    def version(self) -> str:
        """Return the version number."""
        return output_of(self._borg("--version")).strip()

    def create(self) -> list[Command]:
        """Make a store without encryption."""
        return [self._borg("init", "-e", "none", str(self.store))]

    def snapshot(self, number: int) -> list[Command]:
        """Create the archive of that number."""
        return [self._borg("create", "--compression", "zstd,3", self._archive(number), ".")]

    def restore_all(self, number: int, output: Path) -> list[Command]:
        """Extract the archive."""
        return [self._borg("extract", self._archive(number), folder=output)]

    def restore_one(self, number: int, path: str, output: Path) -> list[Command]:
        """Extract one file of the archive."""
        return [self._borg("extract", self._archive(number), path, folder=output)]

    def verify(self) -> list[Command]:
        """Check the store with all its data."""
        return [self._borg("check", "--verify-data", str(self.store))]

    def _archive(self, number: int) -> str:
        return f"{self.store}::{number}"

    def _borg(self, *arguments: str, folder: Path | None = None) -> Command:
        settings = {
            "BORG_BASE_DIR": str(self.home),
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
        }
        return self._command("borg", *arguments, folder=folder, settings=settings)


class Git(Contender):
    """git with loose objects: add and commit, no automatic garbage collection."""

    name = "git"

    def version(self) -> str:
        """Return the version number."""
        return output_of(self._git("--version")).strip()

    def create(self) -> list[Command]:
        """Make a repository beside the folder, so that nothing is written into it."""
        return [self._command("git", "init", "--quiet", "--bare", str(self.store), folder=self.home)]

    def snapshot(self, number: int) -> list[Command]:
        """Add everything and commit."""
        commit = ("commit", "--quiet", "--allow-empty", "-m", f"snapshot {number}")
        return [self._git("add", "-A"), self._git(*commit)]

    def restore_all(self, number: int, output: Path) -> list[Command]:
        """Write all files of the latest commit, which the index holds too."""
        del number
        return [self._git("checkout-index", "--all", f"--prefix={output}/")]

    def restore_one(self, number: int, path: str, output: Path) -> list[Command]:
        """Write one file of the latest commit."""
        del number
        return [self._git("checkout-index", f"--prefix={output}/", "--", path)]

    def verify(self) -> list[Command]:
        """Check every object."""
        return [self._git("fsck", "--full")]

    def _git(self, *arguments: str) -> Command:
        identity = {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
        }
        places = (f"--git-dir={self.store}", f"--work-tree={self.folder}")
        options = ("-c", "gc.auto=0", "-c", "core.bare=false", "-c", "core.autocrlf=false")
        return self._command(
            "git", *options, *places, *arguments, settings=identity | {"GIT_CONFIG_NOSYSTEM": "1"}
        )


class Zpaq(Contender):
    """zpaq at its default level 1."""

    name = "zpaq"

    def version(self) -> str:
        """Return the name alone: zpaq has no option that prints its version and succeeds."""
        if shutil.which("zpaq") is None:
            raise CommandFailedError("zpaq is not installed")
        return "zpaq"

    def create(self) -> list[Command]:
        """Make the folder of the archive."""
        return [self._command("mkdir", "-p", str(self.store))]

    def snapshot(self, number: int) -> list[Command]:
        """Append what changed to the archive."""
        del number
        return [self._command("zpaq", "add", self._archive(), ".", "-m1")]

    def restore_all(self, number: int, output: Path) -> list[Command]:
        """Extract the newest version of everything."""
        del number
        return [self._command("zpaq", "extract", self._archive(), folder=output)]

    def restore_one(self, number: int, path: str, output: Path) -> list[Command]:
        """Extract the newest version of one file."""
        del number
        return [self._command("zpaq", "extract", self._archive(), f"./{path}", folder=output)]

    def verify(self) -> list[Command]:
        """Unpack everything without writing it."""
        return [self._command("zpaq", "extract", self._archive(), "-test", folder=self.home)]

    def _archive(self) -> str:
        return str(self.store / "archive.zpaq")


CONTENDERS: tuple[type[Contender], ...] = (Chatcask, Restic, Borg, Git, Zpaq)
