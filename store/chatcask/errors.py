"""Every error the library raises, grouped by what a caller can do about it, and what it is about in fields.

A message names the file or object it is about; `advice` says the way out. `kind` is a stable code that is
only ever added to: programs match on it, and the command line maps it to an exit code.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Self

from chatcask.advice import Advice, AdviceCode


class ChatcaskError(Exception):
    """The root of all errors raised on purpose by this library.

    Attributes:
        kind: The stable code of this kind of error.
        sentence: What is wrong, in a sentence that names the file or object.
        lines: What the sentence is about, one by one: candidates, versions, chats.
        message: The sentence and the lines below it.
        advice: What can be done, if that is known.
    """

    kind: ClassVar[str] = "failed"

    def __init__(self, message: str, *, advice: Advice | None = None) -> None:
        super().__init__(message)
        self.sentence = self.message = message
        self.lines: tuple[str, ...] = ()
        self.advice = advice

    def with_lines(self, lines: Iterable[str]) -> Self:
        """Return the error with lines below its sentence."""
        self.lines = tuple(lines)
        self.message = "\n  ".join((self.sentence, *self.lines))
        self.args = (self.message,)
        return self


class InvalidInputError(ChatcaskError, ValueError):
    """The caller asked for something that cannot be done as asked.

    Attributes:
        what: What kind of thing was given: `tag`, `snapshot`, `date`, `path`, ...; "" for a whole request.
        value: What was given, as text.
    """

    kind = "usage"

    def __init__(
        self, message: str, *, what: str = "", value: str = "", advice: Advice | None = None
    ) -> None:
        super().__init__(message, advice=advice)
        self.what = what
        self.value = value


class SettingsError(ChatcaskError):
    """A config file, or a variable in its place, cannot be understood.

    Attributes:
        where: The file, the variable or the option.
        key: The key it is about; "" for the whole file.
        expected: What would be a value of the key; "" where the key itself is wrong.
        suggestion: The key or profile that was meant, if that can be guessed.
    """

    kind = "settings"

    def __init__(
        self, message: str, *, where: str, key: str = "", expected: str = "", suggestion: str = ""
    ) -> None:
        super().__init__(message, advice=Advice(AdviceCode.MEND_SETTINGS))
        self.where = where
        self.key = key
        self.expected = expected
        self.suggestion = suggestion


class NotFoundError(ChatcaskError, LookupError):
    """Nothing answers to that name: no such snapshot, path, chat, editor or folder.

    Attributes:
        what: What kind of thing was looked for: `snapshot`, `chat`, `path`, `workspace`, `editor`, ...
        name: The name it was looked for by; "" if any would have done.
    """

    kind = "not_found"

    def __init__(self, message: str, *, what: str, name: str = "", advice: Advice | None = None) -> None:
        super().__init__(message, advice=advice)
        self.what = what
        self.name = name


class AmbiguousError(NotFoundError):
    """More than one thing answers to that name; the message lists the candidates.

    Attributes:
        candidates: The ids of what answers to the name.
    """

    kind = "ambiguous"

    def __init__(
        self,
        message: str,
        *,
        what: str,
        name: str,
        candidates: tuple[str, ...],
        advice: Advice | None = None,
    ) -> None:
        super().__init__(message, what=what, name=name, advice=advice)
        self.candidates = candidates


class StoreNotFoundError(ChatcaskError):
    """There is no store at the given place."""

    kind = "no_store"

    def __init__(self, message: str, *, place: str, advice: Advice | None = None) -> None:
        super().__init__(message, advice=advice)
        self.place = place


class StoreExistsError(ChatcaskError):
    """There is a store at the given place already."""

    kind = "store_exists"

    def __init__(self, message: str, *, place: str, advice: Advice | None = None) -> None:
        super().__init__(message, advice=advice)
        self.place = place


class StoreLockedError(ChatcaskError):
    """Another process holds the lock that this operation needs; `holder` is what it wrote about itself."""

    kind = "store_locked"

    def __init__(self, message: str, *, place: str, holder: str, advice: Advice | None = None) -> None:
        super().__init__(message, advice=advice)
        self.place = place
        self.holder = holder


class UnsupportedFormatError(ChatcaskError):
    """The store was written by a newer chatcask, or needs a feature this one lacks."""

    kind = "unsupported_format"


class StaleError(ChatcaskError):
    """The operation took so long that what it relies on may have been pruned; nothing was committed."""

    kind = "stale"


class ChatLossError(ChatcaskError):
    """Chats would lose their last copy, and nobody said that this is wanted; nothing was changed.

    Attributes:
        chats: The ids of the chats.
    """

    kind = "chat_loss"

    def __init__(self, message: str, *, chats: tuple[str, ...], advice: Advice | None = None) -> None:
        super().__init__(message, advice=advice)
        self.chats = chats


class _PlacedError(ChatcaskError):
    """An error about something that lies somewhere.

    Attributes:
        where: The path or the store's key of what the error is about; "" if only the caller knows it.
    """

    def __init__(self, message: str, *, where: str = "", advice: Advice | None = None) -> None:
        super().__init__(message, advice=advice)
        self.where = where


class DamagedError(_PlacedError):
    """Stored bytes are not what was written: cut short, changed, or missing."""

    kind = "damaged"


class ForgottenError(DamagedError):
    """A snapshot was forgotten, and deleted by prune, since it was listed: nothing of it is left to read.

    Nothing is damaged. Who passes over snapshots that cannot be read passes over this one too.
    """

    kind = "forgotten"


class TransportError(_PlacedError):
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
    """The editor that owns a user-data folder runs, so nothing in that folder may be touched.

    Attributes:
        product: The editor's name, as in a source's id.
        user_data_dir: The folder.
        reason: What tells that it runs: `process`, `lock`, `socket`, `state_db` or `unsure`.
        pid: The process that was found, if the reason shows one.
    """

    kind = "editor_running"

    def __init__(
        self,
        message: str,
        *,
        product: str,
        user_data_dir: Path,
        reason: str,
        pid: int | None,
        advice: Advice | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        self.product = product
        self.user_data_dir = user_data_dir
        self.reason = reason
        self.pid = pid


class JobError(ChatcaskError):
    """The system would not take a job that it is to start by itself.

    Attributes:
        command: What the system was told.
    """

    kind = "job"

    def __init__(self, message: str, *, command: tuple[str, ...], advice: Advice | None = None) -> None:
        super().__init__(message, advice=advice)
        self.command = command


class NotEditableError(ChatcaskError):
    """The chats of that assistant are kept, and chatcask does not write them into its folders.

    Attributes:
        source: The id of the source that was to be changed, or that a chat is of.
    """

    kind = "not_editable"

    def __init__(self, message: str, *, source: str, advice: Advice | None = None) -> None:
        super().__init__(message, advice=advice)
        self.source = source


class WrongThreadError(ChatcaskError):
    """Something that belongs to one thread was used by another; nothing was done."""

    kind = "wrong_thread"


class RestoreRefusedError(_PlacedError):
    """Writing the restored files would destroy or escape something; nothing was written."""

    kind = "refused"
