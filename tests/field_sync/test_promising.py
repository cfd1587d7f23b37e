"""A crew promises at the door without signal, and sees it count down, move and be kept."""

from __future__ import annotations

import datetime as dt

import pytest

from field_sync import errors, fieldwork, promising, view
from field_sync.store.connection import Store
from field_sync.testing.edge import START, HandEdge
from schemas import tasks
from schemas.customer_promises import Consent, PromiseMade, PromiseReagreed
from schemas.places import Fix
from schemas.rules.transitions import State
from schemas.rules.windows import Aim
from tests.makers import handheld as make

HOUR = dt.timedelta(hours=1)
HERE = Fix(lat_deg=make.LAT_DEG, lon_deg=make.LON_DEG, accuracy_m=5.0, age_s=1.0)
FAR = Fix(lat_deg=make.LAT_DEG + 1, lon_deg=make.LON_DEG, accuracy_m=5.0, age_s=1.0)
WHY = "the crane is at the fallen pole on feeder 7"


@pytest.fixture(autouse=True)
def on_the_way(phone: Store) -> None:
    make.hold(phone, "crew:c1", ("task", make.task("t1", version=2, state=State.en_route)))


def promised(*, opens: float | None = None, ends: float = 4, aim: Aim = Aim.arrive) -> PromiseMade:
    return PromiseMade(
        customer="Li Hua",
        aim=aim,
        from_at=None if opens is None else START + opens * HOUR,
        due_at=START + ends * HOUR,
        words="We come back with the crane.",
    )


def agreed(promise_id: str, *, ends: float = 8, why: str = WHY) -> PromiseReagreed:
    return PromiseReagreed(
        promise_id=promise_id,
        due_at=START + ends * HOUR,
        words="In the evening.",
        consent=Consent(name="Li Hua"),
        why=why,
    )


def clock(phone: Store) -> tasks.TaskClock:
    (found,) = view.get_task(phone, task_id="t1").clocks
    return found


def test_a_promise_counts_down_at_once(phone: Store, edge: HandEdge) -> None:
    entry = promising.make(phone, edge, task_id="t1", promised=promised(opens=2))
    shown = clock(phone)
    assert shown.due_at == START + 4 * HOUR
    assert shown.promise is not None
    assert (shown.promise.id, shown.promise.from_at) == (entry.id, START + 2 * HOUR)


def test_the_offices_word_of_it_is_not_shown_twice(phone: Store, edge: HandEdge) -> None:
    promising.make(phone, edge, task_id="t1", promised=promised())
    told = make.task("t1", version=3, state=State.en_route, clocks=[clock(phone)])
    make.hold(phone, "crew:c1", ("task", told))
    assert clock(phone).due_at == START + 4 * HOUR


def test_consent_moves_it(phone: Store, edge: HandEdge) -> None:
    entry = promising.make(phone, edge, task_id="t1", promised=promised())
    edge.advance(seconds=60)
    promising.reagree(phone, edge, task_id="t1", agreed=agreed(entry.id))
    assert clock(phone).due_at == START + 8 * HOUR


def test_an_arrival_in_its_window_keeps_it(phone: Store, edge: HandEdge) -> None:
    promising.make(phone, edge, task_id="t1", promised=promised(opens=2))
    edge.advance(seconds=3_600)
    fieldwork.check_in(phone, edge, task_id="t1", fix=HERE)
    assert clock(phone).stopped_at is None, "too early: nobody is at home yet"
    edge.advance(seconds=2 * 3_600)
    fieldwork.check_in(phone, edge, task_id="t1", fix=HERE)
    assert clock(phone).stopped_at == START + 3 * HOUR
    assert promising.list_promises(view.get_task(phone, task_id="t1")) == []


def test_an_arrival_far_away_keeps_nothing(phone: Store, edge: HandEdge) -> None:
    promising.make(phone, edge, task_id="t1", promised=promised())
    fieldwork.check_in(phone, edge, task_id="t1", fix=FAR)
    assert clock(phone).stopped_at is None


def test_a_window_that_nobody_can_be_promised_is_refused(phone: Store, edge: HandEdge) -> None:
    for window in (promised(ends=-1), promised(opens=5, ends=4), promised(ends=24 * 400)):
        with pytest.raises(errors.WindowFaulty):
            promising.make(phone, edge, task_id="t1", promised=window)
    with pytest.raises(errors.NotOnPhone):
        promising.make(phone, edge, task_id="nowhere", promised=promised())


def test_after_it_is_due_nothing_is_agreed_anew(phone: Store, edge: HandEdge) -> None:
    entry = promising.make(phone, edge, task_id="t1", promised=promised(ends=1))
    with pytest.raises(errors.VagueReason):
        promising.reagree(phone, edge, task_id="t1", agreed=agreed(entry.id, why="busy"))
    with pytest.raises(errors.NoPromise):
        promising.reagree(phone, edge, task_id="t1", agreed=agreed("another"))
    edge.advance(seconds=3_601)
    with pytest.raises(errors.PromiseOver):
        promising.reagree(phone, edge, task_id="t1", agreed=agreed(entry.id))
    assert clock(phone).due_at == START + HOUR
