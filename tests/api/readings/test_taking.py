"""Readings at the meter: kept as facts, asked about, and only what a register shows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from api import db
from api.errors import NotFound
from api.feed.models import FeedEntry
from api.readings import service
from api.readings.models import Reading, Skip
from api.tasks import service as tasks_service
from schemas import readings as shapes
from schemas.errors import Refused
from schemas.rules.transitions import State
from tests.makers import questions, tasks
from tests.makers import readings as make

MINUTE = dt.timedelta(minutes=1)


def only(session: Session) -> Reading:
    return session.query(Reading).filter(Reading.stop_id.is_not(None)).one()


def prompts_of(database: db.Database, meter_id: str) -> list[str]:
    with database.reading() as session:
        kept = (
            session.query(Reading).filter_by(meter_id=meter_id).filter(Reading.stop_id.is_not(None))
        )
        return kept.one().prompts


def test_a_reading_is_kept_and_starts_its_route(session: Session) -> None:
    last = make.history(session)
    task = make.route(session)
    stop = make.stop_of(session)
    act = tasks.of_crew(operation_id="op-1")
    assert (
        service.take(session, act=act, subject_id=task.id, body=make.taken(stop, last + 99)) is None
    )
    kept = only(session)
    assert (kept.id, kept.total, kept.used_kwh) == ("op-1", last + 99, Decimal(99))
    assert (kept.quality, kept.prompts) == ("actual", [])
    kept_stop = make.stop_of(session)
    assert (kept_stop.state, kept_stop.reading_id) == ("read", "op-1")
    assert task.state == State.working


@pytest.mark.parametrize(
    ("change", "prompts"),
    [(-50, ["ER10"]), (0, ["ER12"]), (99, [])],
)
def test_what_looks_odd_is_kept_with_what_was_asked(
    session: Session, change: int, prompts: list[str]
) -> None:
    last = make.history(session)
    task = make.route(session)
    body = make.taken(make.stop_of(session), last + change, confirmed=prompts)
    service.take(session, act=tasks.of_crew(), subject_id=task.id, body=body)
    kept = only(session)
    assert (kept.prompts, kept.confirmed) == (prompts, prompts)


def test_exchanged_digits_are_asked_about(session: Session) -> None:
    make.history(session, start=50_000)  # ends at 51,005; about 51,105 is usual
    task = make.route(session)
    body = make.taken(make.stop_of(session), 51_150)
    service.take(session, act=tasks.of_crew(), subject_id=task.id, body=body)
    assert only(session).prompts == []
    body = make.taken(make.stop_of(session), 15_105)
    service.take(session, act=tasks.of_crew(at=tasks.NOW + MINUTE), subject_id=task.id, body=body)
    latest = session.query(Reading).filter_by(id=make.stop_of(session).reading_id).one()
    assert "ER17" in latest.prompts


def test_values_of_two_neighbours_are_asked_about_when_they_are_exchanged(
    database: db.Database,
) -> None:
    with database.unit_of_work() as session:
        here = make.history(session, meter_id="M0001", start=10_000)
        there = make.history(session, meter_id="M0002", start=50_000)
        make.history(session, meter_id="M0003", start=70_000)
        task_id = make.route(session, meter_ids=["M0001", "M0002", "M0003"]).id
    for meter_id, total in (("M0001", there + 99), ("M0003", 3), ("M0002", here + 99)):
        with database.unit_of_work() as session:
            body = make.taken(make.stop_of(session, meter_id=meter_id), total)
            service.take(session, act=tasks.of_crew(), subject_id=task_id, body=body)
    assert prompts_of(database, "M0001") == []  # nobody can know before the other is read
    assert prompts_of(database, "M0002") == ["ER16", "ER10"]


def test_values_exchanged_in_one_batch_are_asked_about(database: db.Database) -> None:
    with database.unit_of_work() as session:
        here = make.history(session, meter_id="M0001", start=10_000)
        there = make.history(session, meter_id="M0002", start=50_000)
        task_id = make.route(session, meter_ids=["M0001", "M0002"]).id
    with database.unit_of_work() as session:
        for meter_id, total in (("M0002", here + 99), ("M0001", there + 99)):
            body = make.taken(make.stop_of(session, meter_id=meter_id), total)
            service.take(session, act=tasks.of_crew(), subject_id=task_id, body=body)
    assert prompts_of(database, "M0001") == ["ER16"]


def test_what_was_read_two_meters_off_is_no_neighbours(database: db.Database) -> None:
    with database.unit_of_work() as session:
        here = make.history(session, meter_id="M0001", start=10_000)
        make.history(session, meter_id="M0002", start=30_000)
        there = make.history(session, meter_id="M0003", start=50_000)
        task_id = make.route(session, meter_ids=["M0001", "M0002", "M0003"]).id
    for meter_id, total in (("M0001", there + 99), ("M0003", here + 99)):
        with database.unit_of_work() as session:
            body = make.taken(make.stop_of(session, meter_id=meter_id), total)
            service.take(session, act=tasks.of_crew(), subject_id=task_id, body=body)
    assert prompts_of(database, "M0003") == ["ER10"]


def test_a_register_that_rolled_over_is_no_negative(session: Session) -> None:
    make.history(session, start=98_950)  # ends at 99,955 of 99,999
    task = make.route(session)
    body = make.taken(make.stop_of(session), 55)
    service.take(session, act=tasks.of_crew(), subject_id=task.id, body=body)
    kept = only(session)
    assert (kept.prompts, kept.used_kwh) == ([], Decimal(100))


def test_tariffs_that_do_not_add_up_are_asked_about(session: Session) -> None:
    make.meter(session).registers = ["total", "peak", "valley"]
    session.flush()
    task = make.route(session)
    body = shapes.ReadingTaken(
        stop_id=make.stop_of(session).id,
        total=Decimal(100),
        tariffs={"peak": Decimal(40), "valley": Decimal(30)},
    )
    service.take(session, act=tasks.of_crew(), subject_id=task.id, body=body)
    kept = only(session)
    assert kept.prompts == ["ER21"]
    assert kept.tariffs == {"peak": "40", "valley": "30"}


@pytest.mark.parametrize(
    ("total", "tariffs", "refusal"),
    [
        ("100000", {}, service.TooManyDigits),
        ("1e17", {}, service.TooManyDigits),
        ("99.5", {}, service.TooManyDecimals),
        ("-1", {}, service.NotOnRegister),
        ("1", {"night": Decimal(1)}, service.UnknownRegister),
        ("1", {"total": Decimal(1)}, service.UnknownRegister),
    ],
)
def test_what_no_register_shows_is_refused_and_changes_nothing(
    session: Session, total: str, tariffs: dict[str, Decimal], refusal: type[Refused]
) -> None:
    task = make.route(session)
    stop = make.stop_of(session)
    body = shapes.ReadingTaken(stop_id=stop.id, total=Decimal(total), tariffs=tariffs)
    with pytest.raises(refusal):
        service.take(session, act=tasks.of_crew(), subject_id=task.id, body=body)
    assert (stop.state, task.state) == ("open", State.dispatched)
    assert session.query(Reading).count() == 0


def test_the_latest_by_event_time_counts_and_both_are_kept(session: Session) -> None:
    last = make.history(session)
    task = make.route(session)
    stop = make.stop_of(session)
    for name, minutes, total in (("late", 10, last + 90), ("early", 5, last + 80)):
        act = tasks.of_crew(at=tasks.NOW + minutes * MINUTE, operation_id=name)
        service.take(session, act=act, subject_id=task.id, body=make.taken(stop, total))
    assert make.stop_of(session).reading_id == "late"
    rows = service.list_readings_of_meter(
        session, act=tasks.of_office(), meter_id=stop.meter_id, after=None, limit=2
    )
    assert [(row.id, row.counts) for row in rows] == [("late", True), ("early", False)]


def test_a_meter_that_cannot_be_read_keeps_why(session: Session) -> None:
    task = make.route(session)
    stop = make.stop_of(session)
    body = shapes.ReadingSkipped(stop_id=stop.id, code=shapes.SkipCode.DOG)
    assert service.skip(session, act=tasks.of_crew(), subject_id=task.id, body=body) is None
    stop = make.stop_of(session)
    assert (stop.state, stop.skip_code) == ("skipped", "dog")
    assert session.query(Skip).one().code == "dog"
    act = tasks.of_crew(at=tasks.NOW + MINUTE)
    service.take(session, act=act, subject_id=task.id, body=make.taken(stop, 5))
    stop = make.stop_of(session)
    assert (stop.state, stop.skip_code) == ("read", None)
    service.skip(session, act=act, subject_id=task.id, body=body)
    assert make.stop_of(session).state == "read"


def test_a_stop_of_another_route_is_not_found(session: Session) -> None:
    make.route(session)
    other = make.route(session, meter_ids=["M0002"])
    with pytest.raises(NotFound):
        service.take(
            session,
            act=tasks.of_crew(),
            subject_id=other.id,
            body=make.taken(make.stop_of(session), 5),
        )


def test_another_readers_route_does_not_exist(session: Session) -> None:
    task = make.route(session)
    stranger = tasks.of_crew(person_id="chen", crew_ids=["crew-2"])
    body = make.taken(make.stop_of(session), 5)
    with pytest.raises(NotFound):
        service.take(session, act=stranger, subject_id=task.id, body=body)


def test_what_was_read_on_a_route_that_moved_on_is_kept(session: Session) -> None:
    task = make.route(session)
    tasks_service.reassign(
        session,
        act=tasks.of_office(),
        task=task,
        crew_id=None,
        person_id="chen",
        why="reader fell ill at the river bridge",
    )
    remark = service.take(
        session,
        act=tasks.of_crew(),
        subject_id=task.id,
        body=make.taken(make.stop_of(session), 5),
    )
    assert isinstance(remark, service.RouteMovedOn)
    assert remark.outcome == "merged"
    assert only(session).total == 5
    assert task.state == State.dispatched


@pytest.mark.slow
def test_readings_on_a_started_route_ask_nothing_once_loaded(database: db.Database) -> None:
    meter_ids = [f"M{number:04}" for number in range(100)]
    with database.unit_of_work() as session:
        task = make.route(session, meter_ids=meter_ids)
        task_id = task.id
        stop_ids = [make.stop_of(session, meter_id=meter_id).id for meter_id in meter_ids]
    with database.unit_of_work() as session:
        tasks_service.load(session, district_id=make.DISTRICT, ids=[task_id])
        stops = service.load_stops(session, district_id=make.DISTRICT, ids=[*stop_ids, "none"])
        bodies = [make.taken(stop, 7) for stop in stops]
        del stops
        service.take(session, act=tasks.of_crew(), subject_id=task_id, body=bodies.pop())
        with questions.asked(database) as asked:
            for number, body in enumerate(bodies):
                act = tasks.of_crew(operation_id=f"op-{number}")
                service.take(session, act=act, subject_id=task_id, body=body)
        assert asked == []
        with questions.asked(database) as asked:
            session.flush()
        assert len(asked) <= 6
    with database.reading() as session:
        assert session.query(Reading).count() == 100


def test_phones_of_the_route_get_the_stop_and_lose_it_with_the_route(
    database: db.Database,
) -> None:
    with database.unit_of_work() as session:
        task = make.route(session)
        audience = f"route:{task.id}"
    with database.reading() as session:
        (entry,) = session.query(FeedEntry).filter_by(audience=audience).all()
        assert not entry.gone
    with database.unit_of_work() as session:
        (task,) = tasks_service.load(session, district_id=make.DISTRICT, ids=[task.id])
        tasks_service.cancel(
            session, act=tasks.of_office(), task=task, reason="meters replaced by remote ones"
        )
    with database.unit_of_work() as session:
        assert service.retire_routes(session, act=tasks.of_office(), limit=10) == 1
    with database.unit_of_work() as session:
        assert service.retire_routes(session, act=tasks.of_office(), limit=10) == 0
        (entry,) = session.query(FeedEntry).filter_by(audience=audience).all()
        assert entry.gone
