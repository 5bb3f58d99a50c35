"""Which version of a chat to put back: the one that holds most, the newest of equals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chatcask.advice import Advice, AdviceCode
from chatcask.catalog.catalog import Catalog
from chatcask.catalog.chat_file import ChatFile
from chatcask.chats.chat_list import ChatIndex
from chatcask.chats.jsontext import JsonObject
from chatcask.chats.parsed import ParseState
from chatcask.chats.summary import ChatSummary
from chatcask.errors import DamagedError, NotFoundError
from chatcask.format.tree import Content
from chatcask.monitor import Monitor, Problem
from chatcask.ops.browse.in_snapshot import is_hidden
from chatcask.ops.browse.stored_version import StoredVersion
from chatcask.ops.browse.sync_copies import copied_chat
from chatcask.repository.keys import SnapshotReference
from chatcask.repository.repository import Repository
from chatcask.repository.snapshots import StoredSnapshot

_SETTLED_NS = 2_000_000_000


class ChatVersions:
    """The versions of one chat, or of any, that some snapshots hold.

    The snapshots are looked through once, from the newest on, and only as far as a question needs: asking
    about a thousand chats costs no more than asking about one. A version whose outline is known from an alarm
    is read only if it may be the fullest. What cannot be read from the store is named
    to the monitor, once, and passed over.
    """

    def __init__(
        self,
        repository: Repository,
        catalog: Catalog,
        newest_first: Iterable[StoredSnapshot],
        monitor: Monitor,
        session: str | None = None,
        source: str | None = None,
    ) -> None:
        self._session = session
        self._source = source
        self._repository = repository
        self._catalog = catalog
        self._coming = _undone_last(newest_first)
        self._monitor = monitor
        self._roots: dict[Content, StoredSnapshot] = {}
        self._places: dict[str, list[tuple[Content, ChatFile]]] = {}
        self._seen: set[tuple[str, str, Content]] = set()
        self._problems: dict[str, Problem] = {}

    def of(self, session: str) -> Iterator[StoredVersion]:
        """Yield the versions of a chat, newest first, each once; one that was undone comes behind all others.

        Of a `.json` and a `.jsonl` with different content both are versions; the file changed last is first.
        """
        return filter(None, (self._version(*held) for held in self._held(session)))

    def best_of(self, session: str, source: str) -> StoredVersion | None:
        """Return the fullest version of one editor's folder; of any where that has none with a turn."""
        own = self.best(session, source)
        return own if own is not None and own.summary.turn_count else self.best(session)

    def best(self, session: str, source: str | None = None) -> StoredVersion | None:
        """Return the version that holds most, the newest of equals; a file without text is none.

        With a `source` only versions of that editor's folder count.
        """
        fullest: StoredVersion | None = None
        for root, file in self._held(session):
            if source not in (None, file.source):
                continue
            if fullest is not None and self._is_surely_less(file, fullest):
                continue
            version = self._version(root, file)
            if version is None or version.summary.state is ParseState.EMPTY:
                continue
            is_fuller = fullest is None or version.measure.is_fuller_than(fullest.measure)
            if is_fuller and self._is_whole(version):
                fullest = version
        return fullest

    def newest_of(self, session: str) -> StoredVersion | None:
        """Return the newest version, whatever it holds."""
        return next(self.of(session), None)

    def _held(self, session: str) -> Iterator[tuple[Content, ChatFile]]:
        count = 0
        while True:
            known = self._places.get(session, [])
            if count < len(known):
                count += 1
                yield known[count - 1]
            elif self._look_further() is None:
                return

    def _version(self, root: Content, file: ChatFile) -> StoredVersion | None:
        summary = self._summary(root, file)
        return StoredVersion(self._roots[root], file, summary) if summary is not None else None

    def _is_surely_less(self, file: ChatFile, fullest: StoredVersion) -> bool:
        """Tell without reading a version that its turns and answers are no more than those of another."""
        outline = self._catalog.known_outline(file.content)
        if outline is None or not fullest.summary.opens:
            return False
        found = fullest.measure
        is_as_sound = not (found.empty_answers or found.empty_prompts or found.cut_texts or found.taken_back)
        return is_as_sound and outline.turns <= found.turns

    def is_sound(self, file: ChatFile) -> bool:
        """Tell whether a stored file of a chat opens and has turns; it is read once, and then remembered.

        Raises:
            DamagedError: the store cannot give it.
        """
        outline = self._catalog.known_outline(file.content)
        if outline is not None:
            return outline.turns > 0
        summary = self._catalog.summary(file)
        return summary.opens and not summary.is_empty

    def settled(self, source: str) -> tuple[ChatFile, ...]:
        """Return the newest snapshot's files of a source that had not just been written when it was taken.

        A file on disk of the same size and time has the same content (docs/design.md, "The parent tree is the
        stat cache").
        """
        for root in self._all_roots():
            files = [file for file in self._catalog.files(root) if file.source == source]
            if files:
                taken_at = self._roots[root].reference.taken_at
                settled_ns = int(taken_at.timestamp() * 1_000_000_000) - _SETTLED_NS
                return tuple(file for file in files if file.mtime_ns < settled_ns)
        return ()

    def newest(self, source: str) -> tuple[ChatFile, ...]:
        """Return the chats' files of the newest snapshot that has any of a source."""
        for root in self._all_roots():
            files = tuple(file for file in self._catalog.files(root) if file.source == source)
            if files:
                return files
        return ()

    def all(self, source: str) -> tuple[ChatFile, ...]:
        """Return the newest file of every chat that any snapshot has of a source."""
        for _ in self._all_roots():
            pass
        found = (
            next((file for _, file in places if file.source == source), None)
            for places in self._places.values()
        )
        return tuple(file for file in found if file is not None)

    def sessions(self) -> tuple[str, ...]:
        """Return the ids of all chats that any snapshot has."""
        for _ in self._all_roots():
            pass
        return tuple(self._places)

    def sources(self, session: str) -> frozenset[str]:
        """Return the ids of the editors' folders that ever had a chat of this id."""
        return frozenset(file.source for _, file in self._held(session))

    def choose(self, session: str) -> StoredVersion:
        """Return the version to put back: the fullest.

        Raises:
            NotFoundError: no snapshot has one with a turn that can be read.
            DamagedError: there are some, and the store gives the bytes of none.
        """
        version = self.best(session)
        damage = next((found for path, found in self._problems.items() if session in path), None)
        if version is None and damage is not None:
            raise DamagedError(
                f"the store cannot give any version of the chat {session}: {damage.message}",
                advice=Advice(AdviceCode.CHECK_AND_REPAIR),
            )
        if version is None or version.summary.is_empty:
            raise NotFoundError(
                f"no snapshot has a version of {session} with a turn that can be read",
                what="version",
                name=session,
                advice=Advice(AdviceCode.LIST_VERSIONS, session=session),
            )
        return version

    def passed_over(self, file: ChatFile) -> list[Problem]:
        """Return the damage met so far that may hide a version of a chat: of its file or its folders."""
        return [problem for problem in self._problems.values() if is_hidden(file.path, [problem])]

    def roots_with(self, version: StoredVersion) -> Iterator[Content]:
        """Yield the roots that hold exactly this version, its own first; what stood beside it may differ."""
        yield version.root
        wanted = (version.file.path, version.file.content)
        for root in self._all_roots():
            if root == version.root:
                continue
            files = self._catalog.files(root, version.file.session)
            if any((file.path, file.content) == wanted for file in files):
                yield root

    def captured_entry(self, version: StoredVersion) -> JsonObject | None:
        """Return the editor's own entry of this version, from the newest snapshot that has both."""
        file = version.file
        for root in self.roots_with(version):
            index = self._list(root, file.source, file.workspace)
            entry = index.entry(file.session) if index else None
            if entry is not None:
                return entry.raw
        return None

    def lists(self, source: str, workspace: str) -> Iterator[ChatIndex]:
        """Yield the editor's own lists of a workspace's chats, newest first."""
        for root in self._all_roots():
            index = self._list(root, source, workspace)
            if index is not None:
                yield index

    def _list(self, root: Content, source: str, workspace: str) -> ChatIndex | None:
        try:
            return self._catalog.index(root, source, workspace)
        except DamagedError as error:
            path = f"{source}/{workspace}: the editor's list"
            self._report(Problem(path, "damaged", error.message), self._roots[root].reference)
            return None

    def _all_roots(self) -> Iterator[Content]:
        yield from list(self._roots)
        while (root := self._look_further()) is not None:
            yield root

    def _look_further(self) -> Content | None:
        """Look into the next snapshot that holds something else; None when there is none."""
        for stored in self._coming:
            root = stored.snapshot.root
            if root in self._roots:
                continue
            self._roots[root] = stored
            for gap in self._catalog.gaps(root):
                self._report(gap, stored.reference)
            for file in sorted(self._of_source(root), key=_file_order):
                key = (file.session, file.name, file.content)
                if key not in self._seen:
                    self._seen.add(key)
                    session = copied_chat(self._catalog, file) or file.session
                    held = file if session == file.session else replace(file, session=session)
                    self._places.setdefault(session, []).append((root, held))
            return root
        return None

    def _of_source(self, root: Content) -> Iterator[ChatFile]:
        return (file for file in self._files(root) if self._source in (None, file.source))

    def _files(self, root: Content) -> Iterator[ChatFile]:
        yield from self._catalog.files(root, self._session)
        if self._session is not None:  # a sync tool's copies of it count too
            beside = self._catalog.beginning_with(root, self._session)
            yield from (file for file in beside if file.session != self._session)

    def _summary(self, root: Content, file: ChatFile) -> ChatSummary | None:
        try:
            return self._catalog.summary(file)
        except DamagedError as error:
            self._report(Problem(file.path, "damaged", error.message), self._roots[root].reference)
            return None

    def _is_whole(self, version: StoredVersion) -> bool:
        """Tell whether the store gives every byte; what the catalogue knows of a file is no proof."""
        try:
            for _ in self._repository.reader.read(version.file.content, version.file.size):
                pass
        except DamagedError as error:
            self._report(Problem(version.file.path, "damaged", error.message), version.snapshot)
            return False
        return True

    def _report(self, problem: Problem, reference: SnapshotReference) -> None:
        if problem.path not in self._problems:
            self._problems[problem.path] = problem
            self._monitor.problem(replace(problem, path=problem.path or reference.key, snapshot=reference.id))


def _undone_last(newest_first: Iterable[StoredSnapshot]) -> Iterator[StoredSnapshot]:
    """Yield snapshots in their order, but those of what was undone at the end: nobody wanted it to stay."""
    undone = []
    for stored in newest_first:
        if stored.snapshot.holds_undone:
            undone.append(stored)
        else:
            yield stored
    yield from undone


def _file_order(file: ChatFile) -> tuple[int, bool]:
    return (-file.mtime_ns, not file.name.endswith(".jsonl"))
