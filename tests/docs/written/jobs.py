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
        f"| `{job.name}` | {job.owner} | {job.family.replace('_', ' ')} | {job.schedule.words.en} "
        f"| {job.limit.most:,} {job.limit.of.en} | {job.lease_s:g} s | {job.about.en} |"
        for job in JOBS
    ]
    head = "| Job | Owner | Family | When | At most | Lease | What a run does |"
    table = [head, "|---|---|---|---|---|---|---|", *rows]
    return written.filled("jobs.md", note=[note], jobs=table)
