"""A route split in the middle of a day, and walked in a better order: no work is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import flask
import pytest

from api import db
from api.feed.models import FeedEntry
from api.readings import service
from api.readings.models import Reading, Reread, Stop
from schemas import readings as shapes
from schemas.crews import Role
from schemas.errors import Refused
from tests.makers import readings as make
from tests.makers import tasks
from tests.makers.crews import SignIn

METERS = [f"M{number:04}" for number in range(4)]
MINUTE = dt.timedelta(minutes=1)


class Office:
    """Asks the office's doors about one route of li's."""

    def __init__(self, client: flask.testing.FlaskClient, headers: dict[str, str]) -> None:
        self._client, self._headers = client, headers
        self.route_id: str = self.ask("GET", "/v1/routes?person_id=li")["items"][0]["id"]

    def ask(self, verb: str, path: str, body: object = None, *, status: int = 200) -> Any:  # noqa: ANN401 - plain JSON
        answer = self._client.open(path, method=verb, headers=self._headers, json=body)
        assert answer.status_code == status, answer.text
        return answer.get_json(force=True)

    def stops(self, route_id: str | None = None) -> list[dict[str, Any]]:
        path = f"/v1/routes/{route_id or self.route_id}/stops"
        stops: list[dict[str, Any]] = self.ask("GET", path)["items"]
        return stops

    def move(self, *stops: int, status: int = 200, **to: str) -> Any:  # noqa: ANN401 - plain JSON
        ids = [self.stops()[number]["id"] for number in stops]
        body = {"stop_ids": ids, "reason": "the bridge is closed", **to}
        return self.ask("POST", f"/v1/routes/{self.route_id}/moves", body, status=status)


@pytest.fixture
def office(client: flask.testing.FlaskClient, database: db.Database, sign_in: SignIn) -> Office:
    headers = sign_in(Role.DISPATCHER)
    with database.unit_of_work() as session:
        make.route(session, meter_ids=METERS)
    return Office(client, headers)


def take(
    database: db.Database, office: Office, meter_id: str, *, minute: int = 0
) -> Refused | None:
    """Read a meter on li's route, as a phone without signal would tell later."""
    with database.unit_of_work() as session:
        stop = make.stop_of(session, meter_id=meter_id)
        act = tasks.of_crew(at=make.NOW + MINUTE * minute, operation_id=f"R-{meter_id}")
        return service.take(
            session, act=act, subject_id=office.route_id, body=make.taken(stop, 12_345)
        )


def test_moved_stops_are_on_another_readers_route(office: Office) -> None:
    lent = office.move(1, 3, crew_id="crew-2")
    assert (lent["crew_id"], lent["stops_open"]) == ("crew-2", 2)
    assert [stop["meter_id"] for stop in office.stops()] == [METERS[0], METERS[2]]
    there = office.stops(lent["id"])
    assert [(stop["sequence"], stop["meter_id"]) for stop in there] == [
        (1, METERS[1]),
        (2, METERS[3]),
    ]
    again = office.move(0, to_route_id=lent["id"])
    assert (again["id"], again["stops_open"]) == (lent["id"], 3)
    assert office.stops(lent["id"])[-1]["meter_id"] == METERS[0]


def test_phones_lose_and_get_the_stops(office: Office, database: db.Database) -> None:
    lent = office.move(1, crew_id="crew-2")
    with database.unit_of_work() as session:
        stop = make.stop_of(session, meter_id=METERS[1])
        entries = session.query(FeedEntry).filter_by(entity_id=stop.id)
        told = {entry.audience: entry.gone for entry in entries}
    assert told == {f"route:{office.route_id}": True, f"route:{lent['id']}": False}


def test_what_was_read_without_signal_counts(office: Office, database: db.Database) -> None:
    lent = office.move(1, crew_id="crew-2")
    remark = take(database, office, METERS[1])
    assert isinstance(remark, service.StopMoved)
    assert remark.outcome == "merged"
    assert office.stops(lent["id"])[0]["state"] == "read"
    with database.unit_of_work() as session:
        kept = session.query(Reading).filter_by(id=f"R-{METERS[1]}").one()
        assert make.stop_of(session, meter_id=METERS[1]).reading_id == kept.id
        assert kept.reader_id == "li"


def test_a_skip_without_signal_is_kept_too(office: Office, database: db.Database) -> None:
    lent = office.move(1, crew_id="crew-2")
    with database.unit_of_work() as session:
        stop = make.stop_of(session, meter_id=METERS[1])
        body = shapes.ReadingSkipped(stop_id=stop.id, code=shapes.SkipCode.DOG)
        remark = service.skip(session, act=tasks.of_crew(), subject_id=office.route_id, body=body)
    assert isinstance(remark, service.StopMoved)
    assert office.stops(lent["id"])[0]["skip_code"] == "dog"


@pytest.mark.parametrize(
    ("to", "status", "code"),
    [
        ({}, 422, "moved-nowhere"),
        ({"crew_id": "crew-2", "person_id": "li"}, 422, "moved-nowhere"),
        ({"to_route_id": "none"}, 404, "not-found"),
        ({"crew_id": "none"}, 404, "not-found"),
        ({"person_id": "none"}, 404, "not-found"),
    ],
)
def test_stops_go_to_somebody_who_is_there(
    office: Office, to: dict[str, str], status: int, code: str
) -> None:
    assert office.move(0, status=status, **to)["code"] == code
    assert len(office.stops()) == len(METERS)


def test_what_is_done_stays_where_it_is(office: Office, database: db.Database) -> None:
    take(database, office, METERS[0])
    assert office.move(0, status=409, crew_id="crew-2")["code"] == "stop-not-open"


def test_a_reread_stays_with_whom_it_was_given(office: Office, database: db.Database) -> None:
    with database.unit_of_work() as session:
        reading_id = make.value(
            session, total=9, read_at=make.NOW - make.MONTH, meter_id=METERS[0], judged=True
        )
        asked = Reread(
            district_id=make.DISTRICT,
            reading_id=reading_id,
            meter_id=METERS[0],
            reader_id="wang",
            reason="flagged",
            codes=["ER14"],
            opened_at=make.NOW,
            due_at=make.NOW + make.MONTH,
            route_id=office.route_id,
            en="",
            zh="",
        )
        session.add(asked)
    assert office.move(0, status=409, crew_id="crew-2")["code"] == "reread-stays"


def test_a_route_that_is_over_takes_nothing(office: Office, database: db.Database) -> None:
    with database.unit_of_work() as session:
        over = make.route(session, meter_ids=["M0009"], person_id=None, crew_id="crew-2")
        over.state = "finished"
        over_id = over.id
    assert office.move(0, status=409, to_route_id=over_id)["code"] == "route-not-walked"


def test_the_order_is_proposed_as_it_was_walked(office: Office, database: db.Database) -> None:
    nothing = office.ask("GET", f"/v1/routes/{office.route_id}/order")
    assert (nothing["walk_id"], nothing["walked"]) == (None, 0)
    for minute, meter_id in enumerate((METERS[3], METERS[0], METERS[1])):
        take(database, office, meter_id, minute=minute)
    by_meter = {stop["meter_id"]: stop["id"] for stop in office.stops()}
    found = office.ask("GET", f"/v1/routes/{office.route_id}/order")
    assert found["stop_ids"] == [by_meter[METERS[number]] for number in (3, 0, 1, 2)]
    assert (found["walk_id"], found["walked"]) == (office.route_id, 3)


def test_the_office_sets_the_order(office: Office, database: db.Database) -> None:
    path = f"/v1/routes/{office.route_id}/order"
    ids = [stop["id"] for stop in office.stops()]
    assert office.ask("PUT", path, {"stop_ids": ids[::-1]}) == {"stop_ids": ids[::-1]}
    assert [(stop["sequence"], stop["id"]) for stop in office.stops()] == list(
        enumerate(ids[::-1], start=1)
    )
    for wrong in (ids[1:], [*ids, ids[0]], [*ids[1:], "other"]):
        refused = office.ask("PUT", path, {"stop_ids": wrong}, status=409)
        assert refused["code"] == "order-not-of-route"
    with database.unit_of_work() as session:
        assert session.query(Stop).filter(Stop.sequence < 1).count() == 0
