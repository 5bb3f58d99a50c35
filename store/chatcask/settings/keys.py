"""The one table of keys: name, kind, default and meaning of all that can be settled (docs/config.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chatcask.settings.kinds import (
    COMMAND,
    FLAG,
    PATH,
    PERIOD,
    SHARE,
    TEXTS,
    TIME_LIMIT,
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
QUIET_TITLES = Key(
    "privacy.quiet_titles",
    FLAG,
    default=False,
    about="Whether notifications withhold titles and first prompts of chats.",
)
DESKTOP = Key(
    "notifications.desktop", FLAG, default=True, about="Whether runs by themselves notify the desktop."
)
NOTIFY_LOSSES = Key("notifications.losses", FLAG, default=True, about="Whether they notify of lost chats.")
NOTIFY_FAILURES = Key(
    "notifications.failures",
    FLAG,
    default=True,
    about="Whether they notify of failures, of each kind once a day.",
)
ON_ALARM = Key(
    "hooks.on_alarm",
    COMMAND,
    [],
    "Program that is started when a run by itself found chats lost, with JSON on stdin.",
)
ON_FAILURE = Key(
    "hooks.on_failure",
    COMMAND,
    [],
    "The same when it failed.",
)
HOOK_TIME = Key("hooks.time_limit", TIME_LIMIT, "30s", "How long a hook may take before it is ended.")
KEEP_LAST = Key("retention.keep_last", WHOLE, 0, "`forget` keeps the newest N of each machine; 0 is no rule.")
KEEP_HOURLY = Key("retention.keep_hourly", WHOLE, 0, "The newest of each hour, for N hours that have one.")
KEEP_DAILY = Key("retention.keep_daily", WHOLE, 0, "The same by days.")
KEEP_WEEKLY = Key("retention.keep_weekly", WHOLE, 0, "The same by weeks.")
KEEP_MONTHLY = Key("retention.keep_monthly", WHOLE, 0, "The same by months.")
KEEP_YEARLY = Key("retention.keep_yearly", WHOLE, 0, "The same by years.")
KEEP_WITHIN = Key("retention.keep_within", PERIOD, "", "All snapshots this close to the newest.")
KEEP_TAGS = Key("retention.keep_tags", TEXTS, [], "All snapshots with one of these tags.")
UPKEEP = Key("upkeep.automatic", FLAG, default=True, about="Whether runs by themselves do it, once a day.")
UPKEEP_PRUNE = Key(
    "upkeep.prune", FLAG, default=True, about="Whether it frees the space of what no snapshot needs."
)
UPKEEP_READ_DATA = Key(
    "upkeep.read_data",
    SHARE,
    "1%",
    "Share of the stored data that it proves, another each time.",
)
UPKEEP_TIME = Key("upkeep.time_limit", TIME_LIMIT, "10min", "After this time it begins no further step.")
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
    QUIET_TITLES,
    DESKTOP,
    NOTIFY_LOSSES,
    NOTIFY_FAILURES,
    ON_ALARM,
    ON_FAILURE,
    HOOK_TIME,
    KEEP_LAST,
    KEEP_HOURLY,
    KEEP_DAILY,
    KEEP_WEEKLY,
    KEEP_MONTHLY,
    KEEP_YEARLY,
    KEEP_WITHIN,
    KEEP_TAGS,
    UPKEEP,
    UPKEEP_PRUNE,
    UPKEEP_READ_DATA,
    UPKEEP_TIME,
    COLOR,
    PAGER,
    TIME_FORMAT,
)
"""All keys, in the order in which they are listed."""
