"""Look for chats that are lost, not shown, or cannot be opened: the disk, the editor's list and the store.

Reads the closed editor's folder and the store; changes nothing. The editor lists what stands in its list and
nothing else (microsoft/vscode chatSessionStore.ts), and refuses a log at its first bad line
(objectMutationLog.ts).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chatcask.assistants.base import NO_WORKSPACE, Source
from chatcask.assistants.known import editing_of
from chatcask.assistants.vscode.places.snapshot_paths import OLD_EMPTY_WINDOW
from chatcask.catalog.chat_file import ChatFile
from chatcask.errors import EditorRunningError, NotEditableError
from chatcask.ops.editing.finding import ChatFinding, Diagnosis
from chatcask.ops.editing.findings_in_files import findings_in_files
from chatcask.ops.editing.findings_of_places import findings_of_place, place_is_gone
from chatcask.ops.editing.findings_without_file import Held, findings_without_file, gone_with_place
from chatcask.ops.editing.known_chats import by_place
from chatcask.ops.editing.look import Doctor, Look
from chatcask.ops.editing.place_content import PlaceContent, content_of


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found in several folders.

    Attributes:
        diagnoses: What was found, by folder.
        refusals: Folders that were left alone, since their editor runs.
        passed_over: Folders that were not looked at, since they are of assistants whose folders never change.
    """

    diagnoses: tuple[Diagnosis, ...]
    refusals: tuple[EditorRunningError, ...]
    passed_over: tuple[NotEditableError, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Tell whether everything could be looked at."""
        return not self.refusals and not any(diagnosis.problems for diagnosis in self.diagnoses)


def examine(doctor: Doctor, sources: Sequence[Source]) -> Examination:
    """Look at every chat of several editors; one that runs is left alone.

    Raises:
        EditorRunningError: every editor runs; nothing was touched.
        NotEditableError: none of the folders is ever changed.
    """
    diagnoses, refusals, passed_over = [], [], []
    for source in sources:
        try:
            diagnoses.append(diagnose(doctor, source))
        except EditorRunningError as error:
            refusals.append(error)
        except NotEditableError as error:
            passed_over.append(error)
    if not diagnoses:
        for refused in (*refusals, *passed_over):
            raise refused
    return Examination(tuple(diagnoses), tuple(refusals), tuple(passed_over))


def diagnose(doctor: Doctor, source: Source) -> Diagnosis:
    """Look at every chat of a closed editor; what is found is in the order of its worth.

    Raises:
        NotEditableError: the folder is one that is never changed.
        EditorRunningError: the editor runs; nothing was touched, or nothing more.
    """
    editing_of(source.id)
    doctor.guard.require_closed(source)
    doctor.monitor.phase(f"looking at the chats of {source.id}", None)
    look = Look(doctor, source, by_place(doctor.versions.settled(source.id)))
    places = look.editing.places(source, look.watch, look.report)
    contents = [content_of(look, place, places) for place in places]
    held = _held(look)
    findings = [
        *(finding for content in contents for finding in _of_place(look, content, contents, held)),
        *_of_places_gone(look, contents, held),
    ]
    findings.sort(key=lambda finding: finding.order)
    chats = sum(len(content.present) for content in contents)
    return Diagnosis(source, chats, tuple(findings), tuple(look.problems))


def _of_place(
    look: Look, content: PlaceContent, contents: Sequence[PlaceContent], held: Mapping[str, Held]
) -> Iterator[ChatFinding]:
    successors = {place.workspace for place in content.successors.places}
    there = frozenset(s for other in contents if other.place.workspace in successors for s in other.sessions)
    yield from findings_of_place(look, content)
    yield from findings_in_files(look, content, there)
    of_place = held.get(content.place.workspace, Held({}, {}))
    yield from findings_without_file(look, content, of_place, _on_disk(contents))


def _of_places_gone(
    look: Look, contents: Sequence[PlaceContent], held: Mapping[str, Held]
) -> Iterator[ChatFinding]:
    """Yield what the store has of workspaces whose folder is gone."""
    there = {content.place.workspace for content in contents}
    for workspace, of_place in held.items():
        if workspace in there:
            continue
        files = {**of_place.earlier, **of_place.newest}.values()
        folder = next((file.folder for file in files if file.folder), "")
        place = look.editing.place_that_was(look.source, workspace, folder)
        found = gone_with_place(look, place, of_place, _on_disk(contents))
        if found:
            yield place_is_gone(place, len(found))
            yield from found


def _on_disk(contents: Sequence[PlaceContent]) -> frozenset[str]:
    return frozenset(session for content in contents for session in content.present)


def _held(look: Look) -> dict[str, Held]:
    """Return what the store has of the folder, by place."""
    versions, source = look.doctor.versions, look.source.id
    newest, earlier = _by_place(versions.newest(source)), _by_place(versions.all(source))
    return {place: Held(newest.get(place, {}), earlier.get(place, {})) for place in {**newest, **earlier}}


def _by_place(files: Sequence[ChatFile]) -> dict[str, dict[str, ChatFile]]:
    found: dict[str, dict[str, ChatFile]] = {}
    for file in files:
        place = NO_WORKSPACE if file.workspace == OLD_EMPTY_WINDOW else file.workspace
        found.setdefault(place, {})[file.session] = file
    return found
