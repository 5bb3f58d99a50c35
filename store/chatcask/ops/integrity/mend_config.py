"""Make a new `config` for a store whose own is damaged or gone (docs/format.md section 13)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from chatcask.errors import DamagedError, ObjectNotFoundError, UnsupportedFormatError
from chatcask.format.binary import PREFIX_SIZE, require_known_version
from chatcask.format.config import (
    BlockParameters,
    ChunkerParameters,
    Config,
    decode_config,
    encode_config,
    is_store_id,
)
from chatcask.ids import object_name
from chatcask.repository.keys import CONFIG, INDEXES, PACKS, SNAPSHOTS, replaced_key
from chatcask.repository.objects import read_object
from chatcask.transport.base import Transport


@dataclass(frozen=True, slots=True)
class ConfigPlan:
    """A new `config` for a store that cannot be opened.

    Attributes:
        reason: What was wrong with the old one, in words.
        config: The new one.
        damaged: The bytes of the old one, which are kept; None if it was gone.
    """

    reason: str
    config: Config
    damaged: bytes | None


def plan_config(transport: Transport, fresh: Config) -> ConfigPlan | None:
    """Plan to replace a damaged or missing `config`; return None if there is nothing to do.

    Args:
        transport: The store. Without packs and snapshots it is no store, and nothing is done.
        fresh: A config with a new id and default parameters, for what the old one does not tell.

    Raises:
        UnsupportedFormatError: the config, or an object of the store, is of a newer format.
        TransportError: the store cannot be read.
    """
    try:
        data = transport.get(CONFIG)
    except ObjectNotFoundError:
        if not any(True for prefix in (PACKS, SNAPSHOTS) for _ in transport.list(prefix)):
            return None  # opening it will say that there is no store
        plan = ConfigPlan("it was gone", fresh, None)
    else:
        try:
            decode_config(data)
        except DamagedError as error:
            plan = ConfigPlan(error.message, _salvage(data, fresh), data)
        else:
            return None
    _require_this_format(transport)
    return plan


def apply_config(transport: Transport, plan: ConfigPlan) -> None:
    """Put the new config, and keep the bytes of the old one.

    Raises:
        ObjectExistsError: another process has put one where there was none.
        TransportError: the store cannot be written.
    """
    if plan.damaged is None:
        transport.put_new(CONFIG, encode_config(plan.config))
        return
    transport.put(replaced_key(object_name(plan.damaged)), plan.damaged)
    transport.put(CONFIG, encode_config(plan.config))


def _require_this_format(transport: Transport) -> None:
    """Refuse to make a config of this format beside objects of a newer one."""
    for prefix in (SNAPSHOTS, INDEXES):
        for info in transport.list(prefix):
            try:
                require_known_version(transport.get(info.key, 0, PREFIX_SIZE), info.key)
            except UnsupportedFormatError:
                with suppress(DamagedError):
                    read_object(transport, info.key)
                    raise


def _salvage(data: bytes, fresh: Config) -> Config:
    """Return a config with every value that the damaged one still tells plausibly."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return fresh
    if not isinstance(document, dict):
        return fresh
    store_id, created_at = document.get("store_id"), document.get("created_at")
    chunker = _numbers(ChunkerParameters(), document.get("chunker"))
    blocks = _numbers(BlockParameters(), document.get("blocks"))
    return replace(
        fresh,
        store_id=store_id if isinstance(store_id, str) and is_store_id(store_id) else fresh.store_id,
        created_at=created_at if isinstance(created_at, str) else fresh.created_at,
        chunker=chunker if chunker.are_possible else fresh.chunker,
        blocks=blocks if blocks.are_possible else fresh.blocks,
    )


P = TypeVar("P", ChunkerParameters, BlockParameters)


def _numbers(default: P, values: object) -> P:
    """Return the parameters with each value that is a number."""
    if not isinstance(values, Mapping):
        return default
    found: dict[str, Any] = {}
    for field in fields(default):
        value = values.get(field.name)
        if isinstance(value, int) and not isinstance(value, bool):
            found[field.name] = value
    return replace(default, **found)
