"""The words of the fictional folder: who asked what, and what the answer was.

Ada looks after two projects: `lighthouse`, which keeps a beacon lit, and `tide-tables`, which predicts high
water. Nothing here was ever said by anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

COMPLETE, CANCELLED, FAILED = 1, 2, 3
"""How a turn ended, as VS Code numbers it (facts: microsoft/vscode chatModel.ts)."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer.

    `tool` is a tool's id, what it says while it runs and what it says afterwards; `edit` is a file's name
    within the project and the text put before its first line. The answer of a failed turn is its error.
    """

    prompt: str
    answer: str
    thinking: str = ""
    tool: tuple[str, str, str] | None = None
    edit: tuple[str, str] | None = None
    outcome: int = COMPLETE


@dataclass(frozen=True, slots=True)
class Chat:
    """One session: its title and its turns."""

    title: str
    turns: tuple[Turn, ...]


RETRY = Chat(
    "Retry for the beacon client",
    (
        Turn(
            "Why does the beacon client give up on flaky links?",
            "`send` in `beacon.py` makes one request and raises on the first `ConnectionError`. There is no "
            "retry, so a link that drops one packet in a hundred fails about once an hour.",
            "Look at the client before proposing a retry.",
            ("copilot_readFile", "Reading beacon.py", "Read beacon.py"),
        ),
        Turn(
            "Add a retry with three tries and run the tests.",
            "I added `MAX_TRIES = 3` and a pause that doubles between tries:\n\n```python\n"
            "for attempt in range(MAX_TRIES):\n    try:\n        return post(url, signal)\n"
            "    except ConnectionError:\n        sleep(0.2 * 2**attempt)\n```\n\nAll four tests pass.",
            "Three tries with a short pause is enough here.",
            ("run_in_terminal", "Running `pytest -q`", "Ran `pytest -q`"),
            ("beacon.py", "MAX_TRIES = 3\n"),
        ),
        Turn(
            "Grace asks whether the pause can be longer at night.",
            "Yes: make the first pause a parameter, `first_pause: float = 0.2`, and let the night shift pass "
            "`first_pause=2.0`. The tests need no change, because they already replace `sleep`.",
        ),
    ),
)

LAMP = Chat(
    "Lamp state as an enum",
    (
        Turn(
            'Replace the strings "on", "off" and "dim" by an enum.',
            "Done. `LampState` has the three members, and `parse_state` still accepts the old strings so "
            "that saved settings keep working.",
            tool=("copilot_findTextInFiles", 'Searching for "dim"', 'Searched for "dim", 7 results'),
            edit=("lamp.py", "from enum import StrEnum\n"),
        ),
        Turn(
            "Is StrEnum there in Python 3.10?",
            "No, it came with 3.11. The project asks for 3.11 in `pyproject.toml`, so it is safe here.",
        ),
    ),
)

FOG = Chat(
    "Fog signal timing",
    (
        Turn(
            "Explain the fog signal: two blasts, then thirty seconds of silence.",
            "`fog.py` keeps a list of `(seconds, loud)` pairs and cycles through it:\n\n"
            "1. two seconds loud, two silent, two loud\n2. thirty silent\n\nOne cycle takes 36 seconds.",
        ),
        Turn(
            "Draw the cycle as a chart.",
            "",
            outcome=CANCELLED,
        ),
    ),
)

OLD_LOGBOOK = Chat(
    "Read the keeper's logbook",
    (
        Turn(
            "How do I read the old logbook files? They are Latin-1 with tabs.",
            "Open them with `encoding='latin-1'` and `csv.reader(file, delimiter='\\t')`. Latin-1 never "
            "fails to decode, so check one line with an umlaut by eye.",
        ),
        Turn(
            "And the dates? They look like 7.III.1924.",
            "Split at the dots and map the Roman numeral with a small table, I to XII. Refuse anything else: "
            "a typing error then shows up as a line number and not as a wrong year.",
        ),
    ),
)

HARMONICS = Chat(
    "Which tidal constituents matter",
    (
        Turn(
            "Which constituents do I need for a prediction within ten centimetres?",
            "For this harbour eight are enough: M2, S2, N2, K2, K1, O1, P1 and M4. M4 is a shallow-water "
            "one; without it high water comes about twelve minutes late.",
            "The harbour is shallow, so overtides count.",
        ),
        Turn(
            "Show the sum as code.",
            "```python\ndef height(t: float, parts: Sequence[Constituent]) -> float:\n"
            '    """Return the height above the mean at `t` hours."""\n'
            "    return sum(p.amplitude * cos(p.speed * t - p.phase) for p in parts)\n```\n\n"
            "Speeds are in radians per hour, phases relative to the epoch of the table.",
        ),
    ),
)

LEAP = Chat(
    "Table off by one day after February",
    (
        Turn(
            "The table for 2028 is off by one day from March on. Why?",
            "`day_of_year` in `calendar.py` adds 28 days for February in every year. 2028 is a leap year.",
            "March onwards, one day: a leap year is the first suspect.",
            ("copilot_readFile", "Reading calendar.py", "Read calendar.py"),
        ),
        Turn(
            "Fix it and add a test for 2000 and 2100.",
            "The model did not answer in time.",
            outcome=FAILED,
        ),
        Turn(
            "Try again: fix it and add a test for 2000 and 2100.",
            "`day_of_year` now uses `date.timetuple().tm_yday`. The new test covers 2000 (leap), 2100 (not) "
            "and 2028.",
            tool=("run_in_terminal", "Running `pytest -q tests`", "Ran `pytest -q tests`"),
            edit=("calendar.py", "from datetime import date\n"),
        ),
    ),
)

REGEX = Chat(
    "A pattern for times of day",
    (
        Turn(
            "A regular expression for 00:00 to 23:59, please.",
            "`(?:[01]\\d|2[0-3]):[0-5]\\d`. Use `fullmatch`, or `24:00` hides in a longer text.",
        ),
    ),
)

LIGHTHOUSE = {"retry": RETRY, "lamp": LAMP, "fog": FOG}
TIDE_TABLES = {"harmonics": HARMONICS, "leap": LEAP}

FOLLOW_UPS = (
    Turn(
        "Write the changelog entry for this.",
        "- Fixed: see above; found by Grace while she read the code for the release.\n",
    ),
    Turn(
        "What would break if we turned this off for a week?",
        "Nothing at once. The nightly job would warn on the second day, and Ada would get its mail.",
        "Only the nightly job reads this value.",
    ),
    Turn(
        "Review the last change as Grace would.",
        "Two remarks: the name `value` says nothing, and the empty list deserves a test. The rest is fine.",
        tool=("copilot_getChangedFiles", "Getting changed files", "Got 2 changed files"),
    ),
)

NEW_CHATS = (
    Chat(
        "Wind from the harbour station",
        (
            Turn(
                "How do I add wind set-up to the predicted height?",
                "Keep it apart from the tide: `height = tide(t) + wind_setup(speed, direction)`. Start with "
                "a table measured at the harbour station and interpolate between its rows.",
            ),
        ),
    ),
    Chat(
        "Battery warning for the beacon",
        (
            Turn(
                "Warn Ada when the battery falls below 11.8 volts.",
                "I added `check_battery`, called once a minute. It warns once, and again only after the "
                "voltage has been above 12.2, so that a flickering reading does not send sixty mails.",
                tool=("copilot_readFile", "Reading power.py", "Read power.py"),
            ),
        ),
    ),
)
