"""What reaches the screen: data on standard output, everything else on standard error."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple, Self

from chatcask_cli.shell import environment

if TYPE_CHECKING:
    from pathlib import Path

    from chatcask import Problem
    from chatcask.advice import Advice
    from chatcask.documents import Document
    from chatcask_cli.shell.wording import Wording

_AGO = ((86_400, "d"), (3_600, "h"), (60, "min"), (0, "s"))
_COUNTED_SECONDS = 7 * 86_400
"""People count the days of a week; beyond that the date says more."""

_COLORS = {"red": 31, "green": 32, "yellow": 33, "cyan": 36, "dim": 2, "bold": 1}


class Given(NamedTuple):
    """Options of a command that say where things are: store, editor's folder, editor, profile."""

    store: Path | None = None
    folder: Path | None = None
    product: str | None = None
    profile: str | None = None


NOTHING_GIVEN = Given()


class Output:
    """Prints for one command. `verbosity` is below 0 for quiet, above 0 for verbose.

    `given` are the options that say where things are; commands that are named repeat them.

    What is printed is one line, whatever titles, paths and messages within hold: only `paint` makes escape
    sequences, by a mark that nothing else can know. So no content can colour, move, hide or forge a line.
    Times are shown in `zone`; None is that of this machine. `time_format` is a pattern of strftime; "" is the
    usual form.
    """

    def __init__(
        self,
        *,
        as_json: bool = False,
        verbosity: int = 0,
        color: str = "auto",
        zone: tzinfo | None = None,
        given: Given = NOTHING_GIVEN,
        time_format: str = "",
    ) -> None:
        self.as_json = as_json
        self.verbosity = verbosity
        self.zone = zone
        self._given = given
        self._color = color
        self._time_format = time_format
        self._mark = f"\ufdd0{os.urandom(8).hex()}:"
        self._marks = re.compile(f"{self._mark}([0-9]+)m")

    @cached_property
    def wording(self) -> Wording:
        """How advice is put into words for this user."""
        from chatcask_cli.shell.wording import Wording  # noqa: PLC0415 - a run that goes well needs no words

        return Wording(environment.platform(), *self._given)

    def line(self, text: str = "") -> None:
        """Print a line for people; nothing in JSON mode."""
        if not self.as_json:
            print(self._shown(text, sys.stdout.encoding))

    def report(self, text: str = "") -> None:
        """Print a line that `--quiet` leaves out."""
        if self.verbosity >= 0:
            self.line(text)

    def document(self, make: Callable[[], Document]) -> None:
        """Print the command's one JSON document; nothing without `--json`."""
        if self.as_json:
            from chatcask.documents import to_json  # noqa: PLC0415 - people read no documents

            print(to_json(make(), self._words))

    def message(self, text: str) -> None:
        """Print a message to standard error unless quiet."""
        if self.verbosity >= 0:
            self._complain(text)

    def failure(
        self, kind: str, code: int, message: str, hint: str | None, lines: Sequence[str] = ()
    ) -> None:
        """Say why the command ends here; `lines` are what the message is about, one by one."""
        if self.as_json:
            from chatcask.documents import ErrorDocument  # noqa: PLC0415 - most commands end well

            whole = "\n  ".join((message, *lines))
            self.document(lambda: ErrorDocument(int(code), kind, whole, hint))
            return
        self._complain(f"chatcask: {message}")
        for line in lines:
            self._complain(f"  {line}")
        if hint:
            self._complain(f"  {hint}")

    def paint(self, text: str, color: str) -> str:
        """Return the text in a colour, where colours are wanted."""
        if not self.is_colored:
            return text
        return f"{self._mark}{_COLORS[color]}m{text}{self._mark}0m"

    def listed_time(self, moment: datetime) -> str:
        """Return a time for a list, and how long ago it was while that is what a person counts in."""
        seconds = (environment.utc_now() - moment).total_seconds()
        for size, unit in _AGO:
            if size <= seconds < _COUNTED_SECONDS:
                return f"{self.time(moment)} ({int(seconds // max(size, 1))} {unit} ago)"
        return self.time(moment)

    def time(self, moment: datetime) -> str:
        """Return a time as the person wants times to look."""
        if not self._time_format:
            return time_text(moment, self.zone)
        return moment.astimezone(self.zone).strftime(self._time_format)

    @property
    def is_watched(self) -> bool:
        """Tell whether a person reads what is printed, and wants more than errors."""
        return not self.as_json and self.verbosity >= 0 and sys.stdout.isatty() and sys.stderr.isatty()

    @property
    def is_colored(self) -> bool:
        """Tell whether colours are wanted on standard output."""
        if self.as_json or self._color == "never":
            return False
        if self._color == "always" or os.environ.get("FORCE_COLOR"):
            return True
        return not os.environ.get("NO_COLOR") and sys.stdout.isatty()

    def _words(self, advice: Advice) -> str:
        return self.wording.words(advice)

    def _complain(self, text: str) -> None:
        print(self._shown(text, sys.stderr.encoding), file=sys.stderr)

    def _shown(self, text: str, encoding: str | None) -> str:
        """Return a line as the stream takes it: content made visible, marks as escape sequences."""
        from chatcask.visible import visible_line  # noqa: PLC0415 - documents are shown as they are

        known = encoding or "utf-8"
        pieces = self._marks.split(text)  # content and codes of colours in turn
        safe = (visible_line(piece).encode(known, "backslashreplace").decode(known) for piece in pieces[::2])
        codes = (f"\x1b[{code}m" for code in pieces[1::2])
        return "".join(piece for pair in zip_longest(safe, codes, fillvalue="") for piece in pair)


class PlainMonitor:
    """Prints problems as messages, and keeps them for the command's result."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.problems: list[Problem] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Clear what was drawn: nothing here."""

    def phase(self, name: str, total: int | None) -> None:
        """Show nothing."""

    def advance(self, amount: int) -> None:
        """Show nothing."""

    def problem(self, problem: Problem) -> None:
        """Print the problem."""
        self.problems.append(problem)
        place = f" of snapshot {problem.snapshot[:12]}" if problem.snapshot else ""
        text = self._output.wording.problem(problem)
        self._output.message(text if text.startswith(problem.path) else f"{problem.path}{place}: {text}")


def size_text(size: int) -> str:
    """Return a size in bytes for people: `41.2 KB`."""
    value = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 999.5:
            return f"{size} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def count_text(count: int, noun: str) -> str:
    """Return a number and its noun: `1 file`, `2 files`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def time_text(moment: datetime, zone: tzinfo | None = None) -> str:
    """Return a time for people with its offset, in a time zone or that of this machine."""
    local = moment.astimezone(zone)
    offset = local.isoformat()[-6:] if local.utcoffset() else "UTC"
    return f"{local:%Y-%m-%d %H:%M} {offset}"
