"""Errors: kinds and advice are stable codes; the library names no command, the command line has all words."""

from __future__ import annotations

import ast
import pickle
import pkgutil
import re
import string
from importlib import import_module
from pathlib import Path

import pytest

import chatcask
from chatcask import Platform
from chatcask.advice import Advice, AdviceCode
from chatcask.errors import AmbiguousError, ChatcaskError, DamagedError
from chatcask_cli.shell.advice import WORDS, hinted
from chatcask_cli.shell.app import COMMANDS
from chatcask_cli.shell.exit_codes import ExitCode, exit_code_of
from chatcask_cli.shell.wording import Wording

STORE = Path(chatcask.__file__).parent
SNAPSHOT_OF_CODES = Path(__file__).parent.parent / "data" / "advice_codes.txt"
KINDS = {
    *("failed", "usage", "not_found", "ambiguous", "no_store", "store_exists", "store_locked"),
    *("unsupported_format", "stale", "chat_loss", "damaged", "transport", "object_not_found"),
    *("object_exists", "read_only", "editor_running", "refused", "malformed_session", "state_db"),
    *("editor_folder", "unreadable", "wrong_thread", "forgotten", "settings", "job", "not_editable"),
}
"""Every kind ever released: none is renamed or taken away."""


def _error_types() -> set[type[ChatcaskError]]:
    for module in pkgutil.walk_packages([str(STORE)], "chatcask."):
        import_module(module.name)
    found: set[type[ChatcaskError]] = {ChatcaskError}
    waiting: list[type[ChatcaskError]] = [ChatcaskError]
    while waiting:
        below = [kind for kind in waiting.pop().__subclasses__() if kind.__module__.startswith("chatcask.")]
        found.update(below)
        waiting += below
    return found


def test_kinds_are_only_added_to() -> None:
    assert {kind.kind for kind in _error_types()} == KINDS


def test_every_kind_has_an_exit_code() -> None:
    assert all(exit_code_of(kind) in ExitCode for kind in KINDS)


def test_codes_of_advice_are_only_added_to() -> None:
    released = SNAPSHOT_OF_CODES.read_text(encoding="utf-8").split()
    assert sorted(code.value for code in AdviceCode) == sorted(released)


def test_every_code_has_words_and_no_words_are_left_over() -> None:
    assert set(WORDS) == set(AdviceCode)


_COMMAND = re.compile(rf"\bchatcask ({'|'.join(COMMANDS)})\b|(?<![\w-])--[a-z]")
_STORED = {"chatcask repair", "chatcask import\0"}
"""Texts that stand in stored bytes: a program's name in manifests, and what an id is the hash of."""

_NOT_OURS = {
    "assistants/vscode/guard/owner.py",
    "assistants/vscode/guard/server_owner.py",
    "chats/render/html_text.py",
    "jobs/systemd.py",
}
"""These read the command lines of editors, write a style sheet's variables, and tell systemd what to do."""


def _texts(path: Path) -> set[str]:
    """The texts in a module's code, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {node.value for node in constants if isinstance(node.value, str) and id(node) not in documentation}


@pytest.mark.parametrize("path", sorted(STORE.rglob("*.py")), ids=lambda p: p.relative_to(STORE).as_posix())
def test_the_library_spells_no_command(path: Path) -> None:
    if path.relative_to(STORE).as_posix() not in _NOT_OURS:
        commands = {text for text in _texts(path) if _COMMAND.search(text)}
        assert commands <= _STORED


def _values_used() -> dict[str, set[frozenset[str]]]:
    """For each code the names of the values that the library gives with it, from every place that does."""
    used: dict[str, set[frozenset[str]]] = {}
    for path in STORE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Advice":
                for code in ast.walk(node.args[0]):
                    if isinstance(code, ast.Attribute) and ast.unparse(code.value) == "AdviceCode":
                        names = frozenset(str(keyword.arg) for keyword in node.keywords)
                        used.setdefault(code.attr, set()).add(names)
    return used


def test_words_use_exactly_the_values_that_the_library_gives() -> None:
    for code, given in _values_used().items():
        fields = {name for _, name, _, _ in string.Formatter().parse(WORDS[AdviceCode[code]]) if name}
        assert given == {frozenset(fields)}, code


def test_a_hint_is_in_the_words_of_whoever_raised_the_error() -> None:
    advice = Advice(AdviceCode.LIST_VERSIONS, session="abc")
    wording = Wording(Platform("linux", Path("/home/ada"), {}))
    assert wording.hint(DamagedError("gone", advice=advice)) == wording.words(advice)
    assert wording.words(advice) == "'chatcask log abc' lists its versions"
    assert wording.hint(hinted(DamagedError("gone", advice=advice), "look elsewhere")) == "look elsewhere"
    assert wording.hint(DamagedError("gone")) is None


def test_errors_carry_what_they_are_about_also_to_another_process() -> None:
    error = AmbiguousError("two", what="chat", name="a", candidates=("ab", "ac"))
    assert (error.kind, error.what, error.name, error.candidates) == ("ambiguous", "chat", "a", ("ab", "ac"))
    copied = pickle.loads(pickle.dumps(DamagedError("cut short", where="packs/aa")))
    assert (copied.message, copied.where) == ("cut short", "packs/aa")
