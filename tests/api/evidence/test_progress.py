"""How far a missing file is: what the office sees before it calls a crew, or waives."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient as Client

from api.evidence import depot
from schemas.base import rfc3339
from schemas.crews import Role
from tests.conftest import NOW
from tests.makers import evidence as make
from tests.makers import kept
from tests.makers.crews import SignIn

Headers = dict[str, str]


def shown(client: Client, office: Headers) -> Any:  # noqa: ANN401 - plain JSON
    (file,) = client.get("/v1/evidence?task_id=t1", headers=office).get_json()["items"]
    assert client.get(f"/v1/evidence/{file['id']}", headers=office).get_json() == file
    return file


def begin(client: Client, phone: Headers, *, sent_bytes: int) -> None:
    place = client.post("/v1/uploads", headers=phone | make.creation()).headers["Location"]
    if sent_bytes:
        part = make.PHOTO[:sent_bytes]
        assert client.patch(place, data=part, headers=phone | make.at(0)).status_code == 204


def test_a_missing_file_tells_how_far_it_is_until_it_is_here(
    client: Client, phone: Headers, sign_in: SignIn
) -> None:
    office = sign_in(Role.DISPATCHER)
    assert shown(client, office)["progress"] is None
    begin(client, phone, sent_bytes=0)
    begun = {"received_bytes": 0, "received_at": None, "begun_at": rfc3339(NOW)}
    assert shown(client, office)["progress"] == begun
    begin(client, phone, sent_bytes=100_000)
    progress = shown(client, office)["progress"]
    assert progress["received_bytes"] == 100_000
    assert progress["received_at"] is not None
    kept.send(client, phone)
    whole = shown(client, office)
    assert (whole["progress"], whole["arrived_at"]) == (None, rfc3339(NOW))
    assert whole["size_bytes"] == len(make.PHOTO)


def test_of_several_uploads_of_a_file_the_furthest_is_told(
    client: Client, phone: Headers, sign_in: SignIn
) -> None:
    other = sign_in(Role.LINEMAN, person_id="chen", crew_id="crew-1", device_id="device-chen")
    begin(client, other, sent_bytes=50_000)
    begin(client, phone, sent_bytes=7)
    assert shown(client, sign_in(Role.DISPATCHER))["progress"]["received_bytes"] == 50_000


def test_looking_ends_nobody_who_writes(client: Client, phone: Headers, sign_in: SignIn) -> None:
    office = sign_in(Role.DISPATCHER)
    place = client.post("/v1/uploads", headers=phone | make.creation()).headers["Location"]
    for at in range(0, len(make.PHOTO), 128_000):
        part = make.PHOTO[at : at + 128_000]
        assert client.patch(place, data=part, headers=phone | make.at(at)).status_code == 204
        shown(client, office)
    assert shown(client, office)["arrived_at"] is not None


def test_a_part_is_looked_at_where_it_lies(place: depot.Depot) -> None:
    part = depot.Part("d1", "upload-1", None, 10)
    assert place.look(district_id="d1", upload_id="upload-1") == depot.Progress(0, None)
    place.receive(part, offset_bytes=0, chunks=[b"12345"])
    seen = place.look(district_id="d1", upload_id="upload-1")
    assert (seen.received_bytes, seen.received_at is None) == (5, False)
    assert place.receive(part, offset_bytes=5, chunks=[b"67890"]) == 10
    place.discard(part)
    assert place.look(district_id="d1", upload_id="upload-1") == depot.Progress(0, None)
