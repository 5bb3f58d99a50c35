"""What stays and what goes: policies, pins and tags, forgetting, pruning, undoing it."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
