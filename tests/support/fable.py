"""A second assistant, fictional: it keeps each chat as lines of plain text, in folders of tales.

`~/.fable/tales/<tale>/<id>.tale` holds `title: ...`, then `> prompt` and `< answer` lines; `notes/*.txt`
beside them are read by nobody. It has no list of its own, and is never written to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatcask.assistants import known
from chatcask.assistants.assistant import Assistant
from chatcask.assistants.base import (
    FoundFile,
    FoundFolder,
    Guard,
    Item,
    Layout,
    Platform,
    Product,
    Report,
    RunningEditor,
    Source,
)
from chatcask.chats.chat_path import ChatPath, Role
from chatcask.chats.model import Chat, MarkdownPart, Turn, TurnState
from chatcask.chats.parsed import ParsedChat, ParseState
from chatcask.chats.parsed import Report as Findings
from chatcask.errors import EditorRunningError

PRODUCT = Product("fable", "Fable", "desktop", (".fable",), inner_folder="tales")
LAYOUT = Layout(workspaces="tales", chats="chats", suffixes=(".tale",))


def tale(*turns: str, title: str = "A tale") -> bytes:
    """Return the file of a chat with these prompts, each answered."""
    return f"title: {title}\n".encode() + b"".join(
        f"> {turn}\n< so it was: {turn}\n".encode() for turn in turns
    )


class FableGuard:
    """Fable runs while there is a file `running`."""

    def running(self, source: Source) -> RunningEditor | None:
        if not (source.user_data_dir / "running").exists():
            return None
        return RunningEditor(source.product, source.user_data_dir, "lock", None, "Fable runs")

    def require_closed(self, source: Source) -> None:
        if found := self.running(source):
            raise EditorRunningError(
                found.description,
                product=found.product.name,
                user_data_dir=found.user_data_dir,
                reason=found.reason,
                pid=None,
            )

    def watch(self, source: Source) -> None:
        self.require_closed(source)


class Fable(Assistant):
    """All that chatcask is told of Fable; the rest is what `Assistant` says of one that has nothing more."""

    name = "fable"
    products = (PRODUCT,)
    layout = LAYOUT

    def locate(self, platform: Platform, products: Iterable[Product] | None = None) -> list[Source]:
        folder = platform.home / ".fable"
        return [Source("fable", PRODUCT, folder)] if folder.is_dir() else []

    def source_for(self, folder: Path, product: str | None, platform: Platform) -> Source | None:
        is_own = product == "fable" or folder.name == ".fable"
        return Source("fable", PRODUCT, folder) if is_own else None

    def guard(self, platform: Platform) -> Guard:
        return FableGuard()

    def items(
        self,
        source: Source,
        report: Report,
        *,
        only_workspaces: frozenset[str] | None = None,
        passed_over: Callable[[str], None] = lambda _: None,
    ) -> FoundFolder:
        def listed(path: Path, items: Callable[[Path], Iterator[Item]]) -> Iterator[Item]:
            for child in sorted(path.iterdir()):
                if child.is_dir() and (only_workspaces is None or child.name in only_workspaces):
                    yield FoundFolder(child.name, lambda child=child: items(child))  # type: ignore[misc]

        tales = FoundFolder("tales", lambda: listed(source.user, _tale))
        return FoundFolder(source.id, lambda: iter((tales,)))

    def chat_path(self, path: str) -> ChatPath:
        match path.split("/"):
            case [source, "tales", group, "chats", name]:
                session = LAYOUT.session_of(name)
                role = Role.ODD if session is None else Role.BODY
                return ChatPath(source, group, session or name.partition(".")[0], role, path)
            case [source, "tales", group, *_]:
                return ChatPath(source, group, "", Role.OTHER, path)
        return ChatPath(path.partition("/")[0], "", "", Role.OTHER, path)

    def parse(self, data: bytes | Iterable[bytes], file_name: str) -> ParsedChat:
        whole = data if isinstance(data, bytes) else b"".join(data)
        lines = whole.decode("utf-8", "replace").splitlines()
        is_one = bool(lines) and lines[0].startswith("title: ")
        findings = Findings(len(whole), len(lines), opens=is_one, has_header=is_one, is_full=is_one)
        if not is_one:
            state = ParseState.UNREADABLE if whole else ParseState.EMPTY
            return ParsedChat(None, state, replace(findings, reason="it has no title"))
        return ParsedChat(_chat(lines, file_name), ParseState.SOUND, findings)


def _tale(folder: Path) -> Iterator[Item]:
    found = [path for path in sorted(folder.iterdir()) if path.is_file()]
    yield FoundFolder("chats", lambda: (_file(path) for path in found))
    if (folder / "notes").is_dir():
        yield FoundFolder("notes", lambda: (_file(path) for path in sorted((folder / "notes").iterdir())))


def _file(path: Path) -> FoundFile:
    status = path.stat()
    return FoundFile(path.name, str(path), status.st_size, status.st_mtime_ns)


def _chat(lines: list[str], file_name: str) -> Chat:
    session = LAYOUT.session_of(file_name.rpartition("/")[2]) or file_name
    turns: list[Turn] = []
    for line in lines[1:]:
        if line.startswith("> "):
            turns.append(_turn(len(turns), line[2:]))
        elif line.startswith("< ") and turns:
            turns[-1] = replace(turns[-1], parts=(MarkdownPart(line[2:], raw=line),))
    title = lines[0].removeprefix("title: ")
    return Chat(
        session_id=session,
        title=title,
        custom_title=title,
        created_ms=None,
        location=None,
        responder="Fable",
        turns=tuple(turns),
        has_pending_edits=False,
        draft="",
        queued=(),
        raw={},
    )


def _turn(number: int, prompt: str) -> Turn:
    return Turn(
        index=number,
        request_id=None,
        response_id=None,
        prompt=prompt,
        attachments=(),
        parts=(),
        references=(),
        state=TurnState.COMPLETE,
        error=None,
        timestamp_ms=None,
        completed_ms=None,
        model=None,
        mode=None,
        agent=None,
        command=None,
        is_hidden=False,
        raw={"prompt": prompt},
    )


def make_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library know Fable for one test."""
    monkeypatch.setattr(known, "ASSISTANTS", (Fable(), *known.ASSISTANTS))
