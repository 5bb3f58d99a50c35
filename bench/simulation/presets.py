"""The sizes of simulated folders, from one for tests to that of a team of twenty after a year."""

from __future__ import annotations

from dataclasses import dataclass

KB = 1000
MB = 1000 * KB

ANCHOR_SECONDS = 1_780_272_000
"""2026-06-01T00:00:00Z: the end of the first state and the start of day 1. No clock is asked."""

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Preset:
    """The shape of a folder.

    `spread` is the standard deviation of the logarithm of a session's size; 1.75 puts a few sessions in three
    thousand at tens of megabytes. `edited` sessions have a folder of edits with about `contents` texts.
    """

    name: str
    session_bytes: int
    sessions: int
    workspaces: int
    spread: float
    edited: int
    contents: int


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("tiny", 400 * KB, 30, 3, 0.8, 4, 3),
        Preset("small", 15 * MB, 160, 5, 1.5, 16, 6),
        Preset("medium", 155 * MB, 800, 12, 1.7, 80, 7),
        Preset("large", 785 * MB, 2_800, 30, 1.75, 310, 7),
        Preset("huge", 17_200 * MB, 62_000, 600, 1.75, 6_800, 7),
        Preset("many-small", 300 * MB, 20_000, 80, 0.9, 200, 3),
    )
}
