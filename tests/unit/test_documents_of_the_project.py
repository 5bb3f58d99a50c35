"""What every text file of the repository keeps to, whoever writes it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
REGISTRIES = tuple(".".join(host) for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "com")))
"""Hosts of package registries, put together here so that this file names none."""


def test_no_file_names_the_host_of_a_package_registry() -> None:
    asked = ["git", "-C", str(PROJECT), "ls-files", "-z"]
    try:
        listed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no working copy of git")
    texts = (PROJECT / name for name in listed.split("\0") if name)
    named = [
        str(path.relative_to(PROJECT))
        for path in texts
        if path.is_file() and any(host.encode() in path.read_bytes() for host in REGISTRIES)
    ]
    assert named == []
