"""Find, list, read and compare chats and files of snapshots."""

from __future__ import annotations

from chatcask.assistants.vscode.chat_list.read import ChatIndex as ChatIndex
from chatcask.assistants.vscode.chat_list.read import IndexEntry as IndexEntry
from chatcask.assistants.vscode.reading.outline import Outline as Outline
from chatcask.catalog.chat_file import ChatFile as ChatFile
from chatcask.catalog.chat_file import HeldVersion as HeldVersion
from chatcask.catalog.chat_file import WorkspaceChange as WorkspaceChange
from chatcask.ops.browse.diff_chats import ChatChange as ChatChange
from chatcask.ops.browse.diff_chats import ChatChangeKind as ChatChangeKind
from chatcask.ops.browse.diff_chats import ChatSide as ChatSide
from chatcask.ops.browse.diff_chats import TurnDelta as TurnDelta
from chatcask.ops.browse.diff_chats import TurnText as TurnText
from chatcask.ops.browse.diff_chats import diff_chats as diff_chats
from chatcask.ops.browse.diff_chats import turn_texts as turn_texts
from chatcask.ops.browse.diff_files import ChangeKind as ChangeKind
from chatcask.ops.browse.diff_files import FileChange as FileChange
from chatcask.ops.browse.diff_files import diff_trees as diff_trees
from chatcask.ops.browse.find_chat import FoundChat as FoundChat
from chatcask.ops.browse.find_chat import find_chat as find_chat
from chatcask.ops.browse.history import Event as Event
from chatcask.ops.browse.history import Version as Version
from chatcask.ops.browse.history import chat_history as chat_history
from chatcask.ops.browse.list_chats import ChatFilter as ChatFilter
from chatcask.ops.browse.list_chats import ListedChat as ListedChat
from chatcask.ops.browse.list_chats import list_chats as list_chats
from chatcask.ops.browse.list_chats import list_deleted as list_deleted
from chatcask.ops.browse.read_chat import ReadableChat as ReadableChat
from chatcask.ops.browse.read_chat import read_chat as read_chat
from chatcask.ops.browse.read_chat import with_pasted_images as with_pasted_images
from chatcask.ops.browse.related import RelatedChat as RelatedChat
from chatcask.ops.browse.related import find_related as find_related
from chatcask.ops.browse.selection import ChatSelection as ChatSelection
from chatcask.ops.browse.snapshot_folder import SnapshotFolder as SnapshotFolder
from chatcask.ops.browse.snapshot_folder import snapshot_folder as snapshot_folder
from chatcask.ops.browse.versions import StoredVersion as StoredVersion
from chatcask.ops.files.restore_files import RestoredFiles as RestoredFiles
from chatcask.ops.files.restore_files import restore_files as restore_files
