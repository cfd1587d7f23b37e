"""Flagging estimates: what the job finds, once, and what it leaves alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy.orm import Session

from api import acts, db
from api.promises import service as promises
from api.promises.service import rulebook
from api.readings import jobs, service
from api.readings.models import Flag, Reading, Unjudged
from api.readings.service import flagging
from api.tasks import service as tasks_service
from schemas import promises as promise_shapes
from schemas import readings as shapes
from schemas.readings import Quality
from schemas.rules.flags import Explanation
from schemas.rules.transitions import State
from tests.makers import readings as make
from tests.makers import sites, tasks

NOW, MONTH = make.NOW, make.MONTH
DAY = dt.timedelta(days=1)


def run(session: Session, *, at: dt.datetime = NOW + 10 * MONTH) -> dict[str, int]:
    """Run the job, by default long after everything."""
    act = acts.system(district_id=make.DISTRICT, now=at, job="flag-estimates")
    counts = jobs.run(session, act=act)
    session.flush()
    return counts


def found(session: Session) -> set[tuple[str, str]]:
    """List what was found, as (reading, code)."""
    session.flush()
    return {(flag.reading_id, flag.code) for flag in session.query(Flag)}


def test_a_copy_of_last_months_use_is_flagged_with_its_numbers(session: Session) -> None:
    last = make.history(session)
    invented = make.value(session, total=last + make.USED[-1], read_at=NOW)
    counts = run(session)
    assert (counts["readings"], counts["ER14"]) == (1, 1)
    (flag,) = session.query(Flag).all()
    assert (flag.reading_id, flag.code, flag.severity) == (invented, "ER14", "H")
    assert (flag.cim, flag.rule_version, flag.reader_id) == ("3.5.258", 2, "li")
    assert "105" in flag.en
    assert "105" in flag.zh
    assert flag.inputs["used_before_kwh"] == ["100", "96", "105"]


def test_an_honest_reading_is_left_alone(session: Session) -> None:
    last = make.history(session)
    make.value(session, total=last + 107, read_at=NOW)
    assert run(session) == {"readings": 1, "routes_retired": 0}
    assert session.query(Unjudged).count() == 0


def test_running_again_adds_nothing(session: Session) -> None:
    last = make.history(session)
    make.value(session, total=last + make.USED[-1], read_at=NOW)
    make.value(session, total=last, read_at=NOW + MONTH)
    run(session)
    before = found(session)
    assert run(session) == {"readings": 0, "routes_retired": 0}
    for row in session.query(Reading):
        session.add(
            Unjudged(
                district_id=row.district_id,
                reading_id=row.id,
                meter_id=row.meter_id,
                read_at=row.read_at,
            )
        )
    session.flush()
    counts = run(session)
    assert counts["readings"] == 13
    assert found(session) == before


def test_system_estimates_are_flagged_and_too_many_in_a_row_are_reviewed(session: Session) -> None:
    last = make.history(session)
    ids = [
        make.value(
            session,
            total=last + 100 * number,
            read_at=NOW + MONTH * (number - 1),
            quality=Quality.ESTIMATED,
        )
        for number in (1, 2, 3)
    ]
    run(session)
    assert found(session) == {(each, "ER01") for each in ids} | {(ids[2], "ER02")}
    repeated = session.query(Flag).filter_by(code="ER02").one()
    assert repeated.inputs["in_a_row"] == 3


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> str:
    """Know a policy set that allows no estimate; give its name."""
    usual = rulebook.SETS[rulebook.DEFAULT]
    limits = msgspec.structs.replace(usual.limits, estimates_in_row_max=0)
    policy = msgspec.structs.replace(usual, name="strict", limits=limits)
    monkeypatch.setattr(rulebook, "SETS", {**rulebook.SETS, policy.name: policy})
    return policy.name


def test_a_districts_own_policy_says_how_many_estimates_are_too_many(
    session: Session, strict: str
) -> None:
    last = make.history(session)
    choice = promise_shapes.PolicyChoice(policy=strict, effective_from=NOW + DAY)
    promises.choose(session, act=tasks.of_office(), choice=choice)
    before, after = (
        make.value(session, total=last + kwh, read_at=read_at, quality=Quality.ESTIMATED)
        for kwh, read_at in ((100, NOW), (200, NOW + MONTH))
    )
    run(session)
    assert found(session) == {(before, "ER01"), (after, "ER01"), (after, "ER02")}


def test_the_honest_reading_after_a_wild_one_is_not_blamed(session: Session) -> None:
    last = make.history(session)
    wild = make.value(session, total=last + 60_000, read_at=NOW)
    honest = make.value(session, total=last + 203, read_at=NOW + MONTH)
    run(session)
    assert found(session) == {(wild, "ER10"), (wild, "ER18")}
    assert honest not in {reading for reading, _ in found(session)}


def test_a_negative_reading_is_flagged_and_a_roll_over_is_not(session: Session) -> None:
    last = make.history(session)
    negative = make.value(session, total=last - 300, read_at=NOW)
    make.history(session, meter_id="M0002", start=98_950)
    make.value(session, total=58, read_at=NOW, meter_id="M0002")
    run(session)
    assert found(session) == {(negative, "ER10")}


def test_no_use_of_a_meter_that_always_used_is_flagged(session: Session) -> None:
    last = make.history(session)
    zero = make.value(session, total=last, read_at=NOW)
    run(session)
    assert found(session) == {(zero, "ER12")}


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (Explanation.vacancy, []),
        (Explanation.outage, []),
        (Explanation.meter_change, []),
        (Explanation.datum_change, ["ER12"]),
    ],
)
def test_what_an_event_explains_is_not_flagged(
    session: Session, kind: Explanation, codes: list[str]
) -> None:
    last = make.history(session)
    draft = shapes.MeterEventDraft(
        kind=kind, meter_id="M0001", from_at=NOW - 20 * DAY, to_at=NOW - 2 * DAY
    )
    service.record_event(session, act=tasks.of_office(), draft=draft)
    make.value(session, total=last, read_at=NOW)
    run(session)
    assert [code for _, code in found(session)] == codes


def test_an_outage_of_the_transformer_explains_the_meters_behind_it(session: Session) -> None:
    tasks.district(session)
    sites.feeder(session)
    sites.transformer(session)
    sites.service_point(session, service_point_id="P-M0001", transformer_id="T001")
    last = make.history(session)
    draft = shapes.MeterEventDraft(
        kind=Explanation.outage, transformer_id="T001", from_at=NOW - 29 * DAY
    )
    service.record_event(session, act=tasks.of_office(), draft=draft)
    make.value(session, total=last, read_at=NOW)
    run(session)
    assert found(session) == set()


def test_an_event_before_the_last_reading_explains_nothing(session: Session) -> None:
    last = make.history(session)
    draft = shapes.MeterEventDraft(
        kind=Explanation.outage,
        meter_id="M0001",
        from_at=NOW - 3 * MONTH,
        to_at=NOW - 2 * MONTH,
    )
    service.record_event(session, act=tasks.of_office(), draft=draft)
    zero = make.value(session, total=last, read_at=NOW)
    run(session)
    assert found(session) == {(zero, "ER12")}


def test_a_late_reading_puts_those_after_it_in_another_light(session: Session) -> None:
    last = make.history(session)
    make.value(session, total=last + 200, read_at=NOW + MONTH)
    run(session)
    assert found(session) == set()
    make.value(session, total=last + 100, read_at=NOW)
    run(session)
    assert {code for _, code in found(session)} == {"ER14"}


def test_only_the_reading_that_counts_is_judged(session: Session) -> None:
    last = make.history(session)
    task = make.route(session)
    stop = make.stop_of(session)
    for minutes, kwh in ((1, 105), (2, 111)):
        act = tasks.of_crew(at=NOW + dt.timedelta(minutes=minutes))
        body = make.taken(stop, last + Decimal(kwh))
        service.take(session, act=act, subject_id=task.id, body=body)
    assert run(session) == {"readings": 2, "routes_retired": 0}


def test_a_run_goes_on_where_the_last_one_stopped(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flagging, "READINGS_PER_BATCH", 2)
    monkeypatch.setattr(flagging, "BATCHES_MAX", 1)
    with database.unit_of_work() as session:
        for number in range(3):
            meter_id = f"M{number:04}"
            last = make.history(session, meter_id=meter_id)
            make.value(session, total=last, read_at=NOW, meter_id=meter_id)
    for expected in (2, 1, 0):
        with database.unit_of_work() as session:
            assert run(session)["readings"] == expected
    with database.reading() as session:
        assert session.query(Flag).count() == 3


def test_a_settled_route_leaves_the_phones(session: Session) -> None:
    task = make.route(session)
    tasks_service.cancel(
        session, act=tasks.of_office(), task=task, reason="meters replaced by remote ones"
    )
    session.flush()
    assert task.state == State.cancelled
    assert run(session)["routes_retired"] == 1
    assert make.stop_of(session).audience() is None
