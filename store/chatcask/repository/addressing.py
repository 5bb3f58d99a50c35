"""How people name snapshots and what is in them: `latest~2:code/workspaces/...`, `@{3 days ago}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import InvalidInputError

LATEST = "latest"
_BACK = re.compile(r"(?P<base>.*?)(?P<back>(~\d*)*)")
_HEX_PREFIX = re.compile(r"[0-9a-f]{4,64}")
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_AT_MOMENT = re.compile(r"(?P<session>.+?)@?(?P<snapshot>@\{[^{}]*\}(~\d*)*)", re.DOTALL)
_AT_NAME = re.compile(r"(?P<session>.+)@(?P<snapshot>[A-Za-z0-9][A-Za-z0-9._-]*(~\d*)*)", re.DOTALL)
_AGO = re.compile(r"(\d+)\s*(second|minute|hour|day|week|month|year)s?\s+ago")
_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}


@dataclass(frozen=True, slots=True)
class SnapshotAddress:
    """A snapshot's name as a person gave it: exactly one of `latest`, `moment` and `name`, then `back` runs.

    `name` is a tag or the beginning of an id.
    """

    text: str
    latest: bool = False
    moment: datetime | None = None
    name: str = ""
    back: int = 0

    @property
    def id_prefix(self) -> str | None:
        """The name, if it can be the beginning of an id."""
        return self.name if _HEX_PREFIX.fullmatch(self.name) else None


def check_tag(tag: str) -> str:
    """Return the tag if it can never be read as another way to name a snapshot.

    Raises:
        InvalidInputError: it could, or has characters that need quoting.
    """
    if not _TAG.fullmatch(tag) or _HEX_PREFIX.fullmatch(tag) or tag == LATEST:
        raise InvalidInputError(
            f"not a tag: {tag!r}",
            advice=Advice(AdviceCode.TAG_CHARACTERS),
        )
    return tag


def split_path(text: str) -> tuple[str, str]:
    """Split `SNAP[:PATH]` at the first colon that is not inside `@{...}`; the path may be empty."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if character == ":" and depth == 0:
            return text[:position], text[position + 1 :]
    return text, ""


def split_session(text: str) -> tuple[str, str]:
    """Split `SESSION[@SNAP]`; the snapshot may be empty. `CHAT@{yesterday}` names it by its time.

    A title may hold an `@` itself, so a part that turns out to be no snapshot can still belong to the title.
    """
    match = _AT_MOMENT.fullmatch(text) or _AT_NAME.fullmatch(text)
    return (match["session"], match["snapshot"]) if match else (text, "")


def parse_snapshot_address(text: str, now: datetime) -> SnapshotAddress:
    """Understand a snapshot's name. `now` is aware; its time zone is that of dates without one.

    A date without a time means the end of that day, so `@{2026-11-01}` includes that day's runs.

    Raises:
        InvalidInputError: the text has none of the known forms.
    """
    match = _BACK.fullmatch(text)
    base, tail = (match["base"], match["back"]) if match else (text, "")
    back = sum(int(step or 1) for step in tail.split("~")[1:])
    if base in {LATEST, "@"}:
        return SnapshotAddress(text, latest=True, back=back)
    if base.startswith("@{") and base.endswith("}"):
        return SnapshotAddress(text, moment=parse_moment(base[2:-1], now), back=back)
    if not base or not _TAG.fullmatch(base):
        raise InvalidInputError(
            f"not a snapshot: {text!r}",
            advice=Advice(AdviceCode.SNAPSHOT_NAMES),
        )
    return SnapshotAddress(text, name=base, back=back)


def parse_moment(text: str, now: datetime) -> datetime:
    """Understand `2026-11-01`, `2026-11-01 17:30`, `3 days ago`, `yesterday`, `now`.

    Raises:
        InvalidInputError: it is none of these.
    """
    words = " ".join(text.lower().split())
    if words == "now":
        return now
    if words == "yesterday":
        return now - timedelta(days=1)
    ago = _AGO.fullmatch(words)
    try:
        if ago:
            return now - int(ago[1]) * _UNITS[ago[2]]
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise InvalidInputError(f"not a date: {text!r}", advice=Advice(AdviceCode.DATE_FORMS)) from None
    if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text.strip()):
        moment = datetime.combine(moment.date(), time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
