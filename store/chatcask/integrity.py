"""Check a store, and mend what can be mended."""

from __future__ import annotations

from chatcask.ops.integrity.check import CheckResult as CheckResult
from chatcask.ops.integrity.check import check as check
from chatcask.ops.integrity.findings import Affected as Affected
from chatcask.ops.integrity.findings import AffectedChat as AffectedChat
from chatcask.ops.integrity.findings import Finding as Finding
from chatcask.ops.integrity.findings import Sample as Sample
from chatcask.ops.integrity.findings import Severity as Severity
from chatcask.ops.integrity.mend_config import mend_config as mend_config
from chatcask.ops.integrity.mending import Unasked as Unasked
from chatcask.ops.integrity.repair import RepairHelpers as RepairHelpers
from chatcask.ops.integrity.repair import RepairPlan as RepairPlan
from chatcask.ops.integrity.repair import RepairResult as RepairResult
from chatcask.ops.integrity.repair import repair as repair
