"""Which sources a snapshot is asked to capture, from options, manifests and what is on the machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chatcask import (
    Request,
    default_manifest,
    locate,
    product_named,
    source_for,
)
from chatcask.errors import InvalidInputError

if TYPE_CHECKING:
    from chatcask import Monitor, Platform, Selection


def choose_requests(
    platform: Platform,
    folders: Sequence[Path],
    products: Sequence[str],
    manifest: Path | None,
    monitor: Monitor,
) -> list[Request]:
    """Return what to capture, each source once.

    Folders named by the user count alone, and so does a manifest; without either, every editor that is found
    is captured, and the workspaces in the manifest's usual place where no such editor has them.

    Raises:
        NotFoundError: a folder or product does not exist.
        InvalidInputError: the options contradict each other, or the manifest is malformed.
    """
    if folders and len(products) > 1:
        raise InvalidInputError("with --user-data-dir name at most one --product")
    if folders:
        product = products[0] if products else None
        requests = [Request(source_for(folder, product, platform)) for folder in folders]
    elif manifest is None:
        wanted = [product_named(name) for name in products] or None
        requests = [Request(source) for source in locate(platform, wanted)]
    else:
        requests = []
    requests += _listed(platform, manifest, monitor, searching=not folders and not products)
    return _each_once(requests)


def _listed(platform: Platform, manifest: Path | None, monitor: Monitor, *, searching: bool) -> list[Request]:
    path = manifest or (default_manifest(platform) if searching else None)
    if path is None:
        return []
    from chatcask import read_manifest, selections  # noqa: PLC0415 - few have a manifest

    parsed = read_manifest(path)
    for problem in parsed.problems:
        monitor.problem(problem)
    found: list[Selection] = selections(parsed, platform, monitor.problem)
    return [Request(selection.source, selection.workspaces) for selection in found]


def _each_once(requests: list[Request]) -> list[Request]:
    """Keep one request per source; a whole source includes any part of it."""
    kept: dict[str, Request] = {}
    for request in requests:
        known = kept.get(request.source.id)
        if known is None or (known.only_workspaces is not None and request.only_workspaces is None):
            kept[request.source.id] = request
        elif known.only_workspaces is not None and request.only_workspaces is not None:
            kept[request.source.id] = Request(request.source, known.only_workspaces | request.only_workspaces)
    return list(kept.values())
