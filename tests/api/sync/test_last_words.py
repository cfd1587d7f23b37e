"""Last words: nothing that a revoked phone had done is lost, and nothing of it counts unseen."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import flask.testing
import msgspec
import pytest
from sqlalchemy import func, select

from api import acts, db
from api.evidence import allowances, depot, service, sweeping
from api.settings import Settings
from api.sync import last_words
from api.sync.models import Quarantined, Receipt
from field_sync.keys import FileKeys
from field_sync.testing.edge import HandEdge
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews, evidence, kept
from tests.makers.proving import ProvingClient
from tests.makers.sync import Phone

Order = Callable[..., str]
Json = dict[str, Any]
DEVICE = "phone-7"


@pytest.fixture
def office(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.SUPERVISOR)


@pytest.fixture
def lost(
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
    database: db.Database,
    tmp_path: pathlib.Path,
    office: dict[str, str],
) -> Phone:
    """A phone that the office has revoked."""
    keys = FileKeys(tmp_path)
    with database.unit_of_work() as session:
        crews.person(session, person_id="li")
        crews.device(session, person_id="li", device_id=DEVICE, key=keys.make(HandEdge()))
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id=DEVICE)
    phone = Phone(client, headers, clock, keys=keys, device_id=DEVICE)
    assert client.delete(f"/v1/devices/{DEVICE}", headers=office).status_code == 200
    return phone


def granted(client: ProvingClient, phone: Phone, heard: Json) -> dict[str, str]:
    """Give the headers of a grant of uploads, which is bound to the phone's key."""
    headers = {"Authorization": f"Bearer {heard['upload_token']}"}
    assert phone.keys is not None
    client.hold(headers, phone.keys)
    return headers


def say(phone: Phone, *operations: bytes, **changed: object) -> tuple[int, Json]:
    said = msgspec.json.decode(phone.request(operations))
    body = {
        "device_id": phone.device_id,
        "contact": said["contact"],
        "operations": [msgspec.Raw(wire) for wire in operations],
        **(phone.signed(operations) if operations else {}),
        **changed,
    }
    answer = phone.client.post("/v1/sync/last-words", data=msgspec.json.encode(body))
    return answer.status_code, answer.get_json()


def count(database: db.Database, table: type[db.Base]) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


@pytest.mark.rule("S33")
def test_last_words_come_into_quarantine_once_and_are_safe(
    lost: Phone,
    order: Order,
    database: db.Database,
    client: flask.testing.FlaskClient,
    office: dict[str, str],
) -> None:
    task_id = order()
    said = [lost.operation("task.accept", task_id), lost.operation("task.set_out", task_id)]
    for _ in range(2):
        status, heard = say(lost, *said)
        assert (status, heard["safe_through"], heard["missing"]) == (200, 2, [])
    assert (count(database, Quarantined), count(database, Receipt)) == (2, 0)
    kept = client.get("/v1/quarantine?reason=revoked", headers=office).get_json()["items"]
    for each in kept:
        url = f"/v1/quarantine/{each['id']}/accept"
        assert client.post(url, headers=office).get_json()["state"] == "accepted"
    task = client.get(f"/v1/tasks/{task_id}", headers=office).get_json()
    assert task["state"] == "en_route"


def test_the_photo_of_a_revoked_phone_becomes_evidence_when_it_is_accepted(
    lost: Phone, order: Order, client: ProvingClient, office: dict[str, str]
) -> None:
    task_id = order()
    body = msgspec.to_builtins(evidence.declared())
    status, heard = say(lost, lost.operation("evidence.declare", task_id, body))
    assert status == 200, heard
    (missing,) = heard["missing"]
    grant = granted(client, lost, heard)
    sent = client.patch(missing["upload"], data=evidence.PHOTO, headers={**grant, **evidence.at(0)})
    assert sent.status_code == 204
    (kept,) = client.get("/v1/quarantine", headers=office).get_json()["items"]
    client.post(f"/v1/quarantine/{kept['id']}/accept", headers=office)
    (file,) = client.get(f"/v1/evidence?task_id={task_id}", headers=office).get_json()["items"]
    assert file["arrived_at"] is not None


@pytest.mark.parametrize("decision", ["accept", "dismiss"])
def test_the_photo_of_a_revoked_phone_waits_as_long_as_the_office_does(
    lost: Phone,
    order: Order,
    client: ProvingClient,
    office: dict[str, str],
    clock: HandClock,
    database: db.Database,
    settings: Settings,
    decision: str,
) -> None:
    run = kept.Run(database, settings, clock)
    task_id = order()
    body = msgspec.to_builtins(evidence.declared())
    _, heard = say(lost, lost.operation("evidence.declare", task_id, body))
    (missing,) = heard["missing"]
    grant = granted(client, lost, heard)
    client.patch(missing["upload"], data=evidence.PHOTO, headers={**grant, **evidence.at(0)})
    clock.advance(hours=24 * (settings.orphan_days + 400))
    assert run("sweep_files").counts == {"condemned": 0, "swept": 0}
    with database.reading() as session:
        (waiting,) = session.scalars(select(Quarantined))
    signed_in = crews.signed_in(
        database,
        settings=settings,
        now=clock.now(),
        role=Role.SUPERVISOR,
        district_id="d1",
        unit_id=None,
        person_id=None,
        crew_id=None,
        device_id=None,
    )
    why = {"reason": "the photo shows the wrong house"} if decision == "dismiss" else None
    decided = client.post(f"/v1/quarantine/{waiting.id}/{decision}", json=why, headers=signed_in)
    assert decided.status_code == 200, decided.text
    assert run("sweep_files").counts == {"condemned": int(decision == "dismiss"), "swept": 0}


@pytest.mark.rule("S33")
@pytest.mark.parametrize("upload", ["expired", "swept"])
def test_a_file_that_waits_for_the_office_is_expected_however_late_it_comes(
    lost: Phone,
    order: Order,
    client: ProvingClient,
    clock: HandClock,
    database: db.Database,
    settings: Settings,
    office: dict[str, str],
    upload: str,
) -> None:
    wire = lost.operation("evidence.declare", order(), msgspec.to_builtins(evidence.declared()))
    assert say(lost, wire)[1]["missing"]
    clock.advance(hours=24 * 91)
    if upload == "swept":
        with database.unit_of_work() as session:
            act = acts.system(district_id=crews.DISTRICT, now=clock.now(), job="j")
            counts = sweeping.sweep(session, act=act, files=depot.opened(settings))
        assert counts["uploads_expired"] == 1
    _, heard = say(lost, **lost.signed([wire]))
    (missing,) = heard["missing"]
    grant = granted(client, lost, heard)
    sent = client.patch(missing["upload"], data=evidence.PHOTO, headers={**grant, **evidence.at(0)})
    assert sent.status_code == 204
    assert say(lost, **lost.signed([wire]))[1]["missing"] == []


def test_a_file_whose_declaration_was_dismissed_is_expected_no_more(
    lost: Phone, order: Order, client: ProvingClient, office: dict[str, str]
) -> None:
    wire = lost.operation("evidence.declare", order(), msgspec.to_builtins(evidence.declared()))
    say(lost, wire)
    (kept,) = client.get("/v1/quarantine", headers=office).get_json()["items"]
    reason = {"reason": "a picture of the wrong pole, said the foreman"}
    client.post(f"/v1/quarantine/{kept['id']}/dismiss", json=reason, headers=office)
    _, heard = say(lost, **lost.signed([wire]))
    assert (heard["missing"], heard["more"]) == ([], False)


def test_of_many_files_some_are_named_and_that_there_are_more(
    lost: Phone, order: Order, client: ProvingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MISSING_MAX", 2)
    task_id, contents = order(), [b"\xff\xd8\xff" + bytes([n]) * 9 for n in range(3)]
    wires = [
        lost.operation("evidence.declare", task_id, msgspec.to_builtins(evidence.declared(each)))
        for each in contents
    ]
    _, heard = say(lost, *wires)
    assert heard["more"]
    assert [file["sha256"] for file in heard["missing"]] == [
        evidence.sha256(each) for each in contents[:2]
    ]
    grant = granted(client, lost, heard)
    for file, content in zip(heard["missing"], contents, strict=False):
        sent = client.patch(file["upload"], data=content, headers={**grant, **evidence.at(0)})
        assert sent.status_code == 204
    _, heard = say(lost, **lost.signed(wires[-1:]))
    assert [file["sha256"] for file in heard["missing"]] == [evidence.sha256(contents[2])]
    assert not heard["more"]


@pytest.mark.rule("S33")
@pytest.mark.parametrize(("limit", "first"), [(1, 1), (0, 0)])
def test_a_file_that_has_no_room_yet_is_kept_for_the_next_time(
    lost: Phone, order: Order, monkeypatch: pytest.MonkeyPatch, limit: int, first: int
) -> None:
    monkeypatch.setattr(allowances, "OPEN_MAX", limit)
    task_id, contents = order(), [b"\xff\xd8\xff" + bytes([n]) * 9 for n in range(2)]
    wires = [
        lost.operation("evidence.declare", task_id, msgspec.to_builtins(evidence.declared(each)))
        for each in contents
    ]
    _, heard = say(lost, *wires)
    assert (len(heard["missing"]), heard["more"]) == (first, True)


@pytest.mark.rule("S33")
def test_the_grant_of_uploads_opens_nothing_else(
    lost: Phone, order: Order, client: ProvingClient, clock: HandClock
) -> None:
    body = msgspec.to_builtins(evidence.declared())
    _, heard = say(lost, lost.operation("evidence.declare", order(), body))
    grant = granted(client, lost, heard)
    assert client.get("/v1/tasks", headers=grant).status_code == 401
    begun = client.post("/v1/uploads", headers={**grant, **evidence.creation(b"another")})
    assert begun.status_code == 401
    (missing,) = heard["missing"]
    clock.advance(hours=25)
    resumed = {**grant, "Tus-Resumable": "1.0.0"}
    assert client.head(missing["upload"], headers=resumed).status_code == 401


def test_words_that_the_device_s_key_has_not_signed_are_not_heard(
    lost: Phone, order: Order, database: db.Database, tmp_path: pathlib.Path
) -> None:
    said = lost.operation("task.accept", order())
    forged = lost.operation("task.note", "t1", {"text": "never said"})
    signed = lost.signed([forged])
    assert say(lost, said, forged, device_id="phone-8")[1]["code"] == "last-words-refused"
    assert say(lost, said, **signed)[1]["code"] == "last-words-refused"
    lost.keys = FileKeys(tmp_path / "..")
    lost.keys.make(HandEdge(seed=5))
    assert say(lost, said)[1]["code"] == "last-words-refused"
    assert count(database, Quarantined) == 0


def test_a_device_that_stands_and_one_that_speaks_too_often_are_told_so(
    lost: Phone,
    order: Order,
    client: flask.testing.FlaskClient,
    database: db.Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = lost.operation("task.accept", order())
    monkeypatch.setattr(last_words, "PER_MINUTE_MAX", 1)
    assert say(lost, said)[0] == 200
    assert say(lost, said)[1]["code"] == "too-many"
    assert say(lost, said, protocol=9)[1]["code"] == "protocol-unknown"
    assert say(lost, said, head=None)[1]["code"] == "invalid"
    with database.unit_of_work() as session:
        crews.device(session, person_id="li", device_id=DEVICE).revoked_at = None
    assert say(lost, said)[1]["code"] == "device-stands"


def test_the_phone_of_a_person_who_left_says_its_last_words(
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
    database: db.Database,
    tmp_path: pathlib.Path,
    order: Order,
) -> None:
    keys = FileKeys(tmp_path)
    with database.unit_of_work() as session:
        crews.person(session, person_id="li")
        crews.device(session, person_id="li", device_id=DEVICE, key=keys.make(HandEdge()))
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id=DEVICE)
    phone = Phone(client, headers, clock, keys=keys, device_id=DEVICE)
    late = phone.operation("task.accept", order())
    boss = sign_in(Role.ADMINISTRATOR)
    assert client.delete("/v1/people/li", headers=boss).status_code == 200
    refused = client.post("/v1/sync", data=phone.request([late]), headers=headers)
    assert refused.get_json()["code"] == "device-revoked"
    assert say(phone, late)[1]["safe_through"] == 1
    (kept,) = client.get("/v1/quarantine", headers=boss).get_json()["items"]
    accepted = client.post(f"/v1/quarantine/{kept['id']}/accept", headers=boss).get_json()
    assert (accepted["state"], accepted["person_id"]) == ("accepted", "li")
