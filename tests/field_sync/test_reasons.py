"""A crew picks a reason without signal, and sees what its clocks do meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from field_sync import errors, fieldwork, view
from field_sync.store.connection import Store
from field_sync.testing.edge import START, HandEdge
from field_sync.testing.server import FakeServer
from schemas import tasks
from schemas.places import Fix
from schemas.rules.picking import Fault, ReasonFor
from schemas.rules.transitions import State
from tests.field_sync.prompting import Prompt
from tests.makers import handheld as make

MINUTE = dt.timedelta(minutes=1)
HERE = Fix(lat_deg=make.LAT_DEG, lon_deg=make.LON_DEG, accuracy_m=5.0, age_s=1.0)
FAR = Fix(lat_deg=make.LAT_DEG + 1, lon_deg=make.LON_DEG, accuracy_m=5.0, age_s=1.0)
WORDS = "the owner has the key and comes at six"
UNTIL = START + dt.timedelta(hours=10)
DUE = START + 45 * MINUTE


@pytest.fixture(autouse=True)
def work(phone: Store) -> None:
    hold(phone, make.clock(), make.clock(kind="restore", due_at=START + 180 * MINUTE))
    make.hold(phone, "district:d1", ("district", make.district(reasons=[make.reasons()])))


def hold(phone: Store, *clocks: tasks.TaskClock) -> None:
    order = make.task("t1", version=2, state=State.en_route, clocks=list(clocks))
    make.hold(phone, "crew:c1", ("task", order))


def clocks(phone: Store) -> list[tasks.TaskClock]:
    return view.get_task(phone, task_id="t1").clocks


def suspend(phone: Store, edge: HandEdge, code: str | None, *, ends: bool = False) -> None:
    until = UNTIL if ends else None
    fieldwork.suspend(phone, edge, task_id="t1", reason=WORDS, until=until, code=code)


def test_the_clocks_that_a_reason_holds_stand_still_at_once(phone: Store, edge: HandEdge) -> None:
    edge.advance(seconds=600)
    suspend(phone, edge, "no_access")
    arrive, restore = clocks(phone)
    assert arrive.paused_at == START + 10 * MINUTE
    assert restore.paused_at is None


def test_they_run_on_when_the_work_goes_on(phone: Store, edge: HandEdge) -> None:
    suspend(phone, edge, "customer_asked", ends=True)
    edge.advance(seconds=1_800)
    fieldwork.resume(phone, edge, task_id="t1")
    assert [(each.paused_at, each.due_at) for each in clocks(phone)] == [
        (None, DUE + 30 * MINUTE),
        (None, START + 210 * MINUTE),
    ]


def test_after_its_end_no_clock_stands_still(phone: Store, edge: HandEdge) -> None:
    edge.advance(seconds=46 * 60)
    suspend(phone, edge, "no_access")
    assert clocks(phone)[0].paused_at is None


@pytest.mark.parametrize("code", [None, "waits_for_material"])
def test_what_holds_nothing_lets_them_run(phone: Store, edge: HandEdge, code: str | None) -> None:
    suspend(phone, edge, code)
    assert all(each.paused_at is None for each in clocks(phone))


def test_an_arrival_at_the_site_stops_its_clock_and_one_elsewhere_does_not(
    phone: Store, edge: HandEdge
) -> None:
    edge.advance(seconds=600)
    fieldwork.check_in(phone, edge, task_id="t1", fix=FAR)
    assert clocks(phone)[0].stopped_at is None
    fieldwork.check_in(phone, edge, task_id="t1", fix=HERE)
    arrive, restore = clocks(phone)
    assert arrive.stopped_at == START + 10 * MINUTE
    assert restore.stopped_at is None


@pytest.mark.parametrize(
    ("own_words", "code", "fault"),
    [
        (list(ReasonFor), "lunch", Fault.unknown),
        (list(ReasonFor), "customer_asked", Fault.no_end),
        ([ReasonFor.return_], None, Fault.own_words),
    ],
)
def test_what_the_office_would_refuse_is_refused_here(
    phone: Store, edge: HandEdge, own_words: Sequence[ReasonFor], code: str | None, fault: Fault
) -> None:
    told = make.district(reasons=[make.reasons(own_words=own_words)])
    make.hold(phone, "district:d1", ("district", told))
    with pytest.raises(errors.ReasonNotAllowed) as refused:
        suspend(phone, edge, code)
    assert refused.value.fields["fault"] == fault
    assert view.get_task(phone, task_id="t1").state is State.en_route


def test_an_order_keeps_the_reasons_that_it_was_opened_under(phone: Store, edge: HandEdge) -> None:
    newer = make.reasons("harbour-2026", own_words=[])
    told = make.district(reasons=[newer, make.reasons()])
    make.hold(phone, "district:d1", ("district", told))
    suspend(phone, edge, None)
    assert view.get_task(phone, task_id="t1").state is State.suspended


def test_an_order_without_clocks_has_the_reasons_in_force(phone: Store, edge: HandEdge) -> None:
    told = make.district(reasons=[make.reasons("harbour-2026", own_words=[]), make.reasons()])
    make.hold(phone, "district:d1", ("district", told))
    hold(phone)
    with pytest.raises(errors.ReasonNotAllowed):
        suspend(phone, edge, None)


@pytest.mark.parametrize("policy", [None, "of-another-time"])
def test_a_handheld_that_does_not_know_the_reasons_yet_works_as_before(
    phone: Store, edge: HandEdge, policy: str | None
) -> None:
    told = make.district(reasons=[] if policy is None else [make.reasons(own_words=[])])
    make.hold(phone, "district:d1", ("district", told))
    hold(phone, make.clock(policy=policy))
    suspend(phone, edge, "whatever_it_is_called")
    assert view.get_task(phone, task_id="t1").state is State.suspended


def test_reasons_are_listed_and_picked_at_the_prompt(at_work: Prompt, server: FakeServer) -> None:
    assert "No reasons are known here yet" in at_work("reasons", "aaa111").output
    server.put("district:d1", "district", make.district(reasons=[make.reasons()]))
    at_work("sync")
    listed = at_work("reasons", "aaa111").output
    assert "waits_for_material" in listed
    assert "stand still: arrive, restore" in listed
    assert "无法进入现场" in at_work("reasons", "aaa111", lang="zh").output
    at_work("accept", "aaa111")
    refused = at_work("suspend", "aaa111", WORDS, "--code", "customer_asked", lang="zh")
    assert (refused.exit_code, "须说明预计恢复时间" in refused.stderr) == (1, True)
    done = at_work("suspend", "aaa111", WORDS, "--code", "no_access")
    assert done.exit_code == 0, done.output
    at_work("sync")
    assert [each.type for each in server.operations] == ["task.accept", "task.suspend"]


def test_a_crew_gives_work_back_for_a_reason(at_work: Prompt, server: FakeServer) -> None:
    server.put("district:d1", "district", make.district(reasons=[make.reasons()]))
    at_work("sync")
    refused = at_work("return", "aaa111", WORDS, "--code", "waits_for_material")
    assert (refused.exit_code, "has: no_access" in refused.stderr) == (1, True)
    assert at_work("return", "aaa111", WORDS, "--code", "no_access").exit_code == 0


@pytest.mark.parametrize(
    ("minutes", "told"), [(10, "35 min"), (36, "near its end"), (50, "5 min late here; undecided")]
)
def test_the_worklist_says_how_the_next_promise_stands(
    at_work: Prompt, server: FakeServer, edge: HandEdge, minutes: int, told: str
) -> None:
    order = make.task("order-aaa111", version=9, clocks=[make.clock()])
    server.put("crew:c1", "task", order)
    at_work("sync")
    at_work("accept", "aaa111")
    edge.advance(seconds=60 * minutes)
    assert told in at_work("worklist").output


def test_the_worklist_says_that_a_clock_stands_still(
    at_work: Prompt, server: FakeServer, edge: HandEdge
) -> None:
    server.put("crew:c1", "task", make.task("order-aaa111", version=9, clocks=[make.clock()]))
    server.put("district:d1", "district", make.district(reasons=[make.reasons()]))
    at_work("sync")
    at_work("accept", "aaa111")
    at_work("suspend", "aaa111", WORDS, "--code", "no_access")
    edge.advance(seconds=7_200)
    assert "stands still" in at_work("worklist").output
