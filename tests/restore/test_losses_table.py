"""Every way to lose a chat, without a store, with a snapshot before it, and with one after it too.

Each cell is played: a look of the doctor, then the one way out that it names. It ends with the chat back, or
with what is left of it said. The table in docs/restore.md is made of the outcomes; to write it anew:

    CHATCASK_WRITE_TABLE=1 python -m pytest tests/restore/test_losses_table.py
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatcask.advice import AdviceCode
from chatcask.ops.editing.cause import FindingKind
from chatcask.ops.editing.finding import ChatFinding
from support.project_world import ProjectWorld
from support.restore_world import RestoreWorld, Subject
from support.transcripts import transcript

PAGE = Path(__file__).parent.parent.parent / "docs" / "restore.md"
BEGIN, END = "<!-- losses: made by tests/restore/test_losses_table.py -->\n", "<!-- end of losses -->\n"
STORES = ("no store", "snapshot before", "snapshots before and after")
WAYS = {
    AdviceCode.FIX_CHAT: "`doctor --fix`",
    AdviceCode.RESTORE_CHAT: "`restore`",
    AdviceCode.START_EDITOR_THEN_DIAGNOSE: "starting the editor",
    AdviceCode.OPEN_THEN_RESTORE: "opening the folder, `restore`",
}
Damage = Callable[[ProjectWorld, Subject], str | None]


def _gone(world: ProjectWorld, subject: Subject) -> None:
    world.lose_both(subject)
    world.close_cleanly(subject)


def _gone_with_transcript(world: ProjectWorld, subject: Subject) -> None:
    world.write_transcript(subject, transcript("How many oars?", "And sails?"))
    _gone(world, subject)


def _list_emptied(world: ProjectWorld, subject: Subject) -> None:
    world.change_index(subject, lambda index: index["entries"].clear())


def _stub(world: ProjectWorld, subject: Subject) -> None:
    world.write(subject, world.content(world.body(subject)) | {"requests": []})


def _stub_with_transcript(world: ProjectWorld, subject: Subject) -> None:
    world.write_transcript(subject, transcript("How many oars?", "And sails?"))
    _stub(world, subject)


def _bytes(change: Callable[[bytes], bytes]) -> Damage:
    def damage(world: ProjectWorld, subject: Subject) -> None:
        body = world.body(subject)
        body.write_bytes(change(body.read_bytes()))

    return damage


def _renamed(world: ProjectWorld, subject: Subject) -> str:
    return world.open(world.project.rename(world.project.with_name("lamp")))


def _database(world: ProjectWorld, subject: Subject) -> None:
    (world.storage(subject) / "state.vscdb").write_bytes(b"garbage" * 1000)


def _workspace_gone(world: ProjectWorld, subject: Subject) -> None:
    shutil.rmtree(world.storage(subject))


def _two(world: ProjectWorld, subject: Subject) -> None:
    _gone(world, subject)
    _gone(world, world.subject("retry"))


LOSSES: dict[str, tuple[str, Damage]] = {
    "file and entry gone": ("fog", _gone),
    "the same, the entry still in the backup database": ("fog", RestoreWorld.lose_both),
    "the same, with the record of its edits": ("retry", _gone),
    "the same, with a Copilot transcript": ("fog", _gone_with_transcript),
    "file gone": ("fog", RestoreWorld.lose_file),
    "entry gone": ("fog", RestoreWorld.lose_entry),
    "list emptied": ("fog", _list_emptied),
    "stub of 0 turns whose entry says otherwise": ("fog", _stub),
    "the same, with a Copilot transcript ": ("fog", _stub_with_transcript),
    "file of 0 bytes": ("fog", _bytes(lambda _: b"")),
    "file of zero bytes": ("fog", _bytes(lambda data: bytes(len(data)))),
    "file torn at two thirds": ("fog", _bytes(lambda data: data[: len(data) * 2 // 3])),
    "last newline gone": ("fog", _bytes(lambda data: data.rstrip(b"\n"))),
    "zeros behind the end": ("fog", _bytes(lambda data: data + bytes(512))),
    "project folder cloned again at the same path": ("fog", lambda world, _: world.clone_again()),
    "project folder renamed, and opened under the new name": ("fog", _renamed),
    "`state.vscdb` garbage beside a sound backup": ("fog", _database),
    "the whole workspace folder deleted": ("fog", _workspace_gone),
    "two chats lost of which one is noticed": ("fog", _two),
}


@pytest.fixture(scope="module")
def outcomes(template: RestoreWorld, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    return {
        (loss, store): _play(ProjectWorld(tmp_path_factory.mktemp("cell"), template), loss, store)
        for loss in LOSSES
        for store in STORES
    }


def _play(world: ProjectWorld, loss: str, store: str) -> str:
    """Lose a chat, look, do what is advised; return how it ended."""
    name, damage = LOSSES[loss]
    subject = world.subject(name)
    whole = world.view()[subject.place, subject.session]
    if store != STORES[0]:
        world.take()
    place = damage(world, subject) or world.workspace
    if store == STORES[2]:
        world.take()
    finding = _about(world, subject)
    if finding is None:
        return "gone; nothing on this disk tells of it"
    code = finding.advice.code
    if code not in WAYS:
        return _what_is_left(finding)
    _follow(world, finding, subject)
    shown = world.view()[place, subject.session]
    turns, all_turns = len(shown.turns or ()), len(whole.turns or ())
    assert turns
    if shown.title.startswith("Rebuilt: "):
        return f"rebuilt by {WAYS[code]}: prompts, answers and tools"
    count = "" if shown.turns == whole.turns else f", {turns} of {all_turns} turns"
    assert count == "" or turns < all_turns or store == STORES[0]
    return f"back by {WAYS[code]}{count}"


def _about(world: ProjectWorld, subject: Subject) -> ChatFinding | None:
    """Return the first finding that is about a chat, or about its workspace as a whole."""
    for finding in world.diagnose().findings:
        of_place = finding.place.workspace == world.workspace and not finding.session
        if finding.session == subject.session or (of_place and finding.kind is not FindingKind.ORPHANED):
            return finding
    return None


def _what_is_left(finding: ChatFinding) -> str:
    assert finding.advice.code in (AdviceCode.NOTHING_LEFT, AdviceCode.ONLY_EDITS_LEFT)
    if finding.edits is not None:
        return "gone; the record of its edits is named"
    assert finding.title
    return "gone; its title is named"


def _follow(world: ProjectWorld, finding: ChatFinding, subject: Subject) -> None:
    code = finding.advice.code
    if code is AdviceCode.START_EDITOR_THEN_DIAGNOSE:
        world.start_editor()
    elif code is AdviceCode.FIX_CHAT:
        world.fix(str(finding.advice.values["name"]))
    else:
        if code is AdviceCode.OPEN_THEN_RESTORE:
            world.open(world.project)
        world.restore(subject.session)


def _table(outcomes: dict[tuple[str, str], str]) -> Iterator[str]:
    yield f"| what was lost | {' | '.join(STORES)} |\n"
    yield "|---|---|---|---|\n"
    for loss in LOSSES:
        yield f"| {loss.strip()} | {' | '.join(outcomes[loss, store] for store in STORES)} |\n"


def test_with_a_snapshot_before_every_chat_comes_back(outcomes: dict[tuple[str, str], str]) -> None:
    lost = {cell: words for cell, words in outcomes.items() if not words.startswith("back")}
    assert {store for _, store in lost} <= {STORES[0]}
    assert not [words for (_, store), words in outcomes.items() if store != STORES[0] and " of " in words]


def test_the_other_chat_that_was_lost_is_named_too(tmp_path: Path, template: RestoreWorld) -> None:
    world = ProjectWorld(tmp_path, template)
    world.take()
    fog, retry = world.subject("fog"), world.subject("retry")
    _two(world, fog)
    world.restore(fog.session)
    assert [f.session for f in world.diagnose().findings if f.session] == [retry.session]


def test_the_page_has_the_table(outcomes: dict[tuple[str, str], str]) -> None:
    page, table = PAGE.read_text(encoding="utf-8"), "".join(_table(outcomes))
    if os.environ.get("CHATCASK_WRITE_TABLE"):
        head, _, rest = page.partition(BEGIN)
        page = head + BEGIN + table + END + rest.partition(END)[2]
        PAGE.write_text(page, encoding="utf-8")
    assert BEGIN + table + END in page
