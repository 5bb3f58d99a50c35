"""Chats of which a snapshot holds nothing but a transcript that something else kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chatcask.assistants.assistant import Assistant
from chatcask.assistants.groups import group_trees, read_group, transcripts
from chatcask.assistants.known import owner
from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.summary import summarize
from chatcask.errors import DamagedError
from chatcask.format.tree import Content, Entry
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.list_chats import ChatFilter
from chatcask.ops.browse.listed_titles import listed_title
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot


def only_transcripts(
    catalog: Catalog, repository: Repository, stored: StoredSnapshot, wanted: ChatFilter, monitor: Monitor
) -> Iterator[StoredVersion]:
    """Yield the chats of which only a transcript with a turn is left; each as the file that it would have.

    What cannot be read from the store is reported and left out.
    """
    with_file = {file.session for file in catalog.files(stored.snapshot.root)}
    for assistant, file in _transcripts(repository, stored, with_file, monitor):
        if not wanted.admits_place(file):
            continue
        try:
            data = repository.reader.read_all(file.content)
        except DamagedError as error:
            monitor.problem(Problem(file.path, "damaged", error.message, stored.reference.id))
            continue
        summary = summarize(assistant.read_transcript(data, file.session).as_parsed(data), file.session)
        if summary.turn_count and wanted.admits_time(summary):
            title = listed_title(catalog, stored.snapshot.root, file) or summary.title
            summary = replace(summary, title=title)
            yield StoredVersion(stored, file, summary, is_transcript=True)


def _transcripts(
    repository: Repository, stored: StoredSnapshot, with_file: set[str], monitor: Monitor
) -> Iterator[tuple[Assistant, ChatFile]]:
    def tree(content: Content, path: str) -> tuple[Entry, ...]:
        try:
            return repository.tree(content)
        except DamagedError as error:
            monitor.problem(Problem(path, "damaged", error.message, stored.reference.id))
            return ()

    for source in tree(stored.snapshot.root, ""):
        assistant = owner(source.name)
        if assistant is None:
            continue
        layout = assistant.layout
        for group, _, content in group_trees(layout, source.content, tree):
            for session, entry in transcripts(layout, content, tree):
                if session not in with_file:
                    description = read_group(layout, content, tree).workspace_file
                    folder = _folder(repository, assistant, description)
                    about = (entry.name, entry.content, entry.size, entry.mtime_ns, folder)
                    yield assistant, ChatFile(source.name, group, session, *about)


def _folder(repository: Repository, assistant: Assistant, description: Content) -> str:
    try:
        return assistant.folder_uri(repository.reader.read_all(description))
    except DamagedError:
        return ""
