"""Proves that state rows are read exactly, also after a crash, and that reading leaves no trace."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.state.database import (
    StateDatabaseError,
    database_uri,
    file_name_of_key,
    read_rows,
)
from chatcask.assistants.vscode.state.items import GLOBAL_KEYS, INDEX_KEY, WORKSPACE_KEYS
from chatcask.errors import ChatcaskError
from support.effort import effort
from support.state_database import Value, crash_a_writer, folder_state, make_database

_INDEX = '{"version":1,"entries":{}}'


def test_only_listed_rows_are_read_sorted_by_key(tmp_path: Path) -> None:
    rows: dict[str, Value] = {
        "secret://ada": "never",
        INDEX_KEY: _INDEX,
        "agentSessions.state.cache": "[]",
        "chat.ChatSessionStore.index2": "no",
    }
    database = make_database(tmp_path / "state.vscdb", rows)
    assert read_rows(database, WORKSPACE_KEYS) == (
        ("agentSessions.state.cache", b"[]"),
        (INDEX_KEY, _INDEX.encode()),
    )
    assert read_rows(database, ()) == ()
    assert read_rows(database, ("no.such.key",)) == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text äöü \U0001f512", "text äöü \U0001f512".encode()),
        ("", b""),
        ("with\0nul", b"with\0nul"),
        (b"\xff\xfe blob \0", b"\xff\xfe blob \0"),
        (b"", b""),
        (42, b"42"),
        (1.5, b"1.5"),
    ],
)
def test_values_keep_their_bytes(tmp_path: Path, value: Value, expected: bytes) -> None:
    database = make_database(tmp_path / "state.vscdb", {INDEX_KEY: value})
    assert read_rows(database, (INDEX_KEY,)) == ((INDEX_KEY, expected),)


def test_text_that_is_not_utf8_keeps_its_bytes(tmp_path: Path) -> None:
    database = make_database(tmp_path / "state.vscdb", {})
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO ItemTable VALUES (?, CAST(x'22eda08022ff' AS TEXT))", (INDEX_KEY,))
    assert read_rows(database, (INDEX_KEY,)) == ((INDEX_KEY, b'"\xed\xa0\x80"\xff'),)


def test_a_row_without_a_value_is_no_row(tmp_path: Path) -> None:
    database = make_database(tmp_path / "state.vscdb", {INDEX_KEY: None})
    assert read_rows(database, (INDEX_KEY,)) == ()


def test_prefixes(tmp_path: Path) -> None:
    rows: dict[str, Value] = {
        "agentSessions.filterExcludes.a": "1",
        "agentSessions.filterExcludes.ü": "2",
        "agentSessions.filterExcludes.": "3",
        "agentSessions.filterExcludes": "no",
        "agentSessions.filterExcludes/": "no",
        "agentSessions.filterExcludeX.a": "no",
    }
    database = make_database(tmp_path / "state.vscdb", rows)
    assert dict(read_rows(database, GLOBAL_KEYS)) == {
        "agentSessions.filterExcludes.": b"3",
        "agentSessions.filterExcludes.a": b"1",
        "agentSessions.filterExcludes.ü": b"2",
    }


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    database = tmp_path / "state.vscdb"
    database.touch()
    assert read_rows(database, WORKSPACE_KEYS) == ()


# Traces


def test_reading_leaves_no_trace(tmp_path: Path) -> None:
    database = make_database(tmp_path / "state.vscdb", {INDEX_KEY: _INDEX})
    os.utime(database, ns=(10**18, 10**18))
    before = folder_state(tmp_path)
    read_rows(database, WORKSPACE_KEYS)
    assert folder_state(tmp_path) == before


def test_a_database_in_write_ahead_mode_gets_no_log(tmp_path: Path) -> None:
    database = make_database(tmp_path / "state.vscdb", {INDEX_KEY: _INDEX})
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=wal")
    before = folder_state(tmp_path)
    assert list(before) == [str(tmp_path), str(database)]
    assert read_rows(database, (INDEX_KEY,)) == ((INDEX_KEY, _INDEX.encode()),)
    assert folder_state(tmp_path) == before


@pytest.mark.parametrize(("mode", "sidecar"), [("delete", "-journal"), ("wal", "-wal")])
def test_a_crashed_writer_is_recovered_in_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, sidecar: str
) -> None:
    folder, temporary = tmp_path / "storage", tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    long_value = _INDEX + " " * 50_000
    database = make_database(folder / "state.vscdb", {INDEX_KEY: long_value, "other": "x" * 50_000})
    crash_a_writer(database, mode)
    assert Path(f"{database}{sidecar}").stat().st_size > 0
    before = folder_state(folder)
    found = dict(read_rows(database, (INDEX_KEY,)))[INDEX_KEY].decode()
    # A rollback journal takes the torn change back; a write-ahead log brings the committed one in.
    assert found == (long_value if mode == "delete" else "torn" + long_value[4:])
    assert folder_state(folder) == before
    assert list(temporary.iterdir()) == []


def read_rows_or_none(database: Path) -> tuple[tuple[str, bytes], ...] | None:
    try:
        return read_rows(database, (INDEX_KEY,))
    except StateDatabaseError:
        return None


def test_without_its_journal_the_same_database_would_be_torn(tmp_path: Path) -> None:
    """Shows that the crash above is a real one."""
    database = make_database(tmp_path / "state.vscdb", {INDEX_KEY: _INDEX + " " * 50_000})
    crash_a_writer(database, "delete")
    Path(f"{database}-journal").unlink()
    assert read_rows_or_none(database) != ((INDEX_KEY, (_INDEX + " " * 50_000).encode()),)


def test_an_empty_journal_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = make_database(tmp_path / "state.vscdb", {INDEX_KEY: _INDEX})
    Path(f"{database}-journal").touch()
    monkeypatch.setattr(tempfile, "TemporaryDirectory", None)
    assert read_rows(database, (INDEX_KEY,)) == ((INDEX_KEY, _INDEX.encode()),)
    assert Path(f"{database}-journal").exists()


# Bad files


@pytest.mark.parametrize("data", [b"no database", b"SQLite format 3\0" + bytes(84), b"\0" * 4096])
def test_what_is_no_database_is_a_typed_error(tmp_path: Path, data: bytes) -> None:
    database = tmp_path / "state.vscdb"
    database.write_bytes(data)
    with pytest.raises(StateDatabaseError, match=r"state\.vscdb") as raised:
        read_rows(database, WORKSPACE_KEYS)
    assert isinstance(raised.value, ChatcaskError)
    assert raised.value.kind == "state_db"
    assert raised.value.advice == Advice(AdviceCode.REBUILD_STATE)


def test_a_damaged_page_is_a_typed_error(tmp_path: Path) -> None:
    rows: dict[str, Value] = {f"key{n}": "x" * 500 for n in range(500)}
    database = make_database(tmp_path / "state.vscdb", {**rows, INDEX_KEY: _INDEX})
    data = bytearray(database.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    database.write_bytes(data)
    with pytest.raises(StateDatabaseError):
        read_rows(database, (INDEX_KEY,))


def test_a_cut_database_is_a_typed_error(tmp_path: Path) -> None:
    database = make_database(tmp_path / "state.vscdb", {INDEX_KEY: "x" * 100_000})
    database.write_bytes(database.read_bytes()[:8192])
    with pytest.raises(StateDatabaseError):
        read_rows(database, (INDEX_KEY,))


def test_a_database_without_the_table_is_a_typed_error(tmp_path: Path) -> None:
    database = tmp_path / "state.vscdb"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE Other (key TEXT)")
    with pytest.raises(StateDatabaseError, match="ItemTable"):
        read_rows(database, WORKSPACE_KEYS)


def test_a_missing_database_is_an_error_of_the_system_and_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_rows(tmp_path / "state.vscdb", WORKSPACE_KEYS)
    assert list(tmp_path.iterdir()) == []


# Names


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["a?mode=rw", "a#b", "100%", "%2F", "a b&c=d", "ü", "a'b\"c", "a\\b", "x;y"])
def test_odd_paths(tmp_path: Path, name: str) -> None:
    database = make_database(tmp_path / name / "state.vscdb", {INDEX_KEY: _INDEX})
    before = folder_state(tmp_path)
    assert read_rows(database, (INDEX_KEY,)) == ((INDEX_KEY, _INDEX.encode()),)
    assert folder_state(tmp_path) == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems refuse such names")
def test_a_path_that_is_not_utf8(tmp_path: Path) -> None:
    database = make_database(tmp_path / "state.vscdb", {INDEX_KEY: _INDEX})
    odd = tmp_path / os.fsdecode(b"\xff\xfe")
    odd.mkdir()
    database.rename(odd / "state.vscdb")
    assert read_rows(odd / "state.vscdb", (INDEX_KEY,)) == ((INDEX_KEY, _INDEX.encode()),)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("C:\\Users\\ada\\100% #1?\\state.vscdb", "file:///C:/Users/ada/100%25%20%231%3F/state.vscdb"),
        ("\\\\server\\share\\state.vscdb", "file:////server/share/state.vscdb"),
        ("\\\\?\\C:\\a\\state.vscdb", "file:///C:/a/state.vscdb"),
    ],
)
def test_windows_uris(path: str, uri: str) -> None:
    assert database_uri(path, windows=True) == uri


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (INDEX_KEY, "chat.ChatSessionStore.index.json"),
        ("memento/interactive-session", "memento%2Finteractive-session.json"),
        ("a b~%", "a%20b%7E%25.json"),
        ("CON", "%43ON.json"),
        ("nul.x", "%6Eul.x.json"),
        ("ü", "%C3%BC.json"),
        ("", ".json"),
    ],
)
def test_file_names_of_keys(key: str, name: str) -> None:
    assert file_name_of_key(key) == name
    assert unquote(name.removesuffix(".json")) == key


@given(st.text())
def test_file_names_are_safe_and_lead_back(key: str) -> None:
    name = file_name_of_key(key.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._%")
    assert unquote_to_bytes(name.removesuffix(".json")) == key.encode("utf-8", "surrogatepass")


@effort(1.5)
@given(
    damage=st.lists(st.tuples(st.integers(0, 12_287), st.integers(1, 255)), max_size=40),
    length=st.none() | st.integers(0, 12_288),
)
def test_a_damaged_database_gives_rows_or_a_typed_error_and_stays_as_it_is(
    damage: list[tuple[int, int]], length: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    rows: dict[str, Value] = {INDEX_KEY: '{"version":1,"entries":{}}', "other": "x" * 5000}
    path = make_database(folder / "state.vscdb", rows)
    data = bytearray(path.read_bytes())
    for position, flip in damage:
        data[position % len(data)] ^= flip
    path.write_bytes(bytes(data[:length]))
    before = folder_state(folder)
    with suppress(StateDatabaseError):
        found = read_rows(path, WORKSPACE_KEYS)
        assert all(isinstance(key, str) and isinstance(value, bytes) for key, value in found)
    assert folder_state(folder) == before
