"""Scheduled jobs: a table of them, a ledger of their runs, and what runs them in a server."""

from __future__ import annotations

from api.http import Server
from api.scheduler.runner import Runner

__all__ = ["Runner", "start"]


def start(server: Server) -> Runner:
    """Start running the scheduled jobs beside a server; the caller stops what it gets."""
    runner = Runner(settings=server.settings, database=server.database, clock=server.clock)
    runner.start()
    return runner
