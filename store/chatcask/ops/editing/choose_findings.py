"""Which of the doctor's findings a person wants put right: those of named chats and workspaces, or all."""

from __future__ import annotations

from collections.abc import Sequence

from chatcask.advice import Advice, AdviceCode
from chatcask.errors import NotFoundError
from chatcask.ops.editing.finding import ChatFinding, Diagnosis

_SHORTEST_PREFIX = 4

Chosen = tuple[Diagnosis, list[ChatFinding]]
"""A folder, and what is to be put right in it."""


def choose_findings(diagnoses: Sequence[Diagnosis], names: Sequence[str]) -> list[Chosen]:
    """Return what to put right in each folder; folders that no name is about are left out.

    Args:
        diagnoses: What was found.
        names: Ids of chats and workspaces, or their beginnings; a workspace stands for all in it, none
            for all there is.

    Raises:
        NotFoundError: a name matches no finding of any folder.
    """
    for name in names:
        if not any(_answers_to(finding, name) for found in diagnoses for finding in found.findings):
            raise NotFoundError(
                f"the doctor found nothing about {name!r}",
                what="finding",
                name=name,
                advice=Advice(AdviceCode.LIST_FINDINGS),
            )
    chosen = []
    for diagnosis in diagnoses:
        wanted = [f for f in diagnosis.findings if not names or any(_answers_to(f, name) for name in names)]
        if wanted or not names:
            chosen.append((diagnosis, [finding for finding in wanted if finding.can_fix]))
    return chosen


def _answers_to(finding: ChatFinding, name: str) -> bool:
    names = (finding.session, finding.place.workspace)
    return any(own == name or (len(name) >= _SHORTEST_PREFIX and own.startswith(name)) for own in names)
