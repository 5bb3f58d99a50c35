"""Chats as documents in a folder: exported once, or kept up to date."""

from __future__ import annotations

from chatcask.disk.new_file import new_file as new_file
from chatcask.ops.documents.archive import ArchivedChat as ArchivedChat
from chatcask.ops.documents.archive import ArchiveResult as ArchiveResult
from chatcask.ops.documents.archive import Deed as Deed
from chatcask.ops.documents.archive import archive_chats as archive_chats
from chatcask.ops.documents.export import ExportedChats as ExportedChats
from chatcask.ops.documents.export import export_chat as export_chat
from chatcask.ops.documents.export import export_chats as export_chats
from chatcask.ops.documents.export import find_chats as find_chats
