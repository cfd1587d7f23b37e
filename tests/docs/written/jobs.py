"""Writes the page of the scheduled jobs."""

from __future__ import annotations

from api.scheduler.catalogue import JOBS
from tests.docs import written


def page(note: str) -> str:
    """Write the page.

    Args:
        note: the line that says where the page comes from.
    """
    rows = [
        f"| `{job.name}` | {job.schedule.words.en} | {job.lease_s:g} s | {job.about.en} |"
        for job in JOBS
    ]
    table = ["| Job | When | Lease | What a run does |", "|---|---|---|---|", *rows]
    return written.filled("jobs.md", note=[note], jobs=table)
