"""Keep every chat a person had with their code editor: snapshot, compare, restore."""

from __future__ import annotations

from chatcask._version import __version__

__all__ = ["__version__"]
