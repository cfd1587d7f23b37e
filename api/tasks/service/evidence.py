"""How many files a task's crew declared, and how many of them have not arrived."""

from __future__ import annotations

from api.tasks.models import Task


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
    """Count declared files that arrived, or that the server had already."""
    assert 0 < files <= task.evidence_missing, f"{files} of {task.evidence_missing} arrived"
    task.evidence_missing -= files
    task.version += 1
