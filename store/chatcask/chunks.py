"""Chunks in and out of a store, and where they lie: for programs that walk content themselves."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
