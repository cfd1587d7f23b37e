"""Stories of appointments: what a crew's calendar offers, and who gets it."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import flask.testing
import pytest

from api import db
from api.appointments import service
from schemas.appointments import AppointmentDraft
from schemas.crews import Role
from schemas.errors import Refused
from tests.api.appointments.conftest import NOW, At
from tests.makers import crews
from tests.makers import tasks as work
from tests.makers.customer_promises import Desk, Json, hour

TUESDAY = 24.5
"""Hours from Monday 08:00 to Tuesday 08:30, where a slot begins."""
CONSENT = {"name": "Li Hua", "how": "spoken"}
WHY = "the customer is at the hospital on Tuesday"


def draft(*, opens: float = TUESDAY, crew_id: str = "crew-1", **changed: object) -> Json:
    return {
        "crew_id": crew_id,
        "from_at": hour(opens),
        "customer": "Li Hua",
        "words": "The crew comes on Tuesday morning.",
        **changed,
    }


def book(desk: Desk, **changed: object) -> Json:
    return desk.post("/v1/appointments", draft(**changed), status=201)  # type: ignore[arg-type]  # fields of it


def offered(desk: Desk, *, crew_id: str = "crew-1", since: str, days: int = 1) -> Json:
    """Count the places of each slot by the hour at which it begins in Haikou."""
    slots = desk.get("/v1/appointment-slots", crew_id=crew_id, since=since, days=days)["items"]
    return {slot["from_at"][5:16]: slot["left"] for slot in slots}


def moved(*, opens: float, crew_id: str = "crew-1") -> Json:
    return {
        "crew_id": crew_id,
        "from_at": hour(opens),
        "words": "In the afternoon instead.",
        "consent": CONSENT,
        "why": WHY,
    }


def test_a_calendar_offers_what_is_left_of_it(desk: Desk) -> None:
    assert offered(desk, since="2026-11-24") == {
        "11-24T00:30": 2,
        "11-24T02:30": 2,
        "11-24T06:30": 2,
        "11-24T08:30": 2,
    }
    assert list(offered(desk, crew_id="crew-2", since="2026-11-24")) == ["11-24T00:30"]
    assert offered(desk, since="2026-11-28", days=2) == {}, "a weekend"
    assert "11-23T00:30" not in offered(desk, since="2026-11-23"), "in half an hour"
    assert offered(desk, since="2026-12-31") == {}, "too far ahead"


def test_a_booked_slot_is_a_promise(desk: Desk, at: At) -> None:
    appointment = book(desk, task_id="t1")
    assert (appointment["state"], appointment["promise"]["ending"]) == ("booked", "open")
    assert offered(desk, since="2026-11-24")["11-24T00:30"] == 1
    (promise,) = desk.get("/v1/customer-promises", task_id="t1")["items"]
    assert promise["id"] == appointment["promise"]["id"]
    at(TUESDAY + 2.1)
    assert desk.endings(promise["id"]) == ["broken"]
    assert desk.get(f"/v1/appointments/{appointment['id']}")["id"] == appointment["id"]


def test_the_crew_that_comes_is_in_charge_of_it(desk: Desk) -> None:
    promise = book(desk)["promise"]
    clock = desk.get(f"/v1/promises/{promise['windows'][0]['clock_id']}")
    assert clock["crew_id"] == "crew-1"


def test_a_full_slot_is_refused(desk: Desk) -> None:
    book(desk)
    book(desk)
    assert desk.post("/v1/appointments", draft(), status=409)["code"] == "slot-full"
    assert "11-24T00:30" not in offered(desk, since="2026-11-24")


@pytest.mark.parametrize("opens", [TUESDAY + 0.25, 0.5, 24 * 5 + 0.5, 24 * 60 + 0.5])
def test_only_what_the_calendar_has_can_be_booked(desk: Desk, opens: float) -> None:
    assert desk.post("/v1/appointments", draft(opens=opens), status=422)["code"] == (
        "slot-not-offered"
    )


def test_a_day_off_offers_nothing_and_breaks_nothing(desk: Desk) -> None:
    appointment = book(desk)
    path = "/v1/crews/crew-1/days-off/2026-11-24"
    assert desk.post(path, {"why": "busy"}, by="PUT", status=422)["code"] == "reason-not-concrete"
    off = desk.post(path, {"why": "training at the depot"}, by="PUT")
    assert off["items"] == [{"day": "2026-11-24", "why": "training at the depot"}]
    assert offered(desk, since="2026-11-24") == {}
    assert desk.get(f"/v1/appointments/{appointment['id']}")["state"] == "booked"
    assert desk.delete(path) == 204
    assert desk.delete(path) == 204
    assert desk.get("/v1/crews/crew-1/days-off")["items"] == []
    assert offered(desk, since="2026-11-24")["11-24T00:30"] == 1


def test_a_holiday_of_the_office_offers_nothing(
    desk: Desk, client: flask.testing.FlaskClient, sign_in: crews.SignIn
) -> None:
    year = {"published": True, "days": [{"day": "2026-11-24", "kind": "holiday"}]}
    Desk(client, sign_in(Role.SUPERVISOR)).post("/v1/calendar/years/2026", year, by="PUT")
    assert offered(desk, since="2026-11-24") == {}


def test_an_appointment_is_moved_with_consent(desk: Desk) -> None:
    appointment = book(desk)
    path = f"/v1/appointments/{appointment['id']}/move"
    later = desk.post(path, moved(opens=TUESDAY + 6))
    assert later["state"] == "booked"
    assert [each["ending"] for each in later["promise"]["windows"]] == ["reagreed", "open"]
    assert later["promise"]["windows"][1]["consent"]["name"] == "Li Hua"
    slots = offered(desk, since="2026-11-24")
    assert (slots["11-24T00:30"], slots["11-24T06:30"]) == (2, 1)


def test_a_move_into_a_full_slot_changes_nothing(desk: Desk) -> None:
    appointment = book(desk)
    book(desk, opens=TUESDAY + 6)
    book(desk, opens=TUESDAY + 6)
    path = f"/v1/appointments/{appointment['id']}/move"
    assert desk.post(path, moved(opens=TUESDAY + 6), status=409)["code"] == "slot-full"
    shown = desk.get(f"/v1/appointments/{appointment['id']}")
    assert (shown["state"], len(shown["promise"]["windows"])) == ("booked", 1)
    assert offered(desk, since="2026-11-24")["11-24T00:30"] == 1


def test_a_move_within_its_own_full_slot_is_possible_for_another_crew(desk: Desk) -> None:
    appointment = book(desk)
    path = f"/v1/appointments/{appointment['id']}/move"
    assert desk.post(path, moved(opens=TUESDAY, crew_id="crew-2"))["crew_id"] == "crew-2"
    assert offered(desk, since="2026-11-24")["11-24T00:30"] == 2


def test_a_cancelled_appointment_gives_its_place_back(desk: Desk) -> None:
    appointment = book(desk)
    path = f"/v1/appointments/{appointment['id']}/cancel"
    why = {"why": "the customer moved to another town"}
    cancelled = desk.post(path, why)
    assert (cancelled["state"], cancelled["promise"]["ending"]) == ("cancelled", "withdrawn")
    assert offered(desk, since="2026-11-24")["11-24T00:30"] == 2
    assert desk.post(path, why, status=409)["code"] == "appointment-over"


def test_what_was_due_is_neither_moved_nor_cancelled(desk: Desk, at: At) -> None:
    appointment = book(desk)
    at(TUESDAY + 2.1)
    path = f"/v1/appointments/{appointment['id']}"
    refused = desk.post(f"{path}/move", moved(opens=TUESDAY + 6), status=409)
    assert refused["code"] == "promise-over"
    why = {"why": "the customer moved to another town"}
    assert desk.post(f"{path}/cancel", why, status=409)["code"] == "promise-over"


def test_a_time_agreed_anew_at_the_door_frees_the_place(desk: Desk) -> None:
    first, second = book(desk), book(desk)
    agreed = {"due_at": hour(40), "words": "On Wednesday.", "consent": CONSENT, "why": WHY}
    desk.post(f"/v1/customer-promises/{first['promise']['id']}/agree", agreed)
    assert desk.get(f"/v1/appointments/{first['id']}")["state"] == "moved"
    third = book(desk)
    assert third["state"] == desk.get(f"/v1/appointments/{second['id']}")["state"] == "booked"
    path = f"/v1/appointments/{first['id']}/move"
    assert desk.post(path, moved(opens=TUESDAY + 6), status=409)["code"] == "appointment-over"


def test_appointments_are_listed_page_by_page(desk: Desk) -> None:
    ids = [book(desk, opens=TUESDAY + hours)["id"] for hours in (0, 2, 6)]
    first = desk.get("/v1/appointments", limit=2, crew_id="crew-1")
    rest = desk.get("/v1/appointments", limit=2, after=first["next"])
    assert [each["id"] for each in first["items"] + rest["items"]] == ids
    some = desk.get("/v1/appointments", from_after=hour(25), from_before=hour(27))["items"]
    assert [each["id"] for each in some] == ids[1:2]


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.post("/v1/appointments", draft(crew_id="nobody"), status=404)["code"] == "not-found"
    why = {"why": "the customer moved to another town"}
    assert desk.post("/v1/appointments/nobody/cancel", why, status=404)["code"] == "not-found"
    path = "/v1/crews/crew-1/days-off/someday"
    assert desk.post(path, {"why": "training at the depot"}, by="PUT", status=422)["code"] == (
        "invalid"
    )


def test_of_two_bookings_for_the_last_place_one_wins(desk: Desk, database: db.Database) -> None:
    book(desk)
    racers = 4
    together = threading.Barrier(racers)

    def race(number: int) -> str:
        together.wait(timeout=30)
        wanted = AppointmentDraft(
            crew_id="crew-1",
            from_at=NOW + dt.timedelta(hours=TUESDAY),
            customer=f"customer {number}",
            words="Tuesday morning.",
        )
        try:
            with database.unit_of_work() as session:
                return service.book(session, act=work.of_office(), draft=wanted).state
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(racers) as pool:
        ends = sorted(pool.map(race, range(racers)))

    assert ends == ["booked", "slot-full", "slot-full", "slot-full"]
    assert len(desk.get("/v1/appointments")["items"]) == 2
    assert len(desk.get("/v1/customer-promises")["items"]) == 2
