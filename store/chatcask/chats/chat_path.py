"""What a path in a snapshot is to a chat, whatever assistant wrote the file there."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What a file is to the chats of its group."""

    BODY = "body"
    """A chat itself, as its assistant reads it."""
    EDITS = "edits"
    """Edits that a chat made to files."""
    TRANSCRIPT = "transcript"
    """Another record of a chat, kept by somebody else than the one who reads the body."""
    TRANSFER = "transfer"
    """A chat on its way to another window."""
    LIST = "list"
    """The assistant's own list of a group's chats."""
    WORKSPACE = "workspace"
    """What says which folder a group's chats are about."""
    ODD = "odd"
    """A file among bodies whose name no chat can have: it is kept, and no chat is read from it."""
    OTHER = "other"
    """Anything else."""


class Group(NamedTuple):
    """Where files of a snapshot are kept together: a source's id, and a workspace or top folder."""

    source: str
    name: str


class ChatPath(NamedTuple):
    """One path of a root tree.

    Attributes:
        source: The source's id.
        group: The id of the workspace whose chats it is among, or what stands for chats without one; "" if it
            is among none.
        session: The id of the chat that the file belongs to, or "". Of an odd file it is the id that its name
            begins with.
        role: What the file is.
        path: The whole path in the root tree.
    """

    source: str
    group: str
    session: str
    role: Role
    path: str
