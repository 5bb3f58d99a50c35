"""Names made from titles: whatever the title, every operating system can hold the name."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.disk.file_names import windows_problem
from chatcask.ops.documents.names import UNDATED, file_names, folder_name, portable_key
from support.effort import effort

SESSION = "3f2b8c1e-7a64-4d0b-9c5e-5b8a1d2e6f70"
HARD = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\\/:*?\"<>|.\0 -~$`;&'\u202e\u200b\u0301\ud800\U0001f6a8"),
        st.just("."),
    ),
    max_size=300,
)


def first(title: str, session: str = SESSION) -> str:
    return next(file_names(title, session))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Retry for the beacon client", "Retry-for-the-beacon-client-3f2b8c1e.md"),
        ("Read the keeper's logbook", "Read-the-keepers-logbook-3f2b8c1e.md"),
        ("", "untitled-3f2b8c1e.md"),
        ("...", "untitled-3f2b8c1e.md"),
        ("../../etc/passwd", "etc-passwd-3f2b8c1e.md"),
        ("-rf *", "rf-3f2b8c1e.md"),
        ("C:\\Windows", "C-Windows-3f2b8c1e.md"),
        ("con", "con-3f2b8c1e.md"),
        ("aux.txt", "_aux.txt-3f2b8c1e.md"),
        ("COM1.", "COM1-3f2b8c1e.md"),
        ("one\ntwo\tthree", "one-two-three-3f2b8c1e.md"),
        ("e\u0301te\u0301 2026", "\u00e9t\u00e9-2026-3f2b8c1e.md"),
        ("潮汐 表", "潮汐-表-3f2b8c1e.md"),
        ("\U0001f6a8 alarm", "\U0001f6a8-alarm-3f2b8c1e.md"),
        ("safe\u202egpj.exe", "safegpj.exe-3f2b8c1e.md"),
        ("\ud800x", "x-3f2b8c1e.md"),
    ],
)
def test_examples(title: str, name: str) -> None:
    assert first(title) == name


@effort(4)
@given(HARD, HARD)
def test_every_name_can_be_held_everywhere(title: str, session: str) -> None:
    for name in itertools.islice(file_names(title, session), 3):
        assert windows_problem(name) is None
        assert len(name.encode("utf-8")) <= 255
        assert len(name) <= 120
        assert not name.startswith((".", "-", " ", "~"))
        assert name.endswith(".md")
        assert unicodedata.normalize("NFC", name) == name
        assert not any(unicodedata.category(character)[0] == "C" for character in name)
        assert not set(name) & set("/\\:*?\"<>|$`;&'\0 ")


@effort(2)
@given(HARD)
def test_names_are_stable_and_the_alternatives_differ(title: str) -> None:
    names = list(itertools.islice(file_names(title, SESSION), 5))
    assert names == list(itertools.islice(file_names(title, SESSION), 5))
    assert len({portable_key(name) for name in names}) == 5
    assert all("3f2b8c1e" in name for name in names)


def test_names_that_are_one_where_case_does_not_count() -> None:
    assert portable_key("2026-06-01/LAMP\u00c9.md") == portable_key("2026-06-01/lampe\u0301.md")
    assert portable_key("a.md") != portable_key("b.md")


@pytest.mark.parametrize(
    ("milliseconds", "name"),
    [
        (None, UNDATED),
        (0, "1970-01-01"),
        (1_780_358_399_999, "2026-06-01"),
        (1_780_358_400_000, "2026-06-02"),
        (-1, "1969-12-31"),
        (2**53 - 1, UNDATED),
        (-(2**53), UNDATED),
    ],
)
def test_days(milliseconds: int | None, name: str) -> None:
    assert folder_name(milliseconds) == name
