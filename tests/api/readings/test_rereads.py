"""Re-reads: asked for once, never of the same reader, and their outcome feeds back."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from api import acts
from api.readings import jobs, service, store
from api.readings.models import Flag, Reread, Route, Stop
from api.readings.service import rereads as asking
from api.readings.service import sampling, thresholds
from api.tasks.models import Task
from schemas.readings import RereadReason
from schemas.rules import rereads
from tests.makers import readings as make
from tests.makers import tasks

NOW, DAY = make.NOW, dt.timedelta(days=1)
OFFICE = tasks.of_office()


def run(session: Session, *, at: dt.datetime = NOW + DAY) -> dict[str, int]:
    act = acts.system(district_id=make.DISTRICT, now=at, job="flag_estimates")
    counts = jobs.run(session, act=act)
    session.flush()
    return counts


def read(
    session: Session, route: Task, stop: Stop, total: int, *, at: dt.datetime, person_id: str = "li"
) -> str:
    """Read a stop's meter on its route; give the reading's id."""
    reading_id = f"R-{stop.meter_id}-{at:%d%H%M}-{person_id}"
    crew_ids = ("crew-1",) if person_id == "li" else ("crew-2",)
    act = tasks.of_crew(person_id=person_id, crew_ids=crew_ids, at=at, operation_id=reading_id)
    service.take(session, act=act, subject_id=route.id, body=make.taken(stop, total))
    session.flush()
    return reading_id


@pytest.fixture
def copied(session: Session) -> int:
    """Have Li write down last month's use again, and Chen read another meter honestly."""
    last = make.history(session)
    other = make.history(session, meter_id="M0002")
    route = make.route(session)
    read(session, route, make.stop_of(session), int(last + make.USED[-1]), at=NOW)
    second = make.route(session, meter_ids=["M0002"], person_id="chen")
    stop = make.stop_of(session, meter_id="M0002")
    read(session, second, stop, int(other) + 107, at=NOW, person_id="chen")
    return int(last + make.USED[-1])


def planned(session: Session) -> tuple[Reread, Task, Stop]:
    row = session.query(Reread).one()
    task = session.get_one(Task, (make.DISTRICT, row.route_id))
    stop = session.query(Stop).filter_by(route_id=task.id).one()
    return row, task, stop


def test_what_looks_invented_is_read_again_by_somebody_else_and_once(
    session: Session, copied: int
) -> None:
    counts = run(session)
    assert (counts["rereads"], counts["reread_routes"]) == (1, 1)
    row, task, stop = planned(session)
    assert (row.reader_id, row.codes, row.reason) == ("li", ["ER14"], "flagged")
    assert row.due_at == NOW + DAY + thresholds.IN_FORCE.rereads.within_days * DAY
    assert (task.person_id, stop.meter_id) == ("chen", "M0001")
    again = run(session, at=NOW + 2 * DAY)
    assert again == {"readings": 0, "routes_retired": 0}
    assert session.query(Route).count() == 3


@pytest.mark.parametrize(
    ("used", "outcome", "precision"), [(-40, "upheld", 1.0), (7, "cleared", 0.0)]
)
def test_the_second_reading_settles_it_and_feeds_back(
    session: Session, copied: int, used: int, outcome: str, precision: float
) -> None:
    run(session)
    row, task, stop = planned(session)
    second = read(session, task, stop, copied + used, at=NOW + 2 * DAY, person_id="chen")
    counts = run(session, at=NOW + 3 * DAY)
    assert counts[outcome] == 1
    session.refresh(row)
    assert (row.outcome, row.second_id, row.settled_at) == (outcome, second, NOW + 3 * DAY)
    assert str(copied) in row.en + row.zh
    flags = session.query(Flag).filter_by(reading_id=row.reading_id)
    assert {flag.outcome for flag in flags} == {outcome}
    rules = {rule.code: rule for rule in service.precision(session, act=OFFICE)}
    rule = rules["ER14"]
    assert (rule.name, rule.precision, rule.open) == ("EQ_EST", precision, 0)


def test_a_second_reading_by_the_same_hand_settles_nothing(session: Session, copied: int) -> None:
    run(session)
    row, task, stop = planned(session)
    task.person_id = "li"
    read(session, task, stop, copied + 7, at=NOW + 2 * DAY, person_id="li")
    run(session, at=NOW + 3 * DAY)
    session.refresh(row)
    assert row.outcome is None
    task.person_id = "chen"
    read(session, task, stop, copied + 8, at=NOW + 3 * DAY, person_id="chen")
    run(session, at=NOW + 4 * DAY)
    session.refresh(row)
    assert row.outcome == "cleared"


def test_with_nobody_else_the_office_chooses(session: Session) -> None:
    last = make.history(session)
    route = make.route(session)
    read(session, route, make.stop_of(session), int(last + make.USED[-1]), at=NOW)
    run(session)
    _, task, _ = planned(session)
    assert (task.person_id, task.crew_id) == (None, None)


def test_a_meter_that_was_removed_before_stays_a_question(session: Session, copied: int) -> None:
    stop = make.stop_of(session)
    make.meter(session).removed_at = NOW + DAY / 2
    session.flush()
    assert run(session)["reread_routes"] == 1
    row = session.query(Reread).one()
    assert (row.meter_id, row.route_id, row.outcome) == (stop.meter_id, None, "open_question")
    assert row.en == "The meter was removed before."


def test_a_meter_waits_for_one_re_read_at_a_time(session: Session, copied: int) -> None:
    run(session)
    _, _, stop = planned(session)
    act = acts.system(district_id=make.DISTRICT, now=NOW + DAY, job="test")
    more = [("R-other", stop.meter_id, "li", ["ER30"])]
    asked = asking.open_all(session, act=act, reason=RereadReason.FLAGGED, wanted=more)
    assert asked == 0


def test_the_list_shows_what_waits_and_what_was_settled(session: Session, copied: int) -> None:
    run(session)
    row, task, stop = planned(session)

    def listed(**chosen: object) -> list[str]:
        wanted = store.RereadFilter(**chosen)  # type: ignore[arg-type]
        rows = service.list_rereads(session, act=OFFICE, chosen=wanted, after=None, limit=10)
        return [each.reading_id for each in rows]

    assert listed() == listed(settled=False) == listed(meter_id="M0001") == [row.reading_id]
    assert listed(settled=True) == listed(route_id="other") == []
    read(session, task, stop, copied + 7, at=NOW + 2 * DAY, person_id="chen")
    run(session, at=NOW + 3 * DAY)
    assert listed(settled=True) == [row.reading_id]


def test_blind_samples_are_drawn_of_honest_readings_and_only_once(
    session: Session, copied: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereads, "is_sampled", lambda *_, **__: True)
    counts = run(session)
    assert counts["samples"] == 1  # Li's is questioned already
    sampled = session.query(Reread).filter_by(reason="sampled").one()
    assert (sampled.reader_id, sampled.codes) == ("chen", [])
    assert "samples" not in run(session, at=NOW + DAY)


def test_readers_with_few_readings_are_never_odd(session: Session, copied: int) -> None:
    act = acts.system(district_id=make.DISTRICT, now=NOW + DAY, job="test")
    assert sampling.odd_readers(session, act=act, ids=["li", "chen"]) == frozenset()
