"""Proves that a paths-only manifest leads to the right folders, whichever system it was written on."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.advice import AdviceCode
from chatcask.assistants.base import Platform
from chatcask.assistants.vscode.places.locate import default_manifest
from chatcask.assistants.vscode.places.manifest import (
    Manifest,
    local_path,
    parse_manifest,
    path_of,
    read_manifest,
    selections,
)
from chatcask.errors import InvalidInputError
from chatcask.monitor import Problem

_KEY = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
_LINUX = Platform("linux", Path("/home/ada"), {})
_WSL = Platform("linux", Path("/home/ada"), {}, windows_drives=Path("/mnt"))


def _parse(*workspaces: object, version: object = "2.0") -> Manifest:
    document = {"version": version, "workspaces": list(workspaces)}
    return parse_manifest(json.dumps(document).encode(), "journal.json")


def _storage(tmp_path: Path, *keys: str, folder: str = "Code") -> Path:
    storage = tmp_path / folder / "User" / "workspaceStorage"
    for key in keys:
        (storage / key / "chatSessions").mkdir(parents=True)
    return storage


@pytest.mark.parametrize("with_key", [True, False])
def test_both_meanings_of_storage_root(tmp_path: Path, with_key: bool) -> None:
    storage = _storage(tmp_path, _KEY)
    root = storage / _KEY if with_key else storage
    manifest = _parse({"workspace_key": _KEY, "workspace_name": "lighthouse", "storage_root": str(root)})
    (entry,) = manifest.entries
    assert (entry.key, entry.name, entry.folder) == (_KEY, "lighthouse", PurePosixPath(storage / _KEY))
    problems: list[Problem] = []
    (selection,) = selections(manifest, _LINUX, problems.append)
    assert selection.source.user_data_dir == tmp_path / "Code"
    assert selection.source.product.name == "code"
    assert selection.workspaces == {_KEY}
    assert problems == []


def test_the_chats_path_stands_in_for_a_missing_root(tmp_path: Path) -> None:
    storage = _storage(tmp_path, _KEY)
    (entry,) = _parse({"chat_sessions_path": str(storage / _KEY / "chatSessions")}).entries
    assert (entry.key, entry.folder) == (_KEY, PurePosixPath(storage / _KEY))


def test_workspaces_are_gathered_by_source(tmp_path: Path) -> None:
    code = _storage(tmp_path, "a" * 32, "b" * 32)
    cursor = _storage(tmp_path, "c" * 32, folder="Cursor")
    roots = [code / ("a" * 32), cursor / ("c" * 32), code / ("b" * 32)]
    found = selections(_parse(*({"storage_root": str(root)} for root in roots)), _LINUX, print)
    assert {one.source.product.name: one.workspaces for one in found} == {
        "code": {"a" * 32, "b" * 32},
        "cursor": {"c" * 32},
    }


def test_a_folder_that_is_not_there_is_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    storage = _storage(tmp_path, _KEY)
    gone = str(storage).replace("Code", "Cursor")
    problems: list[Problem] = []
    manifest = _parse({"workspace_key": _KEY, "storage_root": gone}, {"storage_root": str(storage / _KEY)})
    (selection,) = selections(manifest, _LINUX, problems.append)
    assert selection.workspaces == {_KEY}
    (problem,) = problems
    assert problem.kind == "vanished"
    assert "Cursor" in problem.message


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("C:\\Users\\ada\\Code", PureWindowsPath("C:/Users/ada/Code")),
        ("c:/Users/ada/Code", PureWindowsPath("c:/Users/ada/Code")),
        ("file:///c%3A/Users/ada%20l/Code", PureWindowsPath("c:/Users/ada l/Code")),
        ("file:///C:/Users/ada/Code", PureWindowsPath("C:/Users/ada/Code")),
        ("\\\\server\\share\\Code", PureWindowsPath("//server/share/Code")),
        ("file://server/share/Code", PureWindowsPath("//server/share/Code")),
        ("\\\\wsl$\\Debian\\home\\ada", PureWindowsPath("//wsl$/Debian/home/ada")),
        ("/home/ada/Code", PurePosixPath("/home/ada/Code")),
        ("file:///home/ada/a%23b", PurePosixPath("/home/ada/a#b")),
        ("file://localhost/home/ada", PurePosixPath("/home/ada")),
        ("FILE:///home/ada", PurePosixPath("/home/ada")),
    ],
)
def test_texts_become_the_paths_they_are(text: str, path: PurePath) -> None:
    assert path_of(text) == path
    assert type(path_of(text)) is type(path)


@pytest.mark.parametrize(
    "text", ["", "Code/User", "vscode-remote://wsl%2BDebian/home/ada", "C:Users", "file://[x", "file:"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        path_of(text)


@pytest.mark.parametrize(
    ("path", "platform", "local"),
    [
        (PureWindowsPath("C:/Users/ada"), _LINUX, None),
        (PureWindowsPath("C:/Users/ada"), _WSL, "/mnt/c/Users/ada"),
        (PureWindowsPath("//server/share/ada"), _WSL, None),
        (PureWindowsPath("//wsl$/Debian/home/ada"), _WSL, "/home/ada"),
        (PureWindowsPath("//wsl.localhost/Debian/home/ada"), _WSL, "/home/ada"),
        (PureWindowsPath("//wsl$/Debian/home/ada"), _LINUX, None),
        (PurePosixPath("/home/ada"), _LINUX, "/home/ada"),
        (PurePosixPath("/home/ada"), Platform("windows", Path("C:/Users/ada"), {}), None),
        (PureWindowsPath("C:/Users"), Platform("windows", Path("C:/"), {}), str(PureWindowsPath("C:/Users"))),
        (PurePosixPath("/Users/ada"), Platform("macos", Path("/Users/ada"), {}), "/Users/ada"),
    ],
)
def test_paths_are_mapped_only_where_that_is_asked_for(
    path: PurePath, platform: Platform, local: str | None
) -> None:
    assert local_path(path, platform) == (None if local is None else Path(local))


def test_a_windows_manifest_on_linux(tmp_path: Path) -> None:
    _storage(tmp_path / "c" / "Users" / "ada", _KEY)
    root = f"C:\\Users\\ada\\Code\\User\\workspaceStorage\\{_KEY}"
    manifest = _parse({"workspace_key": _KEY, "storage_root": root, "last_seen": 1767225600})
    assert manifest.entries[0].last_seen == "1767225600"
    problems: list[Problem] = []
    assert selections(manifest, _LINUX, problems.append) == []
    assert [problem.kind for problem in problems] == ["invalid"]
    assert problems[0].path == root
    mounted = Platform("linux", Path("/home/ada"), {}, windows_drives=tmp_path)
    (selection,) = selections(manifest, mounted, problems.append)
    assert selection.source.user_data_dir == tmp_path / "c" / "Users" / "ada" / "Code"


def test_windows_folder_names_ignore_case() -> None:
    root = f"c:\\users\\ada\\code\\user\\WORKSPACESTORAGE\\{_KEY}"
    assert _parse({"workspace_key": _KEY, "storage_root": root}).problems == ()


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (7, "object"),
        ({}, "storage_root"),
        ({"storage_root": 7}, "storage_root"),
        ({"storage_root": "relative/path"}, "relative/path"),
        ({"storage_root": "/x/User/workspaceStorage"}, "workspace_key"),
        ({"storage_root": "/x/User/workspaceStorage", "workspace_key": "../../secret"}, "workspace_key"),
        ({"storage_root": "/x/User/workspaceStorage", "workspace_key": ".."}, "workspace_key"),
        ({"storage_root": "/x/User/workspaceStorage", "workspace_key": "a\\b"}, "workspace_key"),
        ({"storage_root": "/x/User/workspaceStorage/a", "workspace_key": "b"}, "workspaceStorage/b"),
        ({"storage_root": "/x/globalStorage/a"}, "workspaceStorage"),
        ({"storage_root": "/x/../y/User/workspaceStorage/a"}, "[.][.]"),
        ({"storage_root": "/x/User/workspaceStorage/a", "workspace_name": []}, "workspace_name"),
    ],
)
def test_one_bad_entry_is_a_problem_and_the_rest_goes_on(entry: object, field: str) -> None:
    good = {"storage_root": "/x/User/workspaceStorage/good"}
    manifest = _parse(good, entry, good)
    assert [one.key for one in manifest.entries] == ["good", "good"]
    (problem,) = manifest.problems
    assert (problem.path, problem.kind) == ("journal.json: workspaces[1]", "invalid")
    assert re.search(field, problem.message)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "object"),
        (b'{"workspaces": []}', "version"),
        (b'{"version": 2, "workspaces": []}', "version"),
        (b'{"version": "1.0", "workspaces": []}', "version"),
        (b'{"version": "2.0"}', "workspaces"),
        (b'{"version": "2.0", "workspaces": {}}', "workspaces"),
    ],
)
def test_what_is_no_manifest_is_refused_with_file_and_field(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words) as raised:
        parse_manifest(data, "journal.json")
    assert "journal.json" in raised.value.message
    assert raised.value.advice is not None
    assert raised.value.advice.code is AdviceCode.MANIFEST_SHAPE


def test_reading_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ada" / ".ck3raven" / "journal_manifest.json"
    platform = Platform("linux", tmp_path / "ada", {})
    assert default_manifest(platform) is None
    with pytest.raises(InvalidInputError, match="journal_manifest"):
        read_manifest(path)
    path.parent.mkdir(parents=True)
    path.write_bytes(b'\xef\xbb\xbf{"version": "2.1", "workspaces": []}')
    assert default_manifest(platform) == path
    assert read_manifest(path) == Manifest((), ())


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("/x/User/workspaceStorage/a"),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["workspace_key", "storage_root", "chat_sessions_path", "last_seen"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.lists(_json, max_size=4))
def test_no_entry_whatever_it_is_breaks_the_reading(workspaces: list[object]) -> None:
    manifest = _parse(*workspaces)
    assert len(manifest.entries) + len(manifest.problems) == len(workspaces)
    selections(manifest, Platform("linux", Path("/nowhere"), {}, Path("/nowhere")), lambda problem: None)
