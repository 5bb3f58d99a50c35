"""Read one chat of a snapshot for a person: in a readable form, or its exact bytes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.known import assistant_of
from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.branches import with_cut_turns
from chatcask.chats.parsed import ParseState, Report
from chatcask.chats.render import renderer
from chatcask.chats.render.blocks import blocks
from chatcask.errors import ChatcaskError, DamagedError, NotFoundError
from chatcask.monitor import Monitor, Problem
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot

if TYPE_CHECKING:
    from chatcask.chats.model import Attachment, Chat, Turn
    from chatcask.chats.render.describe import Description

_LARGEST_IMAGE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadableChat:
    """A chat that was read: the chat itself, how sound its file is, and what reading it found."""

    chat: Chat
    state: ParseState
    report: Report
    missing: tuple[str, ...] = ()
    """What a transcript never holds; empty where the chat's own file was read."""

    @property
    def findings(self) -> tuple[str, ...]:
        """What had to be left out or was unusual, in words."""
        not_told = (f"not in the transcript: {what}" for what in self.missing)
        return (*map(str, self.report.dropped), *map(str, self.report.notes), *not_told)

    def render(self, format_name: str) -> Iterator[str]:
        """Return the pieces of the chat as a document of that format.

        Raises:
            InvalidInputError: there is no such format.
            ChatcaskError: a library that the format needs is not installed.
        """
        return renderer(format_name)(self.chat)

    def blocks(self) -> Iterator[Description]:
        """Yield the chat as described pieces, for whoever lays it out."""
        return blocks(self.chat)

    def as_document(self) -> dict[str, Any]:
        """Return the chat as the JSON format has it, as one value."""
        from chatcask.chats.render.json_ import chat_object, turn_object  # noqa: PLC0415

        return {**chat_object(self.chat), "turns": [turn_object(turn) for turn in self.chat.turns]}


def read_chat(catalog: Catalog, file: ChatFile) -> ReadableChat:
    """Read a chat whole.

    Raises:
        DamagedError: its bytes cannot be read from the store.
        ChatcaskError: there is no chat in them.
    """
    parsed = catalog.parse(file)
    if parsed.chat is None:
        raise ChatcaskError(
            f"there is no chat in {file.path}: {parsed.report.reason}",
            advice=Advice(AdviceCode.OTHER_VERSIONS_OR_RAW, session=file.session),
        )
    return ReadableChat(parsed.chat, parsed.state, parsed.report)


def with_branches(catalog: Catalog, file: ChatFile, chat: ReadableChat) -> ReadableChat:
    """Return a chat that was read with the turns that its log still holds and the editor shows no more.

    Raises:
        DamagedError: its bytes cannot be read from the store.
    """
    return _with_turns(chat, with_cut_turns(chat.chat.turns, catalog.cut_turns(file)))


def read_chat_or_transcript(
    catalog: Catalog, repository: Repository, stored: StoredSnapshot, file: ChatFile
) -> ReadableChat:
    """Read a chat whole; where its file holds no turn, as the Copilot extension's transcript tells it.

    Raises:
        DamagedError: its bytes cannot be read from the store.
        ChatcaskError: there is no chat in them, and no transcript of it in the snapshot.
    """
    try:
        chat = read_chat(catalog, file)
    except DamagedError:
        raise
    except ChatcaskError:
        told = _transcript(repository, stored, file)
        if told is None:
            raise
        return told
    return chat if chat.chat.turns else _transcript(repository, stored, file) or chat


def _transcript(repository: Repository, stored: StoredSnapshot, file: ChatFile) -> ReadableChat | None:
    assistant = assistant_of(file.source)
    path = assistant.transcript_path(file.workspace, file.session)
    if not path:
        return None
    try:
        entry = repository.entry(stored.snapshot.root, f"{file.source}/{path}")
    except NotFoundError:
        return None
    data = repository.reader.read_all(entry.content, entry.size)
    told = assistant.read_transcript(data, file.session)
    if told.chat is None:
        return None
    report = Report(size=entry.size, lines=0, opens=False, has_header=True)
    return ReadableChat(told.chat, ParseState.SALVAGED, report, told.missing)


def with_pasted_images(
    repository: Repository, stored: StoredSnapshot, file: ChatFile, chat: ReadableChat, monitor: Monitor
) -> ReadableChat:
    """Return the chat with images that it only refers to put into it, where the snapshot has them.

    The editor keeps pasted images as files beside the chats and removes them after a week. An image that
    cannot be read from the store is reported and stays a reference.
    """
    assistant = assistant_of(file.source)

    def with_image(item: Attachment) -> Attachment:
        below = assistant.image_path(item) if item.base64 is None else ""
        if not below:
            return item
        path = f"{file.source}/{below}"
        try:
            data = _image(repository, stored, path)
        except DamagedError as error:
            monitor.problem(Problem(path, "damaged", error.message, stored.reference.id))
            return item
        return item if data is None else replace(item, base64=b64encode(data).decode("ascii"))

    turns = (replace(turn, attachments=tuple(map(with_image, turn.attachments))) for turn in chat.chat.turns)
    return _with_turns(chat, tuple(turns))


def _with_turns(chat: ReadableChat, turns: tuple[Turn, ...]) -> ReadableChat:
    return replace(chat, chat=replace(chat.chat, turns=turns))


def _image(repository: Repository, stored: StoredSnapshot, path: str) -> bytes | None:
    try:
        entry = repository.entry(stored.snapshot.root, path)
    except NotFoundError:
        return None
    return repository.reader.read_all(entry.content, entry.size) if 0 < entry.size <= _LARGEST_IMAGE else None
