"""Chats as documents in a folder: the archive, single exports."""
