"""The one table of keys: name, kind, default and meaning of all that can be settled (docs/config.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chatcask.settings.kinds import (
    COMMAND,
    PATH,
    PERIOD,
    TEXTS,
    TIME_PATTERN,
    WHOLE,
    Kind,
    choice,
)

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Key(Generic[T_co]):
    """One thing that can be settled.

    Attributes:
        name: Its name in the file, with that of its table: `display.color`.
        kind: What values it takes.
        default: Its value, as a file would have it, where nobody says another.
        about: What it does, in a sentence.
    """

    name: str
    kind: Kind[T_co]
    default: Any
    about: str


STORE = Key("store", PATH, "", 'Folder of the store; "" is the default place of the system.')
SOURCES_ADD = Key(
    "sources.add", TEXTS, [], "User-data folders that are saved beside those that are found by themselves."
)
SOURCES_LEAVE_OUT = Key(
    "sources.leave_out",
    TEXTS,
    [],
    "Editors that are left alone unless they are named: by product, source id or user-data folder.",
)
EXCLUDE = Key(
    "privacy.exclude",
    TEXTS,
    [],
    "Folders whose workspaces are never captured and never listed, with all below them; `*` and `?` stand for"
    " part of a name, `**` for any folders.",
)
KEEP_LAST = Key("retention.keep_last", WHOLE, 0, "`forget` keeps the newest N of each machine; 0 is no rule.")
KEEP_HOURLY = Key("retention.keep_hourly", WHOLE, 0, "The newest of each hour, for N hours that have one.")
KEEP_DAILY = Key("retention.keep_daily", WHOLE, 0, "The same by days.")
KEEP_WEEKLY = Key("retention.keep_weekly", WHOLE, 0, "The same by weeks.")
KEEP_MONTHLY = Key("retention.keep_monthly", WHOLE, 0, "The same by months.")
KEEP_YEARLY = Key("retention.keep_yearly", WHOLE, 0, "The same by years.")
KEEP_WITHIN = Key("retention.keep_within", PERIOD, "", "All snapshots this close to the newest.")
KEEP_TAGS = Key("retention.keep_tags", TEXTS, [], "All snapshots with one of these tags.")
COLOR = Key("display.color", choice("auto", "always", "never"), "auto", "When to use colours.")
PAGER = Key(
    "display.pager", COMMAND, [], "Program that long lists and chats are shown in on a terminal; [] for none."
)
TIME_FORMAT = Key(
    "display.time_format", TIME_PATTERN, "", 'How times look; "" is date, time and offset from UTC.'
)
KEYS: tuple[Key[Any], ...] = (
    STORE,
    SOURCES_ADD,
    SOURCES_LEAVE_OUT,
    EXCLUDE,
    KEEP_LAST,
    KEEP_HOURLY,
    KEEP_DAILY,
    KEEP_WEEKLY,
    KEEP_MONTHLY,
    KEEP_YEARLY,
    KEEP_WITHIN,
    KEEP_TAGS,
    COLOR,
    PAGER,
    TIME_FORMAT,
)
"""All keys, in the order in which they are listed."""
