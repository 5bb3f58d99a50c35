"""Make a store, with the id and time that only the edge can know."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chatcask import Config, Repository
from chatcask_cli.shell import environment
from chatcask_cli.shell.output import time_json

if TYPE_CHECKING:
    from chatcask import Transport


def create_store(transport: Transport) -> Config:
    """Make an empty store.

    Raises:
        StoreExistsError: there is one.
    """
    config = new_config()
    Repository.create(transport, config)
    return config


def new_config() -> Config:
    """Return parameters for a new store."""
    return Config(store_id=os.urandom(16).hex(), created_at=time_json(environment.utc_now()))
