"""Devices: enrolled by their person, revoked by the office."""

from __future__ import annotations

import pytest

from api import db
from api.crews.service import devices
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews as make
from tests.makers.proving import GivenKey
from tests.makers.proving import ProvingClient as Client

Json = dict[str, object]
OTHER_KEY: Json = {
    **make.KEY,
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}
"""The key of RFC 7517, appendix A.1."""
ASKED: Json = {"name": "坚固手持机 7", "app": "field-sync 0.1", "key": make.KEY}


@pytest.fixture
def reader(client: Client, database: db.Database) -> dict[str, str]:
    """Sign in a reader who has no device yet."""
    with database.unit_of_work() as session:
        make.person(session, roles=[Role.READER], password=make.PASSWORD)
    body = {"login": "li", "password": make.PASSWORD}
    tokens = client.post("/v1/sessions", json=body).json
    assert tokens is not None
    return make.bearer(tokens)


def _enrol(client: Client, headers: dict[str, str], **asked: object) -> tuple[int, Json]:
    answer = client.post("/v1/devices", json={**ASKED, **asked}, headers=headers)
    assert answer.json is not None
    return answer.status_code, dict(answer.json)


def _bound(client: Client, enrolled: Json) -> dict[str, str]:
    tokens = enrolled["tokens"]
    assert isinstance(tokens, dict)
    assert tokens["token_type"] == "DPoP"
    headers = make.bearer(tokens)
    client.hold(headers, GivenKey(make.KEY, private=make.PRIVATE))
    return headers


def test_an_enrolled_device_has_tokens_of_its_own(
    client: Client, reader: dict[str, str], sign_in: make.SignIn
) -> None:
    status, enrolled = _enrol(client, reader)
    assert status == 201
    assert enrolled["district_id"] == "d1"
    assert client.get("/v1/units", headers=_bound(client, enrolled)).status_code == 200
    url = f"/v1/devices/{enrolled['device_id']}"
    shown = client.get(url, headers=sign_in(Role.DISPATCHER)).json
    assert shown is not None
    assert {name: shown[name] for name in ("person_id", "name", "app", "queued")} == {
        "person_id": "li",
        "name": "坚固手持机 7",
        "app": "field-sync 0.1",
        "queued": 0,
    }
    assert shown["covered_until"] == shown["enrolled_at"] == "2026-11-23T00:00:00.000000Z"


def test_enrolling_again_after_a_lost_answer_makes_no_second_device(
    client: Client, reader: dict[str, str], sign_in: make.SignIn
) -> None:
    for _ in range(2):
        status, enrolled = _enrol(client, reader, id="phone-7")
        assert (status, enrolled["device_id"]) == (201, "phone-7")
        assert client.get("/v1/units", headers=_bound(client, enrolled)).status_code == 200
    listed = client.get("/v1/devices", headers=sign_in(Role.DISPATCHER)).json
    assert listed is not None
    assert [device["id"] for device in listed["items"]] == ["phone-7"]


def test_an_id_that_is_somebody_elses_device_is_refused(
    client: Client, reader: dict[str, str], database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.person(session, person_id="wu")
        make.device(session, person_id="wu", device_id="phone-7")
    assert _enrol(client, reader, id="phone-7")[1]["code"] == "not-found"


def test_a_revoked_device_cannot_be_enrolled_again(
    client: Client, reader: dict[str, str], sign_in: make.SignIn, clock: HandClock
) -> None:
    _, enrolled = _enrol(client, reader, id="phone-7")
    office = sign_in(Role.DISPATCHER)
    revoked = client.delete("/v1/devices/phone-7", headers=office)
    assert revoked.json is not None
    assert revoked.json["revoked_at"] == "2026-11-23T00:00:00.000000Z"
    clock.advance(minutes=1)
    assert client.delete("/v1/devices/phone-7", headers=office).json == revoked.json
    told = client.get("/v1/units", headers=_bound(client, enrolled))
    assert (told.status_code, told.json and told.json["code"]) == (401, "device-revoked")
    assert _enrol(client, reader, id="phone-7")[1]["code"] == "device-revoked"
    assert client.get("/v1/units", headers=reader).status_code == 200


def test_a_person_has_a_bounded_number_of_devices(
    client: Client, reader: dict[str, str], sign_in: make.SignIn
) -> None:
    for number in range(devices.DEVICES_PER_PERSON_MAX):
        assert _enrol(client, reader, id=f"phone-{number}")[0] == 201
    status, problem = _enrol(client, reader, id="one-more")
    assert (status, problem["code"]) == (409, "too-many-devices")
    client.delete("/v1/devices/phone-3", headers=sign_in(Role.SUPERVISOR))
    assert _enrol(client, reader, id="one-more")[0] == 201


def test_devices_are_listed_by_person_and_page(
    client: Client, database: db.Database, sign_in: make.SignIn
) -> None:
    with database.unit_of_work() as session:
        for person_id, unit_id in (("li", "d1"), ("wu", "d1"), ("far", "d2")):
            make.person(session, person_id=person_id, unit_id=unit_id)
            for number in range(2):
                make.device(
                    session,
                    person_id=person_id,
                    device_id=f"{person_id}-{number}",
                    district_id=unit_id,
                )
    headers = sign_in(Role.SUPERVISOR)
    first = client.get("/v1/devices?limit=3", headers=headers).json
    assert first is not None
    rest = client.get(f"/v1/devices?limit=3&after={first['next']}", headers=headers).json
    assert rest is not None
    seen = [device["id"] for device in (*first["items"], *rest["items"])]
    assert seen == ["li-0", "li-1", "wu-0", "wu-1"]
    hers = client.get("/v1/devices?person_id=wu", headers=headers).json
    assert hers is not None
    assert [device["id"] for device in hers["items"]] == ["wu-0", "wu-1"]


@pytest.mark.parametrize(
    "change",
    [{"id": "a b"}, {"id": "\0"}, {"name": ""}, {"app": None}, {"district_id": "d2"}],
)
def test_an_odd_enrolment_is_refused(client: Client, reader: dict[str, str], change: Json) -> None:
    status, problem = _enrol(client, reader, **change)
    assert (status, problem["code"]) == (422, "invalid")


def test_a_device_shows_its_key_and_another_key_is_not_that_device(
    client: Client, reader: dict[str, str], sign_in: make.SignIn
) -> None:
    _enrol(client, reader, id="phone-7")
    status, problem = _enrol(client, reader, id="phone-7", key=OTHER_KEY)
    assert (status, problem["code"]) == (409, "device-key-differs")
    shown = client.get("/v1/devices/phone-7", headers=sign_in(Role.DISPATCHER)).json
    assert shown is not None
    assert shown["key"] == make.KEY


def test_a_device_that_was_enrolled_before_there_were_keys_takes_none(
    client: Client, reader: dict[str, str], database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.device(session, person_id="li", device_id="phone-7")
    assert _enrol(client, reader, id="phone-7")[1]["code"] == "device-key-differs"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ({**make.KEY, "y": make.KEY["x"]}, "device-key-wrong"),
        ({**make.KEY, "x": "_" * 43}, "device-key-wrong"),
        ({**make.KEY, "crv": "P-384"}, "invalid"),
        ({**make.KEY, "x": "short"}, "invalid"),
        ({**make.KEY, "d": "a private key"}, "invalid"),
        (None, "invalid"),
    ],
)
def test_a_key_that_is_no_point_on_the_curve_is_refused(
    client: Client, reader: dict[str, str], key: Json | None, code: str
) -> None:
    status, problem = _enrol(client, reader, key=key)
    assert (status, problem["code"]) == (422, code)


def _allow(client: Client, headers: dict[str, str], reason: str) -> tuple[int, Json]:
    url = "/v1/devices/phone-7/new-key"
    answer = client.post(url, json={"reason": reason}, headers=headers)
    assert answer.json is not None
    return answer.status_code, dict(answer.json)


LOST = "the handheld fell into the reservoir and was put back from a backup"


@pytest.mark.rule("S46")
def test_a_device_takes_another_key_once_when_the_office_has_allowed_it(
    client: Client, reader: dict[str, str], sign_in: make.SignIn, database: db.Database
) -> None:
    _, enrolled = _enrol(client, reader, id="phone-7")
    before, office = _bound(client, enrolled), sign_in(Role.SUPERVISOR)
    refused = _enrol(client, reader, id="phone-7", key=OTHER_KEY)
    assert (refused[0], refused[1]["code"]) == (409, "device-key-differs")
    status, shown = _allow(client, office, LOST)
    assert (status, shown["new_key_until"]) == (200, "2026-11-24T00:00:00.000000Z")
    assert client.get("/v1/units", headers=before).status_code == 200, "until it has another"
    status, changed = _enrol(client, reader, id="phone-7", key=OTHER_KEY)
    assert (status, changed["device_id"]) == (201, "phone-7")
    assert client.get("/v1/units", headers=before).status_code == 401
    device = client.get("/v1/devices/phone-7", headers=office).get_json()
    assert (device["key"]["x"], device["new_key_until"]) == (OTHER_KEY["x"], None)
    assert _enrol(client, reader, id="phone-7", key=OTHER_KEY)[0] == 201, "after a lost answer"
    assert _enrol(client, reader, id="phone-7")[1]["code"] == "device-key-differs"
    with database.reading() as session:
        row = devices.get_device(session, device_id="phone-7")
        present, former = devices.keys_of(session, device=row)
    assert str(OTHER_KEY["x"]) in present
    assert make.KEY["x"] in former
    audit = client.get("/v1/audit", headers=office).get_json()["items"]
    assert [line["what"] for line in audit][:2] == ["device.key-changed", "device.new-key-allowed"]
    assert audit[1]["detail"] == {"reason": LOST}


@pytest.mark.rule("S46")
def test_another_key_comes_too_late_after_a_day(
    client: Client, reader: dict[str, str], sign_in: make.SignIn, clock: HandClock
) -> None:
    _enrol(client, reader, id="phone-7")
    assert _allow(client, sign_in(Role.DISPATCHER), LOST)[0] == 200
    clock.advance(hours=24)
    asked = {"login": "li", "password": make.PASSWORD}
    later = make.bearer(client.post("/v1/sessions", json=asked).get_json())
    assert _enrol(client, later, id="phone-7", key=OTHER_KEY)[1]["code"] == "device-key-differs"


def test_keys_that_change_places_are_each_kept_once(
    client: Client, reader: dict[str, str], sign_in: make.SignIn, database: db.Database
) -> None:
    _enrol(client, reader, id="phone-7")
    office = sign_in(Role.DISPATCHER)
    for key in (OTHER_KEY, make.KEY, OTHER_KEY):
        assert _allow(client, office, LOST)[0] == 200
        assert _enrol(client, reader, id="phone-7", key=key)[0] == 201
    with database.reading() as session:
        row = devices.get_device(session, device_id="phone-7")
        assert len(devices.keys_of(session, device=row)) == 3


@pytest.mark.parametrize("reason", ["", "busy", "工作忙"])
def test_another_key_needs_a_concrete_reason(
    client: Client, reader: dict[str, str], sign_in: make.SignIn, reason: str
) -> None:
    _enrol(client, reader, id="phone-7")
    status, problem = _allow(client, sign_in(Role.DISPATCHER), reason)
    assert (status, problem["code"]) == (422, "new-key-reason-vague")
    assert _enrol(client, reader, id="phone-7", key=OTHER_KEY)[1]["code"] == "device-key-differs"


def test_a_revoked_device_is_allowed_no_other_key(
    client: Client, reader: dict[str, str], sign_in: make.SignIn
) -> None:
    _enrol(client, reader, id="phone-7")
    office = sign_in(Role.DISPATCHER)
    client.delete("/v1/devices/phone-7", headers=office)
    assert _allow(client, office, LOST)[1]["code"] == "device-revoked"
