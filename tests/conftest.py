"""What holds for every test: how hard properties are tried, and which tests are quick."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from support.effort import register_profiles
from support.open_connections import no_connection_left_open

_QUICK_FOLDERS = {"chats", "contract", "golden", "unit"}

register_profiles()
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _connections_are_closed() -> Iterator[None]:
    with no_connection_left_open():
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as quick what stands in a folder of quick tests and is not marked as slow."""
    for item in items:
        if item.path.parent.name in _QUICK_FOLDERS and item.get_closest_marker("slow") is None:
            item.add_marker("quick")
