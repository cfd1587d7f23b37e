"""A crew corrects what an order says while the office edits it: each field is merged by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask.testing
import pytest
import werkzeug.test

from api import db
from api.tasks import service
from schemas.crews import Role
from schemas.rules.transitions import State
from tests.api.sync.conftest import Order
from tests.makers import crews, sites
from tests.makers import tasks as make
from tests.makers.sync import Phone, changes

Edit = Callable[..., werkzeug.test.TestResponse]
HERE = {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "datum": "wgs84"}
THERE = {"lat_deg": sites.LAT_DEG + 0.001, "lon_deg": sites.LON_DEG, "datum": "wgs84"}


@pytest.fixture
def office(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.DISPATCHER)


@pytest.fixture
def edit(client: flask.testing.FlaskClient, office: dict[str, str]) -> Edit:
    """Let the office edit an order."""

    def edited(
        task_id: str, *, if_match: str | None = None, **body: object
    ) -> werkzeug.test.TestResponse:
        headers = {**office, **({"If-Match": if_match} if if_match else {})}
        return client.patch(f"/v1/tasks/{task_id}", json=body, headers=headers)

    return edited


@pytest.fixture
def last_moment(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> Callable[[str], dict[str, Any]]:
    """Show the last moment of an order's timeline."""

    def shown(task_id: str) -> dict[str, Any]:
        place = f"/v1/tasks/{task_id}/timeline"
        found: dict[str, Any] = client.get(place, headers=office).get_json()["items"][-1]
        return found

    return shown


def amended(saw: str, wanted: str) -> dict[str, str]:
    return {"saw": saw, "set": wanted}


def told(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["status"], each["code"]) for each in answer["outcomes"]]


@pytest.mark.rule("S20")
def test_what_nobody_else_changed_is_set(
    phone: Phone, order: Order, last_moment: Callable[[str], dict[str, Any]]
) -> None:
    task_id = order()
    contact = amended("", "Li 138")
    body = {
        "contact": contact,
        "note": amended("", "the whole lane is dark"),
        "access_note": amended("", "key at the shop"),
        "position": {"saw": HERE, "set": THERE},
    }
    answer = phone.sync(phone.operation("task.amend", task_id, body))
    assert told(answer) == []
    task = changes(answer, "task")[task_id]
    assert (task["contact"], task["note"]) == ("Li 138", "the whole lane is dark")
    assert task["site"]["access_note"] == "key at the shop"
    assert task["site"]["geometry"]["coordinates"] == [THERE["lon_deg"], THERE["lat_deg"]]
    assert (task["site"]["radius_m"], task["site"]["address"]) == (50, "灵山镇新市街 12 号")
    moment = last_moment(task_id)
    assert (moment["event"], moment["remark"]) == ("amend", "")
    assert moment["detail"]["contact"] == {**contact, "way": "set", "now": "Li 138"}


@pytest.mark.rule("S20")
def test_what_both_sides_changed_is_named_and_both_values_are_kept(
    phone: Phone, order: Order, edit: Edit, last_moment: Callable[[str], dict[str, Any]]
) -> None:
    task_id = order()
    phone.sync()
    edited = edit(task_id, contact="Wu 137", position=THERE, note="call before you come")
    assert edited.status_code == 200
    assert edited.headers["ETag"] == f'"{edited.get_json()["version"]}"'
    body = {
        "contact": amended("", "Li 138"),
        "note": amended("", "call before you come"),
        "access_note": amended("", "key at the shop"),
        "position": {"saw": HERE, "set": {**HERE, "lat_deg": sites.LAT_DEG - 0.001}},
    }
    answer = phone.sync(phone.operation("task.amend", task_id, body))
    (outcome,) = answer["outcomes"]
    assert (outcome["status"], outcome["code"]) == ("merged", "fields-merged")
    assert outcome["fields"]["fields"] == "position, contact"
    assert "联系方式" in outcome["detail"]["zh"]
    task = changes(answer, "task")[task_id]
    assert task["contact"] == "Wu 137; Li 138"
    assert task["site"]["geometry"]["coordinates"] == [THERE["lon_deg"], THERE["lat_deg"]]
    assert task["site"]["access_note"] == "key at the shop"
    detail = last_moment(task_id)["detail"]
    ways = {name: detail[name]["way"] for name in detail}
    assert ways == {"contact": "both", "note": "same", "access_note": "set", "position": "kept"}
    assert detail["position"]["set"]["lat_deg"] == sites.LAT_DEG - 0.001


def test_two_corrections_without_signal_build_on_each_other(
    phone: Phone, order: Order, edit: Edit
) -> None:
    task_id = order()
    phone.sync()
    edit(task_id, contact="Wu 137")
    answer = phone.sync(
        phone.operation("task.amend", task_id, {"contact": amended("", "Li 138")}),
        phone.operation("task.amend", task_id, {"contact": amended("Li 138", "Li 136")}),
    )
    assert changes(answer, "task")[task_id]["contact"] == "Wu 137; Li 136"


def test_a_correction_of_an_order_that_went_to_others_is_kept_and_changes_nothing(
    phone: Phone, order: Order, database: db.Database, client: flask.testing.FlaskClient,
    office: dict[str, str], last_moment: Callable[[str], dict[str, Any]],
) -> None:  # fmt: skip
    task_id = order()
    phone.sync()
    body = {"crew_id": "crew-2", "why": "crew 1 is cut off by the flood"}
    client.post(f"/v1/tasks/{task_id}/reassign", json=body, headers=office)
    wire = phone.operation("task.amend", task_id, {"contact": amended("", "Li 138")})
    assert told(phone.sync(wire)) == [("merged", "no-longer-yours")]
    assert client.get(f"/v1/tasks/{task_id}", headers=office).get_json()["contact"] == ""
    assert last_moment(task_id)["detail"]["contact"]["set"] == "Li 138"


def test_a_correction_of_a_cancelled_order_is_kept_and_changes_nothing(
    phone: Phone, order: Order, client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    task_id = order()
    phone.sync()
    body = {"reason": "the customer found his own fuse"}
    client.post(f"/v1/tasks/{task_id}/cancel", json=body, headers=office)
    wire = phone.operation("task.amend", task_id, {"contact": amended("", "Li 138")})
    answer = phone.sync(wire)
    assert told(answer) == [("merged", "overtaken")]
    assert "更正" in answer["outcomes"][0]["detail"]["zh"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing-amended"),
        ({"position": {"saw": None, "set": {"lat_deg": 0, "lon_deg": 0}}}, "odd-position"),
    ],
)
def test_a_correction_that_says_nothing_or_nonsense_is_refused(
    phone: Phone, order: Order, body: dict[str, object], code: str
) -> None:
    answer = phone.sync(phone.operation("task.amend", order(), body))
    assert told(answer) == [("rejected", code)]


def test_the_first_position_of_an_order_makes_its_site(phone: Phone, database: db.Database) -> None:
    with database.unit_of_work() as session:
        task = make.task(session)
        task.site = None
        task_id = task.id
    phone.sync()
    words = {"access_note": amended("", "key at the shop")}
    answer = phone.sync(
        phone.operation("task.amend", task_id, words),
        phone.operation("task.amend", task_id, {**words, "position": {"set": HERE}}),
    )
    assert told(answer) == [("merged", "fields-merged")]
    site = changes(answer, "task")[task_id]["site"]
    assert (site["access_note"], site["datum"]) == ("key at the shop", "wgs84")
    assert site["radius_m"] > 0


def test_a_site_that_is_a_shape_stays_the_offices(phone: Phone, database: db.Database) -> None:
    lat, lon = sites.LAT_DEG, sites.LON_DEG
    ring = [[lon, lat], [lon + 0.001, lat], [lon, lat + 0.001], [lon, lat]]
    with database.unit_of_work() as session:
        task = make.task(session)
        task.site = {**(task.site or {}), "geometry": {"type": "Polygon", "coordinates": [ring]}}
        task_id = task.id
    answer = phone.sync(phone.operation("task.amend", task_id, {"position": {"set": THERE}}))
    assert told(answer) == [("merged", "fields-merged")]


def test_the_office_edits_on_the_version_that_it_saw(order: Order, edit: Edit) -> None:
    task_id = order()
    version = edit(task_id, title="no light in the lane").get_json()["version"]
    assert edit(task_id, if_match=f'"{version - 1}"', note="x").status_code == 412
    again = edit(task_id, if_match=f'"{version}"', address="Lane 4", access_note="back gate")
    site = again.get_json()["site"]
    assert (site["address"], site["access_note"]) == ("Lane 4", "back gate")


def test_what_the_office_edits_stands_on_the_timeline(
    order: Order, edit: Edit, last_moment: Callable[[str], dict[str, Any]]
) -> None:
    task_id = order()
    edit(task_id, contact="Wu 137", title="no light in the lane")
    moment = last_moment(task_id)
    assert moment["event"] == "edit"
    assert moment["detail"] == {
        "title": {"was": "no light in the whole house", "now": "no light in the lane"},
        "contact": {"was": "", "now": "Wu 137"},
    }


def test_the_office_is_told_why_an_edit_cannot_be(
    order: Order, edit: Edit, database: db.Database
) -> None:
    archived = order(state=State.archived)
    placeless = order()
    with database.unit_of_work() as session:
        act = make.of_office()
        from_office = service.get_to_change(session, act=act, task_id=placeless)
        from_office.site = None
    refused = [
        edit(placeless),
        edit(archived, note="x"),
        edit(placeless, address="Lane 4"),
        edit(placeless, position={"lat_deg": 0, "lon_deg": 0}),
        edit("none", note="x"),
    ]
    assert [(each.status_code, each.get_json()["code"]) for each in refused] == [
        (422, "nothing-amended"),
        (409, "already-settled"),
        (422, "site-needs-position"),
        (422, "odd-position"),
        (404, "not-found"),
    ]
    assert edit(placeless, note="only words").get_json()["site"] is None
    assert edit(placeless, position=HERE, address="Lane 4").get_json()["site"]["address"]


def test_a_crew_that_is_online_corrects_at_the_door(
    order: Order, client: flask.testing.FlaskClient, sign_in: crews.SignIn
) -> None:
    task_id = order()
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1")
    body = {"contact": amended("", "Li 138")}
    done = client.post(f"/v1/tasks/{task_id}/amend", json=body, headers=headers).get_json()
    assert (done["task"]["contact"], done["remark_code"]) == ("Li 138", None)
