"""`chatcask doctor`: chats that are on disk and not shown, or shown and not there, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatcask import (
    Catalog,
    Diagnosis,
    LocalTransport,
    MachineGuard,
    apply_change,
    best_version,
    choose_findings,
    diagnose,
    plan_fix,
)
from chatcask.errors import EditorRunningError, InvalidInputError, NotFoundError, StoreNotFoundError
from chatcask_cli.editing import edit_context, named_sources, refuse_store_inside
from chatcask_cli.reports.change_report import change_lines
from chatcask_cli.reports.doctor_report import diagnosis_lines, finding_row, fix_row
from chatcask_cli.shell import environment
from chatcask_cli.shell.advice import hinted
from chatcask_cli.shell.exit_codes import ExitCode
from chatcask_cli.shell.options import Run
from chatcask_cli.shell.options import command as as_command
from chatcask_cli.shell.output import count_text
from chatcask_cli.stores import create_store

if TYPE_CHECKING:
    from chatcask import Applied, ChatFinding, FixPlan, Platform, Repository, Source, StoredVersion
    from chatcask_cli.shell.progress import PlainMonitor


@as_command
def command(
    run: Run,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="With --fix: the chats or workspaces to mend; else all."),
    ] = None,
    user_data_dir: Annotated[
        Path | None,
        typer.Option("--user-data-dir", metavar="DIR", help="Look into this folder of an editor."),
    ] = None,
    product: Annotated[
        str | None,
        typer.Option("--product", metavar="NAME", help="Look into this editor's folder only."),
    ] = None,
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what can be mended; safety snapshot first.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --fix: show what would change; change nothing.")
    ] = False,
) -> int:
    """Find chats that the editor does not list or cannot open, and say why and what can be had.

    Changes nothing without --fix. The editor must be closed.
    """
    if (names or dry_run) and not fix:
        raise hinted(InvalidInputError("names and --dry-run go with --fix"), "add --fix")
    platform = environment.platform()
    sources = named_sources(platform, user_data_dir, product)
    if not sources:
        raise hinted(
            NotFoundError("no editor's folder was found", what="source"), "name one with --user-data-dir"
        )
    with ExitStack() as stack:
        monitor = stack.enter_context(run.monitor())
        repository = _open(run, stack, making=fix and not dry_run)
        visit = _Visit(run, platform, monitor, repository, stack)
        diagnoses = [found for source in sources if (found := visit.look(source))]
        if not diagnoses:
            raise visit.refusals[0]
        fixes = visit.fix(diagnoses, names or [], dry_run=dry_run) if fix else []
    for line in _lines(run, diagnoses, fixes, fixing=fix, dry_run=dry_run):
        run.output.report(line)
    run.output.document(
        success=not visit.refusals and not any(plan.refused for plan, _ in fixes),
        dry_run=dry_run,
        sources=[diagnosis.source.id for diagnosis in diagnoses],
        skipped=[error.message for error in visit.refusals],
        chats=sum(diagnosis.chats for diagnosis in diagnoses),
        findings=[finding_row(finding) for diagnosis in diagnoses for finding in diagnosis.findings],
        fixes=[fix_row(plan, applied) for plan, applied in fixes],
    )
    is_incomplete = visit.refusals or any(plan.refused for plan, _ in fixes)
    return ExitCode.GAPS if is_incomplete else ExitCode.DONE


def _open(run: Run, stack: ExitStack, *, making: bool) -> Repository | None:
    """Open the store, if there is one; a fix makes the default one for its safety snapshot."""
    try:
        return stack.enter_context(run.open_store())
    except StoreNotFoundError:
        if run.store is not None:
            raise
        if not making:
            return None
    create_store(LocalTransport(run.store_path()))
    run.output.report(f"made a store at {run.store_path()}")
    return stack.enter_context(run.open_store())


@dataclass(slots=True)
class _Visit:
    """One run over the editors' folders; `refusals` are those whose editor runs."""

    run: Run
    platform: Platform
    monitor: PlainMonitor
    repository: Repository | None
    stack: ExitStack
    catalog: Catalog | None = None
    refusals: tuple[EditorRunningError, ...] = ()

    def look(self, source: Source) -> Diagnosis | None:
        """Diagnose one folder; None if its editor runs."""
        try:
            return diagnose(
                source,
                guard=MachineGuard(self.platform),
                family=self.platform.family,
                lookup=self._lookup,
                monitor=self.monitor,
            )
        except EditorRunningError as error:
            self.refusals = (*self.refusals, error)
            self.run.output.message(f"left alone: {error.message}")
            return None

    def fix(
        self, diagnoses: list[Diagnosis], names: list[str], *, dry_run: bool
    ) -> list[tuple[FixPlan, Applied | None]]:
        """Mend the findings, one folder after the other."""
        catalog = self._catalog()
        if self.repository is None or catalog is None:
            raise hinted(
                StoreNotFoundError(
                    "there is no store for the safety snapshot", place=str(self.run.store_path())
                ),
                "make one with 'chatcask snapshot'",
            )
        history = list(self.run.history(self.repository))
        done = []
        for diagnosis, findings in _chosen(diagnoses, names):
            refuse_store_inside(self.run, diagnosis.source)
            context = edit_context(self.repository, self.platform, self.monitor)
            plan = plan_fix(context, catalog, history, diagnosis, findings)
            wanted = not dry_run and not plan.change.is_empty
            done.append((plan, apply_change(context, plan.change) if wanted else None))
        return done

    def _catalog(self) -> Catalog | None:
        if self.catalog is None and self.repository is not None:
            self.catalog = self.stack.enter_context(Catalog(self.repository))
        return self.catalog

    def _lookup(self, session: str) -> StoredVersion | None:
        catalog = self._catalog()
        if catalog is None or self.repository is None:
            return None
        return best_version(catalog, session, self.run.history(self.repository), self.monitor)


def _chosen(diagnoses: list[Diagnosis], names: list[str]) -> Iterator[tuple[Diagnosis, list[ChatFinding]]]:
    """Yield what to mend in each folder; a name must be known in one of them."""
    unknown = set(names)
    chosen = []
    for diagnosis in diagnoses:
        known = [name for name in names if _is_known(diagnosis, name)]
        unknown -= set(known)
        if known or not names:
            chosen.append((diagnosis, choose_findings(diagnosis, known)))
    if unknown:
        choose_findings(diagnoses[0], sorted(unknown))
    yield from chosen


def _is_known(diagnosis: Diagnosis, name: str) -> bool:
    try:
        choose_findings(diagnosis, [name])
    except NotFoundError:
        return False
    return True


def _lines(
    run: Run,
    diagnoses: list[Diagnosis],
    fixes: list[tuple[FixPlan, Applied | None]],
    *,
    fixing: bool,
    dry_run: bool,
) -> Iterator[str]:
    if not fixing:
        for diagnosis in diagnoses:
            yield from diagnosis_lines(diagnosis, run.output)
        return
    for plan, applied in fixes:
        if dry_run or run.output.verbosity > 0:
            yield from change_lines(plan.change, run.output)
        for finding, why in plan.refused:
            yield run.output.paint(
                f"not mended: {finding.session or finding.place.workspace}: {why}", "yellow"
            )
        if not plan.fixed:
            continue
        words = "would mend" if dry_run else "mended"
        yield f"{words} {count_text(len(plan.fixed), 'finding')} in {plan.change.source.id}"
        for finding in plan.fixed:
            yield f"  {finding.session or finding.place.workspace}  {finding.title}"
        if applied is not None:
            yield f"  safety snapshot {applied.safety.id[:12]}; 'chatcask undo' takes it back"
    if not any(plan.fixed or plan.refused for plan, _ in fixes):
        yield "nothing to mend"
