"""The settings: any bytes are values or typed errors, what is written is read back, and who wins."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcask.advice import AdviceCode
from chatcask.errors import SettingsError
from chatcask.retention import RetentionPolicy, settled_policy
from chatcask.settings import (
    COLOR,
    KEEP_LAST,
    KEEP_TAGS,
    KEEP_WITHIN,
    KEYS,
    PAGER,
    STORE,
    TIME_FORMAT,
    Given,
    Key,
    Origin,
    OriginKind,
    Settings,
    effective_settings,
    parse_settings,
    settings_lines,
    settings_problems,
    template_lines,
    toml_text,
    variable_of,
)

_NAME = "config.toml"
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_WORDS = _TEXTS.filter(lambda text: bool(text.strip()))
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "path": _TEXTS,
    "boolean": st.booleans(),
    "number": st.integers(0, 1_000_000),
    "array of texts": st.lists(_WORDS, max_size=3),
    "command": st.lists(_WORDS, max_size=3),
    "share": st.sampled_from(["0%", "1%", "12.5%", "100%"]),
    "time format": st.sampled_from(["", "%d.%m.%Y", "100%%", "%Y-%m-%d %H:%M %z"]),
}


def _value(key: Key[Any]) -> st.SearchStrategy[Any]:
    if key.kind.name == "time":
        empty = [""] if key.default == "" else []
        return st.sampled_from(["30s", "10min", "12h", "1h30min", *empty])
    return _VALUES.get(key.kind.name, st.sampled_from(["auto", "always", "never"]))


_TOML: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
_KEY_NAMES = st.sampled_from([key.name for key in KEYS]) | st.text(
    "abcdefghijklmnopqrstuvwxyz._-", min_size=1
)


def _in_file(text: str) -> Settings:
    return effective_settings(Given(file=parse_settings(text.encode(), _NAME)))


@given(st.binary(max_size=200))
def test_any_bytes_are_values_or_problems(data: bytes) -> None:
    problems = settings_problems(data, _NAME)
    if problems:
        with pytest.raises(SettingsError) as caught:
            parse_settings(data, _NAME)
        assert caught.value.message == problems[0].message
    else:
        effective_settings(Given(file=parse_settings(data, _NAME)))


@given(st.lists(st.tuples(_KEY_NAMES, _TOML), max_size=4))
def test_any_toml_is_values_or_problems_that_name_the_file(rows: list[tuple[str, Any]]) -> None:
    text = "".join(f"{name} = {_any_toml(value)}\n" for name, value in rows)
    for problem in settings_problems(text.encode(), _NAME):
        assert problem.message.startswith(f"{_NAME}: ")
        assert problem.where == _NAME
        assert problem.advice is not None
        assert problem.advice.code is AdviceCode.MEND_SETTINGS
    if not settings_problems(text.encode(), _NAME):
        _in_file(text)


def _any_toml(value: Any) -> str:
    return f"[{', '.join(map(_any_toml, value))}]" if isinstance(value, list) else toml_text(value)


@given(st.data())
def test_what_is_shown_as_in_force_is_a_file_that_says_the_same(data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(KEYS), unique=True))
    written = {key: data.draw(_value(key), label=key.name) for key in chosen}
    first = _in_file("".join(f"{key.name} = {toml_text(value)}\n" for key, value in written.items()))
    for key, value in written.items():
        assert first.by_name[key.name].written == value
    second = _in_file("".join(f"{line}  # {origin}\n" for line, origin in settings_lines(first)))
    assert {name: each.value for name, each in first.by_name.items()} == {
        name: each.value for name, each in second.by_name.items()
    }


@given(_TEXTS)
def test_a_text_is_written_so_that_all_of_it_can_be_seen(text: str) -> None:
    written = toml_text(text)
    assert tomllib.loads(f"a = {written}")["a"] == text
    assert written.isprintable()


def test_the_file_to_begin_with_is_right_and_changes_nothing_also_with_all_its_lines() -> None:
    lines = list(template_lines())
    assert parse_settings("\n".join(lines).encode(), _NAME).values == {}
    bare = [line.removeprefix("#") if line[:1] == "#" and line[1:2] != " " else line for line in lines]
    assert {key.name for key in parse_settings("\n".join(bare).encode(), _NAME).values} == {
        key.name for key in KEYS
    }


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_key_has_a_default_of_its_kind_and_says_what_it_does(key: Key[Any]) -> None:
    key.kind.read(key.default)
    assert key.about.endswith(".")


def test_who_wins() -> None:
    text = 'display.color = "never"\n[profiles.work.display]\ncolor = "always"\n'
    file = parse_settings(text.encode(), _NAME)
    variables = {"CHATCASK_DISPLAY_COLOR": "auto"}
    flags = {COLOR: ("--color", "never")}

    def color(**given: Any) -> tuple[str, Origin]:
        settings = effective_settings(Given(**given))
        return settings[COLOR], settings.origin(COLOR)

    assert color() == ("auto", Origin(OriginKind.DEFAULT))
    assert color(file=file) == ("never", Origin(OriginKind.FILE, _NAME))
    work = {"file": file, "profile": "work"}
    assert color(**work) == ("always", Origin(OriginKind.FILE, _NAME, "work"))
    by_variable = ("auto", Origin(OriginKind.ENVIRONMENT, "CHATCASK_DISPLAY_COLOR"))
    assert color(**work, environment=variables) == by_variable
    by_flag = ("never", Origin(OriginKind.FLAG, "--color"))
    assert color(**work, environment=variables, flags=flags) == by_flag


@pytest.mark.parametrize(
    ("text", "key", "suggestion"),
    [
        ("stoer = 'x'", "stoer", "store"),
        ("[display]\ncolour = 'never'", "display.colour", "display.color"),
        ("[dispaly]\ncolor = 'never'", "dispaly", "display"),
        ("color = 'never'", "color", "display.color"),
        ("keep_lst = 3", "keep_lst", "retention.keep_last"),
        ("[profiles.a.retention]\nkeep_lats = 1", "profiles.a.retention.keep_lats", ""),
        ("zzzzzz = 1", "zzzzzz", ""),
    ],
)
def test_a_misspelled_key_is_an_error_that_says_what_was_meant(text: str, key: str, suggestion: str) -> None:
    (problem,) = settings_problems(text.encode(), _NAME)
    assert problem.key == key
    if key.startswith("profiles"):
        assert problem.suggestion == "profiles.a.retention.keep_last"
    else:
        assert problem.suggestion == suggestion
    assert ("did you mean" in problem.message) == bool(problem.suggestion)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("store = 3", "text"),
        ("retention.keep_last = '3'", "whole number"),
        ("retention.keep_last = true", "whole number"),
        ("retention.keep_last = -1", "whole number"),
        ("retention.keep_tags = 'a'", "array"),
        ("retention.keep_tags = [1]", "array"),
        ("retention.keep_within = '3 fortnights'", "time like"),
        ("retention = 1", "a table: [retention]"),
        ("profiles = 1", "[profiles.NAME]"),
        ("profiles.a = 1", "[profiles.a]"),
        ("display.pager = 'less'", "array"),
        ("display.color = 'blue'", '"auto", "always" or "never"'),
        ("display.time_format = '%Q'", "strftime"),
        ("display.time_format = '%'", "strftime"),
    ],
)
def test_a_value_of_another_kind_says_what_is_expected(text: str, expected: str) -> None:
    (problem,) = settings_problems(text.encode(), _NAME)
    assert expected in problem.expected
    assert expected in problem.message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff", "not UTF-8 at byte 0"),
        (b"a = ", "not TOML"),
        (b"a = " + b"[" * 100_000, "nested too deep"),
        (b"#" * (1024 * 1024 + 1), "larger than"),
    ],
)
def test_what_is_no_toml_is_one_problem(data: bytes, words: str) -> None:
    (problem,) = settings_problems(data, _NAME)
    assert words in problem.message


def test_a_file_of_windows_begins_with_a_mark() -> None:
    assert parse_settings(b"\xef\xbb\xbfstore = 'x'", _NAME).values == {STORE: "x"}


def test_variables_hold_texts_and_values_of_toml() -> None:
    variables = {
        variable_of(STORE): "/a b",
        variable_of(KEEP_LAST): "5",
        variable_of(KEEP_TAGS): "one",
        variable_of(PAGER): '["less", "-R"]',
        variable_of(KEEP_WITHIN): "",
    }
    settings = effective_settings(Given(environment=variables))
    assert settings[STORE] == "/a b"
    assert settings[KEEP_LAST] == 5
    assert settings[KEEP_TAGS] == ("one",)
    assert settings[PAGER] == ("less", "-R")
    assert settings.origin(KEEP_WITHIN).kind is OriginKind.DEFAULT


@given(st.sampled_from(KEYS), st.text(min_size=1))
def test_any_variable_is_a_value_or_an_error_that_names_it(key: Key[Any], text: str) -> None:
    given_one = Given(environment={variable_of(key): text})
    found: Settings | SettingsError
    try:
        found = effective_settings(given_one)
    except SettingsError as error:
        found = error
    if isinstance(found, SettingsError):
        assert found.message.startswith(f"{variable_of(key)}: {key.name} must be ")
        assert found.where == variable_of(key)
    else:
        assert found.origin(key).kind is OriginKind.ENVIRONMENT


@pytest.mark.parametrize("file", [None, parse_settings(b"[profiles.work]", _NAME)])
def test_a_profile_that_is_not_there_is_an_error(file: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        effective_settings(Given(file=file, profile="wrok", profile_from="--profile"))
    assert "no profile 'wrok'" in caught.value.message
    assert caught.value.suggestion == ("work" if file else "")


def test_the_settled_policy_is_what_options_do_not_say() -> None:
    settings = _in_file("[retention]\nkeep_last = 3\nkeep_daily = 7\nkeep_within = '2w'\nkeep_tags = ['a']")
    settled = settled_policy(settings)
    assert settled == RetentionPolicy(last=3, daily=7, within=timedelta(weeks=2), tags=("a",))
    asked = RetentionPolicy(daily=1, tags=("b",)).over(settled)
    assert asked == RetentionPolicy(last=3, daily=1, within=timedelta(weeks=2), tags=("b",))
    assert settled_policy(effective_settings(Given())).is_default


@pytest.mark.parametrize("text", ["", "%d.%m.%Y", "100%%"])
def test_patterns_of_times_are_those_of_every_system(text: str) -> None:
    assert _in_file(f"display.time_format = '{text}'")[TIME_FORMAT] == text
