"""Bytes of a chat file to a chat, over all forms and any damage."""
