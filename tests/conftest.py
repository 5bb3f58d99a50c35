"""What holds for every test: how hard properties are tried, and which tests are quick."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from chatcask_cli.demo import folder as fictional
from support.console import Console
from support.effort import register_profiles
from support.open_connections import no_connection_left_open
from support.restore_world import START

_QUICK_FOLDERS = {"chats", "contract", "golden", "unit"}

register_profiles()
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _connections_are_closed() -> Iterator[None]:
    with no_connection_left_open():
        yield


@pytest.fixture
def console(tmp_path: Path) -> Console:
    """A user with the made-up chats in VS Code and no snapshot yet."""
    console = Console(tmp_path)
    fictional.build_folder(console.editor, START)
    return console


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as quick what stands in a folder of quick tests and is not marked as slow."""
    for item in items:
        if item.path.parent.name in _QUICK_FOLDERS and item.get_closest_marker("slow") is None:
            item.add_marker("quick")
