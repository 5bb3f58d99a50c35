"""Places to keep bytes, all behind one small contract (docs/format.md section 2)."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
