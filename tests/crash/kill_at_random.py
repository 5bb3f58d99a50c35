"""Kills the commands that write, at random moments and as real processes; says what was lost, if anything.

python tests/crash/kill_at_random.py --kills 50 [--seed N] [--only NAME ...]

Ends with 1 if a kill lost something or left something behind.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

_TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(_TESTS), str(_TESTS.parent / "store"), str(_TESTS.parent / "cli")]

from support.kill_scenes import SCENES  # noqa: E402 - found by the path above
from support.random_kills import kill_at_random  # noqa: E402


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="how often each command is killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=SCENES, default=list(SCENES), metavar="NAME")
    options = parser.parse_args()
    failures = []
    with tempfile.TemporaryDirectory(prefix="chatcask-kills-") as folder:
        for name in options.only:
            tally = kill_at_random(Path(folder), name, options.kills, options.seed)
            moments = ", ".join(f"{word} {count}" for word, count in sorted(tally.moments.items()))
            counts = f"{tally.kills} kills ({moments}), {tally.rests} rests, {len(tally.failures)} failures"
            print(f"{name}: {counts}", flush=True)
            for text in tally.failures:
                print(f"  {text}", flush=True)
            failures += tally.failures
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
