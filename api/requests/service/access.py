"""Visits without access: each asks for a second one in time, and a reading of the meter ends it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.requests import store
from api.requests.service import course, opening
from schemas import tasks
from schemas.errors import Words
from schemas.rules.requests import Kind, State

READING: Final = "the meter was read"
SECOND_VISIT: Final = "second_visit"
_WHY: Final = Words(en="Whoever had the route has it.", zh="由该抄表路线的责任人负责。")


def first_visit_failed(
    session: Session, *, act: Act, meter_id: str, crew_id: str | None, person_id: str | None
) -> None:
    """Ask for a second visit to a meter that nobody could reach, in who holds the route's hands.

    One visit asks once; a meter that is waited for already is not asked for again.
    """
    waiting = store.lock_open_of_meter(
        session, district_id=act.district_id, meter_id=meter_id, kind=Kind.no_access
    )
    if waiting:
        return
    known = opening.sorted_by(session, act=act, at=act.happened.at)
    request = opening.blank(
        act,
        kind=Kind.no_access,
        key=f"skip:{act.operation_id or act.new_id()}",
        description="no access to the meter / 无法进入抄表",
        post=known.kinds[Kind.no_access],
        asked_at=act.happened.at,
    )
    request.meter_id = meter_id
    session.add(request)
    if (crew_id, person_id) == (None, None):
        opening.begin(session, act=act, request=request, asked_at=act.happened.at)
        opening.land(session, act=act, request=request)
        return
    request.crew_id, request.person_id = crew_id, person_id
    request.state = str(State.dispatched)
    request.why_en, request.why_zh = _WHY.en, _WHY.zh
    opening.begin(session, act=act, request=request, asked_at=act.happened.at)


def meter_read(session: Session, *, act: Act, meter_id: str) -> None:
    """End what waits for a reading of a meter: one was taken, at the time when it was."""
    for request in store.lock_open_of_meter(
        session, district_id=act.district_id, meter_id=meter_id, kind=Kind.no_access
    ):
        if act.happened.at >= request.opened_at:
            course.end(session, act=act, request=request, words=READING)


def list_awaited(session: Session, *, district_id: str, meter_ids: Collection[str]) -> set[str]:
    """Tell which of some meters wait for a second visit."""
    return store.list_awaited(session, district_id=district_id, meter_ids=meter_ids)


def list_waiting(
    session: Session, *, district_id: str, before_at: dt.datetime, limit: int
) -> list[store.Waiting]:
    """List meters whose first visit found nobody before an instant, by who holds the request."""
    return store.list_waiting(session, district_id=district_id, before_at=before_at, limit=limit)


def list_second_visits(
    session: Session, *, district_id: str, meter_ids: Collection[str]
) -> list[tuple[str, dt.datetime, dt.datetime | None]]:
    """List second visits to some meters: meter, when it was due, and when a reading ended it."""
    return [
        (str(request.meter_id), clock.due_at, clock.stopped_at)
        for request in store.list_without_access(
            session, district_id=district_id, meter_ids=meter_ids
        )
        for clock in msgspec.convert(request.clocks, list[tasks.TaskClock])
        if clock.kind == SECOND_VISIT
    ]
