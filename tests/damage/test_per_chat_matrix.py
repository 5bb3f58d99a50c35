"""One chat is damaged in every way, and each command does its work for all others and names the damaged one.

The store holds two snapshots of a made-up editor's folder; in the second one the chat `harmonics` is damaged,
and `retry`, of another workspace, stands for all others. Every chunk has a block of its own, so that damage
to one chunk is damage to nothing else.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatcask.assistants.base import Platform, Source
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.format.config import BlockParameters, ChunkerParameters, Config
from chatcask.format.tree import Content
from chatcask.ids import ChunkId
from chatcask.ops.snapshot.take import SnapshotResult
from chatcask.repository.keys import pack_key
from chatcask.repository.locations import Locations
from chatcask.transport import LocalTransport
from chatcask_cli.demo import folder as fictional
from support.console import Console, Outcome
from support.worlds import World

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
RETRY, HARMONICS = fictional.session_id("retry"), fictional.session_id("harmonics")
TITLE = "Retry for the beacon client"
CONFIG = Config(
    store_id="0" * 32,
    created_at="2026-06-01T08:00:00Z",
    chunker=ChunkerParameters(minimum=64, average=256, maximum=1024),
    blocks=BlockParameters(size=1),
)


class Scene(World):
    """One user's home with a store, made anew or as a copy of another; `newest` made the last snapshot."""

    def __init__(self, folder: Path, template: Scene | None = None) -> None:
        self.console = Console(folder)
        super().__init__(self.console.editor.parent, LocalTransport(self.console.store), CONFIG)
        self.newest: SnapshotResult | None = None
        if template is None:
            fictional.build_folder(self.console.editor, START)
            self.clock.now = START + timedelta(days=1)
            return
        for mine, theirs in (
            (self.console.editor, template.console.editor),
            (self.console.store, template.console.store),
        ):
            shutil.rmtree(mine)
            shutil.copytree(theirs, mine)
        self.clock.now, self.newest = template.clock.now, template.newest

    @property
    def source(self) -> Source:
        return source_for(self.console.editor, "code", Platform("linux", self.console.home, {}))

    def body(self, session: str) -> Path:
        (found,) = self.console.editor.rglob(f"{session}.jsonl")
        return found

    def flip(self, chunk: ChunkId) -> None:
        """Change a byte of the stored chunk, and so of nothing else."""
        with closing(Locations(None, self.transport)) as locations:
            found = list(locations.find(chunk))
        for location in found:
            key = pack_key(location.pack)
            data = bytearray(self.transport.get(key))
            data[location.block.offset + location.block.stored_length // 2] ^= 0xFF
            path = self.console.store / key
            path.chmod(0o600)
            path.write_bytes(data)

    def content(self, path: str) -> Content:
        """Return what the newest snapshot has at a path below the source."""
        with self.open() as repository:
            root = repository.load(repository.snapshots()[-1]).root
            return repository.entry(root, f"code/{path}").content

    def chunks(self, content: Content) -> list[ChunkId]:
        with self.open() as repository:
            return list(repository.reader.chunks(content))

    def logical(self, session: str) -> str:
        """Return the path of a chat below its source."""
        body = self.body(session)
        return f"workspaces/{body.parent.parent.name}/chatSessions/{body.name}"


def _grow(scene: Scene, session: str) -> None:
    for body in scene.console.editor.rglob(f"{session}*.jsonl"):
        body.write_bytes(body.read_bytes() + b'{"kind":1,"k":["inputState","inputText"],"v":"and"}\n')


def _flipped_chunk(scene: Scene) -> None:
    scene.newest = scene.take()
    scene.flip(scene.chunks(scene.content(scene.logical(HARMONICS)))[-1])


def _lost_tree(scene: Scene) -> None:
    scene.newest = scene.take()
    folder = scene.content(scene.logical(HARMONICS).rpartition("/")[0])
    scene.flip(scene.chunks(folder)[-1])


def _odd_name(scene: Scene) -> None:
    body = scene.body(HARMONICS)
    body.rename(body.with_name(f"{HARMONICS}.old.jsonl"))
    scene.newest = scene.take()


def _odd_bytes(scene: Scene) -> None:
    body = scene.body(HARMONICS)
    moment = body.stat().st_mtime_ns
    body.write_bytes(b"\0" * 500)
    os.utime(body, ns=(moment, moment))
    scene.newest = scene.take()


def _unreadable_file(scene: Scene) -> None:
    with _no_file_opens(f"{HARMONICS}.jsonl"):
        scene.newest = scene.take()


@contextmanager
def _no_file_opens(name: str) -> Iterator[None]:
    """Make opening one file fail; permissions cannot do that, since tests may run as root."""
    real = os.open

    def failing(path: str, flags: int, mode: int = 0o777, **more: int) -> int:
        if os.path.basename(str(path)) == name:
            raise PermissionError(13, "Permission denied")
        return real(path, flags, mode, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", failing)
        yield


DAMAGES: dict[str, Callable[[Scene], None]] = {
    "flipped chunk": _flipped_chunk,
    "lost tree": _lost_tree,
    "odd name": _odd_name,
    "odd bytes": _odd_bytes,
    "unreadable file": _unreadable_file,
}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    """Every damage once; each test works on a copy."""
    scenes = {}
    for name, damage in DAMAGES.items():
        scene = Scene(tmp_path_factory.mktemp("scene"))
        scene.take()
        fictional.add_a_day(scene.console.editor, START + timedelta(days=1), number=6)
        scene.clock.now = START + timedelta(days=3)
        damage(scene)
        scenes[name] = scene
    return scenes


def _show(scene: Scene) -> Outcome:
    done = scene.console.run("show", RETRY[:8], "--json")
    assert done.document["snapshot"] == _newest(scene)
    assert len(done.document["turns"]) == 4
    return done


def _find_by_title(scene: Scene) -> Outcome:
    done = scene.console.run("show", TITLE, "--json")
    assert done.document["snapshot"] == _newest(scene)
    assert len(done.document["turns"]) == 4
    return done


def _list(scene: Scene) -> Outcome:
    done = scene.console.run("sessions", "--json")
    listed = {row["session"]: row["turns"] for row in done.document["sessions"]}
    assert listed[RETRY] == 4
    assert len(listed) >= 5
    return done


def _list_deleted(scene: Scene) -> Outcome:
    done = scene.console.run("sessions", "--deleted", "--json")
    assert RETRY not in {row["session"] for row in done.document["sessions"]}
    return done


def _log(scene: Scene) -> Outcome:
    done = scene.console.run("log", TITLE, "--json")
    assert [row["turns"] for row in done.document["versions"]] == [4, 3]
    return done


def _diff(scene: Scene) -> Outcome:
    done = scene.console.run("diff", "latest~1", "latest", "--json")
    changed = {row["session"]: row["kind"] for row in done.document["sessions"]}
    assert changed[RETRY] == "changed"
    assert any(RETRY in row["path"] for row in done.document["changes"])
    return done


def _restore(scene: Scene) -> Outcome:
    body = scene.body(RETRY)
    cut = b"".join(body.read_bytes().splitlines(keepends=True)[:4])
    body.write_bytes(cut)
    done = scene.console.run("restore", RETRY, "--replace", "--json")
    assert done.document["changed"] is True
    assert (done.document["turns"], done.document["snapshot"]) == (4, _newest(scene))
    assert body.read_bytes() != cut
    return done


def _forget(scene: Scene) -> Outcome:
    return _forget_the_last_but_one(scene, left=1)


def _forget_the_damaged_one(scene: Scene) -> Outcome:
    _grow(scene, HARMONICS)  # an unchanged chat would be stored anew, and the damage be mended
    scene.take()
    return _forget_the_last_but_one(scene, left=2)


def _forget_the_last_but_one(scene: Scene, left: int) -> Outcome:
    """See what would be lost, then forget; return what the look ahead said."""
    ahead = scene.console.run("forget", "latest~1", "--dry-run", "--json")
    assert RETRY not in {chat["session"] for chat in ahead.document["lost_chats"]}
    assert scene.console.run("forget", "latest~1", "--allow-losing-chats").code == 0
    with scene.open() as repository:
        assert len(repository.snapshots()) == left
    return ahead


def _export(scene: Scene) -> Outcome:
    output = scene.console.home / "documents"
    done = scene.console.run("export", output, "--format", "md", "--json")
    assert len(done.document["files"]) >= 5
    (written,) = output.rglob(f"{RETRY}.md")
    assert "beacon" in written.read_text(encoding="utf-8")
    return done


def _bundle(scene: Scene) -> Outcome:
    output = scene.console.home / "chats.jsonl.gz"
    done = scene.console.run("export", output, "--json")
    assert done.document["files"] >= 10
    return done


def _archive(scene: Scene) -> Outcome:
    output = scene.console.home / "archive"
    done = scene.console.run("archive", output, "--json")
    assert RETRY in {chat["session"] for chat in done.document["chats"] if chat["deed"] == "written"}
    assert len(list(output.rglob("*.md"))) >= 5
    return done


COMMANDS: dict[str, Callable[[Scene], Outcome]] = {
    "find by title": _find_by_title,
    "list": _list,
    "list deleted": _list_deleted,
    "show": _show,
    "log": _log,
    "diff": _diff,
    "restore newest": _restore,
    "forget": _forget,
    "forget the damaged one": _forget_the_damaged_one,
    "export": _export,
    "export a bundle": _bundle,
    "archive": _archive,
}

READS_EVERY_CHAT = {"find by title", "list", "log", "diff", "export", "archive"}
READS_EVERY_TREE = set(COMMANDS)
NAMED = {
    "flipped chunk": READS_EVERY_CHAT | {"export a bundle"},
    "lost tree": READS_EVERY_TREE,
    "odd bytes": {"export", "archive"},
}
"""The commands that meet the damage and have to name it. An odd name is a chat like any other, and a file
that could not be read is named by the run that took the snapshot."""


def _newest(scene: Scene) -> str:
    assert scene.newest is not None
    assert scene.newest.reference is not None
    return scene.newest.reference.id


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_one_damaged_chat_stops_no_command(
    damaged: dict[str, Scene], tmp_path: Path, damage: str, command: str
) -> None:
    scene = Scene(tmp_path, damaged[damage])
    done = COMMANDS[command](scene)
    if command in NAMED.get(damage, ()):
        where = scene.logical(HARMONICS)
        named = where.rpartition("/")[0].rpartition("/")[0] if damage == "lost tree" else where
        assert named in done.err + done.text, done.err


@pytest.mark.parametrize("damage", DAMAGES)
def test_one_damaged_chat_silences_no_alarm(damaged: dict[str, Scene], tmp_path: Path, damage: str) -> None:
    scene = Scene(tmp_path, damaged[damage])
    for body in [scene.body(RETRY), *scene.console.editor.rglob(f"{HARMONICS}*.jsonl")]:
        body.write_bytes(b"".join(body.read_bytes().splitlines(keepends=True)[:4]))
    result = scene.take()
    assert (RETRY, "shrank") in {(loss.session, loss.kind) for loss in result.losses}
    if damage in ("flipped chunk", "lost tree"):
        named = [problem.path for problem in scene.monitor.problems] + [loss.path for loss in result.losses]
        assert any(HARMONICS in path for path in named), named


def test_the_odd_ones_are_listed_and_exported(damaged: dict[str, Scene], tmp_path: Path) -> None:
    """A second file of a chat, set aside by hand, is a chat of its own for every command."""
    scene = Scene(tmp_path, damaged["odd name"])
    aside = f"{HARMONICS}.old"
    listed = scene.console.run("sessions", "--json").document["sessions"]
    assert aside in {row["session"] for row in listed}
    files = scene.console.run("export", scene.console.home / "out", "--format", "md", "--json").document
    assert f"{aside}.md" in {Path(name).name for name in files["files"]}


@pytest.mark.parametrize("damage", ["odd bytes", "unreadable file"])
def test_the_run_names_what_it_could_not_take(damaged: dict[str, Scene], damage: str) -> None:
    newest = damaged[damage].newest
    assert newest is not None
    named = [problem.path for problem in newest.snapshot.problems] + [loss.path for loss in newest.losses]
    assert any(HARMONICS in path for path in named)
