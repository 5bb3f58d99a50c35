"""Stores of every released format are read: by chatcask, and by a decoder that knows docs/format.md only."""

from __future__ import annotations

import ast
import shutil
import sys
from pathlib import Path

import pytest

from chatcask.format.tree import EntryKind
from chatcask.ops.integrity.check import check
from chatcask.repository.repository import Repository
from chatcask.transport import LocalTransport, ReadOnlyTransport
from golden import make
from golden.decoder import FOLDER, LINK, Store

HERE = Path(__file__).parent
FORMATS = {"format-1": make.EXPECTED}
"""Every fixture, and what each of its snapshots holds. A new format adds a line; none is ever removed."""


def test_every_fixture_is_listed_and_every_listed_one_is_there() -> None:
    assert {path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(
        FORMATS
    )


def test_the_decoder_knows_nothing_of_chatcask() -> None:
    imported = set()
    for node in ast.walk(ast.parse((HERE / "decoder.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported - sys.stdlib_module_names <= {"backports", "blake3", "compression", "msgpack"}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("by", ["index", "footer", "scan"])
def test_the_decoder_restores_every_byte(name: str, by: str) -> None:
    store = Store(HERE / name, by)
    snapshots = store.snapshots()
    assert len(snapshots) == len(FORMATS[name])
    by_time = sorted((manifest for _, manifest in snapshots), key=lambda manifest: manifest["taken_at"])
    for manifest, expected in zip(by_time, FORMATS[name], strict=True):
        found = store.files(manifest)
        assert {path: data for path, (_, data, _, _) in found.items()} == expected
        assert all((kind == LINK) == path.endswith(b"/link.jsonl") for path, (kind, *_) in found.items())


@pytest.mark.parametrize("name", FORMATS)
def test_chatcask_restores_every_byte(name: str) -> None:
    with Repository.open(ReadOnlyTransport(LocalTransport(HERE / name))) as repository:
        references = repository.snapshots()
        assert len(references) == len(FORMATS[name])
        for reference, expected in zip(references, FORMATS[name], strict=True):
            root = repository.load(reference).root
            found = {
                path.encode("utf-8", "surrogateescape"): repository.reader.read_all(entry.content)
                for path, entry in repository.walk(root)
                if entry.kind is not EntryKind.FOLDER
            }
            assert found == expected


@pytest.mark.parametrize("name", FORMATS)
def test_a_fixture_is_sound(name: str) -> None:
    with Repository.open(ReadOnlyTransport(LocalTransport(HERE / name))) as repository:
        assert check(repository, sample=None).damage == ()


def test_the_fixture_shows_every_part_of_the_format() -> None:
    """Else a reader could pass without having read the rest."""
    store = Store(HERE / "format-1")
    manifests = [manifest for _, manifest in store.snapshots()]
    assert len({key.split("/")[1] for key, _ in store.snapshots()}) == 2
    assert any(row[4] == "editor_running" for manifest in manifests for row in manifest["sources"])
    assert any(manifest["tags"] for manifest in manifests)
    assert any(manifest["losses"] for manifest in manifests)
    assert any(not manifest["complete"] and manifest["problems"] for manifest in manifests)
    assert any(manifest["parent"] for manifest in manifests)
    assert store.condemned() == {make.CONDEMNED}
    assert {kind for kind, _ in store.chunks.values()} == {1, 2, 3}
    rows = [row for manifest in manifests for row in _rows(store, *manifest["root"])]
    assert {row[4] for row in rows if row[1] != FOLDER} >= {0, 2}
    assert {row[1] for row in rows} == {0, 1, 2}
    assert any(row[5] is None for row in rows)
    assert {row[6] for row in rows} == {0, 1}
    assert any(row[1] == FOLDER and row[3] for row in rows)  # one that was made from a database
    codecs = {row[1] for pack in store.packs.values() for row in _footer(pack)}
    assert codecs == {0, 1}


def _rows(store: Store, depth: int, identifier: bytes) -> list:
    rows = store.tree(depth, identifier)
    return rows + [row for child in rows if child[1] == FOLDER for row in _rows(store, child[4], child[5])]


def _footer(pack: bytes) -> list:
    from golden.decoder import footer_of

    return footer_of(pack)


def _with_links_followed(files: dict[bytes, bytes]) -> dict[bytes, bytes]:
    links = {
        path: path.rpartition(b"/")[0] + b"/" + files[path] for path in files if path.endswith(b"/link.jsonl")
    }
    return files | {path: files[target] for path, target in links.items()}


@pytest.mark.skipif(sys.platform != "linux", reason="the script writes names that other systems refuse")
def test_the_script_still_builds_such_a_store(tmp_path: Path) -> None:
    """What today's program writes may differ in its bytes, and never in what a reader of that format gets.

    One thing is captured otherwise since then: a link that the editor follows is read, not only named.
    """
    make.build(tmp_path / "store", tmp_path / "home")
    built = Store(tmp_path / "store")
    assert built.config == Store(HERE / "format-1").config
    by_time = sorted((manifest for _, manifest in built.snapshots()), key=lambda m: m["taken_at"])
    found = [{path: data for path, (_, data, _, _) in built.files(m).items()} for m in by_time]
    assert found == [_with_links_followed(files) for files in make.EXPECTED]


def test_the_fixture_can_be_written_to_when_copied(tmp_path: Path) -> None:
    """An old store goes on: it takes new snapshots beside the old ones."""
    from support.worlds import World

    world = World(tmp_path / "world")
    world.write({"w1/chatSessions/a.jsonl": b"new\n"})
    store = LocalTransport(shutil.copytree(HERE / "format-1", tmp_path / "store"))
    reference = world.take(transport=store).reference
    assert reference is not None
    assert world.files_of(reference, store) == {"w1/chatSessions/a.jsonl": b"new\n"}
    with Repository.open(store) as repository:
        assert len(repository.snapshots()) == len(make.EXPECTED) + 1
