"""Second visits: planned while there is time, and told where they did not come (ER03)."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.readings import store
from api.readings.models import Unjudged
from api.readings.service import findings, planning, rereads, thresholds
from api.requests import service as requests
from api.sites import service as sites
from schemas import readings
from schemas.rules import flags

PLANNED_MAX: Final = 5_000


def plan(session: Session, *, act: Act) -> int:
    """Plan second visits that nobody planned yet, for whoever had the first; count the routes.

    Where that is nobody who reads meters, the office chooses.
    """
    after_days = thresholds.IN_FORCE.office.second_visit_after_days
    waiting = requests.list_waiting(
        session,
        district_id=act.district_id,
        before_at=act.received_at - dt.timedelta(days=after_days),
        limit=PLANNED_MAX,
    )
    meter_ids = sorted({row.meter_id for row in waiting})
    planned = store.list_planned(session, district_id=act.district_id, meter_ids=meter_ids)
    meters = sites.load_meters(session, district_id=act.district_id, ids=meter_ids)
    unplanned = {
        row.meter_id: row
        for row in waiting
        if row.meter_id not in planned and meters[row.meter_id].removed_at is None
    }
    since = act.received_at - dt.timedelta(days=rereads.READERS_DAYS)
    lately = store.list_readers_since(session, district_id=act.district_id, since=since)
    readers = crews.list_active(session, district_id=act.district_id, ids=lately)
    routes = 0
    hands = itertools.groupby(unplanned.values(), lambda row: (row.crew_id, row.person_id))
    for (crew_id, person_id), group in hands:
        for some in _cut([row.meter_id for row in group]):
            draft = readings.RouteDraft(
                name=f"补抄 {act.received_at.date().isoformat()}",
                meter_ids=some,
                crew_id=_standing(session, act, crew_id),
                person_id=person_id if person_id in readers else None,
            )
            planning.plan_route(session, act=act, draft=draft)
            routes += 1
    return routes


def flag_missed(session: Session, *, act: Act, unjudged: Sequence[Unjudged]) -> dict[str, int]:
    """Flag estimates that stand where a second visit was due and nobody came; count them."""
    estimated = store.list_estimated(
        session,
        district_id=act.district_id,
        reading_ids=[each.reading_id for each in unjudged],
    )
    if not estimated:
        return {}
    visits = requests.list_second_visits(
        session,
        district_id=act.district_id,
        meter_ids=sorted({meter_id for _, meter_id, _ in estimated}),
    )
    zone = zoneinfo.ZoneInfo(sites.get_district(session, district_id=act.district_id).zone)
    book = findings.Book(session, act=act, reading_ids=[row[0] for row in estimated])
    for reading_id, meter_id, read_at in estimated:
        missed = [
            due_at
            for visited_id, due_at, read_again_at in visits
            if visited_id == meter_id
            and due_at < read_at
            and (read_again_at is None or read_again_at > read_at)
        ]
        if missed:
            due_on = min(missed).astimezone(zone).date()
            flag = flags.flag("ER03", numbers={"date": flags.day(due_on)}, inputs={})
            book.keep(flag, reading_id=reading_id, meter_id=meter_id, reader_id=None)
    return book.counts


def _cut(meter_ids: Sequence[str]) -> Iterator[list[str]]:
    """Cut a list into routes."""
    most = thresholds.IN_FORCE.rereads.meters_per_route_max
    for start in range(0, len(meter_ids), most):
        yield list(meter_ids[start : start + most])


def _standing(session: Session, act: Act, crew_id: str | None) -> str | None:
    """Give a crew that was not disbanded; None leaves the choice to the office."""
    if crew_id is None:
        return None
    crew = crews.get_crew(session, district_id=act.district_id, crew_id=crew_id)
    return crew_id if crew.disbanded_at is None else None
