"""An editor's folder with made-up chats, ways to break it as editors do, and the three operations on it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatcask.assistants.base import Platform, Source
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.assistants.vscode.writing.file_steps import FileOperations
from chatcask.catalog.catalog import Catalog
from chatcask.format.config import Config
from chatcask.monitor import Monitor, NullMonitor
from chatcask.ops.browse.versions import ChatVersions
from chatcask.ops.editing.apply import apply
from chatcask.ops.editing.choose_findings import choose_findings
from chatcask.ops.editing.context import EditContext
from chatcask.ops.editing.diagnose import diagnose
from chatcask.ops.editing.finding import Diagnosis
from chatcask.ops.editing.look import Doctor
from chatcask.ops.editing.plan_fix import FixPlan, apply_fixes, plan_fix
from chatcask.ops.editing.plan_restore import RestorePlan, plan_restore
from chatcask.ops.editing.plan_undo import plan_undo
from chatcask.ops.editing.restoring import RestoreMode, RestoreOptions
from chatcask.ops.snapshot.capture_sources import Request
from chatcask.ops.snapshot.manifest import Identity
from chatcask.ops.snapshot.take import SnapshotOptions, take_snapshot
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot
from chatcask.transport import MemoryTransport, Transport
from chatcask_cli.demo import folder as fictional
from support import vscode_view
from support.worlds import ORIGIN, Clock, ClosedGuard

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
IDENTITY = Identity(ORIGIN, "lighthouse", "chatcask test")
NEW_ID = "0a1b2c3d-1111-4222-8333-444455556666"
FolderState = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """A chat of the made-up folder: its id, its place as VS Code names it, and the form of its file."""

    session: str
    place: str
    suffix: str


@dataclass(frozen=True)
class Frozen:
    """The files with their times, the folders, and the objects of the store."""

    files: dict[Path, tuple[bytes, int]]
    folders: list[Path]
    objects: dict[str, bytes]


class RestoreWorld:
    """One editor's folder and one store."""

    def __init__(self, folder: Path, template: RestoreWorld | Path | None = None) -> None:
        self.user_data_dir = folder / ".config" / "Code"
        self.transport: Transport = MemoryTransport()
        self.guard = ClosedGuard()
        self.clock = Clock()
        if isinstance(template, RestoreWorld):
            shutil.copytree(template.user_data_dir, self.user_data_dir)
            self.clock.now = template.clock.now
            for info in template.transport.list(""):
                self.transport.put(info.key, template.transport.get(info.key))
            return
        if template is None:
            fictional.build_folder(self.user_data_dir, START)
        else:
            shutil.copytree(template, self.user_data_dir)
        Repository.create(self.transport, Config(store_id="0" * 32, created_at="2026-11-01T12:00:00Z"))

    @property
    def platform(self) -> Platform:
        return Platform("linux", self.user_data_dir.parent.parent, {})

    @property
    def source(self) -> Source:
        return source_for(self.user_data_dir, "code", self.platform)

    def subject(self, name: str) -> Subject:
        """Return a chat of the made-up folder by its short name."""
        session = fictional.session_id(name)
        for place, _, sessions in vscode_view.places(self.user_data_dir):
            for path in sessions.glob(f"{session}.json*"):
                return Subject(session, place, path.suffix)
        raise AssertionError(name)

    def storage(self, subject: Subject) -> Path:
        return next(s for p, s, _ in vscode_view.places(self.user_data_dir) if p == subject.place)

    def sessions(self, subject: Subject) -> Path:
        return next(s for p, _, s in vscode_view.places(self.user_data_dir) if p == subject.place)

    def body(self, subject: Subject) -> Path:
        return self.sessions(subject) / f"{subject.session}{subject.suffix}"

    def view(self) -> vscode_view.View:
        return vscode_view.view(self.user_data_dir)

    def folder_state(self) -> FolderState:
        """Return all files with their bytes and times, and of databases every row with its type."""
        found: FolderState = {}
        for path in sorted(self.user_data_dir.rglob("*")):
            name = path.relative_to(self.user_data_dir).as_posix()
            if path.name == "state.vscdb":
                found[name] = vscode_view.rows(path)
            elif path.is_file():
                found[name] = (path.read_bytes(), path.stat().st_mtime_ns)
            elif path.is_dir():
                found[name] = "folder"
        return found

    def freeze(self) -> Frozen:
        """Return everything there is, so that `thaw` can bring it back again and again."""
        paths = sorted(self.user_data_dir.rglob("*"))
        files = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths if path.is_file()}
        objects = {info.key: self.transport.get(info.key) for info in self.transport.list("")}
        return Frozen(files, [path for path in paths if path.is_dir()], objects)

    def thaw(self, frozen: Frozen) -> None:
        """Bring back what was there, touching only what differs."""
        for path in sorted(self.user_data_dir.rglob("*"), reverse=True):
            if path.is_dir() and path not in frozen.folders:
                path.rmdir()
            elif not path.is_dir() and path not in frozen.files:
                path.unlink()
        for path in frozen.folders:
            path.mkdir(exist_ok=True)
        for path, (data, mtime_ns) in frozen.files.items():
            if not path.exists() or path.stat().st_mtime_ns != mtime_ns or path.read_bytes() != data:
                path.write_bytes(data)
                os.utime(path, ns=(mtime_ns, mtime_ns))
        self.guard = ClosedGuard()
        self.transport = MemoryTransport()
        for key, data in frozen.objects.items():
            self.transport.put(key, data)

    def take(self, transport: Transport | None = None, tags: tuple[str, ...] = ()) -> SnapshotReference:
        with Repository.open(transport or self.transport) as repository:
            result = take_snapshot(
                repository,
                [Request(self.source)],
                SnapshotOptions(tags),
                identity=IDENTITY,
                guard=self.guard,
                clock=self.clock,
                monitor=NullMonitor(),
            )
            assert result.reference is not None
            return result.reference

    def context(
        self, repository: Repository, catalog: Catalog, operations: FileOperations | None = None
    ) -> EditContext:
        return EditContext(
            repository=repository,
            catalog=catalog,
            guard=self.guard,
            clock=self.clock,
            identity=IDENTITY,
            operations=operations or FileOperations(),
        )

    def restore(
        self,
        session: str,
        mode: RestoreMode = RestoreMode.PLAIN,
        *,
        at: SnapshotReference | None = None,
        workspace: str | None = None,
        with_edits: bool = False,
        operations: FileOperations | None = None,
        transport: Transport | None = None,
        dry_run: bool = False,
        target: Source | None = None,
    ) -> RestorePlan:
        options = RestoreOptions("linux", mode, NEW_ID, workspace, with_edits)
        with Repository.open(transport or self.transport) as repository, Catalog(repository) as catalog:
            context, monitor = self.context(repository, catalog, operations), NullMonitor()
            everything = all_versions(repository, catalog)
            named = [StoredSnapshot(at, repository.load(at))] if at else None
            versions = ChatVersions(repository, catalog, named, monitor) if named else everything
            version = versions.choose(session)
            plan = plan_restore(context, everything, version, target or self.source, options, monitor)
            if not dry_run:
                apply(context, plan, monitor)
            return plan

    def diagnose(self) -> Diagnosis:
        with Repository.open(self.transport) as repository, Catalog(repository) as catalog:
            versions = all_versions(repository, catalog)
            return diagnose(Doctor(self.guard, "linux", versions, NullMonitor()), self.source)

    def fix(self, *names: str, operations: FileOperations | None = None, dry_run: bool = False) -> FixPlan:
        with Repository.open(self.transport) as repository, Catalog(repository) as catalog:
            context, monitor = self.context(repository, catalog, operations), NullMonitor()
            versions = all_versions(repository, catalog)
            diagnosis = diagnose(Doctor(self.guard, "linux", versions, monitor), self.source)
            chosen = choose_findings([diagnosis], names)
            plan = plan_fix(context, versions, chosen[0])
            return plan if dry_run else apply_fixes(context, [plan], monitor)[0].plan

    def undo(self, operations: FileOperations | None = None, skip: Sequence[str] = ()) -> tuple[str, ...]:
        with Repository.open(self.transport) as repository, Catalog(repository) as catalog:
            context = self.context(repository, catalog, operations)
            plan = plan_undo(context, [self.source], skip, NullMonitor())
            apply(context, plan, NullMonitor())
            return plan.notes

    def has_undo(self) -> bool:
        return any(True for _ in self.transport.list("undo/"))

    # Ways to break it

    def change_index(self, subject: Subject, change: Callable[[dict[str, Any]], None]) -> None:
        database = self.storage(subject) / "state.vscdb"
        index = json.loads(vscode_view.rows(database)[vscode_view.INDEX][1])
        change(index)
        self.set_row(subject, vscode_view.INDEX, json.dumps(index, separators=(",", ":")))

    def set_row(self, subject: Subject, key: str, value: str | bytes) -> None:
        with closing(sqlite3.connect(self.storage(subject) / "state.vscdb")) as database, database:
            database.execute("INSERT INTO ItemTable VALUES (?, ?)", (key, value))

    def lose_entry(self, subject: Subject) -> None:
        self.change_index(subject, lambda index: index["entries"].pop(subject.session))

    def lose_file(self, subject: Subject) -> None:
        self.body(subject).unlink()

    def lose_both(self, subject: Subject) -> None:
        self.lose_file(subject)
        self.lose_entry(subject)

    def empty(self, subject: Subject) -> None:
        """Leave the stub that a failed read followed by a save leaves, and mark it as empty."""
        path = self.body(subject)
        whole = self.content(path)
        stub = {key: value for key, value in whole.items() if key != "customTitle"} | {"requests": []}
        self.write(subject, stub)
        self.change_index(subject, lambda index: index["entries"][subject.session].update(isEmpty=True))

    def tear(self, subject: Subject) -> None:
        data = self.body(subject).read_bytes()
        self.body(subject).write_bytes(data[: len(data) - 40])

    def fuse(self, subject: Subject) -> None:
        data = self.body(subject).read_bytes()
        last = data.rindex(b"\n", 0, len(data) - 1)
        self.body(subject).write_bytes(data[:last] + data[last + 1 :])

    def behead(self, subject: Subject) -> None:
        data = self.body(subject).read_bytes()
        self.body(subject).write_bytes(data[data.index(b"\n") + 1 :])

    def break_index(self, subject: Subject) -> None:
        """Take the title of another entry, as a program that knows the format badly would."""

        def change(index: dict[str, Any]) -> None:
            other = next(key for key in index["entries"] if key != subject.session)
            del index["entries"][other]["title"]

        self.change_index(subject, change)

    def write_other(self, subject: Subject) -> None:
        """Let the chat go on with other turns than the stored ones."""
        whole = self.content(self.body(subject))
        request = json.loads(json.dumps(whole["requests"][0]))
        request["requestId"] = "request_other"
        request["message"] = {"text": "Something else", "parts": []}
        self.write(subject, whole | {"requests": [request]})

    def move_folder(self, subject: Subject, *, made: datetime) -> str:
        """Give the chat's folder a new workspace, as cloning it again does; return its id."""
        old = self.storage(subject)
        new = old.with_name("f" * 32)
        new.mkdir()
        shutil.copyfile(old / "workspace.json", new / "workspace.json")
        moment = made.timestamp()
        os.utime(new / "workspace.json", (moment, moment))
        with closing(sqlite3.connect(new / "state.vscdb")) as database, database:
            database.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
            database.execute("INSERT INTO ItemTable VALUES ('other', 'value')")
        return new.name

    def content(self, path: Path) -> dict[str, Any]:
        data = path.read_bytes()
        whole: dict[str, Any] = vscode_view.replay(data) if path.suffix == ".jsonl" else json.loads(data)
        return whole

    def write(self, subject: Subject, whole: dict[str, Any]) -> None:
        text = json.dumps(whole if subject.suffix == ".json" else {"kind": 0, "v": whole})
        self.body(subject).write_text(text + ("\n" if subject.suffix == ".jsonl" else ""))


def all_versions(repository: Repository, catalog: Catalog, monitor: Monitor | None = None) -> ChatVersions:
    """Return the versions of chats that any snapshot holds."""
    stored = (StoredSnapshot(r, repository.load(r)) for r in reversed(repository.snapshots()))
    return ChatVersions(repository, catalog, stored, monitor or NullMonitor())


class Died(BaseException):
    """The process is gone."""


class DyingOperations(FileOperations):
    """Dies at the n-th step, in the middle of it where that is possible, and does nothing ever after."""

    def __init__(self, dies_at: int | None = None) -> None:
        self.count = 0
        self._dies_at = dies_at
        self._dead = False

    def before(self, step: str, path: Path) -> None:
        if self._dead or self.count == self._dies_at:
            self._dead = True
            raise Died(f"{step} {path}")
        self.count += 1

    def write_new(
        self, path: Path, data: bytes, like: os.stat_result, mtime_ns: int | None
    ) -> os.stat_result:
        if not self._dead and self.count == self._dies_at:
            path.write_bytes(data[: len(data) // 2])
        return super().write_new(path, data, like, mtime_ns)
