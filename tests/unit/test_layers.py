"""The architecture as a test: who may import whom, and where the outside world may be looked at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
LIBRARY = PROJECT / "store" / "chatcask"
COMMAND = PROJECT / "cli" / "chatcask_cli"

GROUND = {"errors", "ids", "monitor", "durable", "_version"}
ROOMS = {"transport", "format", "sessions", "editors"}
"""Layer 1: each knows the ground and itself, and none of the others."""

STORE = {"layout", "derived", "cache", "block_stream", "chunk_reader", "chunk_writer"}
ALLOWED = {
    **dict.fromkeys(ROOMS, GROUND),
    "layout": GROUND | {"format"},
    "addressing": GROUND,
    "derived": GROUND,
    "cache": GROUND | {"format", "transport", "layout", "derived"},
    "block_stream": GROUND | {"format", "transport", "layout", "cache"},
    "chunk_reader": GROUND | {"format", "transport", "layout", "cache"},
    "chunk_writer": GROUND | {"format", "transport", "layout", "cache"},
    "condemned": GROUND | {"format", "transport", "layout"},
    "labels": GROUND | {"format", "transport", "layout"},
    "session_age": GROUND,
    "repository": GROUND
    | STORE
    | {"format", "transport", "addressing", "condemned", "labels", "session_age"},
    "preserve": GROUND | {"format", "chunk_writer", "repository"},
    "usage": GROUND | {"format", "transport", "layout", "repository"},
    "session_file": GROUND | {"format", "sessions"},
    "catalog": GROUND | {"format", "sessions", "layout", "derived", "repository", "session_file"},
    "ops": GROUND
    | ROOMS
    | STORE
    | {"addressing", "condemned", "labels", "session_age", "repository", "session_file", "catalog"}
    | {"preserve", "usage"},
}
"""What each part of the library may import, besides itself; `__init__` names everything."""


def _modules(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports say where they come from in full"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _room(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _modules(LIBRARY), ids=lambda p: p.relative_to(LIBRARY).as_posix())
def test_imports_point_downward(path: Path) -> None:
    room = _room(path)
    if room == "__init__":
        return
    for name in _imports(path):
        assert not name.startswith("chatcask_cli"), f"{path} imports the command line"
        part = name.removeprefix("chatcask.").partition(".")[0]
        if not name.startswith("chatcask.") or part == room:
            continue
        if room in GROUND:
            assert part in GROUND, f"{path} is ground and imports {name}"
        else:
            assert part in ALLOWED[room], f"{path} imports {name}"


VERBS = {"snapshot", "restore", "diff", "check", "repair", "forget", "prune", "doctor", "export_", "import_"}


@pytest.mark.parametrize("path", sorted(VERBS & {p.stem for p in (LIBRARY / "ops").glob("*.py")}))
def test_verbs_do_not_know_each_other(path: str) -> None:
    imported = {name.removeprefix("chatcask.ops.") for name in _imports(LIBRARY / "ops" / f"{path}.py")}
    assert not (imported & VERBS) - {path}


@pytest.mark.parametrize("path", _modules(COMMAND), ids=lambda p: p.relative_to(COMMAND).as_posix())
def test_the_command_line_uses_public_names_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chatcask."):
            assert node.module in {"chatcask.errors", "chatcask._version"}, f"{path}: {node.module}"


CLI = "cli/chatcask_cli"
EDGES: dict[str, set[str]] = {
    "os.environ": {f"{CLI}/environment.py", f"{CLI}/output.py", f"{CLI}/app.py"},
    "os.getenv": set(),
    "sys.exit": {f"{CLI}/__main__.py"},
    "sys.argv": {f"{CLI}/__main__.py", f"{CLI}/app.py"},
    "print": {f"{CLI}/__main__.py", f"{CLI}/output.py"},
    "time.time": set(),
    "datetime.now": {f"{CLI}/environment.py"},
    "datetime.utcnow": set(),
    "date.today": set(),
}
"""Looks at the outside world, and the only files that may take them."""

PROCESS_ROOMS = {"store/chatcask/editors/processes.py"}


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize(
    "path", _modules(LIBRARY) + _modules(COMMAND), ids=lambda p: p.relative_to(PROJECT).as_posix()
)
def test_the_outside_world_is_looked_at_from_the_edges(path: Path) -> None:
    place = path.relative_to(PROJECT).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = ""
        if isinstance(node, ast.Attribute):
            name = _name(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
        for banned, rooms in EDGES.items():
            if name == banned or ("." in banned and name.endswith(f".{banned}")):
                assert place in rooms, f"{place}:{node.lineno} uses {banned}"  # type: ignore[attr-defined]
    if place not in PROCESS_ROOMS:
        assert "psutil" not in set(_imports(path)), f"{place} looks at processes"


def test_modules_are_small_and_say_what_they_are() -> None:
    for path in _modules(LIBRARY) + _modules(COMMAND):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, f"{path}: which second job hides in it?"
        first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
        assert first, f"{path} does not say what it is"
