"""Who belongs to what changes while a phone has no signal; what was done there is never lost."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import flask.testing
import pytest

from api import acts, db
from api.crews import service as crews_service
from api.sync import jobs
from schemas.crews import Role
from tests.api.sync.conftest import Order
from tests.api.sync.test_stories import (
    AWAY,
    arrive,
    kinds,
    office,
    stopped_after_min,
    told,
    work,
)
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import readings as routes
from tests.makers.sync import Phone, changes, gone

__all__ = ["office"]

Office = Callable[..., dict[str, Any]]
Json = dict[str, Any]


def photo(content: bytes = b"a photo of the pole") -> Json:
    """Declare a photo."""
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
        "media_type": "image/jpeg",
        "kind": "site",
    }


class Roster:
    """A supervisor who changes crews."""

    def __init__(self, client: flask.testing.FlaskClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def put(self, crew_id: str, *person_ids: str) -> None:
        self._patch(crew_id, {"member_ids": person_ids})

    def serve(self, crew_id: str, *area_ids: str) -> None:
        self._patch(crew_id, {"area_ids": area_ids})

    def move(self, person_id: str, *, out_of: str, into: str) -> None:
        """Move somebody from one crew to the other; its other members stay."""
        self.put(out_of, *(set(self.members(out_of)) - {person_id}))
        self.put(into, *self.members(into), person_id)

    def disband(self, crew_id: str) -> None:
        answer = self._client.delete(f"/v1/crews/{crew_id}", headers=self._headers)
        assert answer.status_code == 200, answer.text

    def members(self, crew_id: str) -> list[str]:
        crew = self._client.get(f"/v1/crews/{crew_id}", headers=self._headers).get_json()
        return [member["person_id"] for member in crew["members"]]

    def _patch(self, crew_id: str, change: Mapping[str, object]) -> None:
        answer = self._client.patch(f"/v1/crews/{crew_id}", json=change, headers=self._headers)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def roster(
    client: flask.testing.FlaskClient, sign_in: crews.SignIn, database: db.Database
) -> Roster:
    with database.unit_of_work() as session:
        for crew_id in ("crew-1", "crew-2", "crew-3"):
            crews.crew(session, crew_id=crew_id)
    return Roster(client, sign_in(Role.SUPERVISOR))


@pytest.fixture
def mate(client: flask.testing.FlaskClient, sign_in: crews.SignIn, clock: HandClock) -> Phone:
    """The phone of Wang, who is in Li's crew and stays there."""
    return Phone(client, sign_in(Role.LINEMAN, person_id="wang", crew_id="crew-1"), clock)


@pytest.mark.rule("S35")
def test_work_done_in_a_crew_is_that_crews_though_its_doer_is_in_another_by_now(
    phone: Phone, mate: Phone, order: Order, office: Office, roster: Roster, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    done = work(phone, clock, task_id)
    roster.move("li", out_of="crew-1", into="crew-2")
    answer = phone.sync(*done)
    assert told(answer) == []
    assert answer["dropped"] == ["crew:crew-1"]
    task = office(task_id)
    assert (task["state"], task["crew_id"], task["look"]) == ("finished", "crew-1", None)
    assert [each["crew_id"] for each in office(task_id, "holders")["items"]] == ["crew-1"]
    moments = office(task_id, "timeline")["items"]
    assert {each["person_id"] for each in moments if each["event"] != "report"} >= {"li"}
    assert changes(mate.sync(), "task")[task_id]["state"] == "finished"


@pytest.mark.rule("S35")
def test_work_done_after_a_crew_change_that_nobody_could_hear_of_counts_for_its_doer(
    phone: Phone, mate: Phone, order: Order, office: Office, roster: Roster, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    roster.move("li", out_of="crew-1", into="crew-2")
    clock.advance(minutes=5)
    answer = phone.sync(*work(phone, clock, task_id))
    assert told(answer) == [
        ("merged", "no-longer-yours"),
        ("merged", "no-longer-yours"),
        ("merged", "work-counted"),
    ]
    assert changes(answer, "task")[task_id]["state"] == "finished"
    task = office(task_id)
    assert (task["state"], task["crew_id"], task["person_id"]) == ("finished", None, "li")
    assert kinds(mate.sync()) == ["done_by_another"]


def test_an_arrival_before_a_crew_change_brings_the_old_crews_order_on(
    phone: Phone, mate: Phone, order: Order, office: Office, roster: Roster, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    clock.advance(minutes=20)
    there = [arrive(phone, task_id), phone.operation("task.start", task_id)]
    clock.advance(minutes=1)
    roster.move("li", out_of="crew-1", into="crew-2")
    assert told(phone.sync(*there)) == []
    task = office(task_id)
    assert (task["state"], task["crew_id"]) == ("working", "crew-1")
    assert stopped_after_min(task, "arrive") == pytest.approx(20, abs=0.1)
    assert changes(mate.sync(), "task")[task_id]["state"] == "working"


def test_whole_work_counts_when_its_doer_changed_crews_and_the_order_too(
    phone: Phone,
    other_phone: Phone,
    order: Order,
    office: Office,
    roster: Roster,
    clock: HandClock,
) -> None:
    task_id = order()
    phone.sync()
    done = work(phone, clock, task_id)
    roster.move("li", out_of="crew-1", into="crew-3")
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    other_phone.sync()
    assert told(phone.sync(*done)) == [
        ("merged", "no-longer-yours"),
        ("merged", "no-longer-yours"),
        ("merged", "work-counted"),
    ]
    task = office(task_id)
    assert (task["state"], task["person_id"]) == ("finished", "li")
    assert stopped_after_min(task, "restore") == pytest.approx(60, abs=0.1)
    others = other_phone.sync()
    assert (gone(others, "task"), kinds(others)) == ({task_id}, ["done_by_another"])


def test_work_in_progress_moves_nothing_when_its_doer_changed_crews_and_the_order_too(
    phone: Phone, order: Order, office: Office, roster: Roster, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    there = [arrive(phone, task_id), phone.operation("task.note", task_id, {"text": "pole down"})]
    clock.advance(minutes=1)
    roster.move("li", out_of="crew-1", into="crew-3")
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    assert told(phone.sync(*there)) == [("merged", "no-longer-yours")]
    task = office(task_id)
    assert (task["state"], task["crew_id"]) == ("dispatched", "crew-2")
    assert office(task_id, "timeline")["items"][-1]["detail"] == {"text": "pole down"}


def test_a_former_mates_arrival_and_ones_own_restoration_are_one_crews_whole_work(
    phone: Phone, mate: Phone, order: Order, office: Office, roster: Roster, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    mate.sync(arrive(mate, task_id))
    clock.advance(minutes=10)
    restored = phone.operation("repair.restored", task_id)
    clock.advance(minutes=1)
    roster.move("wang", out_of="crew-1", into="crew-3")
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    assert told(phone.sync(restored)) == [("merged", "work-counted")]
    assert office(task_id)["crew_id"] == "crew-1"


@pytest.mark.parametrize("crew_change", ["moved", "disbanded"])
def test_every_kind_of_act_of_a_former_member_is_applied(
    phone: Phone,
    order: Order,
    office: Office,
    roster: Roster,
    clock: HandClock,
    database: db.Database,
    crew_change: str,
) -> None:
    with database.unit_of_work() as session:
        route_id = routes.route(session, meter_ids=["M0001", "M0002"]).id
        stops = [routes.stop_of(session, meter_id=meter).id for meter in ("M0001", "M0002")]
    task_id = order()
    phone.sync()
    picture = photo()
    acts_made = [
        arrive(phone, task_id),
        phone.operation("task.note", task_id, {"text": "the dog bites"}),
        phone.operation("task.amend", task_id, {"contact": {"saw": "", "set": "the porter"}}),
        phone.operation("evidence.declare", task_id, picture),
        phone.operation("reading.take", route_id, {"stop_id": stops[0], "total": "5"}),
        phone.operation("reading.skip", route_id, {"stop_id": stops[1], "code": "no_access"}),
        phone.operation("task.finish", route_id),
    ]
    clock.advance(minutes=1)
    if crew_change == "moved":
        roster.move("li", out_of="crew-1", into="crew-2")
    else:
        roster.disband("crew-1")
    answer = phone.sync(*acts_made)
    assert told(answer) == []
    assert [each["sha256"] for each in answer["missing"]] == [picture["sha256"]]
    assert (office(task_id)["state"], office(route_id)["state"]) == ("arrived", "finished")
    assert office(task_id)["contact"] == "the porter"


def test_a_former_member_knows_nothing_of_what_the_crew_got_later(
    phone: Phone, order: Order, roster: Roster, clock: HandClock
) -> None:
    roster.put("crew-3", "li")
    clock.advance(minutes=1)
    roster.put("crew-3")
    clock.advance(minutes=1)
    task_id = order(crew_id="crew-3", at=clock.now())
    clock.advance(minutes=1)
    answer = phone.sync(phone.operation("task.note", task_id, {"text": "I was not there"}))
    assert told(answer) == [("held", "waits-for-order")]


def test_a_former_member_has_no_door_to_the_old_crews_orders(
    phone: Phone, order: Order, roster: Roster, client: flask.testing.FlaskClient
) -> None:
    task_id = order()
    phone.sync()
    roster.move("li", out_of="crew-1", into="crew-2")
    answer = client.post(f"/v1/tasks/{task_id}/accept", json={}, headers=phone.headers)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")


def test_what_waits_for_an_order_is_settled_as_of_the_crew_it_was_done_in(
    phone: Phone,
    office: Office,
    order: Order,
    roster: Roster,
    clock: HandClock,
    database: db.Database,
) -> None:
    begun_at = clock.now()
    clock.advance(minutes=1)
    noted = phone.operation("task.note", "from-the-backup", {"text": "came before the order"})
    assert told(phone.sync(noted)) == [("held", "waits-for-order")]
    order(task_id="from-the-backup", at=begun_at)
    roster.move("li", out_of="crew-1", into="crew-2")
    clock.advance(minutes=2)
    with database.unit_of_work() as session:
        jobs.run(session, act=acts.system(district_id=crews.DISTRICT, now=clock.now(), job="j"))
    (outcome,) = changes(phone.sync(), "outcome").values()
    assert outcome["status"] == "applied"
    assert office("from-the-backup", "timeline")["items"][-1]["event"] == "note"


def test_a_crews_clock_waits_for_the_phone_of_somebody_who_left_it_in_the_dark(
    phone: Phone, mate: Phone, roster: Roster, clock: HandClock, database: db.Database
) -> None:
    def covered(left_since: dt.datetime | None = None) -> object:
        with database.reading() as session:
            return crews_service.covered_until(
                session,
                district_id=crews.DISTRICT,
                crew_id="crew-1",
                person_id=None,
                left_since=left_since,
            )

    phone.sync()
    seen_at = clock.now()
    clock.advance(minutes=10)
    roster.move("li", out_of="crew-1", into="crew-2")
    clock.advance(minutes=10)
    mate.sync()
    assert covered() == seen_at
    phone.sync()
    told_at = clock.now()
    assert covered() == told_at
    clock.advance(minutes=10)
    mate.sync()
    assert covered() == clock.now()  # what Li does now is another crew's
    assert covered(left_since=seen_at) == told_at  # unless the answer never came (world 6916)


def test_a_crew_that_loses_an_area_keeps_its_orders_there_and_what_it_did(
    phone: Phone, order: Order, office: Office, roster: Roster, clock: HandClock
) -> None:
    roster.serve("crew-1", "a1")
    task_id = order()
    phone.sync()
    there = arrive(phone, task_id)
    clock.advance(minutes=1)
    roster.serve("crew-1")
    roster.serve("crew-2", "a1")
    answer = phone.sync(there)
    assert (told(answer), gone(answer, "task")) == ([], set())
    assert answer["dropped"] == ["area:a1"]  # its map, and nothing of its work
    task = office(task_id)
    assert (task["state"], task["crew_id"]) == ("arrived", "crew-1")


def test_an_order_taken_back_by_a_crew_change_and_a_reassignment_drops_all_and_loses_nothing(
    phone: Phone, order: Order, office: Office, roster: Roster, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    noted = phone.operation("task.note", task_id, {"text": "before anybody knew"})
    clock.advance(minutes=1)
    office(task_id, "reassign", crew_id="crew-2", why=AWAY)
    roster.put("crew-1")
    answer = phone.sync(noted)
    assert (told(answer), answer["dropped"]) == ([], ["crew:crew-1"])
    assert office(task_id, "timeline")["items"][-1]["detail"] == {"text": "before anybody knew"}
    assert phone.sync()["dropped"] == []
