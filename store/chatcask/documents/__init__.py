"""What each command tells a program: the shapes of its JSON as typed values, one document a command."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
