"""Meters with histories and routes for tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from api import ids
from api.readings import service
from api.readings.models import AbnormalUse, Reading, Stop, Unjudged
from api.readings.standing import EstimateBasis, VisitProposal
from api.sites.models import Meter, ServicePoint
from api.tasks.models import Task
from schemas import readings as shapes
from tests.makers import sites, tasks

DISTRICT = tasks.DISTRICT
NOW = tasks.NOW
MONTH = dt.timedelta(days=30)
USED = tuple(Decimal(kwh) for kwh in (101, 97, 104, 99, 103, 98, 102, 100, 96, 105))
"""What a quiet household used, month by month."""


def meter(session: Session, *, meter_id: str = "M0001", digits: int = 5) -> Meter:
    """Install a meter at a service point of its own, in a district with crews."""
    tasks.district(session)
    point_id = f"P-{meter_id}"
    if session.get(ServicePoint, (DISTRICT, point_id)) is None:
        sites.service_point(session, service_point_id=point_id)
    there = session.get(Meter, (DISTRICT, meter_id))
    return there or sites.meter(
        session, meter_id=meter_id, service_point_id=point_id, digits=digits
    )


def many_meters(session: Session, meter_ids: Sequence[str]) -> None:
    """Install meters at service points of their own, all alike and all at once."""
    first, *rest = meter_ids
    like = meter(session, meter_id=first)
    point = session.get_one(ServicePoint, (DISTRICT, like.service_point_id))
    places = [{"id": f"P-{each}", "number": f"46P-{each}"} for each in rest]
    names = [{"id": each, "service_point_id": f"P-{each}", "serial": f"SN{each}"} for each in rest]
    for row, others in ((point, places), (like, names)):
        columns = {each.name: getattr(row, each.name) for each in type(row).__table__.columns}
        session.execute(insert(type(row)), [{**columns, **each} for each in others])


def value(
    session: Session,
    *,
    total: Decimal | int,
    read_at: dt.datetime,
    meter_id: str = "M0001",
    quality: shapes.Quality = shapes.Quality.ACTUAL,
    estimator: str | None = None,
    judged: bool = False,
) -> str:
    """Put a reading into a meter's history; give its id."""
    reading_id = ids.new_id()
    session.add(
        _reading(
            reading_id,
            meter_id=meter_id,
            total=total,
            read_at=read_at,
            quality=quality,
            estimator=estimator,
        )
    )
    if not judged:
        session.add(
            Unjudged(
                district_id=DISTRICT, reading_id=reading_id, meter_id=meter_id, read_at=read_at
            )
        )
    session.flush()
    return reading_id


def _reading(
    reading_id: str,
    *,
    meter_id: str,
    total: Decimal | int,
    read_at: dt.datetime,
    quality: shapes.Quality,
    estimator: str | None,
) -> Reading:
    is_estimate = quality is shapes.Quality.ESTIMATED
    return Reading(
        district_id=DISTRICT,
        id=reading_id,
        meter_id=meter_id,
        stop_id=None,
        route_id=None,
        reader_id="li",
        device_id=None,
        read_at=read_at,
        error_s=0.0,
        clock_suspect=False,
        received_at=read_at,
        total=Decimal(total),
        tariffs={},
        used_kwh=None,
        method=str(shapes.Method.ESTIMATED if is_estimate else shapes.Method.READ),
        quality=str(quality),
        estimator=estimator or ("like_month" if is_estimate else None),
        prompts=[],
        confirmed=[],
        fix=None,
        photos=[],
        note="",
    )


def history(
    session: Session,
    *,
    meter_id: str = "M0001",
    digits: int = 5,
    start: Decimal | int = 10_000,
    used: Sequence[Decimal] = USED,
    ends_at: dt.datetime = NOW - MONTH,
) -> Decimal:
    """Install a meter and read it monthly, judged already; give its last value."""
    meter(session, meter_id=meter_id, digits=digits)
    total = Decimal(start)
    first_at = ends_at - MONTH * len(used)
    value(session, total=total, read_at=first_at, meter_id=meter_id, judged=True)
    for month, kwh in enumerate(used, start=1):
        total += kwh
        at = first_at + MONTH * month
        value(session, total=total, read_at=at, meter_id=meter_id, judged=True)
    return total


def route(
    session: Session,
    *,
    meter_ids: Sequence[str] = ("M0001",),
    person_id: str | None = "li",
    crew_id: str | None = None,
) -> Task:
    """Plan a route over meters that stand, for a person."""
    for meter_id in meter_ids:
        meter(session, meter_id=meter_id)
    draft = shapes.RouteDraft(
        name="灵山 3 号线",
        meter_ids=list(meter_ids),
        person_id=person_id,
        crew_id=crew_id,
        planned_at=NOW,
    )
    task = service.plan_route(session, act=tasks.of_office(), draft=draft)
    session.flush()
    return task


def stop_of(session: Session, *, meter_id: str = "M0001", route_id: str | None = None) -> Stop:
    """Give a meter's only stop, or that of one route, as it is now."""
    asked = session.query(Stop).populate_existing()
    if route_id is not None:
        asked = asked.filter_by(route_id=route_id)
    return asked.filter_by(district_id=DISTRICT, meter_id=meter_id).one()


def taken(
    stop: Stop, total: Decimal | str | int, *, confirmed: Sequence[str] = ()
) -> shapes.ReadingTaken:
    """Make the body of a reading."""
    return shapes.ReadingTaken(stop_id=stop.id, total=Decimal(total), confirmed=list(confirmed))


def abnormal(names: Mapping[str, str]) -> AbnormalUse:
    """Make a finding of high use, by the names of its things."""
    return AbnormalUse(
        district_id=names["district"],
        id=names["abnormal"],
        meter_id=names["meter"],
        kind="high",
        code="ER18",
        read_on="2026-11-20",
        inputs={},
        en="900 against usual 200",
        zh="用电量 900，平常 200",
        opened_at=NOW,
        due_at=NOW,
        owner_id=names["person"],
        closed_at=None,
        found=None,
        note="",
    )


def doubted(session: Session, names: Mapping[str, str]) -> None:
    """Make a declared estimate, and a proposal to visit its meter, by the names of their things."""
    about = {"district_id": names["district"], "meter_id": names["meter"]}
    row = _reading(
        names["reading"],
        meter_id=names["meter"],
        total=5,
        read_at=NOW - MONTH,
        quality=shapes.Quality.ESTIMATED,
        estimator="zero",
    )
    row.district_id, row.reader_id = names["district"], None
    session.add(row)
    session.flush()
    basis = EstimateBasis(
        district_id=names["district"],
        reading_id=row.id,
        since_value=Decimal(5),
        since_at=NOW - 2 * MONTH,
        used_kwh=Decimal(0),
        inputs={},
    )
    visit = VisitProposal(
        **about,
        id=names["visit"],
        reason="no_access",
        about="2026-11",
        step="letter",
        inputs={},
        en="write",
        zh="寄信",
        opened_at=NOW,
        note="",
    )
    session.add_all([basis, visit])
    session.flush()
