"""The loss alarm: it rings for each way a chat gets less, and is silent for all that only looks like it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcask.assistants.vscode.reading.log import LogError, replay
from chatcask.assistants.vscode.reading.outline import extend, outline_of, takes_nothing_away
from chatcask.catalog.catalog import Catalog
from chatcask.monitor import NullMonitor
from chatcask.ops.browse.find_chat import find_chat
from chatcask.ops.browse.history import chat_history
from chatcask.ops.browse.list_chats import ChatFilter, list_chats, list_deleted
from chatcask.ops.snapshot.compare_chats import Loss
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot
from chatcask.transport import LocalTransport
from support.transports import RecordingTransport
from support.worlds import World, appended_turn, chat

A = "w1/chatSessions/a.jsonl"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.write({A: chat(3, title="Lamp"), "w1/workspace.json": b'{"folder":"file:///lighthouse"}'})
    world.take()
    return world


def _losses(world: World, files: dict[str, bytes]) -> list[tuple[str, str, int, int]]:
    world.replace_all({"w1/workspace.json": b'{"folder":"file:///lighthouse"}', **files})
    return [(loss.session, loss.kind, loss.before, loss.after) for loss in world.take().losses]


def _without_first_line(turns: int) -> bytes:
    return (chat(0) + b"".join(appended_turn(n) for n in range(turns))).split(b"\n", 1)[1]


def _set(path: list[Any], value: Any) -> bytes:
    return json.dumps({"kind": 1, "k": path, "v": value}).encode() + b"\n"


CUT = b"[VS Code: value truncated for persistence; original 8 chars]"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ("a", "vanished", 3, 0)),
        ({A: b""}, ("a", "emptied", 3, 0)),
        ({A: chat(0)}, ("a", "emptied", 3, 0)),
        ({A: chat(2)}, ("a", "shrank", 3, 2)),
        ({A: chat(3) + b'{"kind":2,"k":["requests"],"i":1}\n'}, ("a", "shrank", 3, 1)),
        ({A: chat(3) + b'{"kind":1,"k":["requests"],"v":[]}\n'}, ("a", "emptied", 3, 0)),
        ({A: _without_first_line(2)}, ("a", "lost_header", 3, 2)),
        ({A: chat(3)[:-40]}, ("a", "unreadable", 3, 2)),
        ({A: chat(3, title="Lamp") + b'{"kind":1,"k":["custom'}, ("a", "unreadable", 3, 3)),
        ({A: b"\0" * 500}, ("a", "unreadable", 3, 0)),
        ({A: chat(0) + b"".join(map(appended_turn, range(3)))[:-600]}, ("a", "unreadable", 3, 2)),
        ({A: chat(3)[:-1]}, ("a", "unended", 3, 3)),
        ({A: chat(3) + _set(["requests", 0, "response"], [])}, ("a", "lost_text", 3, 3)),
        ({A: chat(3) + _set(["requests", 1, "response", 0, "value"], "")}, ("a", "lost_text", 3, 3)),
        ({A: chat(3) + _set(["requests", 1, "message", "text"], "")}, ("a", "lost_text", 3, 3)),
        ({A: chat(3) + b'{"kind":3,"k":["requests",2,"response"]}\n'}, ("a", "lost_text", 3, 3)),
        ({A: chat(3) + b'{"kind":2,"k":["requests",2,"response"],"i":0}\n'}, ("a", "lost_text", 3, 3)),
        ({A: chat(3, title="Lamp").replace(b"answer 1", b"")}, ("a", "lost_text", 3, 3)),
        ({A: chat(3, title="Lamp").replace(b"answer 1", CUT)}, ("a", "lost_text", 3, 3)),
        (
            {A: chat(3) + _set(["requests", 1, "response", 0, "value"], CUT.decode())},
            ("a", "lost_text", 3, 3),
        ),
        ({A[:-1]: chat(3, flat=True).replace(b"answer 1", b"")}, ("a", "lost_text", 3, 3)),
    ],
)
def test_every_way_to_lose_something_is_named(
    world: World, files: dict[str, bytes], expected: tuple[str, str, int, int]
) -> None:
    (found,) = _losses(world, files)
    assert found[:3] == expected[:3]
    assert found[3] <= expected[3]
    assert world.take().losses == ()  # said once


@pytest.mark.parametrize(
    "files",
    [
        {A: chat(3, title="Lamp") + appended_turn(3)},
        {A: chat(4, title="Lamp")},  # compacted after a turn was added
        {A: chat(3, title="Another title")},
        {A: chat(3, title="Lamp").replace(b"answer 2", b"another answer")},
        {A: chat(3, title="Lamp").replace(b"request_2", b"request_9")},  # the last turn was tried again
        {A: chat(3, title="Lamp"), "w2/chatSessions/a.jsonl": chat(3, title="Lamp")},
        {"w2/chatSessions/a.jsonl": chat(3, title="Lamp")},  # moved with its workspace
        {A: chat(3, title="Lamp"), "w1/chatSessions/b.jsonl": chat(1, session="b")},
        {A: chat(3, title="Lamp") + b"\n"},
    ],
)
def test_no_alarm_without_a_loss(world: World, files: dict[str, bytes]) -> None:
    assert _losses(world, files) == []


@pytest.mark.parametrize(
    ("elsewhere", "left"),
    [
        (b"", 0),
        (chat(0), 0),
        (chat(2, title="Lamp"), 2),
        (b"\0" * 500, 0),
        (chat(3)[:-40], 0),
        (_without_first_line(3), 3),
    ],
)
def test_a_lesser_file_of_the_same_chat_elsewhere_is_no_move(
    world: World, elsewhere: bytes, left: int
) -> None:
    (loss,) = _losses(world, {"w2/chatSessions/a.jsonl": elsewhere})
    assert loss == ("a", "vanished", 3, left)


def test_the_fullest_file_elsewhere_counts(world: World) -> None:
    copies = {f"w{n}/chatSessions/a.jsonl": chat(n, title="Lamp") for n in (2, 3, 4)}
    assert _losses(world, {**copies, "w5/chatSessions/a.json": b""}) == []


def test_no_alarm_for_the_move_to_the_newer_file_form(tmp_path: Path) -> None:
    world = World(tmp_path)
    old = chat(2, flat=True)
    world.write({"w1/chatSessions/a.json": old})
    world.take()
    assert _losses(world, {"w1/chatSessions/a.json": old, A: chat(3)}) == []
    assert _losses(world, {A: chat(3)}) == []


def _state(world: World, entries: dict[str, Any], text: str = "") -> None:
    import sqlite3
    from contextlib import closing

    path = world.storage / "w1" / "state.vscdb"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)"
        )
        value = text or json.dumps({"version": 1, "entries": entries})
        database.execute("INSERT INTO ItemTable VALUES ('chat.ChatSessionStore.index', ?)", (value,))
    world.date(path)


def test_a_chat_that_leaves_the_editors_list_is_named(world: World) -> None:
    entry = {"sessionId": "a", "title": "Lamp", "lastMessageDate": 5, "initialLocation": "panel"}
    _state(world, {"a": entry})
    world.take()
    _state(world, {"other": {**entry, "sessionId": "other"}})
    (loss,) = world.take().losses
    assert (loss.session, loss.kind, loss.before, loss.after) == ("a", "left_index", 3, 3)
    assert "list" in loss.message


@pytest.mark.parametrize(
    "value", ["{", '{"version":1,"entries":{"x":5}}', "[]", '{"version":1,"entries":{}}']
)
def test_a_list_that_shows_nothing_any_more_is_one_finding(world: World, value: str) -> None:
    world.write({A.replace("a.", f"{name}."): chat(2, session=name) for name in "bc"})
    entry = {"title": "Lamp", "lastMessageDate": 5, "initialLocation": "panel"}
    _state(world, {name: {**entry, "sessionId": name} for name in "abc"})
    world.take()
    _state(world, {}, value)
    (loss,) = world.take().losses
    assert (loss.session, loss.kind, loss.before, loss.after) == ("", "lost_list", 3, 0)
    assert "3 chats are not shown" in loss.message
    assert world.take().losses == ()


def test_the_manifest_keeps_a_loss_and_no_command(world: World) -> None:
    with world.open() as repository:
        (first,) = repository.snapshots()
    world.remove(A)
    result = world.take()
    (loss,) = result.losses
    assert isinstance(loss, Loss)
    assert loss.title == "Lamp"
    assert loss.snapshot == first.id
    assert result.reference is not None
    with world.open() as repository:
        (row,) = repository.load(result.reference).losses
    assert dict(row) == loss.as_row()
    assert row.keys() == {"session", "title", "kind", "path", "before", "after", "message", "snapshot"}


@pytest.mark.parametrize("title", ["\ud83d", "Lamp \udce9 and \udfff", "\ud800\ud800"])
def test_a_title_that_is_not_text_is_told_and_kept_printable(world: World, title: str) -> None:
    """JSON may hold half of a pair; a snapshot that cannot be written would keep all later chats from it."""
    world.write({A: chat(2, title=title), "w1/chatSessions/b.jsonl": chat(1, title=title, session="\udc00")})
    assert [loss.kind for loss in world.take().losses] == ["shrank"]
    world.remove(A, "w1/chatSessions/b.jsonl")
    result = world.take()
    assert [(loss.session, loss.kind) for loss in result.losses] == [("a", "vanished"), ("b", "vanished")]
    assert result.reference is not None
    with world.open() as repository:
        rows = repository.load(result.reference).losses
    assert [row["title"] for row in rows] == [title.encode("utf-8", "backslashreplace").decode()] * 2


def _log(state: Any) -> bytes:
    return json.dumps({"kind": 0, "v": state}).encode() + b"\n"


_HALF = "\ud83d"


@pytest.mark.parametrize(
    "odd",
    [
        _log({"requests": [{"requestId": _HALF, "message": {"text": _HALF}, "response": [{"kind": _HALF}]}]}),
        _log({"sessionId": _HALF, _HALF: {_HALF: 1}, "requests": [], "customTitle": _HALF}),
        _log({"requests": [5, None, _HALF], "creationDate": 1e308}),
        _log({"requests": [{"requestId": "r", "timestamp": 10**400, "message": _HALF}]}),
        _log(_HALF),
        _log(None),
        chat(2) + b'{"kind":1,"k":["\\ud800"],"v":{"\\udfff":1}}\n',
        chat(2) + b'{"kind":1,"k":["requests",99999999999999999999],"v":1}\n',
        b"\xed\xa0\x80" * 20,
        b"\xff\xfe\x00",
        b"[" * 50_000,
        b'{"kind":0,"v":' + b"[" * 50_000,
    ],
)
@pytest.mark.parametrize("name", [A, A.removesuffix("l")])
def test_odd_text_never_keeps_a_run_from_its_end(world: World, odd: bytes, name: str) -> None:
    other = "w1/chatSessions/b.jsonl"
    for number, data in enumerate([chat(3, title="Lamp"), odd, chat(2), odd, odd[:-1]], start=1):
        world.replace_all({name: data, other: chat(9 - number, session="b")})
        _state(
            world, {"a": {"title": _HALF, "sessionId": _HALF}, _HALF: {}, "b": _HALF} if number % 2 else {}
        )
        losses = {loss.session for loss in world.take().losses}
        assert "b" in losses or number == 1
    world.remove(name)
    assert world.take().reference is not None


def test_a_chat_that_grew_is_not_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run has read it anyway, and that has to be enough."""
    parsed: list[str] = []
    real = Catalog.parse

    def parse(self: Catalog, file: Any) -> Any:
        parsed.append(file.name)
        return real(self, file)

    monkeypatch.setattr(Catalog, "parse", parse)
    transport = LocalTransport(world.user_data_dir.parent / "store")
    for info in world.transport.list(""):
        transport.put(info.key, world.transport.get(info.key))
    cache = world.user_data_dir.parent / "cache"
    opened = Repository.open
    monkeypatch.setattr(Repository, "open", lambda t, c=None: opened(transport, cache))
    text = chat(3, title="Lamp")
    for number in range(3, 7):
        text += appended_turn(number)
        world.write({A: text})
        assert world.take().losses == ()
        assert parsed == []
    world.write({A: text + b'{"kind":2,"k":["requests"],"i":2}\n'})
    (loss,) = world.take().losses
    assert (loss.kind, loss.before, loss.after) == ("shrank", 7, 2)


_numbers = st.integers(-1, 5)
_steps = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from([1, 3]),
            "k": st.lists(
                st.sampled_from(["inputState", "other", "gone", "requests"]), min_size=1, max_size=2
            ),
            "v": st.sampled_from([{"x": 1}, 1, []]),
        }
    ),
    st.builds(lambda n: {"kind": 2, "k": ["requests"], "v": [{"requestId": "r"}] * n}, st.integers(0, 3)),
    st.builds(lambda n: {"kind": 2, "k": ["requests"], "i": n}, st.integers(0, 4)),
    st.builds(lambda n: {"kind": 2, "k": ["requests", n, "response"], "v": [1]}, _numbers),
    st.builds(lambda n: {"kind": 2, "k": ["requests", n, "a", "y"], "v": [1]}, _numbers),
    st.builds(
        lambda n, length, parts: {"kind": 2, "k": ["requests", n, "response"], "v": parts, "i": length},
        _numbers,
        st.sampled_from([0, 1, 2, -1, 5000, 0.5, "1"]),
        st.lists(st.sampled_from([{"value": "words"}, {"kind": "thinking", "value": "hm"}]), max_size=2),
    ),
    st.builds(lambda n: {"kind": 1, "k": ["requests", n, "message"], "v": {"text": "why"}}, _numbers),
    st.builds(lambda n: {"kind": 1, "k": ["requests", n, "response"], "v": {}}, _numbers),
    st.sampled_from([{"kind": 0, "v": {"requests": []}}, {"kind": 9}, "no entry"]),
)


_NO_ARRAY = [{"kind": 1, "k": ["requests", 0, "response"], "v": {}}]
_APPEND = [{"kind": 2, "k": ["requests", 0, "response"], "v": [1]}]


@example(1, _NO_ARRAY + _APPEND)
@example(1, [{"kind": 3, "k": ["requests", 0, "response"]}, *_APPEND])
@given(st.integers(0, 3), st.lists(_steps, max_size=6))
def test_an_outline_never_says_more_than_a_replay(turns: int, steps: list[Any]) -> None:
    log = chat(turns)
    first = outline_of(replay([log]))
    assert first is not None
    tail = b"".join(json.dumps(step).encode() + b"\n" for step in steps)
    extended = extend(first, tail)
    if extended is None:
        return
    try:
        state = replay([log + tail])
    except LogError as error:
        raise AssertionError("judged sound, and the editor would refuse it") from error
    assert len(state["requests"]) == extended.turns >= turns
    assert outline_of(state) == extended


@given(st.integers(0, 3), st.lists(_steps, max_size=6))
def test_lines_that_take_nothing_away_leave_every_text_of_every_old_turn(
    turns: int, steps: list[Any]
) -> None:
    log = chat(turns)
    tail = b"".join(json.dumps(step).encode() + b"\n" for step in steps)
    try:
        old, new = replay([log]), replay([log + tail])
    except LogError:
        return
    outline = outline_of(new)
    if outline is None or not takes_nothing_away(tail, outline.turns):
        return
    assert outline.turns >= turns
    for before, after in zip(old["requests"], new["requests"], strict=False):
        assert after["message"] == before["message"]
        assert after["response"][: len(before["response"])] == before["response"]


def test_an_unfinished_line_is_never_judged_from_outside() -> None:
    outline = outline_of(replay([chat(1)]))
    assert outline is not None
    assert extend(outline, b'{"kind":1,"k":["x"],"v":1}') is None
    assert extend(outline, b'{"kind":1,"k":["x"],"v":1}{"kind":1,"k":["x"],"v":1}\n') is None


def test_history_tells_a_life_in_order(world: World) -> None:
    states: list[dict[str, bytes]] = [
        {A: chat(3, title="Lamp") + appended_turn(3)},
        {A: chat(4, title="Lamp")},
        {A: chat(4, title="Lens")},
        {A: chat(4, title="Lens"), "w2/chatSessions/a.jsonl": chat(4, title="Lens")},
        {A: chat(1, title="Lens")},
        {},
        {A: chat(4, title="Lens")},
    ]
    for state in states:
        world.replace_all({"w1/workspace.json": b"{}", **state})
        world.take()
        world.take()
    with world.open() as repository, Catalog(repository) as catalog:
        stored = [
            StoredSnapshot(reference, repository.load(reference)) for reference in repository.snapshots()
        ]
        versions = list(chat_history(catalog, "a", stored, NullMonitor()))
    assert [[str(event) for event in version.events] for version in versions] == [
        ["appeared"],
        ["grew"],
        ["edited"],  # the compacted form lacks the words that were added to the last answer
        ["renamed"],
        ["copied"],
        ["copied", "shrank"],
        ["vanished"],
        ["came_back"],
    ]
    assert [version.summary.turn_count if version.summary else None for version in versions] == [
        3, 4, 4, 4, 4, 1, None, 4,
    ]  # fmt: skip


def test_sessions_are_listed_found_and_missed(world: World) -> None:
    world.write({"w2/chatSessions/bcde1.jsonl": chat(2, title="Tide tables", session="bcde1")})
    world.take()
    world.remove(A)
    world.take()
    with world.open() as repository, Catalog(repository) as catalog:
        stored = [StoredSnapshot(r, repository.load(r)) for r in reversed(repository.snapshots())]
        names = [s.summary.title for s in list_chats(catalog, stored[0], ChatFilter(), NullMonitor())]
        assert names == ["Tide tables"]
        gone = list(list_deleted(catalog, stored[0], stored[1:], ChatFilter(), NullMonitor()))
        assert [(s.file.session, s.snapshot, s.file.workspace_name) for s in gone] == [
            ("a", stored[1][0], "lighthouse")
        ]
        found = find_chat(catalog, "bcde", stored, NullMonitor())
        assert (found.stored, found.file.session) == (stored[0], "bcde1")
        found = find_chat(catalog, "lamp", stored, NullMonitor())
        assert (found.stored, found.file.session) == (stored[1], "a")
        only = ChatFilter(workspace="lighthouse")
        assert [s.file.session for s in list_chats(catalog, stored[1], only, NullMonitor())] == ["a"]


def test_the_catalogue_is_filled_once_and_rebuilt_when_damaged(world: World, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    recording = RecordingTransport(world.transport)

    def titles() -> list[str]:
        with Repository.open(recording, cache) as repository, Catalog(repository) as catalog:
            (reference,) = repository.snapshots()
            root = repository.load(reference).root
            return [catalog.summary(file).title for file in catalog.chats(root)]

    assert titles() == ["Lamp"]
    recording.calls.clear()
    assert titles() == ["Lamp"]
    assert [key for key in recording.keys("get") if key.startswith("packs/")] == []
    path = next(cache.rglob("catalog.sqlite"))
    for damage in (b"", b"no database at all" * 300, path.read_bytes()[:3000] + b"\xff" * 9000):
        for sidecar in path.parent.glob("catalog.sqlite-*"):
            sidecar.unlink()
        path.write_bytes(damage)
        assert titles() == ["Lamp"]
