from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from api.promises import service
from schemas import promises as shapes
from schemas import tasks
from schemas.rules import transitions
from schemas.rules.clocks import State
from tests.makers import promises, sites

minute = promises.minute


@pytest.fixture(autouse=True)
def _district(session: Session) -> None:
    sites.district(session)


def test_a_report_starts_dispatch_and_arrival_by_the_default_policy(session: Session) -> None:
    shown = service.note(
        session, act=promises.act(), subject=promises.subject(), event=service.REPORT
    )

    assert [(clock.kind, clock.due_at) for clock in shown] == [
        ("dispatch", minute(2)),
        ("arrive", minute(45)),
    ]


@pytest.mark.parametrize(
    ("area_class", "arrive_min", "restore_min"),
    [("urban", 45, 180), ("rural", 90, 240), ("remote", 120, None), (None, 45, 180)],
)
def test_the_area_decides_how_long_a_promise_gives(
    session: Session, area_class: str | None, arrive_min: int, restore_min: int | None
) -> None:
    work = promises.opened(session, area_class=area_class)
    shown = service.note(session, act=promises.act(at=minute(20)), subject=work, event="arrive")

    due = {clock.kind: clock.due_at for clock in shown}
    assert due["arrive"] == minute(arrive_min)
    assert due.get("restore") == (restore_min and minute(20 + restore_min))


def test_an_arrival_at_31_heard_of_at_190_is_kept(session: Session) -> None:
    work = promises.opened(session)
    late = promises.act(at=minute(31), heard_at=minute(190), error_s=1.5)
    service.note(session, act=late, subject=work, event="arrive")

    clock = promises.clock(session)
    assert (clock.state, clock.sure, clock.stopped_at) == (State.kept, True, minute(31))
    assert clock.next_at is None


def test_an_arrival_that_proves_nothing_is_written_down_and_stops_nothing(
    session: Session,
) -> None:
    work = promises.opened(session)
    act = promises.act(at=minute(20))
    shown = service.note(session, act=act, subject=work, event="arrive", proven=False)

    clock = promises.clock(session)
    assert (clock.state, clock.stopped_at) == (State.running, None)
    assert promises.causes(session, clock) == ["started", "unproven"]
    assert {"restore"} <= {each.kind for each in shown}


def test_the_earliest_proof_counts_whichever_is_heard_first(session: Session) -> None:
    work = promises.opened(session)
    service.note(session, act=promises.act(at=minute(60)), subject=work, event="arrive")
    earlier = promises.act(at=minute(31), heard_at=minute(190))
    service.note(session, act=earlier, subject=work, event="arrive")

    arrived = promises.clock(session)
    assert (arrived.state, arrived.stopped_at) == (State.kept, minute(31))
    assert promises.causes(session, arrived) == ["started", "stopped", "cleared"]
    assert promises.clock(session, kind="restore").due_at == minute(31 + 180)


def test_a_later_arrival_moves_nothing(session: Session) -> None:
    work = promises.opened(session)
    for at in (20, 50):
        service.note(session, act=promises.act(at=minute(at)), subject=work, event="arrive")

    assert promises.clock(session).stopped_at == minute(20)
    assert promises.clock(session, kind="restore").started_at == minute(20)


def test_a_stop_whose_error_reaches_the_deadline_is_not_sure(session: Session) -> None:
    work = promises.opened(session)
    near = promises.act(at=minute(44.9), error_s=30)
    service.note(session, act=near, subject=work, event="arrive")

    clock = promises.clock(session)
    assert (clock.state, clock.sure) == (State.kept, False)


@pytest.mark.parametrize(("heard_minute", "sure"), [(44, True), (46, False)])
def test_a_stop_by_a_suspect_clock_is_sure_only_when_it_was_heard_in_time(
    session: Session, heard_minute: int, *, sure: bool
) -> None:
    work = promises.opened(session)
    odd = promises.act(at=minute(10), heard_at=minute(heard_minute), suspect=True)
    service.note(session, act=odd, subject=work, event="arrive")

    clock = promises.clock(session)
    assert (clock.state, clock.sure) == (State.kept, sure)


@pytest.mark.rule("S22")
def test_a_suspect_word_leaves_a_breach_by_a_sure_one_in_doubt(session: Session) -> None:
    """World seed 1018: the arrival in time was told by a clock that had been set."""
    work = promises.opened(session)
    service.note(session, act=promises.act(at=minute(58)), subject=work, event="arrive")
    assert (promises.clock(session).state, promises.clock(session).sure) == (State.breached, True)

    odd = promises.act(at=minute(128), suspect=True)
    service.note(session, act=odd, subject=work, event="arrive")
    assert (promises.clock(session).state, promises.clock(session).sure) == (State.breached, False)


@pytest.mark.rule("S22")
def test_a_clock_that_a_suspect_word_started_judges_nobody_surely(session: Session) -> None:
    """World seed 1057: nobody knows when it is due."""
    work = promises.opened(session)
    odd = promises.act(at=minute(30), heard_at=minute(200), suspect=True)
    service.note(session, act=odd, subject=work, event="arrive")
    service.note(session, act=promises.act(at=minute(210)), subject=work, event="restore")

    clock = promises.clock(session, kind="restore")
    assert (clock.stopped_at, clock.sure) == (minute(210), False)


def test_an_order_keeps_the_policy_that_it_was_opened_under(session: Session) -> None:
    work = promises.opened(session)
    csg = shapes.PolicyChoice(policy="csg-hainan-2018", effective_from=minute(5))
    service.choose(session, act=promises.act(at=minute(5)), choice=csg)

    service.note(session, act=promises.act(at=minute(20)), subject=work, event="arrive")
    promises.opened(session, "order-2", at=minute(6))

    assert promises.clock(session, kind="restore").policy == "sgcc-2022"
    newer = promises.clock(session, "order-2", kind="restore")
    assert (newer.policy, newer.due_at) == ("csg-hainan-2018", minute(6 + 180))
    assert promises.clock(session, "order-2", kind="dispatch").due_at == minute(9)


def test_the_policy_in_force_gives_the_limits_of_estimates(session: Session) -> None:
    limits = service.limits(session, district_id=promises.DISTRICT, at=minute(0))
    assert (limits.estimates_in_row_max, limits.estimates_in_year_max) == (2, 2)


def test_a_cancelled_order_has_no_clocks_and_hides_no_breach(session: Session) -> None:
    work = promises.opened(session)
    shown = service.note(session, act=promises.act(at=minute(10)), subject=work, event="cancel")

    assert [clock.kind for clock in shown] == ["dispatch"]
    assert promises.clock(session).state == State.void
    assert promises.clock(session, kind="dispatch").next_at == minute(10)


def test_a_clock_of_cancelled_work_says_so_in_the_states_word(session: Session) -> None:
    work = promises.opened(session)
    service.void(session, act=promises.act(at=minute(10)), subject_id=work.id)
    clock_id = promises.clock(session).id
    shown = service.get_clock(session, act=promises.act(at=minute(10)), clock_id=clock_id)

    assert shown.moments[-1].zh == f"工单{tasks.STATE_ZH[transitions.State.cancelled]}。"


def test_an_arrival_before_the_cancellation_is_kept(session: Session) -> None:
    work = promises.opened(session)
    service.void(session, act=promises.act(at=minute(10)), subject_id=work.id)
    before = promises.act(at=minute(9), heard_at=minute(30))
    service.note(session, act=before, subject=work, event="arrive")

    assert promises.clock(session).state == State.kept


def test_a_reopened_order_starts_anew_and_once(session: Session) -> None:
    work = promises.opened(session)
    service.note(session, act=promises.act(at=minute(30)), subject=work, event="arrive")
    again = promises.act(at=minute(300))
    service.note(session, act=again, subject=work, event="reopen")
    shown = service.reopen(session, act=again, subject=work)

    assert [(clock.kind, clock.due_at) for clock in shown] == [
        ("dispatch", minute(302)),
        ("arrive", minute(345)),
    ]
    service.note(session, act=promises.act(at=minute(310)), subject=work, event="arrive")
    assert promises.clock(session).stopped_at == minute(30)
    assert promises.clock(session, turn=2).stopped_at == minute(310)


def test_evidence_of_the_first_opening_stops_the_clock_of_the_first(session: Session) -> None:
    work = promises.opened(session)
    service.reopen(session, act=promises.act(at=minute(300)), subject=work)
    late = promises.act(at=minute(31), heard_at=minute(320))
    service.note(session, act=late, subject=work, event="arrive")

    assert promises.clock(session).state == State.kept
    assert promises.clock(session, turn=2).stopped_at is None


def test_handing_over_makes_another_crew_responsible(session: Session) -> None:
    promises.opened(session, crew_id="crew-1")
    service.hand_over(
        session,
        act=promises.act(at=minute(5)),
        subject_id="order-1",
        crew_id="crew-2",
        person_id=None,
    )

    clock = promises.clock(session)
    assert clock.crew_id == "crew-2"
    assert promises.causes(session, clock) == ["started", "handed_over"]


def test_the_call_back_is_due_by_the_end_of_the_next_day(session: Session) -> None:
    work = promises.opened(session)
    shown = service.note(session, act=promises.act(at=minute(90)), subject=work, event="finish")

    survey = next(clock for clock in shown if clock.kind == "survey")
    assert survey.due_at == dt.datetime(2026, 11, 24, 15, 59, 59, tzinfo=dt.UTC)


def test_a_route_makes_no_promise(session: Session) -> None:
    route = promises.subject("route-1", kind="route")
    assert service.note(session, act=promises.act(), subject=route, event=service.REPORT) == []
