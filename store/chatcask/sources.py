"""Editors on this machine: where their folders are, and whether one runs."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
