from __future__ import annotations

from typing import Any

import flask.testing
import pytest

from api import db
from api.promises import jobs, service
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews, promises, sites

minute = promises.minute


@pytest.fixture
def office(sign_in: crews.SignIn, database: db.Database) -> dict[str, str]:
    """Sign a supervisor in, in a district with four orders of which one is late."""
    headers = sign_in(Role.SUPERVISOR)
    with database.unit_of_work() as session:
        sites.district(session)
        for number, crew_id in enumerate(["crew-1", "crew-2", "crew-1", None]):
            work = promises.opened(
                session, f"order-{number}", at=minute(10 * number), crew_id=crew_id
            )
            sent = promises.act(at=minute(10 * number + 1))
            for event in ("dispatch", "accept"):
                service.note(session, act=sent, subject=work, event=event)
        jobs.run(session, act=promises.job(at=minute(50)))
    return headers


def listed(
    client: flask.testing.FlaskClient, headers: dict[str, str], **query: str | int
) -> list[str]:
    """List the subjects of the clocks that a question finds."""
    answer = client.get("/v1/promises", query_string=query, headers=headers)
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    return [clock["subject_id"] for clock in answer.json["items"]]


def test_the_office_sees_what_is_at_risk_and_what_is_overdue(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    assert listed(client, office, standing="overdue") == ["order-0"]
    assert listed(client, office, standing="at_risk") == ["order-1", "order-2"]
    assert listed(client, office, state="running") == ["order-3"]
    assert listed(client, office, standing="at_risk", crew_id="crew-1") == ["order-2"]
    due_before = minute(60).isoformat()
    assert listed(client, office, standing="at_risk", due_before=due_before) == ["order-1"]
    assert set(listed(client, office, subject_id="order-3")) == {"order-3"}


def test_a_list_goes_on_where_its_page_ended(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(13):
        answer = client.get("/v1/promises", query_string={"limit": 1, **after}, headers=office).json
        assert answer is not None
        seen += [clock["id"] for clock in answer["items"]]
        if answer["next"] is None:
            break
        after = {"after": answer["next"]}

    assert len(seen) == len(set(seen)) == 12


@pytest.mark.parametrize(
    "key",
    ["x", "WzEsMl0", "WyJub3QgYSB0aW1lIiwieCJd", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwieCJd"],
)
def test_a_page_key_of_another_is_refused(
    client: flask.testing.FlaskClient, office: dict[str, str], key: str
) -> None:
    answer = client.get("/v1/promises", query_string={"after": key}, headers=office)
    assert answer.status_code == 422


def test_a_clock_shows_its_ledger_in_both_languages(
    client: flask.testing.FlaskClient, office: dict[str, str], database: db.Database
) -> None:
    with database.unit_of_work() as session:
        clock_id = promises.clock(session, "order-0").id
    answer = client.get(f"/v1/promises/{clock_id}", headers=office)

    assert answer.json is not None
    moments = answer.json["moments"]
    assert [moment["cause"] for moment in moments] == ["started", "overdue"]
    assert moments[0]["en"] == "Started by report."
    assert moments[1]["zh"] == "已超时 5 分钟。"
    assert (answer.json["state"], answer.json["policy"]) == ("breached", "sgcc-2022")
    assert answer.json["source"].startswith("国家电网")


def test_a_supervisor_takes_a_case_up(
    client: flask.testing.FlaskClient, office: dict[str, str], clock: HandClock
) -> None:
    cases = client.get("/v1/supervision?state=open", headers=office).json
    assert cases is not None
    (case,) = cases["items"]
    clock.set(minute(10))
    answer = client.post(
        f"/v1/supervision/{case['id']}/acknowledge",
        json={"remark": "Van of crew 2 sent as well."},
        headers=office,
    )

    assert answer.status_code == 200
    shown = client.get(f"/v1/supervision/{case['id']}", headers=office).json
    assert shown == answer.json
    assert shown is not None
    assert (shown["state"], shown["acknowledged_by"]) == ("acknowledged", "supervisor-d1")
    assert shown["acknowledged_at"].startswith("2026-11-23T00:10")
    again = client.get("/v1/supervision?state=open", headers=office).json
    assert again == {"items": [], "next": None}


def test_a_cleared_case_cannot_be_taken_up(
    client: flask.testing.FlaskClient, office: dict[str, str], database: db.Database
) -> None:
    with database.unit_of_work() as session:
        late = promises.act(at=minute(31), heard_at=minute(190))
        service.note(session, act=late, subject=promises.subject("order-0"), event="arrive")
        (case,) = promises.cases(session)
    answer = client.post(
        f"/v1/supervision/{case.id}/acknowledge", json={"remark": "why?"}, headers=office
    )

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (409, "case-settled")


def test_a_case_that_is_not_there_cannot_be_taken_up(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    answer = client.post(
        "/v1/supervision/none/acknowledge", json={"remark": "who?"}, headers=office
    )
    assert answer.status_code == 404


def test_supervision_is_listed_page_by_page(
    client: flask.testing.FlaskClient, office: dict[str, str], database: db.Database
) -> None:
    with database.unit_of_work() as session:
        jobs.run(session, act=promises.job(at=minute(60)))
    first = client.get("/v1/supervision?limit=1", headers=office).json
    assert first is not None
    rest = client.get("/v1/supervision", query_string={"after": first["next"]}, headers=office).json
    assert rest is not None

    cases = [*first["items"], *rest["items"]]
    assert [case["subject_id"] for case in cases] == ["order-0", "order-1"]
    assert rest["next"] is None


def test_policy_sets_show_their_sources(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    answer = client.get("/v1/policies", headers=office).json
    assert answer is not None
    names = [policy["name"] for policy in answer["items"]]
    one = client.get("/v1/policies/sgcc-2011", headers=office).json

    assert names == ["blank", "csg-hainan-2018", "sgcc-2011", "sgcc-2022"]
    assert one == answer["items"][2]
    assert one is not None
    assert {row["source"] for row in one["rows"]} <= one["sources"].keys()


def test_an_administrator_chooses_the_policy_of_new_work(
    client: flask.testing.FlaskClient, office: dict[str, str], sign_in: crews.SignIn
) -> None:
    administrator = sign_in(Role.ADMINISTRATOR)
    choice = {"policy": "sgcc-2011", "effective_from": "2026-12-01T00:00:00.000000Z"}
    first = client.put("/v1/district-policies", json=choice, headers=administrator)
    again = client.put("/v1/district-policies", json=choice, headers=administrator)

    assert (first.status_code, again.status_code) == (200, 200)
    assert client.get("/v1/district-policies", headers=office).json == {"items": [choice]}
    assert client.put("/v1/district-policies", json=choice, headers=office).status_code == 403
    unknown = {**choice, "policy": "none"}
    missing = client.put("/v1/district-policies", json=unknown, headers=administrator)
    assert missing.status_code == 404


def test_the_calendar_is_edited_by_version(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    seeded = client.post("/v1/calendar/china", headers=office)
    year: dict[str, Any] = {
        "published": True,
        "days": [{"day": "2027-01-01", "kind": "holiday", "name": "元旦"}],
    }
    tag = seeded.headers["ETag"]
    put = client.put("/v1/calendar/years/2027", json=year, headers={**office, "If-Match": tag})
    late = client.put("/v1/calendar/years/2027", json=year, headers={**office, "If-Match": tag})
    weekend = client.put("/v1/calendar/weekend", json={"rest_weekdays": [4, 5]}, headers=office)
    shown = client.get("/v1/calendar", headers=office).json

    assert (put.status_code, late.status_code, weekend.status_code) == (200, 412, 200)
    assert shown is not None
    assert [each["year"] for each in shown["years"]] == [2024, 2025, 2026, 2027]
    assert shown["years"][-1] == {"year": 2027, **year}
    assert shown["rest_weekdays"] == [4, 5]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("years/2027", {"published": True, "days": [{"day": "2026-01-01", "kind": "holiday"}]}),
        ("years/2027", {"published": True, "days": [{"day": "2027-01-01", "kind": "feast"}]}),
        ("weekend", {"rest_weekdays": [0, 1, 2, 3, 4, 5, 6]}),
        ("weekend", {"rest_weekdays": [7]}),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(
    client: flask.testing.FlaskClient, office: dict[str, str], path: str, body: dict[str, Any]
) -> None:
    answer = client.put(f"/v1/calendar/{path}", json=body, headers=office)
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/v1/promises/none", "/v1/supervision/none", "/v1/policies/none"])
def test_what_is_not_there_is_not_found(
    client: flask.testing.FlaskClient, office: dict[str, str], path: str
) -> None:
    assert client.get(path, headers=office).status_code == 404


def test_another_district_sees_nothing_of_it(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    sign_in: crews.SignIn,
    database: db.Database,
) -> None:
    with database.unit_of_work() as session:
        clock_id = promises.clock(session, "order-0").id
    stranger = sign_in(Role.SUPERVISOR, district_id="d9")

    assert listed(client, stranger) == []
    assert client.get(f"/v1/promises/{clock_id}", headers=stranger).status_code == 404


def test_the_field_does_not_watch_the_office(
    client: flask.testing.FlaskClient, office: dict[str, str], sign_in: crews.SignIn
) -> None:
    lineman = sign_in(Role.LINEMAN)
    assert client.get("/v1/promises", headers=lineman).status_code == 403
