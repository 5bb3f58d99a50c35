"""What a survey's facts mean for the user: which are damage, which are leftovers, and the way out."""

from __future__ import annotations

from collections.abc import Iterator

from chatcask.advice import Advice, AdviceCode
from chatcask.ops.integrity.findings import Affected, Finding, Severity
from chatcask.ops.integrity.survey import Survey
from chatcask.ops.integrity.survey_packs import PackReport
from chatcask.ops.integrity.survey_walk import Cause, Effect
from chatcask.repository.keys import CONDEMNED, INDEXES, PACKS, SNAPSHOTS, name_in, pack_key

_REPAIR = Advice(AdviceCode.REPAIR)
_COPY = Advice(AdviceCode.REPAIR_FROM_COPY)
_REPAIR_OR_COPY = Advice(AdviceCode.REPAIR_OR_FROM_COPY)
_PRUNE = Advice(AdviceCode.PRUNE_REMOVES)
_DELETE = Advice(AdviceCode.DELETE_BY_HAND)


def findings_of(seen: Survey) -> Iterator[Finding]:
    """Yield every finding of a survey, damage first."""
    found = [*_snapshots(seen), *_packs(seen), *_unclaimed(seen), *_objects(seen), *_strays(seen)]
    order = list(Severity)
    yield from sorted(found, key=lambda finding: (order.index(finding.severity), finding.key))


def _snapshots(seen: Survey) -> Iterator[Finding]:
    for manifest in seen.damaged_manifests:
        severity, message, advice = Severity.DAMAGE, "no other snapshot is affected", _COPY
        if manifest.whole is not None:
            message, advice = "its bytes were found in another place", _REPAIR
        elif manifest.rescue is not None:
            message, advice = "what it held can be had under another id", _REPAIR
        if bytes.fromhex(manifest.reference.id) in seen.known_lost:
            severity = Severity.LOST
        if manifest.is_rescued and manifest.rescue is not None:
            severity, advice = Severity.LEFTOVER, _DELETE
            message = f"what it held is in snapshot {manifest.rescue[0].id[:12]}"
        if not manifest.key.startswith(SNAPSHOTS):
            severity, advice = Severity.LEFTOVER, _PRUNE
        affects = Affected(snapshots=(manifest.reference.id,), snapshot_count=1)
        text = f"the snapshot was cut short or changed: its bytes do not match its name; {message}"
        yield Finding(manifest.key, "snapshot_damaged", text, severity, affects, advice)


def _packs(seen: Survey) -> Iterator[Finding]:
    for report in seen.packs.values():
        finding = _missing_pack(seen, report) if not report.present else _present_pack(seen, report)
        if finding is not None:
            yield finding


def _missing_pack(seen: Survey, report: PackReport) -> Finding:
    key = pack_key(report.name)
    affects = _toll(seen, Effect.GONE, report)
    if affects is None:
        message = "the pack is gone and an index still names it; no snapshot needs it"
        return Finding(key, "pack_missing", message, Severity.LEFTOVER, advice=_PRUNE)
    message = "the pack is gone, and snapshots need what it held"
    return Finding(key, "pack_missing", message, Severity.DAMAGE, affects, _REPAIR_OR_COPY)


def _present_pack(seen: Survey, report: PackReport) -> Finding | None:
    if report.faults:
        return _damaged_pack(seen, report)
    if report.indexed:
        return None
    needed = _toll(seen, Effect.UNINDEXED, report) or _toll(seen, Effect.AT_RISK, report)
    if needed is not None:
        message = "no index names the pack, and snapshots need it"
        return Finding(pack_key(report.name), "pack_unindexed", message, Severity.DAMAGE, needed, _REPAIR)
    message = "no index names the pack and no snapshot needs it, as after an interrupted run"
    return Finding(pack_key(report.name), "pack_unindexed", message, Severity.LEFTOVER, advice=_PRUNE)


def _damaged_pack(seen: Survey, report: PackReport) -> Finding:
    gone, risk = _toll(seen, Effect.GONE, report), _toll(seen, Effect.AT_RISK, report)
    severity, advice = Severity.DAMAGE, _REPAIR
    if gone is not None:
        ending = ""
    elif risk is not None:
        ending = "; what snapshots need of it can still be read"
    elif report.indexed:
        ending = "; no snapshot needs it, but a later one could count on it"
    else:
        ending = "; nothing needs it any more"
        severity, advice = Severity.LEFTOVER, _PRUNE
    message = f"the pack is damaged: {'; '.join(report.faults)}{ending}"
    affects = gone or risk or Affected()
    return Finding(pack_key(report.name), "pack_damaged", message, severity, affects, advice)


def _unclaimed(seen: Survey) -> Iterator[Finding]:
    """Yield what is missing without any object that could be named for it."""
    gone = seen.walk.tolls.get(Cause(Effect.GONE))
    if gone:
        message = "no pack holds some chunks that snapshots need: packs and the indexes of them are gone"
        yield Finding(PACKS, "chunks_missing", message, Severity.DAMAGE, gone.affected(), _REPAIR_OR_COPY)
    malformed = seen.walk.tolls.get(Cause(Effect.MALFORMED))
    if malformed:
        message = "a stored folder is not a list of files although its bytes are as they were written"
        advice = Advice(AdviceCode.WRITERS_MISTAKE)
        yield Finding(SNAPSHOTS, "tree_malformed", message, Severity.DAMAGE, malformed.affected(), advice)
    lost = seen.walk.tolls.get(Cause(Effect.LOST))
    if lost:
        message = "some chunks are lost for good, as an earlier repair noted; restore gives everything else"
        yield Finding(PACKS, "chunks_lost", message, Severity.LOST, lost.affected(), _COPY)


def _objects(seen: Survey) -> Iterator[Finding]:
    """Yield damaged objects other than packs and snapshots."""
    for key, message in seen.damaged_objects.items():
        folder = key.partition("/")[0]
        severity, ending, advice = _LITTLE.get(folder, _HARMLESS)
        if key.startswith(INDEXES) and not _suffers(seen):
            severity, ending, advice = _HARMLESS
        if name_of(key) in seen.known_lost:
            severity = min(severity, Severity.LOST, key=_MILDEST_FIRST.index)
        yield Finding(key, f"{folder}_damaged", f"{message}{ending}", severity, advice=advice)


_HARMLESS = (Severity.LEFTOVER, "; nothing depends on it", _DELETE)
_LITTLE = {
    "index": (Severity.DAMAGE, "; it does not count, and snapshots need what it named", _REPAIR),
    "labels": (
        Severity.DAMAGE,
        "; it was a tag or a pin, and nothing can be forgotten while nobody knows which",
        Advice(AdviceCode.LABEL_FROM_COPY),
    ),
    "condemned": (
        Severity.LEFTOVER,
        "; until it goes, runs store again what they need of packs that are older",
        Advice(AdviceCode.PRUNE_REMOVES_LATER),
    ),
}
_MILDEST_FIRST = list(reversed(Severity))


def _suffers(seen: Survey) -> bool:
    """Tell whether something is needed that an unreadable index may have named."""
    return any(cause.effect in {Effect.UNINDEXED, Effect.GONE} for cause in seen.walk.tolls)


def _strays(seen: Survey) -> Iterator[Finding]:
    for key in seen.strays:
        advice = Advice(AdviceCode.MOVE_OUT)
        yield Finding(key, "stray", "this file is not part of a store", Severity.LEFTOVER, advice=advice)
    if seen.orphan_roots:
        message = (
            f"the contents of {seen.orphan_roots} runs are stored and no snapshot names them, as after an"
            " interrupted run or a forgotten snapshot"
        )
        advice = Advice(AdviceCode.PRUNE_OR_PUT_BACK)
        yield Finding(SNAPSHOTS, "runs_unnamed", message, Severity.LEFTOVER, advice=advice)
    if seen.condemned_lists:
        message = f"{len(seen.condemned)} packs wait for the end of prune's grace period"
        yield Finding(CONDEMNED, "condemned", message, Severity.LEFTOVER, advice=_PRUNE)


def _toll(seen: Survey, effect: Effect, report: PackReport) -> Affected | None:
    """Return what needs chunks of a pack that it cannot safely give; None if nothing does."""
    toll = seen.walk.tolls.get(Cause(effect, report.name))
    return toll.affected() if toll else None


def name_of(key: str) -> bytes:
    """Return the 32 bytes that a key's name stands for; none for a key without one."""
    name = name_in(key)
    return bytes.fromhex(name) if name else b""
