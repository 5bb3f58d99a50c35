"""The library without the command line: the page about it runs, and every command's work can be done."""

from __future__ import annotations

import ast
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import chatcask
from chatcask import ChatFilter, Machine, NullMonitor, Platform, SnapshotOptions, Workbench
from chatcask.bundle import ImportResult
from chatcask.errors import StoreNotFoundError
from chatcask.integrity import Severity
from chatcask.retention import RetentionPolicy
from chatcask.workbench import (
    ExportWishes,
    RestoreWishes,
    SourceChoice,
    choose_requests,
    choose_sources,
    editors,
)
from support.fictional import fictional_folder

PAGE = Path(__file__).parent.parent.parent / "docs" / "api.md"
MONITOR = NullMonitor()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fictional_folder(tmp_path / "Code")


def test_the_page_runs(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = PAGE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    assert len(code.splitlines()) <= 32
    exec(compile(code, str(PAGE), "exec"), {"folder": folder, "store": tmp_path / "store"})
    printed = capsys.readouterr().out
    assert "added" in printed
    assert "## " in printed


def test_these_tests_use_public_names_only() -> None:
    public = {"chatcask", *(f"chatcask.{name}" for name in chatcask.FACES)}
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    used = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name for name in used if name.startswith("chatcask")} <= public


class Story:
    """A store and a fictional folder, with a clock that moves by an hour at each look."""

    def __init__(self, folder: Path, place: Path) -> None:
        self.folder = folder
        self.place = place
        self._now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
        platform = Platform("linux", place.parent, {})
        self.machine = Machine(platform, "0123456789abcdef", "desk", "test", self._tick)

    def _tick(self) -> datetime:
        self._now += timedelta(hours=1)
        return self._now

    def take(self, bench: Workbench, *tags: str) -> None:
        requests = choose_requests(self.machine, SourceChoice([self.folder]), MONITOR)
        result = bench.snapshots.take(requests, SnapshotOptions(tags=tags), MONITOR)
        assert result.reference is not None


@pytest.fixture
def story(folder: Path, tmp_path: Path) -> Story:
    return Story(folder, tmp_path / "store")


def test_init_sources_snapshot_log_sessions_show_ls_cat(story: Story) -> None:
    with pytest.raises(StoreNotFoundError):
        Workbench.open(story.place, story.machine)
    assert editors(story.machine) == []
    with Workbench.create(story.place, story.machine) as bench:
        requests = choose_requests(story.machine, SourceChoice([story.folder]), MONITOR)
        assert bench.snapshots.take(requests, SnapshotOptions(dry_run=True), MONITOR).reference is None
        story.take(bench, "first")
        (newest,), damaged = bench.snapshots.newest()
        assert (newest.snapshot.tags, damaged) == (("first",), [])
        chats = bench.chats.listed(newest, ChatFilter(), MONITOR)
        session = chats[0].file.session
        chosen = bench.chats.find(session, MONITOR)
        assert "".join(bench.chats.read(chosen).render("md"))
        assert len(bench.chats.versions(session, MONITOR)[1]) == 1
        paths = dict(bench.snapshots.entries(bench.snapshots.path("latest"), recursive=True))
        assert chosen.file.path in paths
        data = b"".join(bench.snapshots.read(f"latest:{chosen.file.path}"))
        assert data == b"".join(bench.chats.read_bytes(chosen))


def test_diff_restore_undo_doctor_and_deleted_chats(story: Story) -> None:
    with Workbench.create(story.place, story.machine) as bench:
        story.take(bench)
        chat = bench.chats.listed(bench.snapshots.find("latest"), ChatFilter(), MONITOR)[0]
        session = chat.file.session
        (body,) = story.folder.rglob(f"{session}.json*")
        data = body.read_bytes()
        body.unlink()
        story.take(bench)
        (gone,) = bench.snapshots.compare("latest~1", "latest", MONITOR).chats()
        assert gone.change.session == session
        latest = bench.snapshots.find("latest")
        assert [one.file.session for one in bench.chats.deleted(latest, ChatFilter(), MONITOR)] == [session]
        sources = choose_sources(story.machine, story.folder, None)
        findings = bench.editing.diagnose(sources, MONITOR).diagnoses[0].findings
        assert session in {finding.session for finding in findings}
        wishes = RestoreWishes(folder=story.folder)
        assert bench.editing.apply(bench.editing.plan_restore(session, wishes, MONITOR), MONITOR)
        assert body.read_bytes() == data
        bench.editing.apply(bench.editing.plan_undo(story.folder, (), MONITOR), MONITOR)
        assert not body.exists()
        diagnoses = bench.editing.diagnose(sources, MONITOR).diagnoses
        bench.editing.apply_fixes(bench.editing.plan_fixes(diagnoses, [session], MONITOR), MONITOR)
        assert body.exists()


def test_check_repair_stats_tag_pin_forget_undelete_prune(story: Story) -> None:
    with Workbench.create(story.place, story.machine) as bench:
        story.take(bench, "first")
        story.take(bench)
        assert [f for f in bench.upkeep.check(1.0, MONITOR).findings if f.severity is Severity.DAMAGE] == []
        with bench.upkeep.plan_repair((), (), MONITOR) as plan:
            assert not plan.has_work
            assert not bench.upkeep.apply_repair(plan, MONITOR).damage
        assert bench.upkeep.stats(3, MONITOR).snapshots == 2
        assert bench.labels.tag("latest", "second").tags == ("second",)
        assert bench.labels.untag("latest", "second").tags == ()
        bench.labels.pin("latest", MONITOR)
        assert len(bench.labels.pinned()[0]) == 1
        bench.labels.unpin("latest", MONITOR)
        plan = bench.retention.plan_forget(["first"], RetentionPolicy())
        bench.retention.preview_forget(plan, MONITOR)
        bench.retention.apply_forget(plan, monitor=MONITOR)
        (forgotten,) = bench.retention.forgotten()
        bench.retention.apply_undelete(bench.retention.plan_undelete([forgotten.id]))
        assert bench.retention.forgotten() == []
        bench.retention.preview_prune(MONITOR)
        bench.retention.prune("test", 0.0, MONITOR)


def test_export_import_archive_and_files(story: Story, tmp_path: Path) -> None:
    bundle = io.BytesIO()
    with Workbench.create(story.place, story.machine) as bench:
        story.take(bench)
        bench.bundles.export(bench.bundles.select(ExportWishes(), MONITOR), bundle.write, MONITOR)
        found = bench.bundles.find_chats(bench.bundles.select(ExportWishes(), MONITOR), MONITOR)
        bench.bundles.export_documents(found, tmp_path / "documents", "html", MONITOR)
        assert len(list((tmp_path / "documents").rglob("*.html"))) == len(found)
        latest = bench.snapshots.find("latest")
        count = len(bench.chats.listed(latest, ChatFilter(), MONITOR))
        chats = bench.chats.everywhere([latest], ChatFilter(), MONITOR)
        bench.chats.archive(chats, tmp_path / "archive", MONITOR)
        assert len(list((tmp_path / "archive").rglob("*.md"))) == count
        files = bench.snapshots.write_files(bench.snapshots.path("latest"), tmp_path / "files", MONITOR)
        assert files.files > count
    bundle.seek(0)
    with Workbench.in_memory(story.machine) as other:
        result = other.bundles.import_bundle(bundle.read, (), MONITOR)
        assert isinstance(result, ImportResult)
        assert len(other.chats.listed(other.snapshots.newest()[0][0], ChatFilter(), MONITOR)) == count
