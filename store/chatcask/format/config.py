"""The `config` object: which format a store has, and how its writers cut and compress."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from blake3 import blake3

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import DamagedError, InvalidInputError, UnsupportedFormatError

FORMAT = 1
KNOWN_FEATURES: frozenset[str] = frozenset()
_STORE_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ChunkerParameters:
    """Sizes in bytes of FastCDC 2020 chunks; `average` is the algorithm's parameter, not the mean."""

    minimum: int = 4 * 1024
    average: int = 16 * 1024
    maximum: int = 128 * 1024
    normalization: int = 1

    @property
    def are_possible(self) -> bool:
        """Tell whether files can be cut with these, in memory that any machine has."""
        return (
            64 <= self.minimum <= 1 << 20
            and 256 <= self.average <= 4 << 20
            and 1024 <= self.maximum <= 16 << 20
            and self.minimum < self.average < self.maximum
            and 0 <= self.normalization <= 3
        )


@dataclass(frozen=True, slots=True)
class BlockParameters:
    """Raw bytes a block aims at, and the zstd level it is compressed with."""

    size: int = 8 * 1024 * 1024
    level: int = 3

    @property
    def are_possible(self) -> bool:
        """Tell whether blocks can be made with these, in memory that any machine has."""
        return 1 <= self.size <= 64 << 20 and 0 <= self.level <= 19


@dataclass(frozen=True, slots=True)
class Config:
    """One store's identity and parameters; never changes after `init`."""

    store_id: str
    created_at: str
    chunker: ChunkerParameters = field(default_factory=ChunkerParameters)
    blocks: BlockParameters = field(default_factory=BlockParameters)


def encode_config(config: Config) -> bytes:
    """Return the bytes of the `config` object.

    Raises:
        InvalidInputError: no program would read it.
    """
    if (fault := _fault(config)) is not None:
        raise InvalidInputError(f"config would have {fault}", what="config")
    document: dict[str, Any] = {
        "format": FORMAT,
        "store_id": config.store_id,
        "created_at": config.created_at,
        "chunker": {
            "algorithm": "fastcdc-2020",
            "minimum": config.chunker.minimum,
            "average": config.chunker.average,
            "maximum": config.chunker.maximum,
            "normalization": config.chunker.normalization,
        },
        "blocks": {"size": config.blocks.size, "codec": "zstd", "level": config.blocks.level},
        "features": [],
    }
    document["checksum"] = _checksum(document)
    return json.dumps(document, indent=2).encode() + b"\n"


def is_store_id(text: str) -> bool:
    """Tell whether a text is a store's id: 32 hex digits, so that it is safe as a part of a file's name."""
    return _STORE_ID.fullmatch(text) is not None


def decode_config(data: bytes) -> Config:
    """Return the value of a `config` object.

    Raises:
        DamagedError: it is cut short or changed, or holds what no writer of ours can have written.
        UnsupportedFormatError: the store needs a newer program.
    """
    document = _parse(data)
    number = document.get("format")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise DamagedError("config has no format number")
    if number > FORMAT:
        raise UnsupportedFormatError(
            f"the store has format {number}; this program reads formats up to {FORMAT}",
            advice=Advice(AdviceCode.INSTALL_FOR_FORMAT, number=number),
        )
    if document.pop("checksum", None) != _checksum(document):
        raise DamagedError("config was changed: its checksum does not match")
    try:
        _refuse_unknown_features(document["features"])
        chunker, blocks = document["chunker"], document["blocks"]
        config = Config(
            store_id=_text(document["store_id"]),
            created_at=_text(document["created_at"]),
            chunker=ChunkerParameters(
                *(_number(chunker[name]) for name in ("minimum", "average", "maximum", "normalization"))
            ),
            blocks=BlockParameters(_number(blocks["size"]), _number(blocks["level"])),
        )
    except (KeyError, TypeError) as error:
        raise DamagedError(f"config lacks something: {error}") from error
    if (fault := _fault(config)) is not None:
        raise DamagedError(f"config has {fault}")
    return config


def _fault(config: Config) -> str | None:
    """Say what about a config cannot be; None if nothing."""
    if not is_store_id(config.store_id):
        return f"an impossible store_id: {config.store_id[:64]!r}"
    if not config.chunker.are_possible:
        return f"impossible sizes for chunks: {config.chunker}"
    if not config.blocks.are_possible:
        return f"impossible values for blocks: {config.blocks}"
    return None


def _refuse_unknown_features(features: list[str]) -> None:
    unknown = set(features) - KNOWN_FEATURES
    if unknown:
        raise UnsupportedFormatError(
            f"the store uses features this program lacks: {', '.join(sorted(unknown))}",
            advice=Advice(AdviceCode.INSTALL_NEWER),
        )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r} is not a size")
    return value


def _parse(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"config is cut short or changed: {error}") from error
    if not isinstance(document, dict):
        raise DamagedError("config is not a JSON object")
    return document


def _checksum(document: dict[str, Any]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return blake3(canonical.encode()).hexdigest()
