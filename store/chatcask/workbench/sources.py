"""Which editors' folders are meant: from names, from what is found, and from what a manifest lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants import known
from chatcask.assistants.base import Source
from chatcask.errors import AmbiguousError, EditorRunningError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from chatcask.assistants.base import Elsewhere, RunningEditor
    from chatcask.monitor import Monitor
    from chatcask.ops.snapshot.capture_sources import Request
    from chatcask.workbench.machine import Machine


_Wanted: TypeAlias = tuple[Source, frozenset[str] | None]
"""A source, and the only workspaces of it that are wanted; None for all."""


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """Which folders somebody names. Without any name it is every editor that is found.

    Attributes:
        folders: User-data folders.
        products: Names of products; beside folders at most one.
        manifest: A file that lists workspaces by their paths.
    """

    folders: Sequence[Path] = ()
    products: Sequence[str] = ()
    manifest: Path | None = None


def editors(machine: Machine) -> list[tuple[Source, RunningEditor | None]]:
    """Return every editor's folder that is meant, and the editor if it runs. No chat file is looked at."""
    return [(source, machine.guard.running(source)) for source in _meant(machine)]


def elsewhere(
    machine: Machine, sources: Iterable[Source], *, of_machine: bool = True
) -> tuple[Elsewhere, ...]:
    """Return the chats that chatcask sees and does not save yet, of those sources whose editor is closed.

    `of_machine` adds those that belong to no editor, unless one runs.
    """
    found: list[Elsewhere] = []
    may_look = of_machine
    for source in sources:
        try:
            machine.guard.require_closed(source)
            found += known.assistant_of(source.id).elsewhere(source, partial(machine.guard.watch, source))
        except EditorRunningError:
            may_look = False
    if may_look:
        for assistant in known.ASSISTANTS:
            found += assistant.elsewhere_on(machine.platform)
    return tuple(found)


def keep_out_of_editors(machine: Machine, path: Path, what: str, sources: Sequence[Source] = ()) -> None:
    """Refuse a path of ours that lies in an editor's folder: one that is found, or one of those given.

    Raises:
        InvalidInputError: it does; `what` names what was to be there.
    """
    known.refuse_inside_editor(path, sources or known.locate(machine.platform), what)


def choose_requests(machine: Machine, choice: SourceChoice, monitor: Monitor) -> list[Request]:
    """Return what to capture, each source once.

    Named folders count alone, and so does a manifest; without either, every editor that is found is
    captured, and the workspaces in the manifest's usual place where no such editor has them.

    Raises:
        NotFoundError: a folder or product does not exist.
        InvalidInputError: the names contradict each other, or the manifest is malformed.
    """
    if choice.folders and len(choice.products) > 1:
        raise InvalidInputError("beside folders at most one product can be named")
    only_listed = choice.manifest is not None and not choice.folders
    sources = [] if only_listed else named_sources(machine, choice)
    wanted = _each_once([*((source, None) for source in sources), *_listed(machine, choice, monitor)])
    from chatcask.ops.snapshot.capture_sources import Request  # noqa: PLC0415 - who only looks for folders takes none

    return [Request(source, workspaces) for source, workspaces in wanted]


def choose_sources(machine: Machine, folder: Path | None, product: str | None) -> list[Source]:
    """Return the editors' folders that are named, or all that are found.

    Raises:
        NotFoundError: a named folder or product does not exist here.
    """
    folders, products = [folder] if folder else [], [product] if product else []
    found = named_sources(machine, SourceChoice(folders, products))
    if product is not None and not found:
        raise NotFoundError(
            f"no folder of {product} was found",
            what="source",
            name=product,
            advice=Advice(AdviceCode.LIST_SOURCES),
        )
    return found


def choose_target(machine: Machine, folder: Path | None, product: str | None, captured: str) -> Source:
    """Return the folder to restore into: the named one, else the one with the id `captured`.

    Raises:
        NotFoundError: it does not exist here.
        AmbiguousError: the named product has several folders here.
    """
    sources = choose_sources(machine, folder, product)
    if folder is None and product is not None and len(sources) > 1:
        raise AmbiguousError(
            f"{product} has {len(sources)} folders here (the chat was captured from {captured}):",
            what="source",
            name=product,
            candidates=tuple(str(source.user_data_dir) for source in sources),
            advice=Advice(AdviceCode.NAME_USER_DATA_DIR),
        ).with_lines(f"{source.id}  {source.user_data_dir}" for source in sources)
    if folder is not None or product is not None:
        return sources[0]
    for source in sources:
        if source.id == captured:
            return source
    known = ", ".join(source.id for source in sources) or "none"
    raise NotFoundError(
        f"the chat is from {captured}, and no such folder was found here (found: {known})",
        what="source",
        name=captured,
        advice=Advice(AdviceCode.NAME_FOLDER_OR_EDITOR),
    )


def named_sources(machine: Machine, choice: SourceChoice) -> list[Source]:
    """Return the folders that a choice names, without its manifest; without names, all that are found.

    Raises:
        NotFoundError: a folder or product does not exist, or a named folder is no editor's.
    """
    platform = machine.platform
    if not choice.folders and not choice.products:
        return _meant(machine)
    if not choice.folders:
        return known.locate(platform, [known.product_named(name) for name in choice.products])
    product = choice.products[0] if choice.products else None
    sources = [known.source_for(folder, product, platform) for folder in choice.folders]
    for source in sources:
        if machine.guard.running(source) is None and not source.user.is_dir():
            inner = source.product.inner_folder
            raise NotFoundError(
                f"{source.user_data_dir} is no editor's folder: it has no folder {inner}",
                what="folder",
                name=str(source.user_data_dir),
                advice=Advice(AdviceCode.NAME_FOLDER_ABOVE_USER),
            )
    return sources


def _meant(machine: Machine) -> list[Source]:
    """Return the folders that are found, without those that are left alone unless they are named."""
    return [
        source for source in known.locate(machine.platform) if not known.is_left_out(source, machine.platform)
    ]


def require_a_closed_one(machine: Machine, requests: Sequence[Request]) -> None:
    """Refuse to go on when the editor of every source runs, so that nothing could be saved.

    Raises:
        EditorRunningError: it does; the error names the first.
    """
    if requests and all(machine.guard.running(request.source) for request in requests):
        machine.guard.require_closed(requests[0].source)


def _listed(machine: Machine, choice: SourceChoice, monitor: Monitor) -> Iterator[_Wanted]:
    if choice.manifest is None and (choice.folders or choice.products):
        return
    for assistant in known.ASSISTANTS:
        yield from assistant.listed_in(choice.manifest, machine.platform, monitor.problem)


def _each_once(found: Iterable[_Wanted]) -> Iterable[_Wanted]:
    """Keep each source once; a whole source includes any part of it."""
    kept: dict[str, _Wanted] = {}
    for source, workspaces in found:
        known = kept.get(source.id)
        if known is None:
            kept[source.id] = source, workspaces
        elif known[1] is not None:
            kept[source.id] = known[0], None if workspaces is None else known[1] | workspaces
    return kept.values()
