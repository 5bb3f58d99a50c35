"""What a run was asked for and cannot do is said, never passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.console import Console


@pytest.mark.parametrize("command", ["snapshot", "doctor"])
def test_a_folder_without_user_is_no_editors_and_refused(tmp_path: Path, command: str) -> None:
    console = Console(tmp_path)
    (console.home / "Documents" / "deeper").mkdir(parents=True)
    done = console.run(command, "--user-data-dir", console.home / "Documents")
    assert done.code == 15
    assert "no folder User" in done.err
    assert not console.store.exists()
