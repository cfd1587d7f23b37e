"""Readers' days on the server: what was taken, where and when, is judged as one day, once."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy.orm import Session

from api import acts
from api.readings import jobs, service
from api.readings.models import Flag, Stop, Unjudged
from api.sites.models import ServicePoint
from api.tasks.models import Task
from schemas import places
from schemas import readings as shapes
from schemas.rules.flags import Explanation
from tests.makers import readings as make
from tests.makers import tasks

NOW = make.NOW
SECOND = dt.timedelta(seconds=1)
DEG_PER_M = 1 / 110_700


def run(session: Session) -> dict[str, int]:
    act = acts.system(
        district_id=make.DISTRICT, now=NOW + dt.timedelta(days=1), job="flag_estimates"
    )
    counts = jobs.run(session, act=act)
    session.flush()
    return counts


def street(session: Session, count: int, *, apart_m: float) -> tuple[Task, list[Stop]]:
    """Plan a route along a street of meters, `apart_m` apart, each with a past."""
    meter_ids = [f"M{number:04d}" for number in range(count)]
    for number, meter_id in enumerate(meter_ids):
        make.history(session, meter_id=meter_id)
        point = session.get_one(ServicePoint, (make.DISTRICT, f"P-{meter_id}"))
        point.lat_deg = 20.0 + number * apart_m * DEG_PER_M
        point.lon_deg = 110.0
    session.flush()
    route = make.route(session, meter_ids=meter_ids)
    return route, [make.stop_of(session, meter_id=meter_id) for meter_id in meter_ids]


def fix(north_m: float, **more: object) -> places.Fix:
    known = places.Fix(lat_deg=20.0 + north_m * DEG_PER_M, lon_deg=110.0, accuracy_m=8, age_s=1)
    return msgspec.structs.replace(known, **more)


def read(
    session: Session,
    route: Task,
    stop: Stop,
    *,
    at_s: float,
    fixed: places.Fix | None,
    used: int = 107,
) -> str:
    """Read a stop's meter; give the reading's id."""
    assert stop.previous_value is not None
    reading_id = f"R-{stop.meter_id}"
    act = tasks.of_crew(at=NOW + at_s * SECOND, operation_id=reading_id)
    body = msgspec.structs.replace(make.taken(stop, stop.previous_value + used), fix=fixed)
    service.take(session, act=act, subject_id=route.id, body=body)
    session.flush()
    return reading_id


def found(session: Session) -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for flag in session.query(Flag):
        codes.setdefault(flag.reading_id, set()).add(flag.code)
    return codes


def test_a_day_at_a_desk_is_found_with_sentences_that_can_be_checked(session: Session) -> None:
    route, stops = street(session, 4, apart_m=150)
    ids = [
        read(session, route, stop, at_s=number * 8, fixed=fix(2_000 + number))
        for number, stop in enumerate(stops)
    ]

    counts = run(session)

    assert {code: counts[code] for code in ("ER30", "ER32", "ER33")} == {
        "ER30": 4,
        "ER32": 4,
        "ER33": 4,
    }
    assert all(codes == {"ER30", "ER32", "ER33"} for codes in found(session).values())
    far = session.query(Flag).filter_by(reading_id=ids[0], code="ER30").one()
    assert (far.en, far.reader_id, far.severity) == ("2000 m from the meter (+/- 8)", "li", "H")
    pace = session.query(Flag).filter_by(reading_id=ids[1], code="ER32").one()
    assert pace.en == "150 m in 8 s"
    assert (pace.inputs["from_meter"], pace.inputs["to_meter"]) == ("M0000", "M0001")


def test_an_honest_walk_is_left_alone_and_needs_no_position(session: Session) -> None:
    route, stops = street(session, 5, apart_m=60)
    for number, stop in enumerate(stops):
        fixed = None if number == 2 else fix(number * 60 + 3)
        read(session, route, stop, at_s=number * 75, fixed=fixed, used=101 + 3 * number)
    assert run(session) == {"readings": 5, "routes_retired": 0}
    assert found(session) == {}


def test_what_comes_late_is_judged_with_the_whole_day_and_once(session: Session) -> None:
    route, stops = street(session, 4, apart_m=150)
    for number in (0, 1):
        read(session, route, stops[number], at_s=number * 400, fixed=fix(2_000 + number))
    run(session)
    assert {code for codes in found(session).values() for code in codes} == {"ER30"}

    for number in (2, 3):
        read(session, route, stops[number], at_s=number * 400, fixed=fix(2_000 + number))
    run(session)
    before = found(session)
    assert [sorted(codes) for codes in before.values()] == [["ER30", "ER33"]] * 4

    session.add_all(
        Unjudged(
            district_id=make.DISTRICT,
            reading_id=f"R-{stop.meter_id}",
            meter_id=stop.meter_id,
            read_at=NOW,
        )
        for stop in stops
    )
    session.flush()
    assert run(session) == {"readings": 4, "routes_retired": 0}
    assert found(session) == before


def test_a_change_of_datum_explains_a_place_and_no_simulation(session: Session) -> None:
    route, stops = street(session, 2, apart_m=150)
    for number, stop in enumerate(stops):
        draft = shapes.MeterEventDraft(
            kind=Explanation.datum_change, meter_id=stop.meter_id, from_at=NOW - make.MONTH
        )
        service.record_event(session, act=tasks.of_office(), draft=draft)
        simulated = number == 1
        fixed = fix(2_000, simulated=simulated)
        read(session, route, stop, at_s=number * 900, fixed=fixed)
    run(session)
    assert list(found(session).values()) == [{"ER34"}]


def test_a_day_of_exact_estimates_is_a_batch(session: Session) -> None:
    route, stops = street(session, 6, apart_m=60)
    for number, stop in enumerate(stops):
        copied = int(make.USED[-1])
        read(session, route, stop, at_s=number * 75, fixed=fix(number * 60), used=copied)
    run(session)
    assert all(codes == {"ER14", "ER15"} for codes in found(session).values())
    batch = session.query(Flag).filter_by(code="ER15").first()
    assert batch is not None
    assert batch.en == "6 of 6 readings of this reader's day are exact estimates; expected 0.1"


def test_days_of_two_readers_are_two_days(session: Session) -> None:
    route, stops = street(session, 2, apart_m=240)
    read(session, route, stops[0], at_s=0, fixed=None)
    other = tasks.of_crew(person_id="chen", crew_ids=("crew-2",), at=NOW + 5 * SECOND)
    assert stops[1].previous_value is not None
    body = make.taken(stops[1], stops[1].previous_value + 107)
    route.person_id, route.crew_id = None, "crew-2"
    session.flush()
    service.take(session, act=other, subject_id=route.id, body=body)
    session.flush()
    assert run(session)["readings"] == 2
    assert found(session) == {}
