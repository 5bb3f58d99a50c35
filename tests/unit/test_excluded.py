"""Which workspaces a person's patterns exclude, and that nothing is read of them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.base import EVERYTHING, Platform, Scope
from chatcask.assistants.excluded import is_excluded
from chatcask.assistants.known import is_left_out
from chatcask.assistants.vscode.places.capture_set import capture_set
from chatcask.assistants.vscode.places.locate import locate, source_for
from chatcask.monitor import Problem


@pytest.mark.parametrize(
    ("pattern", "uri", "expected"),
    [
        ("/home/ada/secret", "file:///home/ada/secret", True),
        ("/home/ada/secret", "file:///home/ada/secret/inner/deep", True),
        ("/home/ada/secret/", "file:///home/ada/secret", True),
        ("/home/ada/secret", "file:///home/ada/secrets", False),
        ("/home/ada/secret", "file:///home/ada", False),
        ("/home/ada/Secret", "file:///home/ada/secret", True),
        ("/home/*/work", "file:///home/ada/work", True),
        ("/home/*/work", "file:///home/ada/other/work", False),
        ("/home/**/work", "file:///home/ada/other/work", True),
        ("**/work", "file:///work", True),
        ("/home/a?a", "file:///home/ada", True),
        ("client-*", "file:///home/ada/client-nine/app", True),
        ("client/app", "file:///home/ada/client/app", True),
        ("/a [b]", "file:///a%20%5Bb%5D/c", True),
        (r"C:\Users\ada\work", "file:///c%3A/Users/Ada/work/app", True),
        ("c:/users/ada/work", "file:///c:/Users/ada/work", True),
        ("//server/share", "file://server/share/x", True),
        ("vscode-remote://ssh-remote+*/srv/app", "vscode-remote://ssh-remote%2Bhost/srv/app/api", True),
        ("vscode-remote://**", "vscode-remote://wsl%2Bdebian/home/ada", True),
        ("/home/ada", "vscode-remote://wsl%2Bdebian/home/ada", False),
        ("**", "file:///anything", True),
        ("**", "", False),
    ],
)
def test_a_pattern_names_a_folder_with_all_below(pattern: str, uri: str, expected: bool) -> None:
    assert is_excluded((pattern,), uri) is expected


@given(st.lists(st.text(), max_size=3), st.text())
def test_any_pattern_and_any_uri_have_an_answer(patterns: list[str], uri: str) -> None:
    assert is_excluded(patterns, uri) in (True, False)


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=4), st.data())
def test_a_folder_and_all_above_it_exclude_it(parts: list[str], data: st.DataObject) -> None:
    depth = data.draw(st.integers(1, len(parts)))
    assert is_excluded(("/" + "/".join(parts[:depth]),), "file:///" + "/".join(parts))


def _workspace(user: Path, name: str, description: str) -> None:
    chats = user / "workspaceStorage" / name / "chatSessions"
    chats.mkdir(parents=True)
    (chats / "a.jsonl").write_text("{}\n")
    (chats.parent / "workspace.json").write_text(description)


def _names(folder: Path, excluded: tuple[str, ...]) -> tuple[list[str], list[str], list[Problem]]:
    platform = Platform("linux", folder / "nobody", {}, scope=Scope(excluded=excluded))
    problems: list[Problem] = []
    passed: list[str] = []
    root = capture_set(source_for(folder, "code", platform), problems.append, passed_over=passed.append)
    listed = next(item for item in root.list() if item.name == "workspaces")
    return [item.name for item in listed.list()], passed, problems  # type: ignore[union-attr]


def test_an_excluded_workspace_is_not_listed_and_named_to_who_asks(tmp_path: Path) -> None:
    _workspace(tmp_path / "User", "w1", '{"folder": "file:///home/ada/open"}')
    _workspace(tmp_path / "User", "w2", '{"workspace": "file:///home/ada/secret/a.code-workspace"}')
    _workspace(tmp_path / "User", "w3", "not JSON")
    assert _names(tmp_path, ("/home/ada/secret",)) == (["w1", "w3"], ["w2"], [])
    assert _names(tmp_path, ()) == (["w1", "w2", "w3"], [], [])


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_while_it_cannot_be_known_the_workspace_is_left_alone(tmp_path: Path) -> None:
    _workspace(tmp_path / "User", "w1", "{}")
    description = tmp_path / "User" / "workspaceStorage" / "w1" / "workspace.json"
    description.unlink()
    description.mkdir()
    names, passed, problems = _names(tmp_path, ("/x",))
    assert (names, passed) == ([], ["w1"])
    assert [problem.path for problem in problems] == ["workspaces/w1"]


def test_added_folders_are_found_once_and_left_out_ones_are_known(tmp_path: Path) -> None:
    usual, added = tmp_path / ".config" / "Code", tmp_path / "portable" / "VSCodium"
    usual.mkdir(parents=True)
    added.mkdir(parents=True)
    scope = Scope(added=(added, usual, tmp_path / "gone"), left_out=("vscodium", str(usual)))
    platform = Platform("linux", tmp_path, {}, scope=scope)
    found = locate(platform)
    assert [source.user_data_dir for source in found] == [usual, added]
    assert [is_left_out(source, platform) for source in found] == [True, True]
    everything = replace(platform, scope=EVERYTHING)
    assert [source.user_data_dir for source in locate(everything)] == [usual]
    assert not is_left_out(found[0], everything)
