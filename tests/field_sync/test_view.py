"""What the crew sees: records with its own acts over them, by the server's own rules."""

from __future__ import annotations

import decimal

import pytest

from field_sync import errors, fieldwork, metering, view
from field_sync.store import outbox
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from schemas import readings
from schemas.rules.transitions import Kind, State
from tests.makers import handheld as make

D = decimal.Decimal


@pytest.fixture
def held(enrolled: Store) -> Store:
    """A handheld with a route of two meters that nobody has begun."""
    route = make.task("r1", kind=Kind.route, state=State.accepted, site=False)
    make.hold(enrolled, "person:p1", ("task", route))
    stops = [("stop", make.stop("s1", sequence=2)), ("stop", make.stop("s2", sequence=1))]
    make.hold(enrolled, "route:r1", *stops)
    return enrolled


def test_work_is_listed_by_urgency(held: Store) -> None:
    make.hold(held, "crew:c1", ("task", make.task("t1", urgency=1)), ("task", make.task("t2")))
    assert [work.task.id for work in view.list_work(held)] == ["t1", "r1", "t2"]


def test_stops_are_listed_in_walking_order(held: Store) -> None:
    assert [stop.id for stop in view.list_stops(held, route_id="r1")] == ["s2", "s1"]


def test_the_first_act_at_a_meter_starts_its_route(held: Store, edge: HandEdge) -> None:
    metering.skip(held, edge, stop_id="s1", code=readings.SkipCode.LOCKED)
    assert view.get_work(held, task_id="r1").task.state is State.working
    metering.read(held, edge, stop_id="s2", total=D(1130))
    fieldwork.finish(held, edge, task_id="r1")
    (work,) = view.list_work(held)
    assert (work.task.state, work.unsent) == (State.finished, 3)


def test_a_reading_after_a_pause_starts_the_route_again(held: Store, edge: HandEdge) -> None:
    for stop_id in ("s1", "s2"):
        metering.skip(held, edge, stop_id=stop_id, code=readings.SkipCode.LOCKED)
    fieldwork.suspend(held, edge, task_id="r1", reason="thunderstorm over the village")
    fieldwork.resume(held, edge, task_id="r1")
    metering.read(held, edge, stop_id="s1", total=D(1130))
    one = view.get_work(held, task_id="r1")
    assert one.task.state is State.working
    assert view.list_work(held) == [one]


def test_a_skip_does_not_undo_a_reading_and_a_reading_undoes_a_skip(
    held: Store, edge: HandEdge
) -> None:
    metering.skip(held, edge, stop_id="s1", code=readings.SkipCode.LOCKED)
    metering.read(held, edge, stop_id="s1", total=D(1130))
    metering.skip(held, edge, stop_id="s1", code=readings.SkipCode.DOG)
    stop = view.get_stop(held, stop_id="s1")
    assert (stop.state, stop.skip_code) == (readings.StopState.READ, None)


def test_an_act_stays_visible_until_the_record_tells_of_it(held: Store, edge: HandEdge) -> None:
    metering.read(held, edge, stop_id="s1", total=D(1130))
    with held.writing():
        outbox.settle(held, through=1, outcomes=[])
    assert view.get_stop(held, stop_id="s1").state is readings.StopState.READ
    with held.writing():
        outbox.lift(held, keys=[("stop", "s1")])
    assert view.get_stop(held, stop_id="s1").state is readings.StopState.OPEN


def test_an_act_that_waits_is_never_lifted(held: Store, edge: HandEdge) -> None:
    metering.read(held, edge, stop_id="s1", total=D(1130))
    with held.writing():
        outbox.lift(held, keys=[("stop", "s1")])
    assert view.get_stop(held, stop_id="s1").state is readings.StopState.READ


def test_what_is_not_held_is_refused(held: Store) -> None:
    with pytest.raises(errors.NotOnPhone):
        view.get_work(held, task_id="t9")
    with pytest.raises(errors.NotOnPhone):
        view.get_stop(held, stop_id="s9")
    assert view.find_district(held) is None


def test_before_the_first_contact_the_handheld_believes_its_own_clock(
    store: Store, edge: HandEdge
) -> None:
    assert view.server_time(store, edge.moment()) == edge.moment().wall


def test_an_act_that_an_older_program_kept_is_laid_over_as_it_is_read_now(
    held: Store, edge: HandEdge
) -> None:
    entry = fieldwork.suspend(held, edge, task_id="r1", reason="thunderstorm over the village")
    older = entry.wire.replace(b'"v":2', b'"v":1').replace(b',"until":null', b"")
    assert older != entry.wire
    with held.writing():
        held.connection.execute("UPDATE outbox SET wire = ? WHERE n = ?", (older, entry.n))
    task = view.get_work(held, task_id="r1").task
    assert task.suspended_reason == "thunderstorm over the village"
    assert task.suspended_until is None
