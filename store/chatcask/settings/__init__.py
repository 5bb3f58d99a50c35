"""What a person settles for all commands: one table of keys, a file's bytes into values, and who said so.

Nothing is looked up here: whoever asks gives the file's bytes, the variables and what a command line said.
"""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
