"""What is put in the way of a restore leads it nowhere: links are resolved once, then handles follow none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatcask.assistants.vscode.writing.file_steps import (
    EditorFolderError,
    FileOperations,
    prepare,
    publish,
)
from chatcask.disk import held_folder as module
from chatcask.disk.held_folder import held_folder, resolved

pytestmark = pytest.mark.skipif(os.name != "posix", reason="symbolic links and handles of folders")


class Swapping(FileOperations):
    """Lets somebody put a link in the place of the folder, just before one step."""

    def __init__(self, step: str, folder: Path, outside: Path) -> None:
        self._step, self._folder, self._outside = step, folder, outside

    def before(self, step: str, path: Path) -> None:
        if step == self._step and not self._folder.is_symlink():
            self._folder.rename(self._folder.with_name("moved"))
            self._folder.symlink_to(self._outside)


@pytest.mark.parametrize("step", ["replace", "date"])
def test_a_link_put_there_meanwhile_is_not_followed(tmp_path: Path, step: str) -> None:
    folder, outside = tmp_path / "chatSessions", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "a.jsonl").write_bytes(b"precious")
    operations = Swapping(step, folder, outside)
    with pytest.raises(EditorFolderError):
        publish(operations, prepare(operations, folder / "a.jsonl", b"new", 7))
    assert (outside / "a.jsonl").read_bytes() == b"precious"
    assert [path.name for path in outside.iterdir()] == ["a.jsonl"]


def test_a_link_that_was_there_is_resolved_once(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "chatSessions").symlink_to("disk")
    operations = FileOperations()
    prepared = prepare(operations, tmp_path / "chatSessions" / "a.jsonl", b"new", 7_000_000_000)
    assert prepared.target == tmp_path / "disk" / "a.jsonl"
    publish(operations, prepared)
    assert (tmp_path / "disk" / "a.jsonl").read_bytes() == b"new"
    assert (tmp_path / "disk" / "a.jsonl").stat().st_mtime_ns == 7_000_000_000
    assert (tmp_path / "chatSessions").is_symlink()


def test_a_linked_file_is_written_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "a.jsonl").write_bytes(b"old")
    (tmp_path / "a.jsonl").symlink_to("disk/a.jsonl")
    operations = FileOperations()
    publish(operations, prepare(operations, tmp_path / "a.jsonl", b"new", None))
    assert (tmp_path / "a.jsonl").is_symlink()
    assert (tmp_path / "disk" / "a.jsonl").read_bytes() == b"new"


def test_circles_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        resolved(tmp_path / "a" / "x")


def test_resolving_agrees_with_the_system(tmp_path: Path) -> None:
    (tmp_path / "one" / "two").mkdir(parents=True)
    (tmp_path / "up").symlink_to("one/two/..")
    (tmp_path / "far").symlink_to(tmp_path / "up" / "two")
    for text in ("up", "far", "up/two/../..", "far/none", "one/./two"):
        path = tmp_path / text
        assert resolved(path) == Path(os.path.realpath(path)) or ".." in text
        assert str(resolved(path)).startswith(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root alone can try")
def test_root_follows_no_link_of_another_user_and_gives_what_it_writes_to_the_owner(tmp_path: Path) -> None:
    folder, outside = tmp_path / "User", tmp_path / "etc"
    folder.mkdir()
    outside.mkdir()
    (outside / "a.jsonl").write_bytes(b"precious")
    os.chown(folder, 1234, 1234)
    for name, target in (("chatSessions", outside), ("a.jsonl", outside / "a.jsonl")):
        (folder / name).symlink_to(target)
        os.lchown(folder / name, 1234, 1234)
    operations = FileOperations()
    for path in (folder / "chatSessions" / "a.jsonl", folder / "a.jsonl"):
        with pytest.raises(EditorFolderError, match="root follows no link"):
            prepare(operations, path, b"new", None)
    with pytest.raises(OSError, match="root follows no link"):
        operations.make_folder(folder / "chatSessions" / "new")
    publish(operations, prepare(operations, folder / "b.jsonl", b"new", None))
    assert (folder / "b.jsonl").stat().st_uid == 1234
    assert (outside / "a.jsonl").read_bytes() == b"precious"
    assert [path.name for path in outside.iterdir()] == ["a.jsonl"]


def test_where_there_are_no_handles_everything_goes_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_HAS_HANDLES", False)
    operations = FileOperations()
    operations.make_folder(tmp_path / "f")
    publish(operations, prepare(operations, tmp_path / "f" / "a", b"new", 5))
    assert (tmp_path / "f" / "a").read_bytes() == b"new"
    operations.remove(tmp_path / "f" / "a")
    operations.remove(tmp_path / "f" / "a")
    operations.remove_folder(tmp_path / "f")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError), held_folder(tmp_path / "none"):  # noqa: PT011 - any
        pass


def test_no_handle_is_left_open(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from chatcask.disk.held_folder import held_folder\n"
        "before = len(os.listdir('/proc/self/fd'))\n"
        "for _ in range(50):\n"
        "    with held_folder(Path(sys.argv[1])) as folder: folder.names()\n"
        "assert len(os.listdir('/proc/self/fd')) == before\n"
    )
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc")
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
