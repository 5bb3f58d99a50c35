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

WORKSPACES = "workspaces"
NO_WORKSPACE = "empty-window"
"""The group of chats of windows without a folder."""

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

IMAGE_FOLDER = "vscode-chat-images"
"""Where the editor keeps pasted images (microsoft/vscode chatImageUtils.ts)."""


def group_folder(group: str) -> str:
    """Return the folder of a group of chats, below the source."""
    return group if group == NO_WORKSPACE else f"{WORKSPACES}/{group}"


def chats_folder(group: str) -> str:
    """Return the folder of a group's chats, below the source."""
    return f"{group_folder(group)}/{CHATS}"


def edits_folder(group: str, session: str) -> str:
    """Return the folder of the edits that a chat made to files, below the source."""
    return f"{group_folder(group)}/{EDITS}/{session}"


def transcript_file(group: str, session: str) -> str:
    """Return the path of the Copilot extension's transcript of a chat, below the source."""
    return f"{group_folder(group)}/{TRANSCRIPTS}/{session}.jsonl"


def image_file(name: str) -> str:
    """Return the path of a pasted image, below the source."""
    return f"{IMAGES}/{name}"
