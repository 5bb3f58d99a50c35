"""What is told of chats: the list, the versions of one, one read whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatcask.documents.document import AsStored, Document, moment_of

if TYPE_CHECKING:
    from chatcask.ops.browse.history import Version
    from chatcask.ops.browse.read_chat import ReadableChat
    from chatcask.ops.browse.stored_version import StoredVersion
    from chatcask.repository.snapshots import StoredSnapshot
    from chatcask.workbench.chats import ChosenChat


@dataclass(frozen=True, slots=True)
class ChatRow:
    """One chat of a snapshot; `snapshot` is the one that holds it, an earlier one for a deleted chat."""

    session: str
    title: str
    source: str
    workspace_key: str
    workspace_name: str
    workspace_folder: str | None
    path: str
    snapshot: str
    turns: int
    models: tuple[str, ...]
    size: int
    created: datetime | None
    first_message: datetime | None
    last_message: datetime | None
    state: str
    opens: bool
    host: str
    only_transcript: bool


@dataclass(frozen=True, slots=True)
class NewestRow:
    """The newest snapshot of one machine."""

    snapshot: str
    timestamp: datetime
    host: str


@dataclass(frozen=True, slots=True)
class ChatsDocument(Document):
    """The chats of one snapshot, or of the newest of each machine; `snapshot` is the first of these."""

    snapshot: str
    snapshots: tuple[NewestRow, ...]
    sessions: tuple[ChatRow, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A chat as one snapshot first held it; without a path it was gone."""

    snapshot: str
    timestamp: datetime
    events: tuple[str, ...]
    path: str | None
    size: int | None
    title: str | None
    turns: int | None
    workspaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionsDocument(Document):
    """The versions of one chat, newest first."""

    session: str
    versions: tuple[VersionRow, ...]


@dataclass(frozen=True, slots=True)
class FullerRow:
    """A version of a chat that holds more than the one that was asked for, and the snapshot that has it."""

    snapshot: str
    timestamp: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class ChatDocument(Document):
    """One chat, read whole. `missing_since` is a newer snapshot that lacks it; `fuller` holds more."""

    snapshot: str
    snapshot_timestamp: datetime
    missing_since: str | None
    path: str
    source: str
    workspace_key: str
    workspace_folder: str | None
    size: int
    state: str
    opens: bool
    findings: tuple[str, ...]
    session_id: str
    title: str
    created: str | None
    responder: str
    models: tuple[str, ...]
    turn_count: int
    has_pending_edits: bool
    draft: str | None
    queued: tuple[str, ...]
    turns: AsStored
    fuller: FullerRow | None


@dataclass(frozen=True, slots=True)
class ChatBytesDocument(Document):
    """A chat whose exact bytes were written to a file."""

    success: bool
    session_id: str
    snapshot: str
    snapshot_timestamp: datetime
    missing_since: str | None
    path: str
    source: str
    workspace_key: str
    workspace_folder: str | None
    size: int
    output: Path
    format: str
    bytes_written: int


@dataclass(frozen=True, slots=True)
class ChatFileDocument(Document):
    """A chat that was read and written to a file."""

    success: bool
    session_id: str
    snapshot: str
    snapshot_timestamp: datetime
    missing_since: str | None
    path: str
    source: str
    workspace_key: str
    workspace_folder: str | None
    size: int
    state: str
    opens: bool
    findings: tuple[str, ...]
    output: Path
    format: str
    bytes_written: int


def chats_document(snapshots: Sequence[StoredSnapshot], chats: Iterable[StoredVersion]) -> ChatsDocument:
    """Return the chats of one snapshot or more, in the order given."""
    rows = [NewestRow(each.reference.id, each.reference.taken_at, each.snapshot.host) for each in snapshots]
    return ChatsDocument(rows[0].snapshot, tuple(rows), tuple(_chat(chat) for chat in chats))


def versions_document(session: str, versions: Iterable[Version]) -> VersionsDocument:
    """Return versions of a chat, in the order given."""
    return VersionsDocument(session, tuple(_version(version) for version in versions))


def chat_document(
    chosen: ChosenChat, chat: ReadableChat, fuller: StoredVersion | None = None
) -> ChatDocument:
    """Return a chat that was read whole; `fuller` is a version that holds more."""
    content = chat.as_document()
    turns = AsStored(content.pop("turns"))
    known = None if fuller is None else _fuller(fuller)
    return ChatDocument(**_facts(chosen), **_soundness(chat), **content, turns=turns, fuller=known)


def _fuller(version: StoredVersion) -> FullerRow:
    return FullerRow(version.snapshot.id, version.snapshot.taken_at, version.summary.turn_count)


def chat_file_document(
    chosen: ChosenChat, chat: ReadableChat | None, output: Path, format_name: str, size: int
) -> ChatFileDocument | ChatBytesDocument:
    """Return what was written to a file: a chat that was read, or without one its exact bytes."""
    written: dict[str, Any] = {
        "success": True,
        "session_id": chosen.file.session,
        **_facts(chosen),
        "output": output,
        "format": format_name,
        "bytes_written": size,
    }
    if chat is None:
        return ChatBytesDocument(**written)
    return ChatFileDocument(**written, **_soundness(chat))


def _chat(chat: StoredVersion) -> ChatRow:
    summary, file = chat.summary, chat.file
    return ChatRow(
        session=file.session,
        title=summary.title,
        source=file.source,
        workspace_key=file.workspace,
        workspace_name=file.workspace_name,
        workspace_folder=file.folder or None,
        path=file.path,
        snapshot=chat.snapshot.id,
        turns=summary.turn_count,
        models=tuple(summary.models),
        size=file.size,
        created=moment_of(summary.created_ms),
        first_message=moment_of(summary.first_message_ms),
        last_message=moment_of(summary.last_message_ms),
        state=str(summary.state),
        opens=summary.opens,
        host=chat.host,
        only_transcript=chat.is_transcript,
    )


def _version(version: Version) -> VersionRow:
    file, summary = version.file, version.summary
    return VersionRow(
        snapshot=version.snapshot.id,
        timestamp=version.snapshot.taken_at,
        events=tuple(str(event) for event in version.events),
        path=file.path if file else None,
        size=file.size if file else None,
        title=summary.title if summary else None,
        turns=summary.turn_count if summary else None,
        workspaces=tuple(version.workspaces),
    )


def _facts(chosen: ChosenChat) -> dict[str, Any]:
    missing = chosen.missing_since
    return {
        "snapshot": chosen.stored.reference.id,
        "snapshot_timestamp": chosen.stored.reference.taken_at,
        "missing_since": missing.id if missing else None,
        "path": chosen.file.path,
        "source": chosen.file.source,
        "workspace_key": chosen.file.workspace,
        "workspace_folder": chosen.file.folder or None,
        "size": chosen.file.size,
    }


def _soundness(chat: ReadableChat) -> Mapping[str, Any]:
    return {"state": str(chat.state), "opens": chat.report.opens, "findings": chat.findings}
