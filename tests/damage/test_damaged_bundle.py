"""Of a damaged bundle everything sound is imported, the rest is listed, and no wrong byte is stored."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.errors import ChatcaskError, DamagedError, InvalidInputError, UnsupportedFormatError
from chatcask.format import gzip_lines
from chatcask.format.bundle import decode_manifest
from chatcask.format.bundle_rows import decode_row
from chatcask.ops.bundle.read_in import ImportResult
from chatcask.transport import MemoryTransport
from support.bundles import export, held, lines_of, members, new_store, rebuilt, row_lines, take_in
from support.effort import effort
from support.worlds import World

FILES = {
    f"w{number}/chatSessions/chat{number}.jsonl": b"".join(
        b'{"kind":1,"v":"%d %d"}\n' % (number, line * 7919) for line in range(40)
    )
    for number in range(6)
}


@pytest.fixture(autouse=True)
def _small_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """End members early, so that a small bundle has many."""
    monkeypatch.setattr(gzip_lines, "MEMBER_SIZE", 2000)


def _bundle(folder: Path) -> bytes:
    world = World(folder)
    world.write(FILES)
    world.take()
    return export(world)[0]


def _imported(data: bytes) -> tuple[ImportResult, dict[str, bytes]]:
    """Import; return what was done and the files that are there, after a check that each is right."""
    transport = new_store()
    done = take_in(transport, data)
    found = _files(transport, done)
    for path, content in found.items():
        assert FILES[path] == content, "a wrong byte was stored"
    assert done.files == len(found)
    assert done.files_lost == len(FILES) - len(found)
    return done, found


def _files(transport: MemoryTransport, done: ImportResult) -> dict[str, bytes]:
    (reference,) = done.committed
    paths = held(transport, reference)
    return {
        path.partition("workspaces/")[2]: data
        for path, (kind, data, _, _) in paths.items()
        if kind.name == "FILE"
    }


def test_a_bundle_that_is_cut_short_gives_what_came_before(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path)
    kept = []
    for part in (40, 60, 80, 99):
        done, found = _imported(bundle[: len(bundle) * part // 100])
        kept.append(len(found))
        assert done.problems
        assert {p.path.partition("workspaces/")[2] for p in done.problems} - {
            ""
        } == FILES.keys() - found.keys()
    assert kept == sorted(kept)
    assert 0 < kept[1] < kept[3] == 5


def test_one_changed_byte_costs_what_its_member_holds_and_no_more(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path)
    parts = members(bundle)
    assert len(parts) > 10
    for number in range(1, len(parts)):
        start = sum(map(len, parts[:number]))
        for place in (start, start + 2, start + len(parts[number]) // 2, start + len(parts[number]) - 6):
            changed = bytearray(bundle)
            changed[place] ^= 0x10
            done, found = _imported(bytes(changed))
            assert done.problems, "damage is never silent"
            assert len(found) >= len(FILES) - 3


def test_a_missing_swapped_or_doubled_member_is_noticed(tmp_path: Path) -> None:
    parts = members(_bundle(tmp_path))
    middle = len(parts) // 2
    without = parts[:middle] + parts[middle + 1 :]
    swapped = [*parts[:middle], parts[middle + 1], parts[middle], *parts[middle + 2 :]]
    for changed in (without, swapped):
        done, found = _imported(b"".join(changed))
        assert len(FILES) - 3 <= len(found) < len(FILES)
        assert done.files_lost
    doubled = [*parts[: middle + 1], *parts[middle:]]
    done, found = _imported(b"".join(doubled))
    assert found == FILES
    assert done.problems


def test_rubbish_between_members_costs_nothing(tmp_path: Path) -> None:
    parts = members(_bundle(tmp_path))
    done, found = _imported(b"".join([*parts[:3], b"rubbish" * 50, *parts[3:]]))
    assert found == FILES
    assert done.problems


def _row_change(
    change: Callable[[list[bytes]], list[bytes]], folder: Path
) -> tuple[ImportResult, dict[str, bytes]]:
    bundle = _bundle(folder)
    return _imported(rebuilt(lines_of(bundle)[0], change(row_lines(bundle))))


def test_cut_and_foreign_lines_are_passed_over(tmp_path: Path) -> None:
    foreign = [b"{}", b"[]", b"", b"\xff\xfe", b'{"type":"row","file":0,"row":0}', b"[" * 100_000]
    foreign.append(b'{"type":"row","source":"code","path":"x","file":99,"row":0,"text":""}')
    foreign.append(b'{"type":"row","source":"code","path":"x","file":0,"row":0,"text":"\\ud800"}')
    done, found = _row_change(lambda rows: foreign + rows + foreign, tmp_path / "foreign")
    assert found == FILES
    assert len(done.problems) == 2 * len(foreign)
    done, found = _row_change(lambda rows: [rows[0][:-9], *rows[1:]], tmp_path / "cut")
    assert len(found) == len(FILES) - 1
    done, found = _row_change(lambda rows: rows[1:], tmp_path / "gone")
    assert len(found) == len(FILES) - 1


def test_a_row_with_other_bytes_fails_the_checksum(tmp_path: Path) -> None:
    done, found = _row_change(lambda rows: [rows[0].replace(b"kind", b"dink"), *rows[1:]], tmp_path)
    assert len(found) == len(FILES) - 1
    assert "not those that were exported" in done.problems[0].message


def test_rows_beyond_the_size_in_the_manifest_are_refused(tmp_path: Path) -> None:
    row = {"type": "row", "text": "more"}
    bundle = _bundle(tmp_path)
    manifest, first = lines_of(bundle)[0], json.loads(row_lines(bundle)[0])
    flood = [json.dumps({**first, **row, "row": 40 + n}).encode() for n in range(50)]
    rows = row_lines(bundle)
    done, found = _imported(rebuilt(manifest, [*rows[:40], *flood, *rows[40:]]))
    assert len(found) == len(FILES) - 1
    assert "more bytes or rows" in done.problems[0].message


def test_a_sound_copy_adds_later_what_a_damaged_one_lacked(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path)
    transport = new_store()
    first = take_in(transport, bundle[: len(bundle) // 2])
    assert first.files_lost
    again = take_in(transport, bundle[: len(bundle) // 2])
    assert (again.committed, again.present) == ((), first.committed)
    whole = take_in(transport, bundle)
    assert not whole.problems
    assert _files(transport, whole) == FILES
    assert whole.committed[0].origin == first.committed[0].origin


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04rubbish",
        b"{}\n",
        gzip.compress(b"a tar file\n" * 9),
        gzip.compress(b'{"type":"x"}\n'),
    ],
    ids=["empty", "zip", "json", "gzip of text", "gzip of json"],
)
def test_what_is_no_bundle_is_refused_as_such(data: bytes) -> None:
    transport = new_store()
    with pytest.raises(InvalidInputError, match="not a chatcask bundle"):
        take_in(transport, data)
    assert [info.key for info in transport.list("")] == ["config"]


def test_a_damaged_manifest_stops_the_import(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path)
    first = len(members(bundle)[0])
    text = gzip.decompress(bundle)
    cases = [bundle[:100], bundle[: first // 2], gzip.compress(text.replace(b'"bytes":', b'"bytes":1', 1))]
    changed = bytearray(bundle)
    changed[first // 2] ^= 0xFF
    cases.append(bytes(changed))
    for data in cases:
        transport = new_store()
        with pytest.raises(DamagedError, match="manifest"):
            take_in(transport, data)
        assert [info.key for info in transport.list("")] == ["config"]


def test_a_newer_bundle_is_refused_with_its_number(tmp_path: Path) -> None:
    bundle = _bundle(tmp_path)
    manifest = lines_of(bundle)[0] | {"version": 2}
    with pytest.raises(UnsupportedFormatError, match="version 2"):
        take_in(new_store(), rebuilt(manifest, row_lines(bundle)))


def _with(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest["files"][1].update(fields)


@pytest.mark.parametrize(
    "change",
    [
        _with(path="../../out"),
        _with(path="/out"),
        _with(path="a//b"),
        _with(path="a/./b"),
        _with(path="/".join("a" * 100)),
        _with(pathBase64="Li4="),
        _with(pathBase64="Li4"),
        _with(source=".."),
        _with(source="a/b"),
        _with(bytes=-1),
        _with(bytes=True),
        _with(count=0),
        _with(blake3="00"),
        _with(kind="device"),
        _with(mtime="yesterday"),
        _with(mtime="2026-11-20T00:00:00Z"),
        _with(snapshots=[[0, 1]]),
        _with(snapshots=[[0, 0], [0, 0]]),
        _with(snapshots=[[0]]),
        _with(contentOf=1),
        _with(contentOf=5),
        _with(contentOf=0),
        _with(path=None),
        lambda manifest: manifest.pop("files"),
        lambda manifest: manifest["snapshots"][0].update(origin="../../out"),
        lambda manifest: manifest["snapshots"][0].update(takenAt="2026-11-20T00:00:00"),
        lambda manifest: manifest.update(files=[[]]),
    ],
)
def test_a_manifest_that_says_what_cannot_be_is_refused(
    change: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    bundle = _bundle(tmp_path)
    manifest = lines_of(bundle)[0]
    change(manifest)
    transport = new_store()
    with pytest.raises(DamagedError, match="malformed"):
        take_in(transport, rebuilt(manifest, row_lines(bundle)))
    assert [info.key for info in transport.list("")] == ["config"]


@pytest.mark.parametrize(
    "path", ["workspaces/w0/chatSessions/chat0.jsonl", "workspaces/w0", "workspaces/w0/chatSessions"]
)
def test_files_whose_paths_clash_are_listed(path: str, tmp_path: Path) -> None:
    bundle = _bundle(tmp_path)
    manifest = lines_of(bundle)[0]
    old = manifest["files"][3]["path"]
    manifest["files"][3]["path"] = path
    rows = [row.replace(old.encode(), path.encode()) for row in row_lines(bundle)]
    done, found = _imported(rebuilt(manifest, rows))
    assert len(found) == len(FILES) - 1
    assert [problem.message for problem in done.problems] == ["another file of the bundle has its path"]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.binary(max_size=200) | _json.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_decode_to_a_value_or_a_typed_error(data: bytes) -> None:
    for decode in (decode_manifest, decode_row):
        try:
            decode(data)
        except ChatcaskError:
            continue


@effort(0.6)
@given(data=st.data())
def test_any_change_of_a_manifest_gives_a_value_or_a_typed_error(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bundle = _cached(tmp_path_factory)
    manifest = lines_of(bundle)[0]
    place = data.draw(st.sampled_from(["manifest", "file", "snapshot", "state"]))
    target = {
        "manifest": manifest,
        "file": manifest["files"][2],
        "snapshot": manifest["snapshots"][0],
        "state": manifest["snapshots"][0]["sources"][0],
    }[place]
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(_json)
    try:
        take_in(new_store(), rebuilt(manifest, row_lines(bundle)))
    except ChatcaskError:
        return


_made: list[bytes] = []


def _cached(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    if not _made:
        _made.append(_bundle(tmp_path_factory.mktemp("world")))
    return _made[0]


@effort(0.6)
@given(
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=4
    ),
    cut=st.none() | st.floats(0, 1),
)
def test_any_damage_gives_right_bytes_or_a_typed_error(
    changes: list[tuple[float, int]], cut: float | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    damaged = bytearray(_cached(tmp_path_factory))
    for place, mask in changes:
        damaged[int(place * len(damaged))] ^= mask
    if cut is not None:
        del damaged[int(cut * len(damaged)) :]
    try:
        _imported(bytes(damaged))
    except (DamagedError, InvalidInputError, UnsupportedFormatError):
        return
