"""Proves what is listed of a source, under which names, and what becomes of everything odd."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.base import FoundFile, FoundFolder, FoundState, Item, Platform, Source, folder_name
from chatcask.assistants.vscode.places.capture_set import capture_set
from chatcask.assistants.vscode.places.locate import source_for
from chatcask.assistants.vscode.places.workspace_file import folder_uri
from chatcask.assistants.vscode.state.database import StateDatabaseError
from chatcask.assistants.vscode.state.items import INDEX_KEY
from chatcask.monitor import Problem
from support.state_database import crash_a_writer, folder_state, make_database

_GENUINE = Path(__file__).parent.parent / "data" / "genuine" / "User"
_KEY = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


class Capture:
    """A source in a temporary folder and what a walk of it found."""

    def __init__(self, folder: Path) -> None:
        (folder / "User").mkdir(parents=True, exist_ok=True)
        self.source: Source = source_for(folder, "code", Platform("linux", folder / "nobody", {}))
        self.user = folder / "User"
        self.workspace = self.user / "workspaceStorage" / _KEY
        self.problems: list[Problem] = []

    def write(self, name: str, data: bytes = b"{}") -> Path:
        path = self.user / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def chat(self, name: str, data: bytes = b"{}") -> Path:
        return self.write(f"workspaceStorage/{_KEY}/chatSessions/{name}", data)

    def walk(self, only: frozenset[str] | None = None) -> dict[str, Item]:
        """Return every item but folders by its logical path, in the order of the walk."""
        self.problems.clear()
        return dict(_walk(capture_set(self.source, self.problems.append, only_workspaces=only), ""))

    def kinds(self) -> list[tuple[str, str]]:
        return [(problem.path, problem.kind) for problem in self.problems]


def _walk(folder: FoundFolder, prefix: str) -> Iterator[tuple[str, Item]]:
    names = []
    for item in folder.list():
        names.append(os.fsencode(item.name))
        if isinstance(item, FoundFolder):
            yield from _walk(item, f"{prefix}{item.name}/")
        else:
            yield prefix + item.name, item
    assert names == sorted(names), "items come sorted by the bytes of their names"
    assert len(set(names)) == len(names)


@pytest.fixture
def capture(tmp_path: Path) -> Capture:
    return Capture(tmp_path / "data")


def test_the_genuine_folder_is_captured_whole(tmp_path: Path) -> None:
    shutil.copytree(_GENUINE, tmp_path / "data" / "User")
    capture = Capture(tmp_path / "data")
    before = folder_state(tmp_path)
    found = capture.walk()
    rows = {
        path: [name for name, _ in item.read()]
        for path, item in found.items()
        if isinstance(item, FoundState)
    }
    assert folder_state(tmp_path) == before, "listing and reading change nothing"
    assert capture.problems == []
    files = {path for path, item in found.items() if isinstance(item, FoundFile)}
    on_disk = [
        path
        for path in _GENUINE.rglob("*")
        if path.is_file() and "state.vscdb" not in path.name and path.name != "settings.json"
    ]
    assert len(files) == len(on_disk) == 13
    folder = "workspaces/c2ef783e497f8bb8c4067e0b6d6a4224"
    assert f"{folder}/workspace.json" in files
    assert f"{folder}/chatSessions/79d5b4ad-2fa5-4dd1-8c9b-3458e61c8c26.jsonl" in files
    assert f"{folder}/chatEditingSessions/79d5b4ad-2fa5-4dd1-8c9b-3458e61c8c26/contents/7a95f4b" in files
    assert "empty-window/chatSessions/242bc637-cdc7-4d3f-9aa6-32d14a06bdad.jsonl" in files
    assert "chat.ChatSessionStore.index.json" in rows[f"{folder}/state"]
    assert rows["empty-window/state"] == ["chat.ChatSessionStore.index.json"]
    assert rows[f"{folder}/state-backup"] == [], "the backup says nothing new"


def test_items_tell_size_and_time_of_their_files(capture: Capture) -> None:
    path = capture.chat("a.jsonl", b"12345")
    os.utime(path, ns=(5, 1_700_000_000_123_456_789))
    item = capture.walk()[f"workspaces/{_KEY}/chatSessions/a.jsonl"]
    assert item == FoundFile("a.jsonl", str(path), 5, path.stat().st_mtime_ns)


def test_every_place_has_its_logical_path(capture: Capture) -> None:
    for name in (
        f"workspaceStorage/{_KEY}/workspace.json",
        f"workspaceStorage/{_KEY}/chatSessions/a.jsonl",
        f"workspaceStorage/{_KEY}/chatEditingSessions/a/contents/0a1b2c3",
        f"workspaceStorage/{_KEY}/GitHub.copilot-chat/transcripts/a.jsonl",
        "workspaceStorage/no-workspace/chatSessions/b.json",
        "workspaceStorage/vscode-chat-images/image-1.png",
        "globalStorage/emptyWindowChatSessions/c.jsonl",
        "globalStorage/transferredChatSessions/d.json",
    ):
        capture.write(name)
    for name in (
        f"workspaceStorage/{_KEY}/state.vscdb",
        "globalStorage/state.vscdb",
        "profiles/-1a2b/globalStorage/state.vscdb",
        "profiles/builtin/agents/globalStorage/state.vscdb.backup",
    ):
        make_database(capture.user / name, {INDEX_KEY: "{}", "secret://x": "no"})
    assert list(capture.walk()) == [
        "empty-window/chatSessions/c.jsonl",
        "empty-window/state",
        "images/image-1.png",
        "profiles/-1a2b/state",
        "profiles/builtin/agents/state-backup",
        "transferred/d.json",
        f"workspaces/{_KEY}/chatEditingSessions/a/contents/0a1b2c3",
        f"workspaces/{_KEY}/chatSessions/a.jsonl",
        f"workspaces/{_KEY}/state",
        f"workspaces/{_KEY}/transcripts/a.jsonl",
        f"workspaces/{_KEY}/workspace.json",
        "workspaces/no-workspace/chatSessions/b.json",
    ]
    assert capture.problems == []


def test_what_is_not_ours_is_left_out(capture: Capture) -> None:
    for name in (
        "settings.json",
        "History/a/entries.json",
        "globalStorage/storage.json",
        "globalStorage/github.copilot-chat/session-store.db",
        "globalStorage/transferredChatSessions/d.tmp",
        f"workspaceStorage/{_KEY}/other.extension/data.json",
        f"workspaceStorage/{_KEY}/GitHub.copilot-chat/debug-logs/a.jsonl",
        f"workspaceStorage/{_KEY}/GitHub.copilot-chat/transcripts/a.log",
        f"workspaceStorage/{_KEY}/vscode.lock",
        "workspaceStorage/stray-file",
        "profiles/stray-file",
        "profiles/1/settings.json",
    ):
        capture.write(name)
    assert capture.walk() == {}
    assert capture.problems == []


def test_copies_in_a_chat_folder_are_kept(capture: Capture) -> None:
    names = ["a.json", "a.jsonl", "a.jsonl.bak", "b.json.tmp", "notes", ".hidden"]
    for name in names:
        capture.chat(name)
    assert [path.rpartition("/")[2] for path in capture.walk()] == sorted(names)


def test_torn_and_empty_files_are_listed_as_they_are(capture: Capture) -> None:
    capture.chat("torn.jsonl", b'{"kind":0,"v":{')
    capture.chat("empty.jsonl", b"")
    sizes = {item.name: item.size for item in capture.walk().values() if isinstance(item, FoundFile)}
    assert sizes == {"torn.jsonl": 15, "empty.jsonl": 0}


def test_an_empty_or_missing_user_folder_has_nothing(capture: Capture) -> None:
    assert capture.walk() == {}
    capture.user.rmdir()
    assert capture.walk() == {}
    assert capture.problems == []


def test_nothing_is_read_before_it_is_asked_for(capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    capture.chat("a.jsonl")
    capture.write("globalStorage/emptyWindowChatSessions/c.jsonl")
    opened: list[str] = []
    real = os.scandir

    def spy(path: str) -> object:
        opened.append(str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", spy)
    root = capture_set(capture.source, capture.problems.append)
    assert opened == []
    top = {item.name: item for item in root.list()}
    assert opened == [str(capture.user)]
    workspaces = top["workspaces"]
    assert isinstance(workspaces, FoundFolder)
    (workspace,) = workspaces.list()
    assert opened == [str(capture.user), str(capture.user / "workspaceStorage")]
    assert isinstance(workspace, FoundFolder)
    assert workspace.name == _KEY


def test_each_folder_is_read_once_per_walk(capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(_GENUINE, capture.user, dirs_exist_ok=True)
    opened: list[str] = []
    real = os.scandir

    def spy(path: str) -> object:
        opened.append(path)
        return real(path)

    monkeypatch.setattr(os, "scandir", spy)
    capture.walk()
    assert str(capture.user) in opened
    assert len(set(opened)) == len(opened)


def test_a_folder_listed_again_is_read_anew(capture: Capture) -> None:
    capture.chat("a.jsonl")
    root = capture_set(capture.source, capture.problems.append)
    assert len(list(_walk(root, ""))) == 1
    capture.chat("b.jsonl")
    assert len(list(_walk(root, ""))) == 2


# Only some workspaces


def test_only_the_workspaces_asked_for(capture: Capture) -> None:
    capture.chat("a.jsonl")
    capture.write("workspaceStorage/other/chatSessions/b.jsonl")
    capture.write("globalStorage/emptyWindowChatSessions/c.jsonl")
    assert list(capture.walk(frozenset((_KEY,)))) == [f"workspaces/{_KEY}/chatSessions/a.jsonl"]
    assert capture.problems == []
    assert capture.walk(frozenset(("gone",))) == {}
    assert capture.kinds() == [("workspaces/gone", "vanished")]
    assert capture.walk(frozenset()) == {}


# Links


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """Another disk, to which somebody moved chats."""
    disk = tmp_path / "disk"
    disk.mkdir()
    return disk


def _everything(capture: Capture) -> None:
    for name in ("chatSessions/a.jsonl", "chatEditingSessions/a/state.json", "workspace.json"):
        capture.write(f"workspaceStorage/{_KEY}/{name}")
    capture.write(f"workspaceStorage/{_KEY}/GitHub.copilot-chat/transcripts/a.jsonl")
    make_database(capture.workspace / "state.vscdb", {INDEX_KEY: "{}"})
    capture.write("workspaceStorage/vscode-chat-images/image-1.png")
    capture.write("globalStorage/emptyWindowChatSessions/e.jsonl")
    capture.write("globalStorage/transferredChatSessions/t.json")
    make_database(capture.user / "profiles" / "1a" / "globalStorage" / "state.vscdb", {INDEX_KEY: "{}"})


@pytest.mark.parametrize(
    "name",
    [
        f"workspaceStorage/{_KEY}",
        f"workspaceStorage/{_KEY}/chatSessions",
        f"workspaceStorage/{_KEY}/chatSessions/a.jsonl",
        f"workspaceStorage/{_KEY}/chatEditingSessions",
        f"workspaceStorage/{_KEY}/chatEditingSessions/a",
        f"workspaceStorage/{_KEY}/GitHub.copilot-chat",
        f"workspaceStorage/{_KEY}/GitHub.copilot-chat/transcripts",
        f"workspaceStorage/{_KEY}/workspace.json",
        f"workspaceStorage/{_KEY}/state.vscdb",
        "workspaceStorage/vscode-chat-images",
        "globalStorage/emptyWindowChatSessions",
        "globalStorage/transferredChatSessions",
        "profiles/1a",
    ],
)
def test_a_link_is_followed_wherever_somebody_moved_chats(capture: Capture, disk: Path, name: str) -> None:
    _everything(capture)
    before = list(capture.walk())
    (capture.user / name).rename(disk / "moved")
    (capture.user / name).symlink_to(disk / "moved")
    found = capture.walk()
    assert list(found) == before
    assert capture.problems == []
    for item in found.values():
        if isinstance(item, FoundState):
            assert [row for row, _ in item.read()] == ["chat.ChatSessionStore.index.json"]


def test_any_other_link_is_a_problem_and_not_looked_behind(capture: Capture, disk: Path) -> None:
    capture.chat("a.jsonl")
    other = disk / "Code - Insiders" / "User" / "workspaceStorage"
    (other / "w" / "chatSessions").mkdir(parents=True)
    (other / "w" / "chatSessions" / "theirs.jsonl").write_bytes(b"{}")
    chats, edits = capture.workspace / "chatSessions", capture.workspace / "chatEditingSessions" / "a"
    (chats / "loop.jsonl").symlink_to("loop.jsonl")
    (chats / "dangling.jsonl").symlink_to("nowhere")
    (chats / "folder.jsonl").symlink_to(disk)
    (chats / "editor.jsonl").symlink_to(other / "w" / "chatSessions" / "theirs.jsonl")
    (capture.workspace.parent / "above").symlink_to("..")
    (capture.workspace.parent / "editor").symlink_to(other / "w")
    edits.mkdir(parents=True)
    (edits / "deep").symlink_to(disk)
    assert list(capture.walk()) == [f"workspaces/{_KEY}/chatSessions/a.jsonl"]
    assert sorted(capture.kinds()) == [
        (f"workspaces/{_KEY}/chatEditingSessions/a/deep", "link"),
        (f"workspaces/{_KEY}/chatSessions/dangling.jsonl", "link"),
        (f"workspaces/{_KEY}/chatSessions/editor.jsonl", "link"),
        (f"workspaces/{_KEY}/chatSessions/folder.jsonl", "special"),
        (f"workspaces/{_KEY}/chatSessions/loop.jsonl", "link"),
        ("workspaces/above", "link"),
        ("workspaces/editor", "link"),
    ]
    words = {problem.path.rpartition("/")[2]: problem.message for problem in capture.problems}
    assert str(disk / "Code - Insiders") in words["editor.jsonl"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("is_target", [False, True])
def test_a_link_of_or_to_another_user_is_not_followed(
    capture: Capture, disk: Path, *, is_target: bool
) -> None:
    (disk / "theirs.jsonl").write_bytes(b"{}")
    link = capture.chat("a.jsonl").with_name("b.jsonl")
    link.symlink_to(disk / "theirs.jsonl")
    os.chown(disk / "theirs.jsonl" if is_target else link, 12345, 12345, follow_symlinks=False)
    assert list(capture.walk()) == [f"workspaces/{_KEY}/chatSessions/a.jsonl"]
    assert capture.kinds() == [(f"workspaces/{_KEY}/chatSessions/b.jsonl", "link")]


@contextmanager
def _folders_within(folder: Path, depth: int) -> Iterator[None]:
    """Nest folders deeper than any path can name at once; take them away again, since no library can."""
    here = Path.cwd()
    os.chdir(folder)
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    os.chdir(here)
    try:
        yield
    finally:
        os.chdir(folder)
        for _ in range(depth):
            os.chdir("d")
        for _ in range(depth):
            os.chdir("..")
            Path("d").rmdir()
        os.chdir(here)


def test_a_folder_too_deep_is_one_problem(capture: Capture) -> None:
    capture.chat("a.jsonl")
    folder = capture.write(f"workspaceStorage/{_KEY}/chatEditingSessions/a/state.json").parent
    with _folders_within(folder, 1000):
        assert list(capture.walk()) == [
            f"workspaces/{_KEY}/chatEditingSessions/a/state.json",
            f"workspaces/{_KEY}/chatSessions/a.jsonl",
        ]
    ((path, kind),) = capture.kinds()
    assert kind == "deep"
    assert path.startswith(f"workspaces/{_KEY}/chatEditingSessions/a/d/")


def test_a_storage_folder_moved_to_another_disk_is_still_captured(capture: Capture, tmp_path: Path) -> None:
    capture.chat("a.jsonl")
    (capture.user / "workspaceStorage").rename(tmp_path / "disk")
    (capture.user / "workspaceStorage").symlink_to(tmp_path / "disk")
    assert list(capture.walk()) == [f"workspaces/{_KEY}/chatSessions/a.jsonl"]


# What cannot be taken


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
def test_pipes_sockets_and_folders_in_the_place_of_files(
    capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture.chat("a.jsonl")
    chats = capture.workspace / "chatSessions"
    os.mkfifo(chats / "pipe.jsonl")
    (chats / "folder.jsonl").mkdir()
    monkeypatch.chdir(chats)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.jsonl")
    (capture.workspace / "workspace.json").mkdir()
    (capture.workspace / "state.vscdb").mkdir()
    (capture.workspace / "state.vscdb.backup").symlink_to("state.vscdb")
    (capture.workspace / "chatEditingSessions").touch()
    assert list(capture.walk()) == [f"workspaces/{_KEY}/chatSessions/a.jsonl"]
    where = f"workspaces/{_KEY}"
    assert sorted(capture.kinds()) == [
        (f"{where}/chatEditingSessions", "special"),
        (f"{where}/chatSessions/folder.jsonl", "special"),
        (f"{where}/chatSessions/pipe.jsonl", "special"),
        (f"{where}/chatSessions/socket.jsonl", "special"),
        (f"{where}/state", "special"),
        (f"{where}/state-backup", "special"),
        (f"{where}/workspace.json", "special"),
    ]


@contextmanager
def _failing_scandir(folder: Path, error: OSError) -> Iterator[None]:
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path) == str(folder):
            raise error
        return real(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        yield


@pytest.mark.parametrize(
    ("folder", "logical"),
    [
        ("", ""),
        ("workspaceStorage", "workspaces"),
        ("globalStorage", "empty-window"),
        ("profiles", "profiles"),
        (f"workspaceStorage/{_KEY}", f"workspaces/{_KEY}"),
        (f"workspaceStorage/{_KEY}/chatSessions", f"workspaces/{_KEY}/chatSessions"),
        (f"workspaceStorage/{_KEY}/chatEditingSessions/a", f"workspaces/{_KEY}/chatEditingSessions/a"),
        (f"workspaceStorage/{_KEY}/GitHub.copilot-chat", f"workspaces/{_KEY}/transcripts"),
        ("globalStorage/emptyWindowChatSessions", "empty-window/chatSessions"),
    ],
)
def test_a_folder_that_may_not_be_read_is_a_problem_and_the_rest_goes_on(
    capture: Capture, folder: str, logical: str
) -> None:
    capture.chat("a.jsonl")
    for name in (
        f"workspaceStorage/{_KEY}/chatEditingSessions/a/state.json",
        f"workspaceStorage/{_KEY}/GitHub.copilot-chat/transcripts/a.jsonl",
        "workspaceStorage/other/chatSessions/b.jsonl",
        "globalStorage/emptyWindowChatSessions/c.jsonl",
        "profiles/1/globalStorage/x",
    ):
        capture.write(name)
    everything = set(capture.walk())
    with _failing_scandir(
        capture.user / folder, PermissionError(errno.EACCES, "Permission denied", "/home/ada")
    ):
        found = set(capture.walk())
    assert capture.kinds() == [(logical, "unreadable")]
    assert "/home/ada" not in capture.problems[0].message
    lost = {path for path in everything if not logical or path.startswith(f"{logical}/")}
    assert found == everything - lost


@pytest.mark.skipif(not hasattr(os, "fork") or not hasattr(os, "seteuid"), reason="there are no such rights")
def test_a_folder_really_without_rights(capture: Capture) -> None:
    """A child gives up root's rights, if the tests have them, so that the system itself refuses."""
    capture.chat("a.jsonl")
    capture.write("workspaceStorage/other/chatSessions/b.jsonl")
    chats = capture.workspace / "chatSessions"
    reading, writing = os.pipe()
    chats.chmod(0)
    try:
        child = os.fork()
        if child == 0:  # pragma: no cover - runs in the child
            try:
                if os.geteuid() == 0:
                    for parent in capture.source.user_data_dir.parents:
                        if parent.stat().st_uid == 0 and str(parent).count(os.sep) > 1:
                            parent.chmod(0o755)
                    os.seteuid(65534)
                found = list(capture.walk())
                os.write(writing, json.dumps([found, capture.kinds()]).encode())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
    finally:
        chats.chmod(0o755)
        os.close(writing)
    with open(reading, "rb") as file:
        found, problems = json.load(file)
    assert found == ["workspaces/other/chatSessions/b.jsonl"]
    assert problems == [[f"workspaces/{_KEY}/chatSessions", "unreadable"]]


@pytest.mark.parametrize(
    "error", [FileNotFoundError(errno.ENOENT, "gone"), NotADirectoryError(errno.ENOTDIR, "no")]
)
def test_a_folder_that_vanished_meanwhile(capture: Capture, error: OSError) -> None:
    capture.chat("a.jsonl")
    with _failing_scandir(capture.workspace / "chatSessions", error):
        assert capture.walk() == {}
    assert capture.kinds() == [(f"workspaces/{_KEY}/chatSessions", "vanished")]


@pytest.mark.skipif(os.name == "nt", reason="there an entry knows its size without asking")
def test_files_and_folders_that_vanish_between_listing_and_looking(capture: Capture) -> None:
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        capture.chat(name)
    capture.write("workspaceStorage/zz/chatSessions/d.jsonl")
    workspaces = next(
        i for i in capture_set(capture.source, capture.problems.append).list() if i.name == "workspaces"
    )
    assert isinstance(workspaces, FoundFolder)
    listed = workspaces.list()
    workspace = next(listed)
    assert isinstance(workspace, FoundFolder)
    (chats,) = workspace.list()
    assert isinstance(chats, FoundFolder)
    files = chats.list()
    assert next(files).name == "a.jsonl"
    (capture.workspace / "chatSessions" / "b.jsonl").unlink()
    shutil.rmtree(capture.user / "workspaceStorage" / "zz")
    assert [item.name for item in files] == ["c.jsonl"]
    assert list(listed) == []
    assert capture.kinds() == [
        (f"workspaces/{_KEY}/chatSessions/b.jsonl", "vanished"),
        ("workspaces/zz", "vanished"),
    ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems refuse such names")
def test_names_that_are_not_utf8(capture: Capture) -> None:
    names = [b"\xff.jsonl", b"a.jsonl", "ü.jsonl".encode(), "\U0001f512.jsonl".encode(), b"new\nline.jsonl"]
    folder = os.fsencode(capture.chat("a.jsonl").parent)
    for name in names:
        with open(folder + b"/" + name, "wb"):
            pass
    found = [os.fsencode(item.name) for item in capture.walk().values()]
    assert found == sorted(names)
    assert all(os.path.lexists(item.path) for item in capture.walk().values())  # type: ignore[union-attr]


def test_a_folder_of_many_files_costs_one_look_at_each(
    capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = capture.chat("0.jsonl").parent
    for number in range(1, 3000):
        os.close(os.open(f"{folder}/{number}.jsonl", os.O_CREAT | os.O_WRONLY, 0o644))
    for name in ("stat", "lstat", "listdir"):
        monkeypatch.setattr(os, name, None)
    assert len(capture.walk(frozenset((_KEY,)))) == 3000


# State rows


def _state(capture: Capture, name: str = "state") -> FoundState:
    item = capture.walk()[f"workspaces/{_KEY}/{name}"]
    assert isinstance(item, FoundState)
    return item


def test_rows_come_sorted_by_file_name_with_exact_values(capture: Capture) -> None:
    database = make_database(
        capture.workspace / "state.vscdb",
        {
            "memento/interactive-session": "{ }",
            INDEX_KEY: b"\xff",
            "agentSessions.state.cache": "[]",
            "x": "no",
        },
    )
    item = _state(capture)
    assert item.read() == (
        ("agentSessions.state.cache.json", b"[]"),
        ("chat.ChatSessionStore.index.json", b"\xff"),
        ("memento%2Finteractive-session.json", b"{ }"),
    )
    found = database.stat()
    assert (item.path, item.size, item.mtime_ns) == (str(database), found.st_size, found.st_mtime_ns)


def test_a_journal_takes_part_in_size_and_rows(capture: Capture) -> None:
    database = make_database(capture.workspace / "state.vscdb", {INDEX_KEY: "x" * 50_000})
    crash_a_writer(database, "delete")
    item = _state(capture)
    assert item.size == sum(path.stat().st_size for path in capture.workspace.iterdir())
    assert dict(item.read())["chat.ChatSessionStore.index.json"] == b"x" * 50_000


def test_the_backup_gives_only_rows_that_differ(capture: Capture) -> None:
    make_database(capture.workspace / "state.vscdb", {INDEX_KEY: "new", "agentSessions.state.cache": "same"})
    make_database(
        capture.workspace / "state.vscdb.backup",
        {INDEX_KEY: "old", "agentSessions.state.cache": "same", "interactive.sessions": "only here"},
    )
    assert _state(capture, "state-backup").read() == (
        ("chat.ChatSessionStore.index.json", b"old"),
        ("interactive.sessions.json", b"only here"),
    )


@pytest.mark.parametrize("main", [None, b"", b"no database"])
def test_the_backup_of_a_missing_or_broken_database_gives_all(capture: Capture, main: bytes | None) -> None:
    make_database(capture.workspace / "state.vscdb.backup", {INDEX_KEY: "old"})
    if main is not None:
        (capture.workspace / "state.vscdb").write_bytes(main)
    assert _state(capture, "state-backup").read() == (("chat.ChatSessionStore.index.json", b"old"),)
    assert capture.problems == []


def test_a_broken_database_is_listed_and_fails_when_read(capture: Capture) -> None:
    capture.write(f"workspaceStorage/{_KEY}/state.vscdb", b"no database")
    item = _state(capture)
    with pytest.raises(StateDatabaseError):
        item.read()
    Path(item.path).unlink()
    with pytest.raises(FileNotFoundError):
        item.read()


_times = st.integers(min_value=10**18, max_value=2 * 10**18)


@given(main=_times, backup=_times, changed=st.sampled_from(["state.vscdb", "state.vscdb.backup"]), to=_times)
def test_a_change_of_either_database_shows_in_the_backup_item(
    tmp_path_factory: pytest.TempPathFactory, main: int, backup: int, changed: str, to: int
) -> None:
    capture = Capture(tmp_path_factory.mktemp("state") / "data")
    times = {"state.vscdb": main, "state.vscdb.backup": backup}
    for name, time in times.items():
        path = capture.write(f"workspaceStorage/{_KEY}/{name}", b"same size")
        os.utime(path, ns=(time, time))
    before = _state(capture, "state-backup")
    os.utime(capture.workspace / changed, ns=(to, to))
    after = _state(capture, "state-backup")
    assert (before.mtime_ns != after.mtime_ns) == (times[changed] != to)
    assert before.size == 18
    assert 0 <= max(main, backup) // 10**6 - before.mtime_ns // 10**6 <= 0


# Names of workspaces


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'{"folder":"file:///home/ada/lighthouse"}', "lighthouse"),
        (b'{"folder":"file:///home/ada/light%20house%2F1/"}', "light house/1"),
        (b'{"folder":"file:///c%3A/Users/ada/beacon"}', "beacon"),
        (b'{"folder":"file:///c%3A"}', "c:"),
        (b'{"workspace":"file:///home/ada/both.code-workspace"}', "both.code-workspace"),
        (b'{"folder":"vscode-remote://ssh-remote%2Bgrace/srv/beacon"}', "beacon"),
        (b'{"folder":"file:///a/%E7%81%AF"}', "\u706f"),
        (b'{"folder":"vscode-remote://127.0.0.1:8000/lamps/a?x=1#y"}', "a"),
        (b'{"folder":7}', ""),
        (b'{"folder":null}', ""),
        (b'{"folder":"http://[x"}', ""),
        (b"{}", ""),
        (b"[]", ""),
        (b"", ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_workspace_names(data: bytes, name: str) -> None:
    assert folder_name(folder_uri(data)) == name
