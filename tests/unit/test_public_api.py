"""The public package: names can be had, are listed once, and types in public signatures are public."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import chatcask

LIBRARY = Path(chatcask.__file__).parent
PUBLIC_MODULES = ("chatcask", *(f"chatcask.{name}" for name in chatcask.FACES))


def _listing(module: str) -> Path:
    """The file that lists a module's public names: its stub if it has one."""
    place = LIBRARY.parent / module.replace(".", "/")
    candidates = (place / "__init__.pyi", place.with_suffix(".pyi"), place.with_suffix(".py"))
    return next(path for path in candidates if path.exists())


@cache
def _names(module: str) -> dict[str, object]:
    """The public names of a module with what they stand for."""
    tree = ast.parse(_listing(module).read_text(encoding="utf-8"))
    given = [alias for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    listed = [alias.asname for alias in given if alias.asname is not None]
    made = [node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    home = import_module(module)
    names = [*listed, *(name for name in made if not name.startswith("_"))]
    assert len(names) == len(set(names)), f"{module} lists a name twice"
    return {name: getattr(home, name) for name in names}


def test_what_most_programs_need_fits_on_one_screen() -> None:
    assert 20 <= len(_names("chatcask")) <= 30


def test_each_face_offers_names() -> None:
    assert all(_names(module) for module in PUBLIC_MODULES)


def test_the_package_knows_its_names() -> None:
    assert set(chatcask.__all__) == set(_names("chatcask"))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        getattr(chatcask, "nothing")  # noqa: B009 - the name is not there


@cache
def _public() -> set[tuple[str, str]]:
    """Every public type as (module, name) of its definition."""
    found = set()
    for module in PUBLIC_MODULES:
        for name, value in _names(module).items():
            found.add((getattr(value, "__module__", module), getattr(value, "__name__", name)))
    return found


@cache
def _scope(module: str) -> dict[str, tuple[str, str]]:
    """What a name of the library stands for in a module: (module, name) of where it comes from."""
    tree = ast.parse(inspect.getsource(import_module(module)))
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chatcask"):
            found.update(
                {alias.asname or alias.name: (node.module or "", alias.name) for alias in node.names}
            )
    found.update({node.name: (module, node.name) for node in tree.body if isinstance(node, ast.ClassDef)})
    return found


def _annotations(node: ast.AST) -> Iterator[ast.expr]:
    """The annotations in the signature of a function, or of what a class shows."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        arguments = node.args
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            if argument.annotation is not None:
                yield argument.annotation
        if node.returns is not None:
            yield node.returns
    elif isinstance(node, ast.ClassDef):
        for part in node.body:
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                if not part.target.id.startswith("_"):
                    yield part.annotation
            elif isinstance(part, ast.FunctionDef) and (part.name == "__init__" or part.name[0] != "_"):
                yield from _annotations(part)


def _missing(value: object) -> set[str]:
    """The types in a public object's signature that are not public."""
    module = getattr(value, "__module__", "")
    if not (inspect.isclass(value) or inspect.isfunction(value)) or not module.startswith("chatcask"):
        return set()
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    (node,) = [node for node in tree.body if getattr(node, "name", None) == value.__name__]
    missing = set()
    for annotation in _annotations(node):
        for part in ast.walk(annotation):
            if isinstance(part, ast.Name) and part.id in _scope(module):
                home, name = _scope(module)[part.id]
                target = getattr(import_module(home), name)
                home = getattr(target, "__module__", home)
                if inspect.isclass(target) and home[:8] == "chatcask" and (home, name) not in _public():
                    missing.add(f"{home}.{name}")
    return missing


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_type_in_a_public_signature_is_public(module: str) -> None:
    missing = {name: found for name, value in _names(module).items() if (found := _missing(value))}
    assert missing == {}
