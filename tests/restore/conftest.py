"""A made-up editor's folder with chats, built once for a module and copied for a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.restore_world import RestoreWorld


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> RestoreWorld:
    return RestoreWorld(tmp_path_factory.mktemp("template"))


@pytest.fixture
def world(tmp_path: Path, template: RestoreWorld) -> RestoreWorld:
    return RestoreWorld(tmp_path, template)
