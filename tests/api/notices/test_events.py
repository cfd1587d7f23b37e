"""What happens to orders, promises, cases and readings is told to whoever wants it, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from api import acts, db
from api.customer_promises import service as customer_promises
from api.notices import publishing
from api.notices.models import Notice
from api.readings import jobs as readings_jobs
from api.supervision import service as cases
from api.tasks import service as tasks
from schemas import customer_promises as promise_shapes
from schemas import events, supervision
from schemas.base import Shape
from schemas.events import EventType
from schemas.notices import NoticeKind
from schemas.rules import transitions
from schemas.rules.transitions import State
from tests.api.notices.conftest import Office
from tests.docs import pages
from tests.makers import customer_promises as doors
from tests.makers import promises, readings, webhooks
from tests.makers import supervision as late
from tests.makers import tasks as make
from tests.makers.questions import asked


@pytest.fixture
def billing(office: Office) -> str:
    """Let a system be told of everything."""
    receiver_id, _ = office.add("billing")
    return receiver_id


def told(database: db.Database) -> list[dict[str, Any]]:
    """Read what was told, the oldest first; each event has what its family says."""
    with database.reading() as session:
        question = select(Notice.payload).where(Notice.kind == NoticeKind.EVENT).order_by(Notice.id)
        payloads = [payload for payload in session.scalars(question) if payload is not None]
    for payload in payloads:
        shape: type[Shape] = events.DATA[payload["type"].partition(".")[0]]
        msgspec.convert(payload["data"], shape)
    return payloads


def types(payloads: Sequence[dict[str, Any]], *, of: str = "") -> list[str]:
    return [each["type"] for each in payloads if each["type"].startswith(of)]


def test_an_order_tells_its_whole_life_and_nothing_of_its_customer(
    billing: str, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.task(session, task_id="t1", state=State.archived, title="Mrs. Wang's kitchen")
        again = make.task(session, task_id="t2", state=State.called_back)
        tasks.reopen(session, act=make.of_office(), task=again, cause=make.REASON)
    payloads = told(database)
    ours = [each for each in payloads if each["subject"] == "tasks/t1"]
    assert types(ours) == [
        "order.opened",
        "order.given",
        "order.accepted",
        "order.set_out",
        "order.arrived",
        "order.started",
        "order.restored",
        "order.ended",
        "order.called_back",
        "order.archived",
    ]
    assert (ours[0]["data"]["state"], ours[0]["data"]["number"]) == ("reported", 1)
    assert (ours[-1]["data"]["number"], ours[-1]["data"]["crew_id"]) == (10, "crew-1")
    reopened = [each for each in payloads if each["subject"] == "tasks/t2"][-1]
    assert (reopened["type"], reopened["data"]["urgency"]) == ("order.reopened", 2)
    whole = str(payloads)
    assert "Wang" not in whole
    assert "灵山镇" not in whole


def test_what_moves_nothing_is_not_told(billing: str, database: db.Database) -> None:
    with database.unit_of_work() as session:
        make.task(session, task_id="t1", state=State.working)
    before = len(told(database))
    with database.unit_of_work() as session:
        crew = make.of_crew(operation_id="again")
        task = tasks.get_task(session, act=make.of_office(), task_id="t1")
        tasks.arrive(session, act=crew, task=task, proven=True)
    assert types(told(database)[before:], of="order") == []


def test_a_broken_promise_is_told_with_its_case_which_climbs_and_is_closed(
    billing: str, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        late.late_order(session)
    for minute in (23, 37, 46, 166):
        late.pass_time(database, minute)
    with database.unit_of_work() as session:
        case = late.only_case(session)
        office = make.of_office(at=promises.minute(200))
        task = tasks.get_task(session, act=make.of_office(), task_id="order-1")
        tasks.move(session, act=office, task=task, event=transitions.Event.set_out)
        tasks.arrive(session, act=office, task=task, proven=True)
        cases.close(
            session,
            act=office,
            case_id=case.id,
            body=supervision.CaseClosed(done=late.DONE),
        )
    payloads = [each for each in told(database) if each["type"].startswith(("prom", "sup"))]
    arrive = [each for each in payloads if each["data"].get("kind") == "arrive"]
    assert types(arrive) == [
        "promise.near",
        "promise.breached",
        "supervision.opened",
        "supervision.climbed",
        "supervision.closed",
    ]
    _, breached, opened, climbed, closed = arrive
    assert breached["data"]["en"].endswith("promised by 2026-11-23 08:45 and has not come.")
    assert breached["time"] == "2026-11-23T00:45:00.000000Z", "when it was due, not when we looked"
    assert (opened["data"]["level"], opened["data"]["unit_id"]) == ("district", "d1")
    assert (climbed["data"]["level"], climbed["data"]["unit_id"]) == ("city", "haikou")
    assert closed["data"]["state"] == "closed"
    assert opened["subject"] == closed["subject"] == f"supervision/{closed['data']['case_id']}"


def test_late_evidence_clears_what_was_told_as_broken(billing: str, database: db.Database) -> None:
    with database.unit_of_work() as session:
        late.late_order(session)
    late.pass_time(database, 46)
    with database.unit_of_work() as session:
        crew = make.of_crew(
            at=promises.minute(38), received_at=promises.minute(60), operation_id="arrival"
        )
        task = tasks.get_task(session, act=make.of_office(), task_id="order-1")
        tasks.arrive(session, act=crew, task=task, proven=True)
    arrive = [each for each in told(database) if each["data"].get("kind") == "arrive"]
    assert types(arrive)[-2:] == ["supervision.cleared", "promise.cleared"]
    assert arrive[-1]["data"]["state"] == "kept"
    assert arrive[-1]["time"] == "2026-11-23T00:38:00.000000Z"
    assert arrive[-1]["data"]["heard_at"] == "2026-11-23T01:00:00Z"


def test_a_promise_to_a_customer_is_told_when_made_agreed_anew_and_taken_back(
    billing: str, database: db.Database
) -> None:
    office = make.of_office()
    with database.unit_of_work() as session:
        make.task(session, task_id="t1", state=State.en_route)
        draft = msgspec.convert({**doors.made(), "task_id": "t1"}, promise_shapes.PromiseDraft)
        promise = customer_promises.give(session, act=office, draft=draft)
    with database.unit_of_work() as session:
        later = make.of_office(at=make.NOW + dt.timedelta(minutes=5))
        body = msgspec.convert(doors.anew(), promise_shapes.AgreedAnew)
        customer_promises.agree(session, act=later, promise_id=promise.id, body=body)
    with database.unit_of_work() as session:
        later = make.of_office(at=make.NOW + dt.timedelta(minutes=9))
        why = promise_shapes.Withdrawn(why=make.REASON)
        customer_promises.withdraw(session, act=later, promise_id=promise.id, body=why)
    ours = [each for each in told(database) if each["data"].get("promise_id") == promise.id]
    assert types(ours) == ["promise.made", "promise.reagreed", "promise.withdrawn"]
    assert [each["data"]["due_at"] for each in ours] == [
        "2026-11-23T04:00:00Z",
        "2026-11-23T08:00:00Z",
        "2026-11-23T08:00:00Z",
    ]
    assert "Li Hua" not in str(ours)
    assert "139" not in str([each["data"]["en"] for each in ours])


def test_a_finding_about_a_reading_is_told_once(billing: str, database: db.Database) -> None:
    with database.unit_of_work() as session:
        last = readings.history(session)
        invented = readings.value(session, total=last + readings.USED[-1], read_at=readings.NOW)
    for _ in range(2):
        with database.unit_of_work() as session:
            now = readings.NOW + 10 * readings.MONTH
            act = acts.system(district_id=readings.DISTRICT, now=now, job="flag_estimates")
            readings_jobs.run(session, act=act)
    (flagged,) = [each for each in told(database) if each["type"] == "reading.flagged"]
    assert (flagged["data"]["reading_id"], flagged["data"]["code"]) == (invented, "ER14")


def test_a_mailbox_of_a_unit_hears_of_the_cases_that_stand_there(
    office: Office, database: db.Database
) -> None:
    office.add("billing")
    with database.unit_of_work() as session:
        for unit_id in ("d1", "haikou"):
            mailbox = {"channel": "mail", "address": f"{unit_id}@utility.example"}
            wanted = ["supervision.opened", "supervision.climbed"]
            session.add(
                webhooks.receiver(unit_id, make.DISTRICT, unit_id=unit_id, events=wanted, **mailbox)
            )
        late.late_order(session)
    for minute in (46, 166):
        late.pass_time(database, minute)
    with database.reading() as session:
        question = select(Notice.receiver, Notice.payload).where(Notice.channel == "mail")
        heard = {
            (receiver, payload["type"])
            for receiver, payload in session.execute(question)
            if payload
        }
    assert heard == {("d1", "supervision.opened"), ("haikou", "supervision.climbed")}


def test_where_nobody_listens_a_worker_asks_once_in_a_while_and_writes_nothing(
    office: Office, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.district(session)

    def cost() -> list[str]:
        with database.unit_of_work() as session, asked(database) as statements:
            for cause in map(str, range(100)):
                office.tell(session, cause)
        return [each for each in statements if "receivers" in each or "notices" in each]

    assert len(cost()) == 1
    assert cost() == []
    office.clock.advance(seconds=publishing.DEAF.total_seconds())
    assert len(cost()) == 1


def test_a_receiver_is_heard_of_at_once_where_it_was_added_and_soon_by_other_workers(
    office: Office, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.district(session)
    office.publish("before")
    office.add("ours")
    office.publish("at once")
    with database.unit_of_work() as session:
        engine = db.connection_of(session).engine
    publishing._deaf[engine] = {make.DISTRICT: office.clock.now()}
    office.publish("unheard, by another worker")
    office.clock.advance(seconds=publishing.DEAF.total_seconds())
    office.publish("soon")
    with database.reading() as session:
        heard = session.scalars(select(Notice.subject_id).order_by(Notice.id)).all()
    assert heard == ["at once", "soon"]


def test_every_event_has_its_data() -> None:
    assert {event.partition(".")[0] for event in EventType} == set(events.DATA)
    assert set(EventType) >= events.MAILED


def test_the_page_for_receivers_lists_every_event_and_what_it_says() -> None:
    page = (pages.DOCS / "how-to" / "receive-events.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for event in EventType:
        assert any(f"`{event}`" in row.split("|")[1] for row in rows), event
    for shape in events.DATA.values():
        for field in shape.__struct_fields__:
            assert any(f"`{field}`" in row for row in rows), field
