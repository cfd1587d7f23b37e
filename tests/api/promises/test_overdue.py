from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from api.promises import jobs, service
from schemas import promises as shapes
from schemas.rules.clocks import State
from tests.makers import crews, promises, sites

minute = promises.minute


@pytest.fixture(autouse=True)
def _district(session: Session) -> None:
    sites.district(session)


def flag(session: Session, at: float) -> dict[str, int]:
    """Run the job at a minute."""
    counts = jobs.run(session, act=promises.job(at=minute(at)))
    session.flush()
    return counts


def order(session: Session, **about: str | None) -> service.Subject:
    """Open an order, dispatched and accepted at once: only its arrival is watched."""
    work = promises.opened(session, **about)  # type: ignore[arg-type]  # each is text or None here
    for event in ("dispatch", "accept"):
        service.note(session, act=promises.act(at=minute(1)), subject=work, event=event)
    return work


def crew_heard_until(session: Session, at: float, *, crew_id: str = "crew-1") -> None:
    """Put a crew there whose only phone has reported all it did until a minute."""
    person_id = f"{crew_id}-li"
    crews.person(session, person_id=person_id)
    crews.crew(session, crew_id=crew_id, member_ids=[person_id])
    device = crews.device(session, person_id=person_id)
    device.covered_until = minute(at)
    session.flush()


def test_a_clock_is_warned_at_half_and_at_four_fifths_of_its_time(session: Session) -> None:
    order(session)
    states = []
    for at in (22, 23, 24, 35, 36, 37, 45):
        flag(session, at)
        states.append(promises.clock(session).state)

    assert states == [
        State.running,
        State.warned_50,
        State.warned_50,
        State.warned_50,
        State.warned_80,
        State.warned_80,
        State.warned_80,
    ]
    ledger = promises.causes(session, promises.clock(session))
    assert ledger == ["started", "half_gone", "most_gone"]


def test_overdue_is_said_once_and_opens_one_case(session: Session) -> None:
    order(session)
    counts = [flag(session, at) for at in (46, 47, 60)]

    assert [count.get("case", 0) for count in counts] == [1, 0, 0]
    clock = promises.clock(session)
    assert (clock.state, clock.sure, clock.next_at) == (State.breached, True, None)
    assert promises.causes(session, clock) == ["started", "overdue"]
    (case,) = promises.cases(session)
    assert (case.clock_id, case.state, case.unit_id) == (clock.id, "open", promises.DISTRICT)
    assert "08:45" in case.en
    assert "08:45" in case.zh


def test_a_dark_phone_makes_it_provisional_until_the_grace_is_over(session: Session) -> None:
    crew_heard_until(session, 20)
    order(session, crew_id="crew-1")
    seen = []
    for at in (46, 100, 165, 166):
        flag(session, at)
        clock = promises.clock(session)
        seen.append((clock.state, clock.sure, len(promises.cases(session))))

    assert seen == [
        (State.provisional, False, 0),
        (State.provisional, False, 0),
        (State.provisional, False, 0),
        (State.breached, False, 1),
    ]
    ledger = promises.causes(session, promises.clock(session))
    assert ledger == ["started", "phone_dark", "silent"]
    assert "not been heard" in promises.cases(session)[0].en


def test_a_phone_that_reports_and_has_no_arrival_settles_it(session: Session) -> None:
    crew_heard_until(session, 20)
    order(session, crew_id="crew-1")
    flag(session, 46)
    crew_heard_until(session, 50)
    flag(session, 52)

    clock = promises.clock(session)
    assert (clock.state, clock.sure) == (State.breached, True)
    assert promises.causes(session, clock) == ["started", "phone_dark", "overdue"]


def test_dispatch_waits_for_no_phone(session: Session) -> None:
    crew_heard_until(session, 0)
    promises.opened(session, crew_id="crew-1")
    flag(session, 3)

    assert promises.clock(session, kind="dispatch").state == State.breached


def test_late_evidence_clears_the_breach_and_keeps_the_case_on_record(session: Session) -> None:
    crew_heard_until(session, 20)
    work = order(session, crew_id="crew-1")
    flag(session, 166)
    late = promises.act(at=minute(31), heard_at=minute(190))
    service.note(session, act=late, subject=work, event="arrive")
    flag(session, 191)

    clock = promises.clock(session)
    assert (clock.state, clock.late_s, clock.next_at) == (State.kept, 0.0, None)
    assert promises.causes(session, clock) == ["started", "silent", "cleared"]
    (case,) = promises.cases(session)
    assert (case.state, case.cleared_at) == ("cleared", minute(190))


def test_evidence_that_comes_too_late_by_its_own_time_opens_a_case(session: Session) -> None:
    work = order(session)
    service.note(session, act=promises.act(at=minute(57)), subject=work, event="arrive")
    flag(session, 58)
    flag(session, 59)

    clock = promises.clock(session)
    assert (clock.state, clock.late_s) == (State.breached, 720.0)
    (case,) = promises.cases(session)
    assert "12 min late" in case.en
    assert "12 分钟" in case.zh


def test_a_broken_promise_handed_to_a_dark_phone_stays_broken_and_is_not_sure(
    session: Session,
) -> None:
    """World seed 646: the dark phone had been there in time, before it heard of the first hand."""
    order(session, crew_id="crew-1")
    flag(session, 46)
    crew_heard_until(session, 20, crew_id="crew-2")
    service.hand_over(
        session,
        act=promises.act(at=minute(50)),
        subject_id="order-1",
        crew_id="crew-2",
        person_id=None,
    )
    flag(session, 51)

    clock = promises.clock(session)
    assert (clock.state, clock.sure, clock.next_at) == (State.breached, False, minute(56))
    crew_heard_until(session, 55, crew_id="crew-2")
    flag(session, 56)
    assert (clock.state, clock.sure, clock.next_at) == (State.breached, True, None)
    ledger = promises.causes(session, clock)
    assert ledger == ["started", "overdue", "handed_over", "phone_dark", "overdue"]
    assert len(promises.cases(session)) == 1


def test_what_broke_in_nobodys_hands_is_in_doubt_once_a_dark_phone_has_it(
    session: Session,
) -> None:
    """World seed 1564: a crew returned an order, and a mate of the next one had been there."""
    order(session)
    flag(session, 46)
    crew_heard_until(session, 20)
    hand = promises.act(at=minute(50))
    service.hand_over(session, act=hand, subject_id="order-1", crew_id="crew-1", person_id=None)
    flag(session, 51)
    clock = promises.clock(session)
    assert (clock.state, clock.sure) == (State.breached, False)


def test_a_promise_broken_after_all_opens_its_cleared_case_again(session: Session) -> None:
    work = order(session)
    service.note(session, act=promises.act(at=minute(40)), subject=work, event="arrive")
    flag(session, 225)
    service.note(session, act=promises.act(at=minute(215)), subject=work, event="restore")
    (cleared,) = [(case.kind, case.state) for case in promises.cases(session)]
    earlier = promises.act(at=minute(20), heard_at=minute(300))
    service.note(session, act=earlier, subject=work, event="arrive")
    flag(session, 301)

    clock = promises.clock(session, kind="restore")
    assert (clock.state, clock.late_s) == (State.breached, 15 * 60)
    (again,) = [case for case in promises.cases(session) if case.kind == "restore"]
    assert (cleared, again.state, again.cleared_at) == (("restore", "cleared"), "open", None)


def test_a_crew_that_is_hours_late_is_told_so_in_hours(session: Session) -> None:
    work = order(session)
    service.note(session, act=promises.act(at=minute(45 + 125)), subject=work, event="arrive")
    flag(session, 171)

    assert "2 h 5 min late" in promises.cases(session)[0].en


def test_a_run_looks_only_at_what_is_due(session: Session) -> None:
    order(session)
    for number in range(20):
        promises.opened(session, f"later-{number}", at=minute(40))

    assert flag(session, 30)["looked"] == 1
    assert flag(session, 30.5)["looked"] == 0


def test_a_batch_takes_the_longest_waiting_and_leaves_the_rest(session: Session) -> None:
    order(session)
    promises.opened(session, "order-2", at=minute(10))
    act = promises.job(at=minute(60))

    assert service.settle_due(session, act=act, limit=1)["looked"] == 1
    session.flush()
    assert promises.clock(session, "order-2").state == State.running
    assert service.settle_due(session, act=act, limit=10)["looked"] == 2


def test_the_sum_of_the_day_is_in_the_counts(session: Session) -> None:
    order(session)
    promises.opened(session, "order-2")

    assert flag(session, 50) == {"looked": 3, "breached": 3, "case": 3}


def test_publishing_a_year_settles_what_was_provisional(session: Session) -> None:
    complaint = promises.subject("complaint-1", kind="complaint")
    service.note(session, act=promises.act(), subject=complaint, event=service.REPORT)
    clock = promises.clock(session, "complaint-1", kind="complaint_resolve")
    before = clock.due_provisional

    day = shapes.CalendarDay(day=minute(0).date().replace(day=25), kind=shapes.DayKind.holiday)
    year = shapes.CalendarYear(year=2026, published=True, days=[day])
    service.put_year(session, act=promises.act(at=minute(10)), year=year)

    assert (before, clock.due_provisional) == (True, False)
    assert clock.due_at.day == 30
    assert promises.causes(session, clock) == ["started", "calendar"]
