"""The whole damage matrix: every cell ends as docs/damage.md says, without a traceback, a silent loss or a
wrong byte. What is asserted in every cell stands in matrix.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import damage_matrix as matrix

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "damage.md"
CELLS = [(target, damage) for target in matrix.TARGETS for damage in matrix.DAMAGES]


def _documented() -> list[str]:
    return [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]


def test_the_document_lists_every_cell_and_no_other() -> None:
    lines = _documented()
    start = lines.index(matrix.heading()[0]) + 1
    listed = [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in lines[start:]]
    assert listed[: len(CELLS)] == CELLS
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize(("target", "damage"), CELLS)
def test_every_damage_ends_as_documented(target: str, damage: str) -> None:
    line = matrix.line(target, damage)
    print(line)
    assert line in _documented(), "run tests/damage/matrix.py and put its table into docs/damage.md"


def test_the_matrix_can_fail() -> None:
    """A restore that gives other bytes, or drops a file without a word, is caught."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        scene = matrix.Scene(Path(folder), matrix.base().objects)
        with scene.open() as repository:
            (reference, _) = repository.snapshots()
            with pytest.raises(AssertionError, match="other bytes"):
                matrix.restored(scene, repository, reference, {**matrix.FIRST, matrix.D: b"else"})
            with pytest.raises(AssertionError, match="silent"):
                matrix.restored(scene, repository, reference, {**matrix.FIRST, "w9/x.json": b""})
