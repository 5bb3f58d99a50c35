"""The application that every face shares: one store and one machine, and each command as a method."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
