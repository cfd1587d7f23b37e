"""What doors tell of a week whose every figure can be counted on fingers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import flask.testing
import pytest

from api import db
from api.crews.models import Crew
from api.promises import jobs
from schemas.crews import Role
from tests.conftest import NOW, HandClock
from tests.makers import crews, orders, promises, sites
from tests.makers.orders import Life

MONDAY = {"first_day": "2026-11-23", "last_day": "2026-11-23"}
TUESDAY = {"first_day": "2026-11-24", "last_day": "2026-11-24"}
Answer = dict[str, Any]


@pytest.fixture
def office(sign_in: crews.SignIn, database: db.Database, clock: HandClock) -> dict[str, str]:
    """Sign a supervisor in on Thursday; on Monday four repairs were reported, on Tuesday one.

    The first was reached after 20 minutes, the second after 50 (5 late), the third's crew is silent
    since, and the fourth was reached after 30 minutes, as was heard two hours later.
    """
    clock.advance(hours=72)
    headers = sign_in(Role.SUPERVISOR)
    with database.unit_of_work() as session:
        sites.district(session)
        sites.area(session, area_id="a1")
        orders.lived(session, "m1", at=NOW, life=Life(area_id="a1"))
        late = Life(arrived=50, crew_id="crew-2", cause="树障", says="dissatisfied")
        orders.lived(session, "m2", at=NOW, life=late)
        silent = Life(arrived=None, restored=None, finished=None, called_back=None)
        orders.lived(session, "m3", at=NOW, life=silent)
        orders.lived(session, "m4", at=NOW, life=Life(arrived=30, heard_min=125))
        orders.lived(session, "t1", at=NOW + dt.timedelta(days=1))
        for crew_id, person_id in (("crew-1", "li"), ("crew-2", "chen")):
            device = crews.device(session, person_id=person_id, device_id=f"phone-{crew_id}")
            device.covered_until = NOW
    return headers


@pytest.fixture
def settled(database: db.Database, office: dict[str, str]) -> dict[str, str]:
    """Let the watch look at minute 46, when a phone is dark, and after the grace."""
    for minute in (46, 166):
        with database.unit_of_work() as session:
            jobs.run(session, act=promises.job(at=promises.minute(minute)))
    return office


def told(
    client: flask.testing.FlaskClient, path: str, headers: dict[str, str], **query: object
) -> Answer:
    answer = client.get(f"/v1/figures/{path}", query_string=query, headers=headers)
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    return dict(answer.json)


def at_minute(minute: float) -> str:
    return promises.minute(minute).isoformat()


def test_a_share_is_what_was_kept_of_what_is_decided(
    client: flask.testing.FlaskClient, settled: dict[str, str]
) -> None:
    whole = told(client, "arrive_in_time", settled, **MONDAY)["whole"]

    assert whole["outcomes"] == {"breached": 2, "kept": 2}
    assert (whole["numerator"], whole["denominator"], whole["value"]) == (2, 4, 0.5)
    assert whole["small"] is True


def test_what_waits_for_a_dark_phone_is_neither_kept_nor_broken(
    client: flask.testing.FlaskClient, settled: dict[str, str]
) -> None:
    at_47 = told(client, "arrive_in_time", settled, as_of=at_minute(47), **MONDAY)["whole"]

    assert at_47["outcomes"] == {"kept": 1, "provisional": 1, "running": 2}
    assert (at_47["numerator"], at_47["denominator"]) == (1, 1)
    assert (at_47["undecided"], at_47["provisional"]) == (3, 1)


def test_late_evidence_changes_the_figure_but_not_what_was_known_before(
    client: flask.testing.FlaskClient, settled: dict[str, str]
) -> None:

    def outcomes(minute: float) -> Answer:
        figure = told(client, "arrive_in_time", settled, as_of=at_minute(minute), **MONDAY)
        return dict(figure["whole"]["outcomes"])

    assert outcomes(50) == {"kept": 1, "breached": 1, "provisional": 1, "running": 1}
    assert outcomes(126) == {"kept": 2, "breached": 1, "provisional": 1}
    assert outcomes(167) == {"kept": 2, "breached": 2}
    assert outcomes(50) == {"kept": 1, "breached": 1, "provisional": 1, "running": 1}


def test_a_mean_is_over_what_has_ended(
    client: flask.testing.FlaskClient, settled: dict[str, str]
) -> None:
    figure = told(client, "arrive_mean", settled, **MONDAY)

    assert figure["whole"]["denominator"] == 3
    assert figure["whole"]["value"] == (20 + 50 + 30) * 60 / 3
    assert told(client, "arrive_mean", settled, **TUESDAY)["before"] == figure["whole"]


def test_every_figure_opens_into_the_rows_that_it_counted(
    client: flask.testing.FlaskClient, settled: dict[str, str]
) -> None:

    def subjects(part: str, **query: object) -> list[str]:
        rows = told(client, f"arrive_in_time/{part}", settled, **MONDAY, **query)["items"]
        return sorted(row["subject_id"] for row in rows)

    assert subjects("numerator") == ["m1", "m4"]
    assert subjects("denominator") == ["m1", "m2", "m3", "m4"]
    assert subjects("undecided") == []
    assert subjects("undecided", as_of=at_minute(47)) == ["m2", "m3", "m4"]
    assert subjects("denominator", by="crew", group="crew-2") == ["m2"]
    assert subjects("denominator", by="area", group="a1") == ["m1"]
    assert subjects("denominator", by="area") == ["m2", "m3", "m4"]


def test_a_row_says_what_it_is_about(
    client: flask.testing.FlaskClient, settled: dict[str, str]
) -> None:
    (row,) = told(client, "arrive_mean/numerator", settled, by="cause", group="树障", **MONDAY)[
        "items"
    ]

    assert row["subject_id"] == "m2"
    assert (row["outcome"], row["crew_id"], row["cause"]) == ("breached", "crew-2", "树障")
    assert row["took_ms"] == 50 * 60_000


def test_rows_go_on_where_their_page_ended(
    client: flask.testing.FlaskClient, settled: dict[str, str]
) -> None:
    days = {"first_day": "2026-11-23", "last_day": "2026-11-24"}
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = told(client, "arrive_in_time/denominator", settled, limit=2, **days, **after)
        seen += [row["subject_id"] for row in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}

    assert sorted(seen) == ["m1", "m2", "m3", "m4", "t1"]


def test_groups_have_their_places_when_there_is_enough_to_judge_by(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    database: db.Database,
) -> None:
    with database.unit_of_work() as session:
        for number in range(10):
            orders.lived(session, f"one-{number}", at=NOW, life=Life(crew_id="crew-1"))
            late = 50 if number == 0 else 20
            life = Life(crew_id="crew-2", arrived=late)
            orders.lived(session, f"two-{number}", at=NOW, life=life)
        crew = session.get(Crew, (crews.DISTRICT, "crew-2"))
        assert crew is not None
        crew.name = "抢修二班"

    groups = told(client, "dispatch_in_time", office, by="crew", **MONDAY)["groups"]
    assert [(group["id"], group["place"]) for group in groups] == [("crew-1", 1), ("crew-2", 1)]
    groups = told(client, "arrive_in_time", office, by="crew", **MONDAY)["groups"]
    assert [(group["name"], group["place"]) for group in groups] == [
        ("抢修一班", 1),
        ("抢修二班", 2),
    ]
    groups = told(client, "arrive_in_time", office, by="crew", **TUESDAY)["groups"]
    assert [(group["id"], group["place"]) for group in groups] == [("crew-1", None)]


def test_the_past_is_told_by_local_days(
    client: flask.testing.FlaskClient, settled: dict[str, str]
) -> None:
    days = {"first_day": "2026-11-22", "last_day": "2026-11-24"}
    past = told(client, "arrive_in_time/past", settled, **days)

    assert [
        (point["first_day"], point["count"]["numerator"], point["count"]["denominator"])
        for point in past["points"]
    ] == [("2026-11-22", 0, 0), ("2026-11-23", 2, 4), ("2026-11-24", 1, 1)]
    (week,) = told(client, "arrive_in_time/past", settled, grain="month", **days)["points"]
    assert (week["count"]["numerator"], week["count"]["denominator"]) == (3, 5)


def test_a_customer_who_is_not_satisfied_and_a_second_visit_are_counted(
    client: flask.testing.FlaskClient, settled: dict[str, str]
) -> None:
    said = told(client, "call_back_satisfied", settled, by="cause", **MONDAY)

    assert (said["whole"]["numerator"], said["whole"]["denominator"]) == (2, 3)
    by_cause = {group["id"]: group["count"]["value"] for group in said["groups"]}
    assert by_cause == {"熔丝熔断": 1.0, "树障": 0.0}
    first = told(client, "first_visit", settled, **MONDAY)["whole"]
    assert first["outcomes"] == {"first_visit": 3}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"first_day": "2026-11-24", "last_day": "2026-11-23"}, 422, "period-odd"),
        ({"first_day": "2024-01-01", "last_day": "2026-01-01"}, 422, "period-odd"),
        ({"first_day": "1999-01-01", "last_day": "1999-01-01"}, 422, "period-odd"),
        ({**MONDAY, "as_of": "2030-01-01T00:00:00Z"}, 422, "as-of-ahead"),
        ({**MONDAY, "by": "reader"}, 422, "not-broken-down"),
        ({**MONDAY, "by": "moon"}, 422, "invalid"),
        ({"first_day": "soon", "last_day": "later"}, 422, "invalid"),
        ({**MONDAY, "unit_id": "haikou"}, 404, "not-found"),
        ({}, 422, "invalid"),
    ],
)
def test_a_bad_question_is_refused(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    query: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = client.get("/v1/figures/arrive_in_time", query_string=query, headers=office)
    assert (answer.status_code, (answer.json or {}).get("code")) == (status, code)


def test_a_live_figure_has_no_past(
    client: flask.testing.FlaskClient, office: dict[str, str], database: db.Database
) -> None:
    with database.unit_of_work() as session:
        crews.device(session, person_id="li", device_id="phone-crew-1").queued = 3
    phones = told(client, "unsynced_phones", office, **MONDAY)["whole"]
    past = client.get("/v1/figures/unsynced_phones/past", query_string=MONDAY, headers=office)
    query = {**MONDAY, "as_of": NOW.isoformat()}
    then = client.get("/v1/figures/unsynced_phones", query_string=query, headers=office)

    assert (phones["numerator"], phones["denominator"]) == (1, 2)
    for answer in (past, then):
        assert (answer.status_code, (answer.json or {}).get("code")) == (422, "figure-is-live")


def test_a_city_adds_its_districts_up_and_ranks_them(
    client: flask.testing.FlaskClient,
    settled: dict[str, str],
    sign_in: crews.SignIn,
) -> None:
    above = sign_in(Role.SUPERVISOR, unit_id="haikou", person_id="above")
    query = {**MONDAY, "unit_id": "haikou", "by": "unit"}
    figure = told(client, "arrive_in_time", above, **query)

    assert (figure["whole"]["numerator"], figure["whole"]["denominator"]) == (2, 4)
    assert [group["id"] for group in figure["groups"]] == ["d1"]
    rows = told(client, "arrive_in_time/numerator", above, unit_id="haikou", **MONDAY)["items"]
    assert {row["subject_id"] for row in rows} == {"m1", "m4"}
    crew = client.get(
        "/v1/figures/arrive_in_time", query_string=query | {"by": "crew"}, headers=above
    )
    assert (crew.json or {})["code"] == "not-broken-down"
