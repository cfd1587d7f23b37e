"""How many files a task's crew declared, and for how many of them its archive waits."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from api.acts import Act
from api.tasks.models import Task
from api.tasks.service import timeline


def expect_evidence(task: Task, files: int = 1) -> None:
    """Count files that the crew declared; the task cannot be archived before they arrive."""
    task.evidence_declared += files
    task.evidence_missing += files
    task.version += 1


def evidence_lost(task: Task, files: int = 1) -> None:
    """Count declared files that had arrived and are lost; they are missing again."""
    task.evidence_missing += files
    task.version += 1


def evidence_arrived(task: Task, files: int = 1) -> None:
    """Count declared files that arrived, or that the server had already; none that were waived."""
    assert files <= task.evidence_missing, f"{files} of {task.evidence_missing} arrived"
    task.evidence_missing -= files
    task.version += 1


def waive_evidence(session: Session, *, act: Act, task: Task, detail: Mapping[str, object]) -> None:
    """Let a task be archived without one of its files, and write on its timeline who says so."""
    assert task.evidence_missing > 0, "every missing file was counted when it was declared"
    task.evidence_missing -= 1
    timeline.write(session, act=act, task=task, event=timeline.WAIVE, detail=detail)
