"""Resumable upload at its doors, as tus clients use it."""

from __future__ import annotations

import io

import flask
import pytest
from werkzeug.test import TestResponse

from api import db
from api.evidence import depot
from api.evidence.models import EvidenceFile
from api.settings import Settings
from api.tasks.models import Task
from schemas.crews import Role
from schemas.evidence import FILE_BYTES_MAX
from tests.makers import evidence as make
from tests.makers import tasks
from tests.makers.crews import SignIn

Headers = dict[str, str]


def begin(client: flask.testing.FlaskClient, phone: Headers, content: bytes = make.PHOTO) -> str:
    answer = client.post("/v1/uploads", headers=phone | make.creation(content))
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def send(
    client: flask.testing.FlaskClient, phone: Headers, place: str, content: bytes, offset_bytes: int
) -> TestResponse:
    return client.patch(place, headers=phone | make.at(offset_bytes), data=content)


def stands_at(client: flask.testing.FlaskClient, phone: Headers, place: str) -> int:
    answer = client.head(place, headers=phone | {"Tus-Resumable": "1.0.0"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def missing(database: db.Database) -> tuple[int, bool]:
    """Tell how many files t1 still misses, and whether its file has arrived."""
    with database.reading() as session:
        task = session.get(Task, (tasks.DISTRICT, "t1"))
        assert task is not None
        file = session.query(EvidenceFile).one()
        return task.evidence_missing, file.arrived_at is not None


@pytest.mark.rule("S28")
def test_a_file_arrives_in_two_pieces_and_its_task_misses_it_no_more(
    client: flask.testing.FlaskClient, phone: Headers, database: db.Database
) -> None:
    assert missing(database) == (1, False)
    place = begin(client, phone)
    first = send(client, phone, place, make.PHOTO[:100_000], 0)
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "100000")
    assert missing(database) == (1, False)
    assert stands_at(client, phone, place) == 100_000
    assert send(client, phone, place, make.PHOTO[100_000:], 100_000).status_code == 204
    assert missing(database) == (0, True)


def test_what_the_server_speaks_is_told_to_anybody(client: flask.testing.FlaskClient) -> None:
    answer = client.options("/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "expiration",
        "checksum",
        "termination",
        "concatenation",
    }
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    again = client.options("/v1/uploads/any")
    assert again.headers["Tus-Extension"] == answer.headers["Tus-Extension"]
    assert answer.headers["Tus-Max-Size"] == str(FILE_BYTES_MAX)


def test_creation_repeated_after_a_lost_answer_gives_the_same_upload(
    client: flask.testing.FlaskClient, phone: Headers
) -> None:
    place = begin(client, phone)
    assert place.startswith("/v1/uploads/")
    send(client, phone, place, make.PHOTO[:10], 0)
    assert begin(client, phone) == place
    assert stands_at(client, phone, place) == 10


def test_an_empty_patch_after_a_lost_last_answer_is_well(
    client: flask.testing.FlaskClient, phone: Headers
) -> None:
    place = begin(client, phone)
    send(client, phone, place, make.PHOTO, 0)
    again = send(client, phone, place, b"", len(make.PHOTO))
    assert (again.status_code, again.headers["Upload-Offset"]) == (204, str(len(make.PHOTO)))


def test_bytes_may_come_before_the_record(
    client: flask.testing.FlaskClient, phone: Headers, database: db.Database
) -> None:
    early = b"early bird"
    send(client, phone, begin(client, phone, early), early, 0)
    with database.unit_of_work() as session:
        make.declare(session, task_id="t1", content=early)
        task = session.get(Task, (tasks.DISTRICT, "t1"))
        assert task is not None
        assert (task.evidence_declared, task.evidence_missing) == (2, 1)


@pytest.mark.rule("S39")
def test_a_file_with_another_hash_is_refused_and_begins_again(
    client: flask.testing.FlaskClient, phone: Headers, database: db.Database
) -> None:
    place = begin(client, phone)
    forged = bytes(len(make.PHOTO))
    refused = send(client, phone, place, forged, 0)
    assert refused.status_code == 460
    assert refused.json is not None
    assert refused.json["code"] == "file-hash-differs"
    assert missing(database) == (1, False)
    assert stands_at(client, phone, place) == 0
    assert send(client, phone, place, make.PHOTO, 0).status_code == 204
    assert missing(database) == (0, True)


def test_an_upload_larger_than_declared_is_refused(
    client: flask.testing.FlaskClient, phone: Headers
) -> None:
    larger = client.post(
        "/v1/uploads", headers=phone | make.creation(size_bytes=len(make.PHOTO) + 1)
    )
    assert (larger.status_code, code(larger)) == (409, "file-size-differs")
    place = begin(client, phone)
    beyond = send(client, phone, place, make.PHOTO + b"x", 0)
    assert (beyond.status_code, code(beyond)) == (413, "upload-too-long")
    assert stands_at(client, phone, place) == 0


def test_another_devices_upload_does_not_exist(
    client: flask.testing.FlaskClient, phone: Headers, sign_in: SignIn
) -> None:
    place = begin(client, phone)
    other = sign_in(Role.LINEMAN, person_id="li", device_id="second-phone")
    head = client.head(place, headers=other | {"Tus-Resumable": "1.0.0"})
    assert head.status_code == 404
    assert code(send(client, other, place, make.PHOTO, 0)) == "not-found"
    assert stands_at(client, phone, place) == 0


def test_who_is_not_signed_in_gets_nothing(
    client: flask.testing.FlaskClient, phone: Headers
) -> None:
    place = begin(client, phone)
    assert client.post("/v1/uploads", headers=make.creation()).status_code == 401
    assert send(client, {}, place, make.PHOTO, 0).status_code == 401


def test_a_wrong_offset_tells_the_right_one(
    client: flask.testing.FlaskClient, phone: Headers
) -> None:
    place = begin(client, phone)
    refused = send(client, phone, place, make.PHOTO[5:], 5)
    assert (refused.status_code, code(refused)) == (409, "upload-offset-differs")
    assert refused.json is not None
    assert refused.json["fields"]["offset_bytes"] == 0


@pytest.mark.parametrize(
    ("changed", "status", "refusal"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "upload-version-unknown"),
        ({"Upload-Length": ""}, 400, "upload-header-wrong"),
        ({"Upload-Length": "-1"}, 400, "upload-header-wrong"),
        ({"Upload-Length": "１２"}, 400, "upload-header-wrong"),
        ({"Upload-Length": str(FILE_BYTES_MAX + 1)}, 413, "upload-too-large"),
        ({"Upload-Metadata": "sha256 !!!"}, 400, "upload-header-wrong"),
        ({"Upload-Metadata": "sha256 YWJj"}, 400, "upload-header-wrong"),
        ({"Upload-Metadata": "sha256,sha256"}, 400, "upload-header-wrong"),
        ({"Upload-Metadata": "a" * 5_000}, 400, "upload-header-wrong"),
        ({"Upload-Metadata": "na\xefve"}, 400, "upload-header-wrong"),
        ({"Upload-Defer-Length": "1"}, 400, "upload-header-wrong"),
    ],
)
def test_a_creation_that_makes_no_sense_is_refused(
    client: flask.testing.FlaskClient,
    phone: Headers,
    changed: Headers,
    status: int,
    refusal: str,
) -> None:
    answer = client.post("/v1/uploads", headers=phone | make.creation() | changed)
    assert (answer.status_code, code(answer)) == (status, refusal)
    assert ("Tus-Version" in answer.headers) == (status == 412)


def test_bytes_of_another_type_are_refused(
    client: flask.testing.FlaskClient, phone: Headers
) -> None:
    headers = phone | make.at(0) | {"Content-Type": "image/jpeg"}
    answer = client.patch(begin(client, phone), headers=headers, data=b"x")
    assert (answer.status_code, code(answer)) == (415, "upload-type-wrong")


def test_an_empty_file_has_arrived_with_its_creation(
    client: flask.testing.FlaskClient, phone: Headers
) -> None:
    place = begin(client, phone, b"")
    assert stands_at(client, phone, place) == 0
    assert send(client, phone, place, b"", 0).status_code == 204


def test_a_broken_connection_keeps_what_came(
    client: flask.testing.FlaskClient, phone: Headers
) -> None:
    place = begin(client, phone)
    broken = client.patch(
        place,
        headers=phone | make.at(0),
        environ_overrides={"CONTENT_LENGTH": str(len(make.PHOTO))},
        input_stream=io.BytesIO(make.PHOTO[:99_000]),
    )
    assert (broken.status_code, code(broken)) == (400, "upload-cut")
    assert stands_at(client, phone, place) == 99_000


def test_a_file_larger_than_a_request_body_may_be_is_taken(
    client: flask.testing.FlaskClient, phone: Headers, app: flask.Flask
) -> None:
    large = bytes(app.config["MAX_CONTENT_LENGTH"] + 1)
    assert send(client, phone, begin(client, phone, large), large, 0).status_code == 204


def test_two_phones_send_the_same_file_and_one_copy_is_kept(
    client: flask.testing.FlaskClient, phone: Headers, sign_in: SignIn, database: db.Database
) -> None:
    send(client, phone, begin(client, phone), make.PHOTO, 0)
    other = sign_in(Role.LINEMAN, person_id="chen", crew_id="crew-2", device_id="device-chen")
    place = begin(client, other)
    assert stands_at(client, other, place) == len(make.PHOTO)
    assert missing(database) == (0, True)


def code(answer: TestResponse) -> str:
    assert answer.json is not None
    return str(answer.json["code"])


def test_a_file_whose_last_answer_died_with_the_server_arrives_at_the_next_question(
    client: flask.testing.FlaskClient,
    phone: Headers,
    database: db.Database,
    settings: Settings,
) -> None:
    place = begin(client, phone)
    part = depot.Part(
        tasks.DISTRICT,
        place.rpartition("/")[2],
        make.sha256(make.PHOTO),
        len(make.PHOTO),
    )
    disk = depot.opened(settings)
    disk.receive(part, offset_bytes=0, chunks=[make.PHOTO])
    disk.seal(part)
    assert missing(database) == (1, False)
    assert stands_at(client, phone, place) == len(make.PHOTO)
    assert missing(database) == (0, True)
