"""The nightly job of readings: flag what is odd, sweep what was touched, retire routes."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.readings import service
from schemas.rules import reuse

ROUTES_RETIRED_MAX: Final = 50


def run(session: Session, *, act: Act) -> dict[str, int]:
    """Judge what came since the last run, in one district.

    Returns:
        Readings looked at, new flags by code, windows packed that were missing, entries of abnormal
        use opened, outcomes of re-reads, samples drawn, disputes answered, re-reads asked for,
        routes planned for them and for second visits, visits proposed, and routes taken off the
        phones.
    """
    counts = service.flag_readings(session, act=act)
    made = {
        "windows_packed": service.pack_windows(session, act=act)[0],
        "abnormal": service.find_abnormal(session, act=act, touched_at=act.received_at),
        reuse.CODE: service.flag_reused_photos(session, act=act),
        "samples": service.draw_samples(session, act=act),
        **service.follow_disputes(session, act=act),
        "rereads": service.ask_rereads(session, act=act),
        "reread_routes": service.plan_rereads(session, act=act),
        "second_visit_routes": service.plan_second_visits(session, act=act),
        "visits_proposed": service.propose_visits(session, act=act),
    }
    counts.update((what, count) for what, count in made.items() if count)
    counts["routes_retired"] = service.retire_routes(session, act=act, limit=ROUTES_RETIRED_MAX)
    return counts
