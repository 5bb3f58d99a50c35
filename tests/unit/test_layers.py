"""The architecture as a test: the map in docs/design.md is the listing, and imports point downward on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import chatcask

PROJECT = Path(__file__).parent.parent.parent
LIBRARY = PROJECT / "store" / "chatcask"
COMMAND = PROJECT / "cli" / "chatcask_cli"
_ROW = re.compile(r"  (?P<names>[a-z_./ ]+?)  +\S.*?(?P<floor>\d+)$")


def _modules(root: Path) -> list[Path]:
    return sorted(root.rglob("*.py"))


def _place(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@cache
def _name(path: Path) -> str:
    parts = path.relative_to(LIBRARY.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@cache
def _library() -> Mapping[str, Path]:
    """Every module of the library by its dotted name."""
    return {_name(path): path for path in _modules(LIBRARY)}


@cache
def _imports(path: Path) -> frozenset[str]:
    """The dotted names that a module imports, at its top, inside functions, or for type checkers only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports say where they come from in full"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


@cache
def _reached(name: str) -> frozenset[str]:
    """The modules of the library that a module uses, directly or through others."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        used = {other for other in _imports(_library()[waiting.pop()]) if other in _library()} - seen
        seen |= used
        waiting += used
    return frozenset(seen - {"chatcask", name})


def _room(name: str) -> str:
    """The room of a module: the first folder below the library; `ops` is a house of rooms of its own."""
    parts = name.split(".")[1:]
    return "/".join(parts[: 2 if parts[0] == "ops" else 1]) if parts else "__init__"


@cache
def _floors() -> Mapping[str, int]:
    """The floor of each room, as the map in docs/design.md has it."""
    text = (PROJECT / "docs" / "design.md").read_text(encoding="utf-8")
    rows = text.partition("store/chatcask/")[2].partition("```")[0].splitlines()
    found: dict[str, int] = {}
    for row in rows:
        if match := _ROW.fullmatch(row):
            for name in match["names"].split():
                found[name.rstrip("/").removesuffix(".py")] = int(match["floor"])
    return found


def _rooms() -> set[str]:
    folders = {path.name for path in LIBRARY.iterdir() if path.is_dir() and list(path.glob("*.py"))}
    modules = {path.stem for path in LIBRARY.glob("*.py")}
    rooms_of_ops = {f"ops/{path.name}" for path in (LIBRARY / "ops").iterdir() if list(path.glob("*.py"))}
    return (folders | modules | rooms_of_ops) - {"ops", "__init__", "_version"}


def test_the_map_in_the_design_is_the_listing() -> None:
    assert set(_floors()) == _rooms()


@pytest.mark.parametrize("name", sorted(_library()))
def test_imports_point_downward(name: str) -> None:
    room = _room(name)
    for other in _imports(_library()[name]):
        assert not other.startswith("chatcask_cli"), f"{name} imports the command line"
    if room in {"__init__", "_version", "ops"}:
        return
    for other in _reached(name):
        if _room(other) not in {room, "_version", "ops"}:
            assert _floors()[_room(other)] < _floors()[room], f"{name} reaches {other}"


def test_the_rooms_of_ops_stand_on_two_floors() -> None:
    """A room uses rooms of the lower floor and never one of its own."""
    arrows: dict[str, set[str]] = {}
    for name in _library():
        if _room(name).startswith("ops/"):
            reached = {_room(other) for other in _reached(name) if _room(other).startswith("ops/")}
            arrows.setdefault(_room(name), set()).update(reached - {_room(name)})
    lower = {room for room, used in arrows.items() if not used}
    assert lower
    for room, used in arrows.items():
        assert used <= lower, f"{room} uses {sorted(used - lower)}, which use others themselves"


def test_assistants_do_not_know_each_other() -> None:
    for name in _library():
        parts = name.split(".")
        if parts[1:2] == ["assistants"] and len(parts) > 3:
            others = {o for o in _reached(name) if o.startswith("chatcask.assistants.") and o.count(".") > 2}
            assert all(other.split(".")[2] == parts[2] for other in others), name


def test_nobody_names_one_assistant_but_what_changes_its_folders() -> None:
    """What a source is of, `assistants.known` tells; whoever else names one would forget the others."""
    for name, path in _library().items():
        if not name.startswith(("chatcask.assistants", "chatcask.ops.editing")):
            named = [other for other in _imports(path) if other.startswith("chatcask.assistants.vscode")]
            assert not named, f"{name} names {named}"


@pytest.mark.parametrize("room", sorted({"ops", *(_room(name) for name in _library())}))
def test_a_room_says_in_its_first_lines_what_it_offers(room: str) -> None:
    first = LIBRARY / room / "__init__.py"
    path = first if first.exists() else LIBRARY / f"{room}.py"
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path} says nothing"


def _public() -> set[str]:
    """The modules whose names are public: the package and the faces of its rooms."""
    return {"chatcask", *(f"chatcask.{name}" for name in chatcask.FACES)}


@pytest.mark.parametrize("path", _modules(COMMAND), ids=lambda p: p.relative_to(COMMAND).as_posix())
def test_the_command_line_uses_public_names_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "chatcask":
            assert node.module in _public() | {"chatcask._version"}, f"{path}: {node.module}"


CLI = "cli/chatcask_cli"
EDGES: dict[str, set[str]] = {
    "os.environ": {f"{CLI}/shell/environment.py", f"{CLI}/shell/output.py", f"{CLI}/shell/app.py"},
    "os.getenv": set(),
    "sys.exit": {f"{CLI}/__main__.py"},
    "sys.argv": {f"{CLI}/__main__.py", f"{CLI}/shell/app.py"},
    "print": {f"{CLI}/__main__.py", f"{CLI}/shell/output.py"},
    "time.time": set(),
    "datetime.now": {f"{CLI}/shell/environment.py"},
    "datetime.utcnow": set(),
    "date.today": set(),
}
"""Looks at the outside world, and the only files that may take them."""

PROCESS_ROOMS = {
    f"store/chatcask/assistants/vscode/guard/{name}.py" for name in ("processes", "psutil_processes")
}


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _looks(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each name that a module uses as `a.b` or calls, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield _dotted(node), node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node.lineno


@pytest.mark.parametrize("path", _modules(LIBRARY) + _modules(COMMAND), ids=_place)
def test_the_outside_world_is_looked_at_from_the_edges(path: Path) -> None:
    place = _place(path)
    for name, line in _looks(path):
        for banned, rooms in EDGES.items():
            if name == banned or ("." in banned and name.endswith(f".{banned}")):
                assert place in rooms, f"{place}:{line} uses {banned}"
    if place not in PROCESS_ROOMS:
        assert "psutil" not in _imports(path), f"{place} looks at processes"


def test_modules_are_small_and_say_what_they_are() -> None:
    for path in _modules(LIBRARY) + _modules(COMMAND):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, f"{path}: which second job hides in it?"
        first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
        assert first, f"{path} does not say what it is"
