"""How many chats lie where chatcask does not save them yet, so that nobody takes them for safe.

Only names and keys are counted, no chat is read. The editor must be closed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask.assistants.base import Elsewhere, ElsewhereKind
from chatcask.assistants.vscode.chat_list.read import read_index
from chatcask.assistants.vscode.places.chat_places import places
from chatcask.assistants.vscode.state.database import StateDatabaseError, database_uri, read_rows
from chatcask.assistants.vscode.state.items import INDEX_KEY

if TYPE_CHECKING:
    from chatcask.assistants.base import Platform, Source

_CURSOR_CHATS = "SELECT count(*) FROM cursorDiskKV WHERE key >= 'composerData:' AND key < 'composerData;'"


def chats_elsewhere(source: Source, watch: Callable[[], None]) -> Iterator[Elsewhere]:
    """Yield what a closed editor keeps elsewhere; `watch` asks the guard before each look at the disk."""
    agents = source.user_data_dir / "agentSessionData"
    database = source.user / "globalStorage" / "state.vscdb"
    external = {key for place in places(source, watch, _ignore) for key in _external(place.database, watch)}
    watch()
    found = (
        Elsewhere(source.id, ElsewhereKind.AGENT_HOST, agents, _folders(agents)),
        Elsewhere(source.id, ElsewhereKind.EXTERNAL, source.user, len(external)),
        Elsewhere(source.id, ElsewhereKind.CURSOR, database, _cursor_chats(database)),
    )
    yield from (each for each in found if each.chats)


def copilot_sessions(platform: Platform) -> Iterator[Elsewhere]:
    """Yield the sessions of Copilot's command line, which may be shown in an editor's list."""
    environment = platform.environment
    state = environment.get("XDG_STATE_HOME")
    usual = Path(state) / ".copilot" if state else platform.home / ".copilot"
    root = Path(environment["COPILOT_HOME"]) if environment.get("COPILOT_HOME") else usual
    for folder in (root / "session-state", root / "history-session-state"):
        count = _folders(folder)
        if count:
            yield Elsewhere("", ElsewhereKind.COPILOT_CLI, folder, count)


def _ignore(_: object) -> None:
    """Take a problem that whoever saves the chats reports."""


def _external(database: Path, watch: Callable[[], None]) -> Iterator[str]:
    watch()
    try:
        value = dict(read_rows(database, (INDEX_KEY,))).get(INDEX_KEY)
    except (StateDatabaseError, OSError):
        return
    index = read_index(value.decode("utf-8", "replace")) if value else None
    yield from (entry.key for entry in index.entries if entry.is_external) if index else ()


def _folders(path: Path) -> int:
    """Return how many things lie in a folder; 0 if it is not there."""
    try:
        with os.scandir(path) as entries:
            return sum(not entry.name.startswith(".") for entry in entries)
    except OSError:
        return 0


def _cursor_chats(database: Path) -> int:
    if not database.is_file():
        return 0
    uri = database_uri(str(database), windows=os.name == "nt") + "?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return int(connection.execute(_CURSOR_CHATS).fetchone()[0])
    except sqlite3.Error:
        return 0  # there is no such table, or it cannot be read
