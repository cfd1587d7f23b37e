"""What the office sees and enters of routes, readings and findings."""

from __future__ import annotations

import datetime as dt
from typing import Any

import flask
import pytest

from api import acts, db
from api.readings import jobs, service, store
from schemas import readings as shapes
from schemas.crews import Role
from tests.makers import readings as make
from tests.makers import tasks
from tests.makers.crews import SignIn

Headers = dict[str, str]
NOW = make.NOW
METERS = [f"M{number:04}" for number in range(4)]


@pytest.fixture
def office(database: db.Database, sign_in: SignIn) -> Headers:
    """Sign a dispatcher in; a route of four is half done, and one value was copied."""
    headers = sign_in(Role.DISPATCHER)
    with database.unit_of_work() as session:
        last = make.history(session, meter_id=METERS[0])
        task = make.route(session, meter_ids=METERS)
        act = tasks.of_crew(at=NOW - dt.timedelta(hours=1), operation_id="copied")
        stop = make.stop_of(session, meter_id=METERS[0])
        body = make.taken(stop, last + make.USED[-1])
        service.take(session, act=act, subject_id=task.id, body=body)
        skipped = shapes.ReadingSkipped(
            stop_id=make.stop_of(session, meter_id=METERS[1]).id, code=shapes.SkipCode.LOCKED
        )
        service.skip(session, act=tasks.of_crew(), subject_id=task.id, body=skipped)
        session.flush()
        jobs.run(session, act=acts.system(district_id=make.DISTRICT, now=NOW, job="flags"))
    return headers


class Asking:
    """Asks the office's doors and reads what they answer."""

    def __init__(self, client: flask.testing.FlaskClient, headers: Headers) -> None:
        self._client = client
        self._headers = headers

    def get(self, path: str, *, status: int = 200) -> Any:  # noqa: ANN401 - plain JSON
        answer = self._client.get(path, headers=self._headers)
        assert answer.status_code == status, answer.text
        return answer.get_json(force=True)

    def post(self, path: str, body: object, *, status: int = 201) -> Any:  # noqa: ANN401 - plain JSON
        answer = self._client.post(path, headers=self._headers, json=body)
        assert answer.status_code == status, answer.text
        return answer.get_json(force=True)


@pytest.fixture
def ask(client: flask.testing.FlaskClient, office: Headers) -> Asking:
    return Asking(client, office)


def test_a_route_shows_its_progress(ask: Asking) -> None:
    (route,) = ask.get("/v1/routes?person_id=li")["items"]
    assert (route["stops_open"], route["stops_read"], route["stops_skipped"]) == (2, 1, 1)
    assert (route["state"], route["person_id"]) == ("working", "li")
    assert ask.get(f"/v1/routes/{route['id']}") == route
    assert ask.get("/v1/routes?state=finished")["items"] == []
    assert len(ask.get("/v1/routes?person_id=li&state=working")["items"]) == 1
    assert ask.get("/v1/routes/none", status=404)["code"] == "not-found"


def test_stops_come_in_walking_order_page_by_page(ask: Asking) -> None:
    (route,) = ask.get("/v1/routes?person_id=li")["items"]
    path = f"/v1/routes/{route['id']}/stops"
    first = ask.get(f"{path}?limit=3")
    second = ask.get(f"{path}?limit=3&after={first['next']}")
    stops = first["items"] + second["items"]
    assert [stop["meter_id"] for stop in stops] == METERS
    assert [stop["state"] for stop in stops] == ["read", "skipped", "open", "open"]
    assert (stops[0]["previous_value"], stops[1]["skip_code"]) == ("11005.000", "locked")
    assert second["next"] is None


def test_a_route_is_drawn_in_geojson(ask: Asking) -> None:
    (route,) = ask.get("/v1/routes?person_id=li")["items"]
    drawn = ask.get(f"/v1/routes/{route['id']}/geojson")
    assert drawn["type"] == "FeatureCollection"
    states = [feature["properties"]["state"] for feature in drawn["features"]]
    assert states == ["read", "skipped", "open", "open"]
    assert drawn["features"][0]["geometry"]["type"] == "Point"


def test_the_office_plans_a_route(ask: Asking) -> None:
    draft = {"name": "new", "meter_ids": METERS[2:], "crew_id": "crew-2"}
    made = ask.post("/v1/routes", draft)
    assert (made["stops_open"], made["crew_id"], made["state"]) == (2, "crew-2", "dispatched")
    twice = ask.post("/v1/routes", draft | {"meter_ids": [METERS[2], METERS[2]]}, status=422)
    assert twice["code"] == "meter-twice"
    assert ask.post("/v1/routes", draft | {"meter_ids": ["none"]}, status=404)
    assert ask.post("/v1/routes", draft | {"meter_ids": []}, status=422)["code"] == "invalid"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("route_id=none", 0),
        (f"meter_id={METERS[0]}", 12),
        ("flagged=true", 1),
        ("flagged=false", 11),
        ("day=2026-11-23", 1),
        ("day=2026-11-22", 0),
        ("quality=estimated", 0),
        ("reader_id=li&quality=actual", 12),
    ],
)
def test_readings_are_chosen(ask: Asking, query: str, count: int) -> None:
    assert len(ask.get(f"/v1/readings?{query}")["items"]) == count


def test_a_reading_that_looks_invented_waits_for_a_second_one(ask: Asking) -> None:
    (asked,) = ask.get("/v1/rereads?settled=false")["items"]
    assert (asked["reading_id"], asked["reason"], asked["codes"]) == ("copied", "flagged", ["ER14"])
    route = ask.get(f"/v1/routes/{asked['route_id']}")
    assert (route["person_id"], route["stops_open"]) == (None, 1)
    assert ask.get("/v1/rereads?settled=true")["items"] == []
    (rule,) = ask.get("/v1/flags/precision")["items"]
    assert (rule["code"], rule["open"], rule["precision"]) == ("ER14", 1, None)


def test_a_flagged_reading_names_its_flags(ask: Asking) -> None:
    (reading,) = ask.get("/v1/readings?flagged=true")["items"]
    assert (reading["id"], reading["flags"], reading["used_kwh"]) == ("copied", ["ER14"], "105.000")
    (flag,) = ask.get("/v1/flags?code=ER14&severity=H")["items"]
    assert flag["reading_id"] == "copied"
    assert flag["en"]
    assert flag["zh"]
    assert ask.get("/v1/flags?code=ER02")["items"] == []


def test_one_meters_history_comes_page_by_page(ask: Asking) -> None:
    path = f"/v1/meters/{METERS[0]}/readings"
    ids: list[str] = []
    after = ""
    for _ in range(4):
        page = ask.get(f"{path}?limit=5{after}")
        ids += [reading["id"] for reading in page["items"]]
        after = f"&after={page['next']}"
        if page["next"] is None:
            break
    assert len(ids) == len(set(ids)) == 12
    assert ids[0] == "copied"
    assert ask.get("/v1/meters/none/readings", status=404)["code"] == "not-found"


def test_a_page_key_of_somebody_else_is_refused(ask: Asking) -> None:
    key = "WyJ4IiwieSJd"  # ["x","y"]
    assert ask.get(f"/v1/readings?after={key}", status=422)["code"] == "invalid"
    assert ask.get("/v1/readings?after=%00", status=422)["code"] == "invalid"
    assert ask.get("/v1/readings?day=9999-12-31", status=422)["code"] == "invalid"


def test_a_customers_own_reading_is_entered(ask: Asking) -> None:
    body = {"meter_id": METERS[0], "total": "11200", "method": "customer"}
    made = ask.post("/v1/readings", body)
    assert (made["quality"], made["method"], made["reader_id"]) == ("customer", "customer", None)
    assert ask.get("/v1/readings?quality=customer")["items"][0]["id"] == made["id"]


def test_a_declared_estimate_says_how_it_was_made(ask: Asking) -> None:
    body = {"meter_id": METERS[0], "total": "11200", "method": "estimated"}
    assert ask.post("/v1/readings", body, status=422)["code"] == "estimator-unnamed"
    made = ask.post("/v1/readings", body | {"estimator": "mean_of_three"})
    assert (made["quality"], made["estimator"]) == ("estimated", "mean_of_three")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"method": "read"}, 422, "not-read-at-desk"),
        ({"meter_id": "none"}, 404, "not-found"),
        ({"total": "123456"}, 422, "reading-too-many-digits"),
        ({"total": "0.5"}, 422, "reading-too-many-decimals"),
        ({"total": "-5"}, 422, "reading-not-a-value"),
        ({"tariffs": {"night": "1"}}, 422, "reading-unknown-register"),
        ({"total": "NaN"}, 422, "invalid"),
        ({"read_at": "2027-01-01T00:00:00Z"}, 422, "invalid"),
        ({"surprise": 1}, 422, "invalid"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    ask: Asking, changed: dict[str, object], status: int, code: str
) -> None:
    body = {"meter_id": METERS[0], "total": "11200", "method": "customer"} | changed
    assert ask.post("/v1/readings", body, status=status)["code"] == code


def test_an_event_that_explains_readings_is_kept(ask: Asking) -> None:
    body = {"kind": "vacancy", "meter_id": METERS[0], "from_at": "2026-11-01T00:00:00Z"}
    made = ask.post("/v1/meter-events", body)
    assert made["recorded_by"].startswith("dispatcher")
    assert ask.get(f"/v1/meter-events?meter_id={METERS[0]}")["items"] == [made]
    nothing = {"kind": "vacancy", "from_at": "2026-11-01T00:00:00Z"}
    assert ask.post("/v1/meter-events", nothing, status=422)["code"] == "event-about-nothing"
    backwards = body | {"to_at": "2026-10-01T00:00:00Z"}
    assert ask.post("/v1/meter-events", backwards, status=422)["code"] == "event-about-nothing"
    unknown = {"kind": "outage", "transformer_id": "none", "from_at": "2026-11-01T00:00:00Z"}
    assert ask.post("/v1/meter-events", unknown, status=404)["code"] == "not-found"


def test_a_reader_does_not_see_what_is_expected_of_a_route(
    client: flask.testing.FlaskClient, office: Headers, sign_in: SignIn
) -> None:
    reader = sign_in(Role.READER, person_id="li")
    for path in ("/v1/routes", "/v1/readings", "/v1/flags", "/v1/meter-events"):
        assert client.get(path, headers=reader).status_code == 403


@pytest.mark.usefixtures("office")
def test_readers_have_no_door_to_what_their_checks_rest_on(
    client: flask.testing.FlaskClient, sign_in: SignIn, database: db.Database
) -> None:
    with database.reading() as session:
        route, *_ = service.list_routes(
            session, act=tasks.of_office(), chosen=store.RouteFilter(), after=None, limit=2
        )
    headers = sign_in(Role.READER)
    for path in (f"/v1/routes/{route.id}/stops", "/v1/readings", "/v1/flags"):
        assert client.get(path, headers=headers).status_code == 403, path
