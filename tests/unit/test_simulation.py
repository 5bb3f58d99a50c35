"""Proves that simulated folders follow from the seed alone and change as VS Code changes files."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from support import log_replay

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from simulate import DayReport, advance_one_day, build, main
from simulation.presets import ANCHOR_SECONDS, DAY_SECONDS, PRESETS
from simulation.session import tear
from simulation.text import code, prose, terminal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.slow

SEED = 7
DAYS = 6

Tree = dict[str, tuple[str, int]]


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("simulation") / "Code"
    build("tiny", SEED, root)
    return root


@pytest.fixture
def folder(first_day: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first_day, tmp_path / "Code"))


def tree(root: Path) -> Tree:
    return {
        path.relative_to(root).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in root.rglob("*")
        if path.is_file()
    }


def bodies(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.parent.name.endswith("hatSessions"))


def is_torn(path: Path) -> bool:
    return path.suffix == ".jsonl" and not path.read_bytes().endswith(b"\n")


def entries(root: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for database in root.rglob("state.vscdb"):
        with closing(sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as connection:
            rows = dict(connection.execute("SELECT key, value FROM ItemTable"))
        assert database.read_bytes() == database.with_name("state.vscdb.backup").read_bytes()
        value = json.loads(rows["chat.ChatSessionStore.index"])
        assert value["version"] == 1
        found[database.parent.name] = value["entries"]
    return found


def check_bodies(root: Path) -> None:
    for path in bodies(root):
        if is_torn(path):
            with pytest.raises(log_replay.BrokenLogError):
                log_replay.load(path)
            continue
        session = log_replay.load(path)
        assert log_replay.is_full_chat(session)
        assert session["sessionId"] == path.stem
        assert session["requests"]
        assert all(request["modelState"]["value"] == 1 for request in session["requests"])
        assert all(isinstance(part, dict) for request in session["requests"] for part in request["response"])


def test_the_same_seed_gives_the_same_tree_and_days(first_day: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    shutil.copytree(first_day, one)
    build("tiny", SEED, two)
    assert tree(one) == tree(two)
    for day in range(1, DAYS + 1):
        assert advance_one_day(one, SEED, day) == advance_one_day(two, SEED, day)
    assert tree(one) == tree(two) != tree(first_day)


def test_another_seed_gives_another_tree(first_day: Path, tmp_path: Path) -> None:
    build("tiny", SEED + 1, tmp_path / "other")
    shared = tree(first_day).items() & tree(tmp_path / "other").items()
    assert not shared


def test_tiny_has_the_shape_of_a_user_data_folder(first_day: Path) -> None:
    files = [path for path in first_day.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_000_000
    shape = PRESETS["tiny"]
    assert len(bodies(first_day)) == shape.sessions
    assert {path.suffix for path in bodies(first_day)} == {".json", ".jsonl"}
    workspaces = list((first_day / "User" / "workspaceStorage").iterdir())
    assert len(workspaces) == shape.workspaces
    assert all(len(folder.name) == 32 for folder in workspaces)
    assert all("folder" in json.loads((folder / "workspace.json").read_text()) for folder in workspaces)
    assert len(list(first_day.rglob("chatEditingSessions/*/state.json"))) == shape.edited
    assert not (first_day / "code.lock").exists()


def test_presets_are_ordered_and_the_large_ones_are_as_promised() -> None:
    assert set(PRESETS) == {"tiny", "small", "medium", "large", "huge", "many-small"}
    ordered = [PRESETS[name].session_bytes for name in ("tiny", "small", "medium", "large", "huge")]
    assert ordered == sorted(ordered)
    assert PRESETS["many-small"].sessions == 20_000


def test_every_body_replays_and_the_index_lists_it(first_day: Path) -> None:
    check_bodies(first_day)
    listed = entries(first_day)
    for path in bodies(first_day):
        entry = listed[path.parent.parent.name][path.stem]
        assert entry["sessionId"] == path.stem
        assert isinstance(entry["title"], str)
        assert entry["initialLocation"] == "panel"
        if not is_torn(path):
            session = log_replay.load(path)
            assert entry["title"] == session["customTitle"]
            assert entry["lastMessageDate"] == session["requests"][-1]["timestamp"]


def test_logs_stream_and_some_are_compacted(first_day: Path) -> None:
    logs = [path.read_bytes().splitlines() for path in bodies(first_day) if path.suffix == ".jsonl"]
    kinds = [[json.loads(line)["kind"] for line in lines] for lines in logs]
    assert any(len(lines) == 1 for lines in kinds)
    assert any(set(lines) == {0, 1, 2} for lines in kinds)
    assert all(lines.count(0) == 1 == len(lines[:1]) for lines in kinds)
    cuts = [json.loads(line) for lines in logs for line in lines[1:] if b'"i":' in line]
    assert cuts


def test_edit_texts_are_named_by_their_hash(first_day: Path) -> None:
    contents = list(first_day.rglob("chatEditingSessions/*/contents/*"))
    assert contents
    for path in contents:
        assert path.name == hashlib.sha1(path.read_bytes()).hexdigest()[:7]
    for state in first_day.rglob("chatEditingSessions/*/state.json"):
        named = {entry["currentHash"] for entry in json.loads(state.read_text())["recentSnapshot"]["entries"]}
        assert named == {path.name for path in (state.parent / "contents").iterdir()}


def test_a_day_does_each_thing_that_happens_to_sessions(folder: Path) -> None:
    seen: dict[str, int] = {}
    for day in range(1, DAYS + 1):
        before = {path.relative_to(folder).as_posix(): path.read_bytes() for path in bodies(folder)}
        report = advance_one_day(folder, SEED, day)
        check_day(folder, report, before, day)
        check_bodies(folder)
        assert not (folder / "User" / "globalStorage" / "chatEditingSessions").exists()
        for kind in DayReport.__slots__:
            seen[kind] = seen.get(kind, 0) + len(getattr(report, kind))
    assert all(seen.values()), seen


def check_day(root: Path, report: DayReport, before: dict[str, bytes], day: int) -> None:
    after = {path.relative_to(root).as_posix(): path for path in bodies(root)}
    for name in set(report.appended) - set(report.compacted):
        assert after[name].read_bytes().startswith(before[name])
        assert len(after[name].read_bytes()) > len(before[name])
    for name in report.compacted:
        assert after[name].read_bytes().count(b"\n") == 1
        grown, old = log_replay.load(after[name])["requests"], log_replay.replay(before[name])["requests"]
        assert grown[: len(old)] == old
        assert len(grown) > len(old)
    for name in report.rewritten:
        assert name.endswith(".json")
        assert len(json.loads(after[name].read_bytes())["requests"]) > len(
            json.loads(before[name])["requests"]
        )
    for name in report.torn:
        assert before[name].startswith(after[name].read_bytes())
        assert is_torn(after[name])
    for name in report.copied:
        twin = [old for old in before if old.rsplit("/", 1)[1] == name.rsplit("/", 1)[1] and old != name]
        assert any(after[name].read_bytes() in (before[old], after[old].read_bytes()) for old in twin)
    assert set(report.created) | set(report.copied) >= after.keys() - before.keys()
    assert before.keys() - after.keys() == set(report.deleted)
    touched = {name for values in (getattr(report, kind) for kind in report.__slots__) for name in values}
    for name, path in after.items():
        if name not in touched:
            assert path.read_bytes() == before[name]
        else:
            midnight = ANCHOR_SECONDS + (day - 1) * DAY_SECONDS
            assert path.stat().st_mtime >= midnight
    check_index(root, report)


def check_index(root: Path, report: DayReport) -> None:
    listed = entries(root)
    for name in report.created + report.copied:
        path = root / name
        assert path.stem in listed[path.parent.parent.name]
    for name in report.deleted:
        path = root / name
        assert path.stem not in listed[path.parent.parent.name]


def test_no_file_of_the_first_state_is_younger_than_the_anchor(first_day: Path) -> None:
    times = [path.stat().st_mtime for path in first_day.rglob("*") if path.is_file()]
    assert max(times) < ANCHOR_SECONDS
    assert len(set(times)) > len(bodies(first_day)) // 2


@pytest.mark.parametrize("table", [prose, code, terminal])
def test_text_is_escaped_json_of_about_the_length_asked_for(table: Any) -> None:
    text = table().text(random.Random(1), 20_000)
    assert 18_000 < len(text) < 22_000
    assert json.loads(f'"{text}"').isascii()
    assert text == table().text(random.Random(1), 20_000) != table().text(random.Random(2), 20_000)


def test_sessions_compress_like_real_ones(tmp_path: Path) -> None:
    build("small", SEED, tmp_path / "Code")
    texts = [path.read_bytes() for path in bodies(tmp_path / "Code")]
    ratio = sum(map(len, texts)) / sum(len(zstd.compress(text, 3)) for text in texts)
    assert 4 < ratio < 7
    assert max(map(len, texts)) > 10 * sorted(map(len, texts))[len(texts) // 2]


def test_tearing_cuts_within_the_last_line(tmp_path: Path) -> None:
    for number in range(50):
        log = tmp_path / "log.jsonl"
        log.write_bytes(b'{"kind":0,"v":{}}\n{"kind":1,"k":["a"],"v":1}\n')
        tear(log, random.Random(number))
        assert log.read_bytes().startswith(b'{"kind":0,"v":{}}\n')
        with pytest.raises(log_replay.BrokenLogError):
            log_replay.load(log)


def test_the_command_builds_and_refuses_to_overwrite(
    tmp_path: Path, first_day: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--preset", "tiny", "--seed", str(SEED), "--output", str(tmp_path / "Code")]
    main(arguments)
    assert tree(tmp_path / "Code") == tree(first_day)
    main([*arguments[:-1], str(tmp_path / "later"), "--days", "2"])
    assert capsys.readouterr().out.count("appended") == 2
    with pytest.raises(SystemExit):
        main(arguments)
    assert "exists already" in capsys.readouterr().err
