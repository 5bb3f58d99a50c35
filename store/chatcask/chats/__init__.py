"""The neutral chat: values, identity, comparison, readable text. Pure; knows no assistant, file or store."""

from __future__ import annotations

from chatcask import public_names

__getattr__ = public_names(__name__, __loader__, __file__)
