"""An arrival is judged honestly and recorded whatever the verdict."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from api import db
from api.checkins import service
from api.errors import NotFound
from api.promises import service as promises
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import checkins, places
from schemas.rules.datums import Datum
from schemas.rules.geofence import VerdictKind
from schemas.rules.transitions import State
from tests.makers import sites
from tests.makers import tasks as make

AT_31 = make.NOW + dt.timedelta(minutes=31)
LATE = dt.timedelta(hours=2, minutes=39)


def fix(
    *,
    north_m: float = 0,
    accuracy_m: float | None = 8,
    age_s: float = 3,
    simulated: bool = False,
    datum: Datum = Datum.wgs84,
) -> places.Fix:
    """Stand some metres north of the site."""
    lat_deg, lon_deg = sites.north_east(north_m=north_m)
    return places.Fix(
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        accuracy_m=accuracy_m,
        age_s=age_s,
        simulated=simulated,
        datum=datum,
    )


def check_in(
    session: Session, task: Task, at_fix: places.Fix | None, *, at: dt.datetime = AT_31
) -> checkins.RecordedCheckIn:
    act = make.of_crew(at=at, received_at=at + LATE, operation_id=f"op-{at.isoformat()}"[:40])
    body = checkins.CheckIn(fix=at_fix, verdict=VerdictKind.inside)
    assert service.record(session, act=act, subject_id=task.id, body=body) is None
    rows = service.list_of_task(session, act=make.of_office(), task_id=task.id)
    return rows[-1].wire()


def arrive_clock(task: Task) -> dt.datetime | None:
    return {clock.kind: clock.stopped_at for clock in task.task_clocks}["arrive"]


@pytest.mark.parametrize(
    ("at_fix", "verdict", "reason"),
    [
        (fix(north_m=10), VerdictKind.inside, "within"),
        (fix(north_m=45), VerdictKind.unsure, "near_edge"),
        (fix(north_m=400), VerdictKind.outside, "far"),
        (fix(accuracy_m=None), VerdictKind.unsure, "accuracy_unknown"),
        (fix(age_s=121), VerdictKind.unsure, "stale"),
        (fix(simulated=True), VerdictKind.unsure, "simulated"),
        (None, VerdictKind.unsure, "no_fix"),
    ],
)
def test_the_verdict_comes_with_its_reason(
    session: Session, at_fix: places.Fix | None, verdict: VerdictKind, reason: str
) -> None:
    task = make.task(session, state=State.en_route)
    recorded = check_in(session, task, at_fix)
    assert recorded.verdict == verdict
    assert reason in recorded.reasons
    assert task.state == State.arrived


def test_a_check_in_keeps_when_it_happened_and_what_the_phone_showed(session: Session) -> None:
    task = make.task(session)
    recorded = check_in(session, task, fix(north_m=400))
    assert (recorded.happened_at, recorded.received_at) == (AT_31, AT_31 + LATE)
    assert (recorded.verdict, recorded.verdict_on_phone) == ("outside", "inside")
    assert recorded.distance_m == pytest.approx(400, abs=1)
    assert recorded.words.en == "Not at the site: 400 m ± 8 m from it, 50 m allowed."
    assert recorded.words.zh == "不在现场：距现场 400 米（± 8 米），允许 50 米。"


@pytest.mark.parametrize("at_fix", [fix(), fix(north_m=45), None])
def test_the_clock_stops_when_the_crew_arrived_not_when_we_heard(
    session: Session, at_fix: places.Fix | None
) -> None:
    task = make.task(session)
    check_in(session, task, at_fix)
    assert arrive_clock(task) == AT_31


def test_an_arrival_elsewhere_stops_no_clock_until_a_better_one(session: Session) -> None:
    task = make.task(session)
    check_in(session, task, fix(north_m=400))
    assert (task.state, arrive_clock(task)) == (State.arrived, None)
    later = AT_31 + dt.timedelta(minutes=2)
    check_in(session, task, fix(), at=later)
    assert arrive_clock(task) == later


def test_doubt_is_written_into_the_ledger(session: Session) -> None:
    task = make.task(session)
    check_in(session, task, fix(north_m=45))
    clocks = promises.list_clocks(
        session,
        act=make.of_office(),
        wanted=promises.Wanted(subject_id=task.id),
        after=None,
        limit=10,
    )
    arrive = next(clock for clock in clocks if clock.kind == "arrive")
    told = promises.get_clock(session, act=make.of_office(), clock_id=arrive.id)
    assert any("near_edge" in moment.remark for moment in told.moments)


@pytest.mark.parametrize(
    "site",
    [None, {"geometry": {"type": "Blob"}, "datum": "wgs84", "radius_m": 50.0}],
    ids=["none", "broken"],
)
def test_work_without_a_site_is_still_arrived_at(
    session: Session, site: dict[str, object] | None
) -> None:
    task = make.task(session)
    task.site = site
    recorded = check_in(session, task, fix())
    assert (recorded.verdict, recorded.reasons) == (VerdictKind.unsure, ["no_site"])
    assert recorded.words.en == "Not sure to be at the site: the order has no site."
    assert task.state == State.arrived


def test_a_crew_that_lost_the_order_is_recorded_all_the_same(session: Session) -> None:
    task = make.task(session)
    tasks.reassign(
        session,
        act=make.of_office(),
        task=task,
        crew_id="crew-2",
        person_id=None,
        why=make.REASON,
    )
    body = checkins.CheckIn(fix=fix())
    remark = service.record(session, act=make.of_crew(at=AT_31), subject_id=task.id, body=body)
    assert isinstance(remark, tasks.NoLongerYours)
    rows = service.list_of_task(session, act=make.of_office(), task_id=task.id)
    assert [row.verdict for row in rows] == ["inside"]


def test_another_crew_cannot_arrive_at_it(session: Session) -> None:
    task = make.task(session)
    stranger = make.of_crew(person_id="chen", crew_ids=["crew-2"])
    with pytest.raises(NotFound):
        service.record(session, act=stranger, subject_id=task.id, body=checkins.CheckIn())
    assert service.list_of_task(session, act=make.of_office(), task_id=task.id) == []


def test_the_day_is_that_of_the_district(session: Session) -> None:
    task = make.task(session)
    midnight = dt.datetime(2026, 11, 22, 16, 0, tzinfo=dt.UTC)
    for minutes in (-1, 0, 1):
        check_in(session, task, fix(), at=midnight + dt.timedelta(minutes=minutes))

    def on(day: dt.date | None, **more: object) -> int:
        wanted = checkins.CheckInFilter(day=day, **more)  # type: ignore[arg-type]  # by name
        return len(
            service.list_of_day(session, act=make.of_office(), wanted=wanted, behind=None, limit=10)
        )

    assert on(dt.date(2026, 11, 22)) == 1
    assert on(dt.date(2026, 11, 23)) == on(None) == 2
    assert on(None, verdict=VerdictKind.outside) == 0
    assert on(None, person_id="li") == 2


def test_arrivals_are_drawn_in_wgs84(session: Session) -> None:
    task = make.task(session)
    check_in(session, task, fix(datum=Datum.gcj02))
    check_in(session, task, None, at=AT_31 + dt.timedelta(minutes=1))
    rows = service.list_of_task(session, act=make.of_office(), task_id=task.id)
    (feature,) = service.draw(rows, next_key=None).features
    coordinates = feature.geometry["coordinates"]
    assert isinstance(coordinates, list)
    assert coordinates[0] != sites.LON_DEG
    assert coordinates[0] == pytest.approx(sites.LON_DEG, abs=0.01)


def test_check_ins_on_loaded_tasks_ask_nothing_but_the_districts_settings(
    database: db.Database,
) -> None:
    ids = [f"t{count}" for count in range(20)]
    with database.unit_of_work() as session:
        for task_id in ids:
            make.task(session, task_id=task_id)
    asked: list[str] = []

    def note(*args: object) -> None:
        asked.append(str(args[2]))

    with database.unit_of_work() as session:
        tasks.load(session, district_id=make.DISTRICT, ids=ids)
        body = checkins.CheckIn(fix=fix())
        service.record(session, act=make.of_crew(), subject_id=ids[0], body=body)
        event.listen(database.engine, "before_cursor_execute", note)
        for task_id in ids[1:]:
            service.record(session, act=make.of_crew(), subject_id=task_id, body=body)
        assert asked == []
