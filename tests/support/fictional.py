"""The demo's fictional folder, for tests that know nothing of the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from chatcask_cli.demo.folder import build_folder


def fictional_folder(user_data_dir: Path) -> Path:
    """Build the folder of a fictional editor and return it."""
    build_folder(user_data_dir, datetime(2026, 2, 2, 9, 0, tzinfo=UTC))
    return user_data_dir
