"""The made-up editor's folder with a project that is on this disk, so that its workspace has a true id."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from chatcask.assistants.vscode.places.workspace_ids import folder_id, uri_of_folder
from support.restore_world import RestoreWorld, Subject


class ProjectWorld(RestoreWorld):
    """A folder whose lighthouse workspace belongs to `project`."""

    def __init__(self, folder: Path, template: RestoreWorld) -> None:
        super().__init__(folder, template)
        self.storages = self.user_data_dir / "User" / "workspaceStorage"
        self.project = folder / "projects" / "beacon"
        self.project.mkdir(parents=True)
        made_up = self.storage(self.subject("retry"))
        self.workspace = str(folder_id(self.project, "linux"))
        made_up.rename(self.storages / self.workspace)
        self._describe(self.workspace, self.project)

    def open(self, project: Path) -> str:
        """Let the editor open a folder, which makes its workspace; return the id."""
        workspace = str(folder_id(project, "linux"))
        (self.storages / workspace).mkdir()
        self._describe(workspace, project)
        with closing(sqlite3.connect(self.storages / workspace / "state.vscdb")) as database, database:
            database.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        return workspace

    def clone_again(self) -> str:
        """Put another folder at the project's path and open it; return the id."""
        other = self.project.with_name("cloned")
        other.mkdir()  # while the old one is there, so that it gets another inode
        shutil.rmtree(self.project)
        other.rename(self.project)
        return self.open(self.project)

    def close_cleanly(self, subject: Subject) -> None:
        """Let the backup be what the database is, as the editor does when it is closed."""
        database = self.storage(subject) / "state.vscdb"
        shutil.copyfile(database, database.with_name("state.vscdb.backup"))

    def start_editor(self) -> None:
        """Let the editor put its backup in the place of a database that is none (storage.ts)."""
        for database in self.storages.glob("*/state.vscdb"):
            if not database.read_bytes().startswith(b"SQLite format 3\0"):
                database.with_name("state.vscdb.backup").rename(database)

    def write_transcript(self, subject: Subject, data: bytes) -> None:
        """Write what the Copilot extension keeps of a chat."""
        path = self.storage(subject) / "GitHub.copilot-chat" / "transcripts" / f"{subject.session}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def _describe(self, workspace: str, project: Path) -> None:
        text = json.dumps({"folder": uri_of_folder(str(project), "linux")})
        (self.storages / workspace / "workspace.json").write_text(text)
