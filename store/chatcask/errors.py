"""Every error the library raises, grouped by what a caller can do about it.

A message names the file or object it is about; `hint` says the way out. `kind` is a stable code that is
only ever added to: programs match on it, and the command line maps it to an exit code.
"""

from __future__ import annotations

from typing import ClassVar


class ChatcaskError(Exception):
    """The root of all errors raised on purpose by this library."""

    kind: ClassVar[str] = "failed"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidInputError(ChatcaskError, ValueError):
    """The caller asked for something that cannot be done as asked."""

    kind = "usage"


class NotFoundError(ChatcaskError, LookupError):
    """Nothing answers to that name: no such snapshot, path, session, editor or folder."""

    kind = "not_found"


class AmbiguousError(NotFoundError):
    """More than one thing answers to that name; the message lists the candidates."""

    kind = "ambiguous"


class StoreNotFoundError(ChatcaskError):
    """There is no store at the given place."""

    kind = "no_store"


class StoreExistsError(ChatcaskError):
    """There is a store at the given place already."""

    kind = "store_exists"


class StoreLockedError(ChatcaskError):
    """Another process holds the lock that this operation needs."""

    kind = "store_locked"


class UnsupportedFormatError(ChatcaskError):
    """The store was written by a newer chatcask, or needs a feature this one lacks."""

    kind = "unsupported_format"


class StaleError(ChatcaskError):
    """The operation took so long that what it relies on may have been pruned; nothing was committed."""

    kind = "stale"


class ChatLossError(ChatcaskError):
    """A chat would lose its last copy, and nobody said that this is wanted; nothing was changed."""

    kind = "chat_loss"


class DamagedError(ChatcaskError):
    """Stored bytes are not what was written: cut short, changed, or missing."""

    kind = "damaged"


class TransportError(ChatcaskError):
    """The place that keeps the bytes failed: disk full, no permission, connection lost."""

    kind = "transport"


class ObjectNotFoundError(TransportError, LookupError):
    """The place that keeps the bytes has no object under that key."""

    kind = "object_not_found"


class ObjectExistsError(TransportError):
    """A create-only write found an object under that key."""

    kind = "object_exists"


class ReadOnlyError(TransportError):
    """A write was tried through a transport that only reads."""

    kind = "read_only"


class EditorRunningError(ChatcaskError):
    """The editor that owns a user-data folder runs, so nothing in that folder may be touched."""

    kind = "editor_running"


class RestoreRefusedError(ChatcaskError):
    """Writing the restored files would destroy or escape something; nothing was written."""

    kind = "refused"
