"""Where to put a chat back: its own workspace, or the one that its folder has now.

A folder that was moved, renamed or cloned again has a new workspace id, and the editor shows the chats of
that one only (microsoft/vscode workspaces.ts). So a chat is never put where it would not be seen without
saying so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import NO_WORKSPACE, Family
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.places.snapshot_paths import OLD_EMPTY_WINDOW
from chatcask.assistants.vscode.places.workspace_ids import path_of_uri, same_folder, uri_of_folder
from chatcask.errors import AmbiguousError, NotFoundError
from chatcask.ops.editing.successors import Origin, Successors, current_place, newest_first, successors_of

_SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class ChosenPlace:
    """The place that was chosen, and what the user should know about it."""

    place: Place
    notes: tuple[str, ...] = ()


def choose_place(places: Sequence[Place], origin: Origin, wanted: str | None, family: Family) -> ChosenPlace:
    """Return the place for a chat.

    Args:
        places: The places of the target.
        origin: Where the chat was.
        wanted: What the user named: an id or its beginning, a folder, a URI, or `empty-window`. None: where
            the chat was, if it is shown there.
        family: The kind of operating system.

    Raises:
        NotFoundError: there is no such place; the message lists the candidates.
        AmbiguousError: the chat would not be shown where it was; the message lists where it would be.
    """
    if wanted is not None:
        return _named(places, wanted, family)
    if origin.workspace in (NO_WORKSPACE, OLD_EMPTY_WINDOW):
        return ChosenPlace(_only(places, NO_WORKSPACE))
    own = next((place for place in places if place.workspace == origin.workspace), None)
    found = successors_of(places, origin, family)
    successors = list(found.places)
    if found.folder_now is not None and not successors:
        raise _not_opened_yet(found.folder_now, origin)
    if own is None:
        return _instead(found, origin, family)
    if successors:
        raise AmbiguousError(
            f"the workspace {own.workspace} is no longer the one of {own.name}:",
            what="workspace",
            name=own.workspace,
            candidates=tuple(place.workspace for place in (own, *successors)),
            advice=Advice(
                AdviceCode.NAME_EITHER_WORKSPACE, workspace=successors[0].workspace, old=own.workspace
            ),
        ).with_lines(_lines([own, *successors]))
    path = path_of_uri(own.folder, family)
    if path is not None and not Path(path).is_dir():
        return ChosenPlace(own, (f"{path} is not there now; the editor shows the chat when it is opened",))
    return ChosenPlace(own)


def _named(places: Sequence[Place], wanted: str, family: Family) -> ChosenPlace:
    if wanted == NO_WORKSPACE:
        return ChosenPlace(_only(places, NO_WORKSPACE))
    by_id = [place for place in places if place.workspace == wanted]
    if not by_id and len(wanted) >= _SHORTEST_PREFIX:
        by_id = [place for place in places if place.workspace.startswith(wanted)]
    if len(by_id) == 1:
        return ChosenPlace(by_id[0])
    if by_id:
        raise AmbiguousError(
            f"{wanted} is the beginning of {len(by_id)} workspaces:",
            what="workspace",
            name=wanted,
            candidates=tuple(place.workspace for place in by_id),
        ).with_lines(_lines(by_id))
    return _by_folder(places, wanted, family)


def _by_folder(places: Sequence[Place], wanted: str, family: Family) -> ChosenPlace:
    uri = wanted if "://" in wanted else uri_of_folder(str(Path(wanted).absolute()), family)
    found = newest_first(place for place in places if same_folder(place.folder, uri, family))
    if not found:
        raise NotFoundError(
            f"no workspace belongs to {wanted}",
            what="workspace",
            name=wanted,
            advice=Advice(AdviceCode.OPEN_THAT_FOLDER),
        )
    best = current_place(found, uri, family) or found[0]
    others = [place for place in found if place is not best]
    if not others:
        return ChosenPlace(best)
    listed = "; ".join(_lines(found))
    return ChosenPlace(best, (f"{wanted} has {len(found)} workspaces; the newest is used: {listed}",))


def _not_opened_yet(folder: Path, origin: Origin) -> NotFoundError:
    return NotFoundError(
        f"{unquote(origin.folder)} is now {folder}, which the editor has not opened yet; the chat would not"
        " be seen where it was",
        what="workspace",
        name=origin.workspace,
        advice=Advice(AdviceCode.OPEN_RENAMED_FOLDER, folder=str(folder), old=origin.workspace),
    )


def _instead(found: Successors, origin: Origin, family: Family) -> ChosenPlace:
    """Return the place that has taken over from one that is gone."""
    what = unquote(origin.folder) or origin.workspace
    successors = list(found.places)
    if found.is_certain and found.folder_now is not None and successors:
        return ChosenPlace(successors[0], (f"{what} was renamed; {found.evidence}; the chat goes there",))
    same = [place for place in successors if same_folder(place.folder, origin.folder, family)]
    if same:
        note = f"{what} has a new workspace id, {same[0].workspace}; the chat goes there"
        return ChosenPlace(same[0], (note,))
    if not successors:
        raise NotFoundError(
            f"the workspace {origin.workspace} of {what} is not in the editor's folder",
            what="workspace",
            name=origin.workspace,
            advice=Advice(AdviceCode.OPEN_FOLDER_AND_NAME_IT),
        )
    raise NotFoundError(
        f"the workspace {origin.workspace} of {what} is gone; it may now be one of these:",
        what="workspace",
        name=origin.workspace,
        advice=Advice(AdviceCode.NAME_SUCCESSOR, workspace=successors[0].workspace),
    ).with_lines(_lines(successors))


def _only(places: Iterable[Place], workspace: str) -> Place:
    for place in places:
        if place.workspace == workspace:
            return place
    raise NotFoundError(
        "the editor has no folder for windows without a folder yet",
        what="workspace",
        name=workspace,
        advice=Advice(AdviceCode.OPEN_EMPTY_WINDOW),
    )


def _lines(places: Sequence[Place]) -> list[str]:
    """Return the candidates, a line each, with the newest marked."""
    newest = newest_first(places)[0]
    return [_line(place, "  (newest)" if place is newest else "") for place in places]


def _line(place: Place, mark: str) -> str:
    made = f"made {_date(place.made_ns)}, last used {_date(place.used_ns)}"
    return f"{place.workspace}  {unquote(place.folder)}  {made}{mark}"


def _date(nanoseconds: int) -> str:
    if not nanoseconds:
        return "never"
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")
