"""Where snapshots have what an editor's folder held: the names of these paths, and their building.

Below a source (docs/format.md, Trees):

    workspaces/<id>/    workspace.json, chatSessions/*, chatEditingSessions/**, transcripts/*.jsonl,
                        state/<key>.json, state-backup/<key>.json
    empty-window/       chatSessions/*, state/<key>.json, state-backup/<key>.json
    images/*            pasted images
    profiles/<id>/      state/<key>.json, state-backup/<key>.json
    transferred/*.json  chats on their way to another window
"""

from __future__ import annotations

from chatcask.assistants.base import Layout

WORKSPACES = "workspaces"
OLD_EMPTY_WINDOW = "no-workspace"
"""The older place of chats of no workspace; it is only read (microsoft/vscode chatSessionStore.ts)."""

WORKSPACE_FILE = "workspace.json"
CHATS = "chatSessions"
EDITS = "chatEditingSessions"
TRANSCRIPTS = "transcripts"
TRANSFERRED = "transferred"
IMAGES = "images"
PROFILES = "profiles"
STATE = "state"
STATE_BACKUP = "state-backup"
OLDER_CHATS = "interactive.sessions.json"
"""The row in which editors before about 1.99 kept all chats of a group."""

CHAT_LIST = "chat.ChatSessionStore.index.json"

LAYOUT = Layout(
    workspaces=WORKSPACES,
    chats=CHATS,
    suffixes=(".jsonl", ".json"),
    workspace_file=WORKSPACE_FILE,
    chat_list=f"{STATE}/{CHAT_LIST}",
    older_chats=f"{STATE}/{OLDER_CHATS}",
    transcripts=TRANSCRIPTS,
)

IMAGE_FOLDER = "vscode-chat-images"
"""Where the editor keeps pasted images (microsoft/vscode chatImageUtils.ts)."""


def group_folder(group: str) -> str:
    """Return the folder of a group of chats, below the source."""
    return LAYOUT.group_path(group)


def chats_folder(group: str) -> str:
    """Return the folder of a group's chats, below the source."""
    return LAYOUT.chats_path(group)


def edits_folder(group: str, session: str) -> str:
    """Return the folder of the edits that a chat made to files, below the source."""
    return f"{group_folder(group)}/{EDITS}/{session}"


def transcript_file(group: str, session: str) -> str:
    """Return the path of the Copilot extension's transcript of a chat, below the source."""
    return f"{group_folder(group)}/{TRANSCRIPTS}/{session}.jsonl"


def image_file(name: str) -> str:
    """Return the path of a pasted image, below the source."""
    return f"{IMAGES}/{name}"
