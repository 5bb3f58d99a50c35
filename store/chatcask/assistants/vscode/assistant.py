"""VS Code and the editors made from it, as the rest of the house sees them.

A run without changes looks at no chat, so what reads chats is imported by those methods that need it.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from typing import TYPE_CHECKING

from chatcask.assistants.vscode.places.products import PRODUCTS
from chatcask.assistants.vscode.places.snapshot_paths import LAYOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from chatcask.assistants.assistant import Outlines
    from chatcask.assistants.base import Elsewhere, FoundFolder, Guard, Platform, Product, Report, Source
    from chatcask.assistants.editing import Editing
    from chatcask.chats.chat_list import ChatIndex
    from chatcask.chats.chat_path import ChatPath
    from chatcask.chats.model import Attachment, Turn
    from chatcask.chats.parsed import ParsedChat
    from chatcask.chats.transcript import Transcript


class VSCode:
    """The assistant whose chats lie in editors' user-data folders."""

    name = "vscode"
    products = PRODUCTS
    layout = LAYOUT

    @property
    def editing(self) -> Editing:
        """How an editor's folder is changed."""
        from chatcask.assistants.vscode import editing

        return editing

    def locate(self, platform: Platform, products: Iterable[Product] | None = None) -> list[Source]:
        """Return the user-data folders that exist; nothing below them is looked at."""
        from chatcask.assistants.vscode.places.locate import locate

        return locate(platform, products)

    def guard(self, platform: Platform) -> Guard:
        """Return what tells whether the editor that owns a folder runs."""
        from chatcask.assistants.vscode.guard.machine_guard import MachineGuard

        return MachineGuard(platform)

    def items(
        self,
        source: Source,
        report: Report,
        *,
        only_workspaces: frozenset[str] | None = None,
        passed_over: Callable[[str], None] = lambda _: None,
    ) -> FoundFolder:
        """Return what to capture of a source, listed lazily; its editor must be closed."""
        from chatcask.assistants.vscode.places.capture_set import capture_set

        return capture_set(source, report, only_workspaces=only_workspaces, passed_over=passed_over)

    def source_for(self, folder: Path, product: str | None, platform: Platform) -> Source:
        """Return the source that a named folder is: any folder is taken, since an editor can be given any."""
        from chatcask.assistants.vscode.places.locate import source_for

        return source_for(folder, product, platform)

    def listed_in(
        self, manifest: Path | None, platform: Platform, report: Report
    ) -> Iterator[tuple[Source, frozenset[str]]]:
        """Yield the workspaces that a paths-only manifest lists."""
        from chatcask.assistants.vscode.places.locate import default_manifest

        path = manifest or default_manifest(platform)
        if path is None:
            return
        from chatcask.assistants.vscode.places.manifest import read_manifest, selections

        parsed = read_manifest(path)
        for problem in parsed.problems:
            report(problem)
        for selection in selections(parsed, platform, report):
            yield selection.source, selection.workspaces

    def elsewhere(self, source: Source, watch: Callable[[], None]) -> Iterator[Elsewhere]:
        """Yield what a closed editor keeps where chatcask does not save it yet."""
        from chatcask.assistants.vscode.places.elsewhere import chats_elsewhere

        return chats_elsewhere(source, watch)

    def elsewhere_on(self, platform: Platform) -> Iterator[Elsewhere]:
        """Yield the sessions of Copilot's command line, which an editor may list."""
        from chatcask.assistants.vscode.places.elsewhere import copilot_sessions

        return copilot_sessions(platform)

    def marks(self, source: Source, watch: Callable[[], None], report: Report) -> frozenset[str]:
        """Return the ids of a folder's chats, and when its workspaces were made."""
        from chatcask.assistants.vscode.places.folder_marks import marks_on_disk

        return marks_on_disk(source, watch, report)

    def chat_path(self, path: str) -> ChatPath:
        """Return what a path of a root tree is to a chat."""
        from chatcask.assistants.vscode.places.path_roles import read_path

        return read_path(path)

    def listing_group(self, group: str) -> str:
        """Return the group whose list names the chats of a group."""
        from chatcask.assistants.vscode.places.path_roles import listing_group

        return listing_group(group)

    def transcript_path(self, group: str, session: str) -> str:
        """Return where the Copilot extension's record of a chat is, below the source."""
        from chatcask.assistants.vscode.places.snapshot_paths import transcript_file

        return transcript_file(group, session)

    def image_path(self, attachment: Attachment) -> str:
        """Return where a pasted image is that an attachment refers to, below the source; "" for none."""
        from chatcask.assistants.vscode.reading.pasted import image_path

        return image_path(attachment)

    def parse(self, data: bytes | Iterable[bytes], file_name: str) -> ParsedChat:
        """Read a chat from its bytes, given whole or in pieces. Never raises for any bytes."""
        from chatcask.assistants.vscode.reading.parse import parse_chat

        return parse_chat(data, file_name)

    def sessions_in(self, data: bytes) -> tuple[str, ...]:
        """Return the ids of the chats that a row of before 1.99 holds; `parse` reads each by its name."""
        from chatcask.assistants.vscode.reading.older_list import sessions_in

        return sessions_in(data)

    def cut_turns(self, buffers: Iterator[bytes], file_name: str) -> tuple[Turn, ...]:
        """Return the turns of a log that were cut off, as they were then."""
        from chatcask.assistants.vscode.reading.branches import cut_turns

        return cut_turns(buffers) if file_name.lower().endswith(".jsonl") else ()

    def folder_uri(self, data: bytes) -> str:
        """Return the URI of the folder or workspace that a `workspace.json` names; "" if unknown."""
        from chatcask.assistants.vscode.places.workspace_file import folder_uri

        return folder_uri(data)

    def read_list(self, text: str) -> ChatIndex:
        """Read the editor's own list of chats. Never raises for any text."""
        from chatcask.assistants.vscode.chat_list.read import read_index

        return read_index(text)

    def read_transcript(self, data: bytes, session: str) -> Transcript:
        """Read the Copilot extension's record of a chat. Never raises for any bytes."""
        from chatcask.assistants.vscode.reading.transcript import read_transcript

        return read_transcript(data, session)

    @property
    def outlines(self) -> Outlines:
        """How a changed chat is judged from its new bytes."""
        from chatcask.assistants.vscode.reading import outline

        return outline


VSCODE = VSCode()
