"""The library's public names: each can be imported, and the three places that list them agree."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import chatcask


def test_every_public_name_exists() -> None:
    assert [name for name in chatcask.__all__ if not hasattr(chatcask, name)] == []


def test_the_lists_agree() -> None:
    tree = ast.parse(Path(chatcask.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    typed = {
        (node.module, alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == {(home, name) for home, names in chatcask._HOMES.items() for name in names}
    assert {"__version__", *(name for _, name in typed)} == set(chatcask.__all__)
    assert len(chatcask.__all__) == len(set(chatcask.__all__))


def test_importing_the_library_loads_none_of_it() -> None:
    script = "import sys, chatcask; print([m for m in sys.modules if m.startswith('chatcask.')])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(Path(chatcask.__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['chatcask._version']"
