"""A bundle carries every byte of every chosen file there and back, and says nothing it should not."""

from __future__ import annotations

import base64
import gzip
import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcask.format import bundle_rows, gzip_lines
from chatcask.format.bundle_rows import Row, cut_rows, decode_row, encode_row
from chatcask.format.gzip_lines import Damage, GzipLineWriter, read_lines
from chatcask.format.times import nanoseconds_text, nanoseconds_value
from chatcask.repository.keys import SNAPSHOTS, SnapshotReference
from support.bundles import EXPORTED, SPECIAL, export, held, lines_of, members, new_store, take_in
from support.effort import effort
from support.transports import RecordingTransport
from support.worlds import World


def _snapshots(world: World) -> list[SnapshotReference]:
    with world.open() as repository:
        return repository.snapshots()


def _assert_same(world: World, bundle: bytes) -> None:
    """Import a bundle of a whole store and compare all of it."""
    transport = new_store()
    done = take_in(transport, bundle)
    assert not done.problems
    expected = _snapshots(world)
    assert [reference.taken_at for reference in done.committed] == [r.taken_at for r in expected]
    for reference, original in zip(done.committed, expected, strict=True):
        assert held(transport, reference) == held(world.transport, original)


def test_an_import_lists_the_snapshots_of_its_origin_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    for day in range(6):
        world.write({"w1/chatSessions/a.jsonl": b"hello\n" * (day + 1)})
        world.take()
    place = RecordingTransport(new_store())
    done = take_in(place, export(world)[0])
    assert len(done.committed) == 6
    assert len([key for key in place.keys("list") if key.startswith(SNAPSHOTS)]) == 1


def test_special_files_come_back_exactly(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(SPECIAL)
    world.take()
    bundle, done = export(world)
    assert done.files == len(SPECIAL)
    _assert_same(world, bundle)


_parts = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [b"\n", b"\r\n", b"\0", b"\xff", '{"é":1}'.encode(), b"\xe2\x80", b'"\\', b"\x1f\x8b\x08"]
    ),
    st.builds(lambda data, times: data * times, st.binary(min_size=1, max_size=4), st.integers(1, 900)),
)
_contents = st.lists(_parts, max_size=8).map(b"".join)
_names = st.sampled_from(["a.jsonl", "b.jsonl", "c.json"])
_states = st.dictionaries(
    st.builds("{}/chatSessions/{}".format, st.sampled_from(["w1", "w2"]), _names), _contents
)


@effort(0.4)
@given(states=st.lists(_states, min_size=1, max_size=4))
def test_any_history_of_any_bytes_comes_back(
    states: list[dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    for state in states:
        world.replace_all(state)
        world.take()
    _assert_same(world, export(world)[0])


@given(
    data=_contents,
    cuts=st.lists(st.integers(0, 3000), max_size=5),
    size=st.integers(8, 40),
    log=st.booleans(),
)
@example(data="é".encode() * 50, cuts=[1, 2, 3], size=9, log=True)
def test_rows_do_not_depend_on_how_the_bytes_arrive(
    data: bytes, cuts: list[int], size: int, log: bool
) -> None:
    path = "a.jsonl" if log else "a.bin"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle_rows, "ROW_SIZE", size)
        rows = list(cut_rows([data], path))
        places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
        pieces = [data[start:end] for start, end in pairwise(places)]
        assert list(cut_rows(pieces, path)) == rows
    assert b"".join(rows) == data
    assert all(0 < len(row) <= size for row in rows)
    if log:
        assert all(b"\n" not in row[:-1] for row in rows)
    try:
        data.decode()
    except UnicodeDecodeError:
        return
    assert all(row.decode() for row in rows)


@given(data=st.binary(max_size=300), path=st.text(max_size=20).filter(lambda text: text.isprintable()))
def test_a_row_is_one_line_that_comes_back(data: bytes, path: str) -> None:
    row = Row("code", path, 3, 7, data)
    line = encode_row(row)
    assert line.count(b"\n") == 1
    assert decode_row(line[:-1]) == row


@given(
    lines=st.lists(st.binary(max_size=60).map(lambda data: data.replace(b"\n", b"")), max_size=30),
    piece=st.integers(1, 50),
)
def test_compressed_lines_come_back_however_the_bytes_arrive(lines: list[bytes], piece: int) -> None:
    parts: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gzip_lines, "MEMBER_SIZE", 100)
        writer = GzipLineWriter(parts.append)
        for line in lines:
            writer.line(line + b"\n")
        writer.end_member()
    data = b"".join(parts)
    assert gzip.decompress(data) == b"".join(line + b"\n" for line in lines)
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    assert list(read_lines(pieces, first_limit=100, limit=100)) == lines


def test_other_writers_of_gzip_are_read(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(SPECIAL)
    world.take()
    plain = gzip.decompress(export(world)[0])
    for repacked in (gzip.compress(plain), gzip.compress(plain[:700], mtime=1) + gzip.compress(plain[700:])):
        _assert_same(world, repacked)


def test_long_lines_are_passed_over_without_being_held() -> None:
    bomb = gzip.compress(b"first\n" + b"x" * 5_000_000 + b"\nlast\n")
    assert len(bomb) < 10_000
    found = list(read_lines([bomb], first_limit=100, limit=1000))
    assert found == [b"first", Damage("a line is longer than 1000 bytes"), b"last"]


@given(st.integers(-(1 << 62), (1 << 63) - 1))
def test_times_come_back_to_the_nanosecond(nanoseconds: int) -> None:
    assert nanoseconds_value(nanoseconds_text(nanoseconds)) == nanoseconds


def test_every_line_is_json_that_says_which_file_it_is_of(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(SPECIAL)
    world.take()
    bundle, done = export(world)
    manifest, *rows = lines_of(bundle)
    assert manifest["type"] == "chatcask-bundle"
    assert manifest["version"] == 1
    assert manifest["exportedAt"] == "2026-11-20T09:30:00Z"
    assert manifest["totalCount"] == len(rows) == done.rows
    assert manifest["sources"] == [world.source.id]
    contents: dict[int, bytes] = {}
    for row in rows:
        file = manifest["files"][row["file"]]
        assert (row["type"], row["source"], row["path"]) == ("row", file["source"], file["path"])
        data = row["text"].encode() if "text" in row else base64.b64decode(row["base64"])
        contents[row["file"]] = contents.get(row["file"], b"") + data
    for number, file in enumerate(manifest["files"]):
        path = file["path"].removeprefix("workspaces/")
        data = contents.get(file.get("contentOf", number), b"")
        assert data == SPECIAL[path]
        assert file["bytes"] == len(data)
    log = [row["text"] for row in rows if row["path"].endswith("chatSessions/lf.jsonl")]
    assert log == ['{"kind":0}\n', '{"kind":1}\n']
    same = next(file for file in manifest["files"] if file["path"].endswith("same.jsonl"))
    assert (same["count"], "contentOf" in same) == (0, True)


@pytest.mark.slow
def test_equal_exports_are_equal_bytes_and_in_gzip_members_without_a_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write({**SPECIAL, "w1/chatSessions/long.jsonl": b'{"kind":1,"v":"text"}\n' * 80_000})
    world.take()
    bundle, _ = export(world)
    assert bundle == export(world)[0]
    parts = members(bundle)
    assert b"".join(parts) == bundle
    assert len(parts) > 3
    assert len(gzip.decompress(parts[0]).splitlines()) == 1
    assert all(gzip.decompress(part).endswith(b"}\n") for part in parts)


def test_history_shares_what_did_not_change(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(SPECIAL)
    world.take()
    once, _ = export(world)
    for number in range(20):
        world.write({"w1/chatSessions/lf.jsonl": b'{"kind":0}\n' * (number + 2)})
        world.take()
    bundle, done = export(world)
    assert (done.snapshots, done.files) == (21, len(SPECIAL) + 20)
    assert len(bundle) < 3 * len(once)
    _assert_same(world, bundle)
    transport = new_store()
    imported = take_in(transport, bundle)
    with world.open(transport) as repository:
        totals = [repository.load(reference).totals for reference in imported.committed]
    assert all(total.bytes_new and total.bytes_stored for total in totals), "each says what it added"
    assert sum(total.bytes_stored for total in totals) <= imported.bytes_stored


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are text there")
def test_names_that_are_not_text_and_links_come_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    folder = world.storage / "w1" / "chatSessions"
    folder.mkdir(parents=True)
    (folder / os.fsdecode(b"caf\xe9.jsonl")).write_bytes(b"{}\n")
    (folder / "quote\"'\\\n.jsonl").write_bytes(b"{}\n")
    (folder / "link.jsonl").symlink_to(os.fsdecode(b"/away/\xff"))
    world.take()
    bundle, _ = export(world)
    assert lines_of(bundle)
    gzip.decompress(bundle).decode()
    _assert_same(world, bundle)


def test_an_import_stands_beside_the_line_of_this_machine_and_a_second_one_changes_nothing(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.write(SPECIAL)
    own = world.take().reference
    assert own is not None
    bundle, _ = export(world)
    packs = [info.key for info in world.transport.list("packs/")]
    done = take_in(world.transport, bundle, tags=("from-laptop",))
    assert [info.key for info in world.transport.list("packs/")] == packs, "everything was there already"
    assert (done.bytes_new, done.bytes_stored) == (0, 0)
    (imported,) = done.committed
    assert imported.origin != own.origin
    with world.open() as repository:
        assert repository.latest(own.origin) == own
        assert repository.load(imported).root == repository.load(own).root
        assert repository.load(imported).tags == ("from-laptop",)
    before = [info.key for info in world.transport.list("")]
    again = take_in(world.transport, bundle)
    assert (again.committed, again.present) == ((), (imported,))
    assert [info.key for info in world.transport.list("")] == before


def test_bundles_of_one_choice_form_one_line_and_others_do_not_join_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(SPECIAL)
    transport = new_store()
    origins = []
    for text in (b"1\n", b"2\n"):
        world.write({"w1/chatSessions/lf.jsonl": text})
        reference = world.take().reference
        assert reference is not None
        for workspaces in ((), ("w1",)):
            bundle, _ = export(world, snapshots=(reference,), workspaces=workspaces)
            (imported,) = take_in(transport, bundle).committed
            origins.append(imported.origin)
    assert origins[0] == origins[2] != origins[1] == origins[3]
    with world.open(transport) as repository:
        first, second = (repository.load(r) for r in repository.snapshots(origins[0]))
        assert second.parent == repository.snapshots(origins[0])[0].id
        assert first.parent is None


def test_the_time_of_the_export_does_not_move_the_import(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(SPECIAL)
    taken = world.take().snapshot.taken_at
    transport = new_store()
    (imported,) = take_in(transport, export(world)[0]).committed
    assert imported.taken_at == taken < EXPORTED
