"""The policy that is settled for all commands."""

from __future__ import annotations

from chatcask.ops.retention.policy import RetentionPolicy
from chatcask.settings.keys import (
    KEEP_DAILY,
    KEEP_HOURLY,
    KEEP_LAST,
    KEEP_MONTHLY,
    KEEP_TAGS,
    KEEP_WEEKLY,
    KEEP_WITHIN,
    KEEP_YEARLY,
)
from chatcask.settings.settings import Settings


def settled_policy(settings: Settings) -> RetentionPolicy:
    """Return the policy of the settings; where they have none, every change is kept."""
    return RetentionPolicy(
        last=settings[KEEP_LAST] or None,
        hourly=settings[KEEP_HOURLY] or None,
        daily=settings[KEEP_DAILY] or None,
        weekly=settings[KEEP_WEEKLY] or None,
        monthly=settings[KEEP_MONTHLY] or None,
        yearly=settings[KEEP_YEARLY] or None,
        within=settings[KEEP_WITHIN],
        tags=settings[KEEP_TAGS],
    )
