"""The paths of a snapshot: built and read by one owner, spelled nowhere else, understood by all alike."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.assistants.base import NO_WORKSPACE
from chatcask.assistants.known import chat_path, owner
from chatcask.assistants.vscode.places import snapshot_paths as paths
from chatcask.assistants.vscode.places.path_roles import read_path, session_of_name
from chatcask.catalog.catalog import Catalog
from chatcask.chats.chat_path import ChatPath, Role
from chatcask.format.tree import Content, Entry, EntryKind
from chatcask.ids import ChunkId
from chatcask.ops.browse.selection import ChatSelection
from chatcask.ops.documents.export import find_chats
from chatcask.ops.integrity.findings import chat_of
from chatcask.ops.snapshot.observed_chats import ObservedChats
from support.worlds import World, chat

PROJECT = Path(__file__).parent.parent.parent
_SPELLED = re.compile(
    r"chatSessions|ChatSessions|chatEditingSessions|workspaces/|empty-window|transcripts|transferred|vscode-chat-images"
)
_OWNERS = (
    "store/chatcask/assistants/vscode/",
    "store/chatcask/assistants/base.py",  # names what stands for no workspace, with every assistant
    "cli/chatcask_cli/demo/",  # makes a folder as an editor has it on disk
)
_NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=30)
_GROUPS = _NAMES.filter(lambda name: name not in (".", "..")) | st.just(NO_WORKSPACE)


def _constants(path: Path) -> list[tuple[int, str]]:
    """The texts in a module, without its prose: docstrings, and help that has several words."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
        if " " not in node.value.strip()
    ]


@pytest.mark.parametrize(
    "path",
    sorted([*(PROJECT / "store").rglob("*.py"), *(PROJECT / "cli").rglob("*.py")]),
    ids=lambda path: path.relative_to(PROJECT).as_posix(),
)
def test_nobody_else_spells_the_paths_of_snapshots(path: Path) -> None:
    if path.relative_to(PROJECT).as_posix().startswith(_OWNERS):
        return
    for line, text in _constants(path):
        assert not _SPELLED.search(text), f"{path}:{line} spells {text!r}"


@given(_GROUPS, _NAMES, st.sampled_from([".json", ".jsonl"]))
def test_a_chats_path_is_read_as_it_was_built(group: str, session: str, suffix: str) -> None:
    path = f"code/{paths.chats_folder(group)}/{session}{suffix}"
    assert read_path(path) == ChatPath("code", group, session, Role.BODY, path)


@given(_GROUPS, _NAMES, _NAMES)
def test_the_path_of_edits_is_read_as_it_was_built(group: str, session: str, name: str) -> None:
    path = f"code/{paths.edits_folder(group, session)}/{name}"
    assert read_path(path) == ChatPath("code", group, session, Role.EDITS, path)


@given(
    st.lists(
        st.sampled_from(["workspaces", "w1", "chatSessions", "a.jsonl", "transferred", "state", "", "é"])
    )
)
def test_any_path_is_read_and_keeps_its_source(parts: list[str]) -> None:
    found = read_path("/".join(["code", *parts]))
    assert found.source == "code"
    assert found.path == "/".join(["code", *parts])
    assert found.role in (Role.WORKSPACE, Role.LIST, Role.OTHER) or found.session or found.role is Role.ODD


@pytest.mark.parametrize(
    ("path", "group", "session", "role"),
    [
        ("code/workspaces/w1/chatSessions/a.jsonl", "w1", "a", Role.BODY),
        ("code/workspaces/w1/chatSessions/a.json", "w1", "a", Role.BODY),
        ("code/workspaces/w1/chatSessions/a.old.jsonl", "w1", "a.old", Role.BODY),
        ("code/empty-window/chatSessions/a.jsonl", "empty-window", "a", Role.BODY),
        ("code/workspaces/no-workspace/chatSessions/a.json", "no-workspace", "a", Role.BODY),
        ("code~0011aabb/workspaces/w1/chatSessions/a.jsonl", "w1", "a", Role.BODY),
        ("code/workspaces/w1/chatSessions/a.jsonl.bak", "w1", "a", Role.ODD),
        ("code/workspaces/w1/chatSessions/.jsonl", "w1", "", Role.ODD),
        ("code/workspaces/w1/chatSessions/a\udcff.jsonl", "w1", "a\udcff", Role.ODD),
        ("code/workspaces/w1/chatSessions/below/a.jsonl", "w1", "", Role.OTHER),
        ("code/workspaces/w1/chatEditingSessions/a.b/contents/9f", "w1", "a.b", Role.EDITS),
        ("code/workspaces/w1/transcripts/a.jsonl", "w1", "a", Role.TRANSCRIPT),
        ("code/workspaces/w1/workspace.json", "w1", "", Role.WORKSPACE),
        ("code/workspaces/w1/state/chat.ChatSessionStore.index.json", "w1", "", Role.LIST),
        ("code/workspaces/w1/state-backup/chat.ChatSessionStore.index.json", "w1", "", Role.OTHER),
        ("code/transferred/a.json", "", "a", Role.TRANSFER),
        ("code/images/a.png", "", "", Role.OTHER),
        ("code/profiles/p1/state/interactive.sessions.json", "", "", Role.OTHER),
        ("code/workspaces", "", "", Role.OTHER),
        ("code", "", "", Role.OTHER),
        ("code/chatSessions/a.jsonl", "", "", Role.OTHER),
    ],
)
def test_what_a_path_is_to_a_chat(path: str, group: str, session: str, role: Role) -> None:
    source = path.partition("/")[0]
    assert chat_path(path) == ChatPath(source, group, session, role, path)


@given(_NAMES)
def test_a_name_is_of_one_chat_or_of_none(name: str) -> None:
    """The editor asks for `<id>.jsonl` or `<id>.json`, and nothing else."""
    session = session_of_name(name)
    assert (session is None) or name in (f"{session}.jsonl", f"{session}.json")


def test_a_source_that_no_assistant_knows_is_never_parsed() -> None:
    for source in ("unheard-of", "unheard-of~0011aabb", ""):
        assert owner(source) is None
        assert chat_path(f"{source}/workspaces/w1/chatSessions/a.jsonl") is None


def test_every_command_agrees_which_chat_a_file_is(tmp_path: Path) -> None:
    """A copy beside a chat is a chat of its own under its own id, to all of them alike."""
    world = World(tmp_path)
    bodies = {f"w1/chatSessions/{name}": chat(number + 1) for number, name in enumerate(_BODIES)}
    world.write(bodies | {"w1/chatSessions/a.jsonl.bak": b"kept"})
    reference = world.take().reference
    assert reference is not None
    with world.open() as repository, Catalog(repository) as catalog:
        root = repository.load(reference).root
        assert {file.session for file in catalog.chats(root)} == set(_BODIES.values())
        chosen = find_chats(repository, catalog, ChatSelection((reference,)), world.monitor)
        (odd,) = world.monitor.problems
        assert (odd.kind, odd.path) == ("name", f"{world.source.id}/{paths.chats_folder('w1')}/a.jsonl.bak")
        assert {found.session for found in chosen} == set(_BODIES.values())
        observed = ObservedChats(repository)
        for path, _ in repository.walk(root):
            found = chat_path(path)
            assert found is not None
            assert (chat_of(path) or found).session == found.session
            is_observed = observed.keep_from(path, 1, Entry("x", EntryKind.FILE, 1, 0, _SOME)) is not None
            assert is_observed == (found.role is Role.BODY) == (path.rpartition("/")[2] in _BODIES)


_BODIES = {"a.jsonl": "a", "a.old.jsonl": "a.old", "b.json": "b"}
_SOME = Content(0, ChunkId(bytes(32)))
