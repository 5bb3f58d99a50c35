"""Times as text in JSON documents: RFC 3339 in UTC, exact to the microsecond or the nanosecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000_000
_DIGITS = 9


def time_text(moment: datetime) -> str:
    """Return an aware time as text."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def time_value(text: str) -> datetime:
    """Return the time that a text gives, in UTC.

    Raises:
        ValueError: the text is no time, or has no time zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r:.40} has no time zone")
    return moment.astimezone(UTC)


def nanoseconds_text(nanoseconds: int) -> str:
    """Return nanoseconds since 1970 as text with nine digits of a second.

    Raises:
        OverflowError: it is beyond the year 9999, or before the year 1.
    """
    seconds, rest = divmod(nanoseconds, _SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z".rjust(30, "0")


def nanoseconds_value(text: str) -> int:
    """Return the nanoseconds since 1970 that `nanoseconds_text` wrote.

    Raises:
        ValueError: the text has another form.
    """
    whole, _, rest = text.removesuffix("Z").partition(".")
    moment = time_value(f"{whole}+00:00")
    if len(rest) != _DIGITS or not (rest.isascii() and rest.isdigit()):
        raise ValueError(f"{text!r:.40} has no nine digits of a second")
    return (moment - _EPOCH) // timedelta(seconds=1) * _SECOND + int(rest)
