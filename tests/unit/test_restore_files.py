"""Plain restore: exact bytes, nothing replaced unasked, no way out of the folder."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Platform
from chatcask.assistants.known import refuse_inside_editor
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.disk import durable
from chatcask.disk import publish as publish_module
from chatcask.disk.file_names import windows_problem
from chatcask.disk.locks import shared_folder
from chatcask.errors import DamagedError, InvalidInputError, RestoreRefusedError, TransportError
from chatcask.format.tree import Content, Entry, EntryKind, decode_tree, encode_tree
from chatcask.monitor import NullMonitor
from chatcask.ops.files import output_folders
from chatcask.ops.files import restore_files as module
from chatcask.ops.files.restore_files import RestoredFiles, restore_files
from chatcask.ops.snapshot.store_writer import StoreWriter
from chatcask.repository.repository import Repository
from chatcask.transport.base import Transport
from chatcask.transport.wrap import WrapperTransport
from support.effort import effort
from support.worlds import World

A = "w1/chatSessions/a.jsonl"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.write({A: b"hello\n" * 900, "w1/chatSessions/b.jsonl": b"", "w1/workspace.json": b"{}"})
    return world


def _restore(world: World, output: Path, *, overwrite: bool = False) -> RestoredFiles:
    reference = world.take().reference
    assert reference is not None
    with world.open() as repository:
        root = repository.load(reference).root
        entry = repository.entry(root, f"{world.source.id}/workspaces")
        return restore_files(repository, entry, output, overwrite=overwrite, monitor=NullMonitor())


def test_files_come_back_with_bytes_and_times(world: World, tmp_path: Path) -> None:
    output = tmp_path / "new" / "output"
    done = _restore(world, output)
    assert (done.files, done.problems) == (3, ())
    for name in (A, "w1/chatSessions/b.jsonl", "w1/workspace.json"):
        assert (output / name).read_bytes() == (world.storage / name).read_bytes()
        assert (output / name).stat().st_mtime_ns == (world.storage / name).stat().st_mtime_ns
    assert [p for p in output.rglob("*") if p.name.startswith(".chatcask")] == []


def test_a_second_restore_finds_everything_there(world: World, tmp_path: Path) -> None:
    _restore(world, tmp_path / "output")
    done = _restore(world, tmp_path / "output")
    assert (done.files, len(done.skipped)) == (0, 3)


def test_other_bytes_in_the_way_are_kept_unless_overwrite(world: World, tmp_path: Path) -> None:
    output = tmp_path / "output"
    mine = output / A
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(RestoreRefusedError, match=r"a\.jsonl") as caught:
        _restore(world, output)
    assert caught.value.advice == Advice(AdviceCode.NAME_EMPTY_FOLDER)
    assert [p.name for p in output.rglob("*") if p.is_file()] == ["a.jsonl"]
    assert mine.read_bytes() == b"mine"
    _restore(world, output, overwrite=True)
    assert mine.read_bytes() == b"hello\n" * 900


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_links_in_the_output_are_not_followed(world: World, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    output = tmp_path / "output"
    output.mkdir()
    (output / "w1").symlink_to(outside)
    done = _restore(world, output, overwrite=True)
    assert {problem.kind for problem in done.problems} == {"refused"}
    assert list(outside.iterdir()) == []
    victim = outside / "victim"
    victim.write_bytes(b"precious")
    (output / "w1").unlink()
    (output / A).parent.mkdir(parents=True)
    (output / A).symlink_to(victim)
    done = _restore(world, output, overwrite=True)
    assert done.problems == ()
    assert victim.read_bytes() == b"precious"
    assert not (output / A).is_symlink()


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_stored_link_comes_back_as_a_link(world: World, tmp_path: Path) -> None:
    done = _restore_link(world, tmp_path / "output")
    assert done.links == 1
    assert os.readlink(tmp_path / "output" / "l.jsonl") == "a.jsonl"


def _restore_link(world: World, output: Path) -> RestoredFiles:
    """Restore a folder with a link, such as runs before version 0.2 stored."""
    with world.open() as repository:
        store = StoreWriter(repository.begin(), repository.reader)
        target = store.add_bytes(b"a.jsonl")
        tree = store.add_tree([Entry("l.jsonl", EntryKind.LINK, 7, 0, target)])
        store.finish()
        store.close()
    with world.open() as repository:
        folder = Entry("", EntryKind.FOLDER, 0, 0, tree)
        return restore_files(repository, folder, output, overwrite=True, monitor=NullMonitor())


@pytest.mark.parametrize("name", ["..", "../x", "/etc", "a/b"])
def test_a_tree_that_tries_to_escape_cannot_even_be_read(name: str) -> None:
    honest = encode_tree([Entry("x" * len(name), EntryKind.FILE, 0, 0, Content(0, None))])
    with pytest.raises(DamagedError):
        decode_tree(honest.replace(b"x" * len(name), name.encode()), "tree")


def test_a_damaged_file_is_reported_and_the_others_come_back(world: World, tmp_path: Path) -> None:
    world.write({"w1/chatSessions/noise.jsonl": random.Random(7).randbytes(9000)})
    reference = world.take().reference
    assert reference is not None
    pack = next(i.key for i in world.transport.list("packs/") if i.size > 9000)
    data = bytearray(world.transport.get(pack))
    data[len(data) // 2] ^= 1
    world.transport.put(pack, bytes(data))
    with world.open() as repository:
        entry = repository.entry(repository.load(reference).root, f"{world.source.id}/workspaces")
        done = restore_files(repository, entry, tmp_path / "o", overwrite=False, monitor=NullMonitor())
    assert {problem.kind for problem in done.problems} == {"damaged"}
    written = {p.relative_to(tmp_path / "o").as_posix() for p in (tmp_path / "o").rglob("*") if p.is_file()}
    assert written.isdisjoint(problem.path for problem in done.problems)
    for name in written:
        assert (tmp_path / "o" / name).read_bytes() == (world.storage / name).read_bytes()


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_damaged_file_over_existing_ones_is_named_and_left_alone(
    world: World, tmp_path: Path, *, overwrite: bool
) -> None:
    """What is there cannot be compared with what cannot be read; the others are restored all the same."""
    noise = "w1/chatSessions/noise.jsonl"
    world.write({noise: random.Random(7).randbytes(9000)})
    _restore(world, tmp_path / "o")
    (tmp_path / "o" / A).unlink()
    pack = next(i.key for i in world.transport.list("packs/") if i.size > 9000)
    data = bytearray(world.transport.get(pack))
    data[len(data) // 2] ^= 1
    world.transport.put(pack, bytes(data))
    done = _restore(world, tmp_path / "o", overwrite=overwrite)
    assert [(problem.path, problem.kind) for problem in done.problems] == [(noise, "damaged")]
    assert (done.files, len(done.skipped)) == (1, 2)
    for name in (A, noise):
        assert (tmp_path / "o" / name).read_bytes() == (world.storage / name).read_bytes()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs to see which file is synced")
def test_every_file_is_durable_before_it_replaces_another(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut at any moment leaves the old version or the new one: nothing waits for a later sync."""
    output, steps = tmp_path / "o", list[tuple[str, Path]]()
    for name in (A, "w1/workspace.json"):
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_bytes(b"mine")
    real_sync, real_replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        steps.append(("sync", Path(os.readlink(f"/proc/self/fd/{descriptor}"))))
        real_sync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        steps.extend([("rename", self), ("named", target)])
        return real_replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "sync", lambda: pytest.fail("all disks are synced"), raising=False)
    monkeypatch.setattr(Path, "replace", replace)
    world.take()
    steps.clear()
    done = _restore(world, output, overwrite=True)
    assert done.files == 3
    named = [path for step, path in steps if step == "named" and output in path.parents]
    assert {path.relative_to(output).as_posix() for path in named} >= {A, "w1/workspace.json"}
    for path in named:
        place = steps.index(("named", path))
        _, temporary = steps[place - 1]
        assert ("sync", temporary) in steps[:place]
        assert ("sync", path.parent) in steps[place:]


def test_folders_that_a_restore_makes_are_durable(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[Path] = set()
    real = durable.sync_folder

    def sync(folder: Path) -> None:
        synced.add(folder)
        real(folder)

    for place in (durable, publish_module, output_folders):
        monkeypatch.setattr(place, "sync_folder", sync)
    _restore(world, tmp_path / "new" / "o")
    made = [path for path in (tmp_path / "new").rglob("*") if path.is_dir()]
    assert synced >= {tmp_path, *(path.parent for path in made)}


def test_a_file_that_cannot_be_synced_is_named_and_not_shown(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.take()
    real = os.fsync

    def sync(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and os.fstat(descriptor).st_size == 5400:
            raise OSError(5, "Input/output error")
        real(descriptor)

    with monkeypatch.context() as failing:
        failing.setattr(os, "fsync", sync)
        done = _restore(world, tmp_path / "o")
    assert [(problem.path, problem.kind) for problem in done.problems] == [(A, "unwritable")]
    assert done.files == 2
    left = {path.name for path in (tmp_path / "o").rglob("*") if path.is_file()}
    assert left == {"b.jsonl", "workspace.json"}


def test_a_full_disk_ends_the_restore_with_a_way_out(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "utime", full)
    with pytest.raises(TransportError, match="No space left") as caught:
        _restore(world, tmp_path / "output")
    assert caught.value.advice == Advice(AdviceCode.FREE_SPACE_AND_RESUME)
    assert [p for p in (tmp_path / "output").rglob("*") if p.is_file()] == []


class _Ranges(WrapperTransport):
    """Notes where in packs is read."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.read: list[tuple[str, int]] = []

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        if key.startswith("packs/"):
            self.read.append((key, start))
        return super().get(key, start, length)


def _restore_everything(world: World, output: Path, transport: Transport | None = None) -> RestoredFiles:
    with Repository.open(transport or world.transport) as repository:
        root = repository.load(repository.snapshots()[-1]).root
        everything = Entry("", EntryKind.FOLDER, 0, 0, root)
        return restore_files(repository, everything, output, overwrite=False, monitor=NullMonitor())


@pytest.mark.slow
def test_no_block_is_fetched_twice_however_scattered_the_files_are(world: World, tmp_path: Path) -> None:
    chance = random.Random(5)
    texts = [chance.randbytes(60_000) for _ in range(40)]
    for day in range(4):
        for number in range(day, 40, 4):
            texts[number] += chance.randbytes(30_000)
        world.write({f"w1/chatSessions/{number}.jsonl": text for number, text in enumerate(texts)})
        world.take()
    ranges = _Ranges(world.transport)
    done = _restore_everything(world, tmp_path / "o", ranges)
    assert done.problems == ()
    assert len(ranges.read) > 10
    assert len(ranges.read) == len(set(ranges.read))
    for number, text in enumerate(texts):
        restored = tmp_path / "o" / world.source.id / "workspaces" / f"w1/chatSessions/{number}.jsonl"
        assert restored.read_bytes() == text


@given(st.lists(st.lists(st.integers(0, 11), max_size=6), min_size=1, max_size=8), st.integers(0, 7))
@effort(0.25)
def test_files_of_shared_parts_come_back_exactly(recipes: list[list[int]], split: int) -> None:
    parts = [random.Random(seed).randbytes(3_000 + 9_000 * (seed % 4)) for seed in range(12)]
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        files = {
            f"w1/chatSessions/{number}.jsonl": b"".join(parts[part] for part in recipe)
            for number, recipe in enumerate(recipes)
        }
        for some in (dict(list(files.items())[:split]), files):
            if some:
                world.write(some)
                world.take()
        done = _restore_everything(world, Path(folder, "o"))
        assert done.problems == ()
        for name, data in files.items():
            assert Path(folder, "o", world.source.id, "workspaces", name).read_bytes() == data


def test_another_copy_serves_where_a_block_is_damaged(world: World, tmp_path: Path) -> None:
    name, text = "w1/chatSessions/noise.jsonl", random.Random(7).randbytes(9000)
    world.write({name: text})
    world.take()
    pack = next(info.key for info in world.transport.list("packs/") if info.size > 9000)
    whole = world.transport.get(pack)
    other = World(tmp_path / "other")
    other.write({name: text})
    other.take()
    for info in other.transport.list(""):
        if info.key.startswith(("packs/", "index/")):
            world.transport.put(info.key, other.transport.get(info.key))
    for key in {pack, *(i.key for i in other.transport.list("packs/") if i.size > 9000)}:
        sound = world.transport.get(key)
        damaged = bytearray(sound)
        damaged[len(whole) // 2] ^= 1
        world.transport.put(key, bytes(damaged))
        done = _restore_everything(world, tmp_path / f"o{key[-4:]}")
        assert done.problems == ()
        assert next((tmp_path / f"o{key[-4:]}").rglob("noise.jsonl")).read_bytes() == text
        world.transport.put(key, sound)


@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE block SET chunk_lengths = CAST(x'01' || substr(chunk_lengths, 2) AS BLOB)",
        "UPDATE block SET chunk_lengths = 'text'",
        "UPDATE block SET chunk_ids = CAST(x'00' || substr(chunk_ids, 2) AS BLOB)",
        "UPDATE chunk SET length = length - 1",
        "UPDATE chunk SET offset = offset + 1",
        "DELETE FROM chunk",
        "DELETE FROM block",
    ],
)
def test_a_lying_table_of_places_never_changes_a_restored_byte(
    world: World, tmp_path: Path, lie: str
) -> None:
    text = random.Random(9).randbytes(60_000)
    world.write({"w1/chatSessions/long.jsonl": text})
    world.take()
    with Repository.open(world.transport, tmp_path / "cache") as repository:
        assert repository.snapshots()
        list(repository.walk(repository.load(repository.snapshots()[-1]).root))
    table = next((tmp_path / "cache").rglob("locations.sqlite"))
    with closing(sqlite3.connect(table)) as database, database:
        database.execute(lie)
    with Repository.open(world.transport, tmp_path / "cache") as repository:
        root = Entry("", EntryKind.FOLDER, 0, 0, repository.load(repository.snapshots()[-1]).root)
        done = restore_files(repository, root, tmp_path / "o", overwrite=False, monitor=NullMonitor())
    assert done.problems == ()
    assert next((tmp_path / "o").rglob("long.jsonl")).read_bytes() == text
    assert next((tmp_path / "o").rglob("a.jsonl")).read_bytes() == b"hello\n" * 900
    assert done.files == 4


def test_a_link_that_cannot_take_its_place_leaves_nothing_beside_it(world: World, tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("symbolic links")
    (tmp_path / "o" / "l.jsonl" / "mine").mkdir(parents=True)
    done = _restore_link(world, tmp_path / "o")
    assert [problem.kind for problem in done.problems] == ["unwritable"]
    assert list((tmp_path / "o").rglob(".chatcask-*")) == []


def test_a_file_that_the_disk_takes_only_in_part_is_never_shown(world: World, tmp_path: Path) -> None:
    """A write that reaches a limit takes what fits and says so only by a number."""
    resource = pytest.importorskip("resource")
    world.write({"w1/chatSessions/noise.jsonl": random.Random(7).randbytes(90_000)})
    reference = world.take().reference
    assert reference is not None
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with world.open() as repository:
        root = Entry("", EntryKind.FOLDER, 0, 0, repository.load(reference).root)
        resource.setrlimit(resource.RLIMIT_FSIZE, (89_990, hard))
        try:
            done = restore_files(repository, root, tmp_path / "o", overwrite=False, monitor=NullMonitor())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [(p.kind, p.path.rpartition("/")[2]) for p in done.problems] == [("unwritable", "noise.jsonl")]
    written = [path for path in (tmp_path / "o").rglob("*") if path.is_file()]
    assert len(written) == done.files == 3
    assert not any(path.name.startswith((".chatcask-", "noise")) for path in written)


def test_an_interrupted_restore_leaves_no_unfinished_file(world: World, tmp_path: Path) -> None:
    class Impatient(NullMonitor):
        def advance(self, amount: int) -> None:
            if amount:
                raise KeyboardInterrupt

    reference = world.take().reference
    assert reference is not None
    with world.open() as repository, pytest.raises(KeyboardInterrupt):
        root = Entry("", EntryKind.FOLDER, 0, 0, repository.load(reference).root)
        restore_files(repository, root, tmp_path / "o", overwrite=False, monitor=Impatient())
    left = [path for path in (tmp_path / "o").rglob("*") if path.is_file()]
    assert [path for path in left if path.name.startswith(".chatcask-")] == []


@pytest.mark.parametrize(
    ("path", "bad"),
    [
        ("code/a.jsonl", False),
        ("comet", False),
        ("\u00e9", False),
        ("a:b", True),
        ("con", True),
        ("x/NUL.txt", True),
        ("COM1.jsonl", True),
        ("lpt\u00b2", True),
        ("trailing.", True),
        ("trailing ", True),
        ("a\x07b", True),
        ("what?", True),
        ("caf\udce9", True),
    ],
)
def test_names_that_windows_cannot_hold_are_known(path: str, bad: bool) -> None:
    assert (windows_problem(path) is not None) is bad


def test_a_name_windows_cannot_hold_is_reported(world: World, tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("such a file cannot be made here")
    world.write({"w1/chatSessions/what?.jsonl": b"x"})
    done = _restore(world, tmp_path / "output")
    assert [(p.path, p.kind) for p in done.problems] == [("w1/chatSessions/what?.jsonl", "windows_name")]
    assert (tmp_path / "output" / "w1" / "chatSessions" / "what?.jsonl").read_bytes() == b"x"


@pytest.mark.parametrize("inside", ["", "store", "User/workspaceStorage/w1/chatSessions/store", "x/../store"])
def test_a_place_inside_an_editors_folder_is_refused(world: World, inside: str) -> None:
    source = source_for(world.user_data_dir, "code", Platform("linux", world.user_data_dir.parent, {}))
    with pytest.raises(InvalidInputError, match="inside the folder"):
        refuse_inside_editor(world.user_data_dir / inside, [source], "the store")
    refuse_inside_editor(world.user_data_dir.parent / "Code2", [source], "the store")


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_into_an_editors_folder_is_refused_too(world: World, tmp_path: Path) -> None:
    source = source_for(world.user_data_dir, "code", Platform("linux", world.user_data_dir.parent, {}))
    (tmp_path / "innocent").symlink_to(world.user_data_dir)
    with pytest.raises(InvalidInputError, match="inside the folder"):
        refuse_inside_editor(tmp_path / "innocent" / "store", [source], "the store")


def test_reading_needs_nothing_but_the_files_of_the_store(world: World, tmp_path: Path) -> None:
    """No cache folder: a copied store is read as it is."""
    reference = world.take().reference
    assert reference is not None
    (tmp_path / "in the way").write_bytes(b"")
    with Repository.open(world.transport, tmp_path / "in the way") as repository:
        assert repository.load(reference).totals.files == 3


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
@pytest.mark.parametrize(
    "leads_to", [b"a\0b", b"", b"x" * 70_000, b"y" * 5000], ids=["nul", "empty", "long", "path"]
)
def test_a_link_that_no_system_can_make_is_that_links_problem(
    world: World, tmp_path: Path, leads_to: bytes
) -> None:
    with world.open() as repository:
        writer = repository.begin().writer()
        link = Entry("l", EntryKind.LINK, len(leads_to), 0, writer.add_bytes(leads_to))
        file = Entry("f", EntryKind.FILE, 5, 0, writer.add_bytes(b"sound"))
        root = Entry("", EntryKind.FOLDER, 0, 0, writer.add_tree([link, file]))
        writer.finish()
        done = restore_files(repository, root, tmp_path / "o", overwrite=False, monitor=NullMonitor())
    assert [problem.path for problem in done.problems] == ["l"]
    assert (tmp_path / "o" / "f").read_bytes() == b"sound"


@pytest.mark.parametrize(
    "mtime_ns", [0, -1, -86_400 * 10**9, -(2**31) * 10**9, 2**63 - 1, 2**63, 10_413_792_000 * 10**9]
)
def test_every_date_comes_back_or_its_file_is_named(world: World, tmp_path: Path, mtime_ns: int) -> None:
    file = world.storage / A
    os.utime(file, ns=(0, mtime_ns))
    on_disk = file.stat().st_mtime_ns
    result = world.take()
    done = _restore(world, tmp_path / "o")
    restored = (tmp_path / "o" / A).stat().st_mtime_ns
    assert (tmp_path / "o" / A).read_bytes() == file.read_bytes()
    named = [problem.path for problem in result.snapshot.problems]
    assert restored == on_disk or (len(named) == 1 and named[0].endswith(A))
    assert done.problems == ()
    assert world.take().snapshot.root == result.snapshot.root


def test_what_a_killed_restore_left_unfinished_is_removed_by_the_next(world: World, tmp_path: Path) -> None:
    output, elsewhere = tmp_path / "output", tmp_path / "elsewhere"
    _restore(world, output)
    elsewhere.mkdir()
    (output / "w1" / "linked").symlink_to(elsewhere)
    unfinished = [folder / ".chatcask-0123456789ab" for folder in (output / "w1", (output / A).parent)]
    mine = [output / "w1" / ".chatcask-mine", elsewhere / ".chatcask-0123456789ab"]
    for path in (*unfinished, *mine):
        path.write_bytes(b"torn")
    with shared_folder(output, lambda: None):
        _restore(world, output)  # another restore is at work: these may be its files
        assert all(path.exists() for path in unfinished)
    _restore(world, output)
    assert not any(path.exists() for path in unfinished)
    assert all(path.exists() for path in mine)
