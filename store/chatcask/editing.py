"""Change an editor's folder: restore a chat, diagnose and fix, undo.

One shape for each: `plan_restore`, `plan_fix` or `plan_undo` says what would change, and `apply` does it.
"""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
