"""Snapshots as values: what a run keeps, what it holds, and how a person names one."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
