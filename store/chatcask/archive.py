"""Chats as documents in a folder: exported once, or kept up to date."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
