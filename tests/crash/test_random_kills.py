"""A small part of what `kill_at_random.py` does: the commands that write, killed as real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.kill_scenes import SCENES
from support.random_kills import kill_at_random

_KILLS = 4


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
def test_a_command_that_is_killed_loses_nothing_and_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    tally = kill_at_random(tmp_path, name, _KILLS, seed=11)
    assert tally.kills == _KILLS
    assert tally.failures == []
