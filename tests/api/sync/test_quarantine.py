"""The quarantine: what was not let in is whole, is decided once, and counts once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask.testing
import msgspec
import pytest

from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews, sites
from tests.makers.sync import Phone

Order = Callable[..., str]
Json = dict[str, Any]
FIX = {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 8, "age_s": 2}
WHY = "the copy of the phone was made for repair and never went out"


class Desk:
    """The office at its desk."""

    def __init__(self, client: flask.testing.FlaskClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def get(self, path: str = "", **query: object) -> Json:
        answer = self._client.get(
            f"/v1/quarantine{path}", query_string=query, headers=self._headers
        )
        return dict(answer.get_json())

    def post(self, path: str, body: Json | None = None) -> tuple[int, Json]:
        answer = self._client.post(f"/v1/quarantine{path}", json=body, headers=self._headers)
        return answer.status_code, answer.get_json()

    def reassign(self, task_id: str, **body: object) -> None:
        answer = self._client.post(
            f"/v1/tasks/{task_id}/reassign", json=body, headers=self._headers
        )
        assert answer.status_code == 200, answer.text

    def audit(self) -> list[str]:
        lines = self._client.get("/v1/audit", headers=self._headers).get_json()["items"]
        return [line["what"] for line in lines if line["what"].startswith("quarantine.")]

    def task(self, task_id: str) -> Json:
        return dict(self._client.get(f"/v1/tasks/{task_id}", headers=self._headers).get_json())


@pytest.fixture
def desk(client: flask.testing.FlaskClient, sign_in: crews.SignIn) -> Desk:
    return Desk(client, sign_in(Role.SUPERVISOR))


@pytest.fixture
def task_id(order: Order) -> str:
    return order()


def copy_speaks(phone: Phone, *operations: tuple[str, str]) -> list[bytes]:
    """Let a copy of a phone push other operations under the numbers of the first ones."""
    phone.n, phone.prev = 0, ""
    made = [phone.operation(kind, subject) for kind, subject in operations]
    answer = phone.sync(*made)
    assert {outcome["code"] for outcome in answer["outcomes"]} == {"sequence-fork"}
    return made


@pytest.fixture
def stray(phone: Phone, task_id: str, clock: HandClock) -> bytes:
    """An acceptance that a copy of the phone took half an hour before it spoke."""
    phone.sync(phone.operation("task.note", task_id, {"text": "from the phone itself"}))
    phone.n, phone.prev = 0, ""
    made = phone.operation("task.accept", task_id)
    clock.advance(minutes=30)
    assert phone.sync(made)["outcomes"][0]["code"] == "sequence-fork"
    return made


def test_an_operation_in_quarantine_is_shown_whole_with_when_it_happened(
    stray: bytes, desk: Desk, clock: HandClock
) -> None:
    (kept,) = desk.get(state="waiting")["items"]
    assert kept["operation"] == msgspec.json.decode(stray)
    assert (kept["reason"], kept["person_id"], kept["n"]) == ("fork", "li", 1)
    assert kept["happened_at"] < kept["received_at"]
    assert desk.get(f"/{kept['id']}") == kept
    assert desk.get("/devices")["items"] == [
        {
            "device_id": "device-li",
            "person_id": "li",
            "waiting": 1,
            "since": kept["received_at"],
        }
    ]


@pytest.mark.rule("S33")
def test_what_is_accepted_is_the_person_s_act_when_it_happened_and_counts_once(
    stray: bytes, desk: Desk, phone: Phone, task_id: str, client: flask.testing.FlaskClient
) -> None:
    (kept,) = desk.get()["items"]
    status, accepted = desk.post(f"/{kept['id']}/accept")
    assert (status, accepted["state"], accepted["outcome"]["status"]) == (
        200,
        "accepted",
        "applied",
    )
    assert desk.task(task_id)["state"] == "accepted"
    assert desk.post(f"/{kept['id']}/accept") == (200, accepted)
    assert desk.audit() == ["quarantine.accepted"]
    assert desk.post(f"/{kept['id']}/dismiss", {"reason": WHY})[1]["code"] == "quarantine-decided"
    again = msgspec.json.decode(stray)
    chain = client.get("/v1/sync/ack", headers=phone.headers).get_json()["chain"]
    phone.n, phone.prev = 1, chain
    rebased = phone.operation("task.accept", task_id, id=again["id"])
    answer = phone.sync(rebased)
    assert answer["acked_through"] == 2
    assert [outcome["status"] for outcome in answer["outcomes"]] == ["duplicate"]


def test_a_restoration_let_in_before_its_arrival_stops_the_clock_that_the_arrival_starts(
    phone: Phone, desk: Desk, task_id: str, clock: HandClock
) -> None:
    """World seed 10891: the order came back between the two, so the arrival moves it."""
    phone.sync(phone.operation("task.note", task_id, {"text": "from the phone itself"}))
    phone.n, phone.prev = 0, ""
    made = [phone.operation("checkin.record", task_id, {"fix": FIX, "verdict": "inside"})]
    clock.advance(minutes=30)
    made.append(phone.operation("repair.restored", task_id))
    phone.sync(*made)
    arrived, restored = sorted(desk.get()["items"], key=lambda kept: str(kept["happened_at"]))
    desk.reassign(task_id, crew_id="crew-2", why="crew 1 is cut off by the flood")
    assert desk.post(f"/{restored['id']}/accept")[0] == 200
    clock.advance(minutes=10)
    desk.reassign(task_id, crew_id="crew-1", why="the road to crew 1 is open again")
    assert desk.post(f"/{arrived['id']}/accept")[0] == 200
    task = desk.task(task_id)
    assert task["state"] == "arrived"
    (clocked,) = [each for each in task["clocks"] if each["kind"] == "restore"]
    assert clocked["stopped_at"] == restored["happened_at"]


def test_what_came_by_itself_is_no_work_for_the_office(
    stray: bytes, desk: Desk, phone: Phone, task_id: str, client: flask.testing.FlaskClient
) -> None:
    again = msgspec.json.decode(stray)
    chain = client.get("/v1/sync/ack", headers=phone.headers).get_json()["chain"]
    phone.n, phone.prev = 1, chain
    phone.sync(phone.operation("task.accept", task_id, id=again["id"]))
    assert desk.get(state="waiting")["items"] == []
    assert desk.get("/devices")["items"] == []
    (kept,) = desk.get(state="settled")["items"]
    status, problem = desk.post(f"/{kept['id']}/accept")
    assert (status, problem["code"]) == (409, "quarantine-decided")


def test_what_cannot_be_applied_is_shown_and_waits_on(
    phone: Phone, desk: Desk, task_id: str
) -> None:
    phone.sync(phone.operation("task.note", task_id, {"text": "from the phone itself"}))
    copy_speaks(phone, ("task.accept", "no-such-order"))
    (kept,) = desk.get()["items"]
    assert desk.post(f"/{kept['id']}/accept")[0] >= 400
    assert desk.get(f"/{kept['id']}")["state"] == "waiting"
    assert desk.audit() == []


def test_a_dismissal_needs_a_concrete_reason_and_stays_on_record(
    stray: bytes, desk: Desk, task_id: str
) -> None:
    (kept,) = desk.get()["items"]
    assert desk.post(f"/{kept['id']}/dismiss", {"reason": "工作忙"})[1]["code"] == (
        "reason-not-concrete"
    )
    status, dismissed = desk.post(f"/{kept['id']}/dismiss", {"reason": WHY})
    assert (status, dismissed["state"], dismissed["why"]) == (200, "dismissed", WHY)
    assert desk.post(f"/{kept['id']}/dismiss", {"reason": WHY}) == (200, dismissed)
    assert desk.post(f"/{kept['id']}/accept")[1]["code"] == "quarantine-decided"
    assert desk.audit() == ["quarantine.dismissed"]
    assert desk.task(task_id)["state"] == "dispatched"


def test_the_quarantine_is_paged_and_filtered(phone: Phone, desk: Desk, task_id: str) -> None:
    notes = [phone.operation("task.note", task_id, {"text": f"note {i}"}) for i in range(3)]
    phone.sync(*notes)
    copy_speaks(phone, *[("task.accept", task_id)] * 3)
    seen: list[int] = []
    after = None
    for _ in range(3):
        page = desk.get(limit=1, **({"after": after} if after else {}))
        seen += [kept["n"] for kept in page["items"]]
        after = page["next"]
    assert sorted(seen) == [1, 2, 3]
    assert desk.get(limit=1, after=after)["items"] == []
    assert desk.get(reason="revoked")["items"] == []
    assert desk.get(device_id="another")["items"] == []
    assert len(desk.get(device_id="device-li", reason="fork")["items"]) == 3
    assert desk.get(after="not a key")["code"] == "invalid"


def test_the_quarantine_is_the_office_s_and_its_own_district_s(
    stray: bytes, client: flask.testing.FlaskClient, phone: Phone, sign_in: crews.SignIn, desk: Desk
) -> None:
    assert client.get("/v1/quarantine", headers=phone.headers).status_code == 403
    (kept,) = desk.get()["items"]
    other = Desk(client, sign_in(Role.DISPATCHER, district_id="d2"))
    assert other.get()["items"] == []
    assert other.get(f"/{kept['id']}")["code"] == "not-found"
    assert other.post(f"/{kept['id']}/accept")[0] == 404
