"""Jobs that the system starts by itself: what they are made of, one at a time, what came of each run."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
