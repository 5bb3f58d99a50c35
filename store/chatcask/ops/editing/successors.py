"""Which workspaces took over from one whose folder was renamed, moved or made anew, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from chatcask.assistants.base import NO_WORKSPACE, Family
from chatcask.assistants.editing import Place
from chatcask.assistants.vscode.places.renamed_folders import folder_now
from chatcask.assistants.vscode.places.workspace_ids import folder_id, path_of_uri, same_folder
from chatcask.chats.fields import base_name


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a chat was captured: the workspace's id and the URI of its folder."""

    workspace: str
    folder: str


@dataclass(frozen=True, slots=True)
class Successors:
    """What took over from a workspace.

    Attributes:
        places: The places that did or may have, the likeliest first.
        is_certain: Whether it is proved: by the folder that stands at the path, or by the renamed folder.
        folder_now: Where the renamed folder is; it may have no place yet.
        evidence: What speaks for it, in words.
    """

    places: tuple[Place, ...] = ()
    is_certain: bool = False
    folder_now: Path | None = None
    evidence: str = ""

    @property
    def target(self) -> Place | None:
        """The place that took over, if one certainly did or no other can have."""
        return self.places[0] if self.places and (self.is_certain or len(self.places) == 1) else None


def successors_of(places: Sequence[Place], origin: Origin, family: Family) -> Successors:
    """Return what took over from a workspace; nothing if it is still the one of its folder."""
    own = next((place for place in places if place.workspace == origin.workspace), None)
    others = [p for p in places if p.workspace not in (origin.workspace, NO_WORKSPACE) and p.used_ns]
    same = [p for p in others if same_folder(p.folder, origin.folder, family)]
    current = current_place(same + ([own] if own else []), origin.folder, family)
    if own is not None and current is own:
        return Successors()
    moved = folder_now(origin.workspace, origin.folder, [place.folder for place in places], family)
    if moved is not None:
        there = [place for place in others if place.workspace == folder_id(moved, family)]
        words = f"it is now {moved}: together with its old path that folder gives this workspace's id"
        return Successors(tuple(there), is_certain=True, folder_now=moved, evidence=words)
    if current is not None:
        rest = tuple(place for place in same if place is not current)
        return Successors((current, *rest), is_certain=True, evidence="the folder at that path has it now")
    return _likely(same, others, own, origin, family)


def _likely(
    same: list[Place], others: list[Place], own: Place | None, origin: Origin, family: Family
) -> Successors:
    """Return younger places of the same folder; where the folder is gone, those of folders named alike."""
    made_ns = own.made_ns if own else 0
    younger = [place for place in same if place.made_ns > made_ns]
    if younger or (own is None and same):
        return Successors(newest_first(younger or same), evidence="it has the same path and is younger")
    path = path_of_uri(origin.folder, family)
    if path is None or Path(path).is_dir():
        return Successors()
    name = _folder_name(origin.folder)
    named = (p for p in others if name and _folder_name(p.folder) == name and p.made_ns > made_ns)
    moved = [place for place in named if _is_there(place, family)]
    return Successors(newest_first(moved), evidence="its folder has the same name and is younger")


def current_place(places: Iterable[Place], folder: str, family: Family) -> Place | None:
    """Return the place whose id the editor would give to the folder as it is on this disk."""
    path = path_of_uri(folder, family)
    identifier = folder_id(Path(path), family) if path else None
    return next((place for place in places if place.workspace == identifier), None)


def newest_first(places: Iterable[Place]) -> tuple[Place, ...]:
    """Return places in the order in which the editor made them, the last first."""
    return tuple(sorted(places, key=lambda place: (place.made_ns, place.used_ns), reverse=True))


def _folder_name(folder: str) -> str:
    return unquote(base_name(folder)).casefold()


def _is_there(place: Place, family: Family) -> bool:
    path = path_of_uri(place.folder, family)
    return path is None or Path(path).is_dir()
