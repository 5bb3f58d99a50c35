"""What the commands that change an editor's folder share: the context, the target folder, the question."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chatcask import (
    EditContext,
    MachineGuard,
    NullMonitor,
    Request,
    SnapshotOptions,
    locate,
    product_named,
    refuse_inside_editor,
    source_for,
    take_snapshot,
)
from chatcask.errors import ChatcaskError, InvalidInputError, NotFoundError
from chatcask_cli.shell import environment
from chatcask_cli.shell.advice import hinted

if TYPE_CHECKING:
    from chatcask import Guard, Monitor, Platform, Repository, SnapshotReference, Source
    from chatcask_cli.shell.options import Run


def edit_context(
    repository: Repository, platform: Platform, monitor: Monitor, guard: Guard | None = None
) -> EditContext:
    """Return what the library needs to change an editor's folder on this machine."""
    watching = MachineGuard(platform) if guard is None else guard

    def save(source: Source, tag: str) -> SnapshotReference:
        result = take_snapshot(
            repository,
            [Request(source)],
            SnapshotOptions(tags=(tag,)),
            identity=environment.identity(),
            guard=watching,
            clock=environment.utc_now,
            monitor=NullMonitor(),
        )
        if result.reference is None:
            raise hinted(ChatcaskError("no safety snapshot could be taken"), "nothing was changed")
        return result.reference

    return EditContext(
        repository=repository,
        guard=watching,
        clock=environment.utc_now,
        origin=environment.origin(),
        save=save,
        monitor=monitor,
    )


def named_sources(platform: Platform, user_data_dir: Path | None, product: str | None) -> list[Source]:
    """Return the editors' folders that options name, or all that are found.

    Raises:
        NotFoundError: a named folder or product does not exist here.
    """
    if user_data_dir is not None:
        return [source_for(user_data_dir, product, platform)]
    if product is None:
        return locate(platform)
    found = locate(platform, [product_named(product)])
    if not found:
        raise hinted(
            NotFoundError(f"no folder of {product} was found", what="source", name=product),
            "'chatcask sources' lists those that are; name one with --user-data-dir",
        )
    return found


def target_source(
    platform: Platform, user_data_dir: Path | None, product: str | None, captured: str
) -> Source:
    """Return the folder to restore into: the named one, else the one the chat was captured from.

    Raises:
        NotFoundError: it does not exist here.
    """
    sources = named_sources(platform, user_data_dir, product)
    if user_data_dir is not None or product is not None:
        return next((source for source in sources if source.id == product), sources[0])
    for source in sources:
        if source.id == captured:
            return source
    known = ", ".join(source.id for source in sources) or "none"
    raise hinted(
        NotFoundError(
            f"the chat is from {captured}, and no such folder was found here (found: {known})",
            what="source",
            name=captured,
        ),
        "name the folder with --user-data-dir, or another editor with --product",
    )


def refuse_store_inside(run: Run, source: Source) -> None:
    """Refuse a store that lies in the folder that is about to change."""
    refuse_inside_editor(run.store_path(), [source], "the store")


def require_yes(run: Run, question: str, *, yes: bool) -> bool:
    """Return whether to go on: `--yes`, or the answer of a person at a terminal.

    Raises:
        InvalidInputError: nobody can answer.
    """
    if yes:
        return True
    if run.output.as_json or not sys.stdin.isatty():
        raise hinted(
            InvalidInputError("this asks before it changes anything, and there is no terminal to ask on"),
            "add --yes to go on without the question",
        )
    return typer.confirm(question, default=False, err=True)
