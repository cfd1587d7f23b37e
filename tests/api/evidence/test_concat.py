"""Parts that are sent side by side and joined to one file."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient as Client
from werkzeug.test import TestResponse

from api import db
from api.evidence import depot
from api.evidence.models import Upload
from api.settings import Settings
from schemas.crews import Role
from schemas.evidence import FILE_BYTES_MAX
from tests.makers import evidence as make
from tests.makers import tasks
from tests.makers.crews import SignIn
from tests.makers.tus import TUS, Headers, begin, code, head, misses, parts

HALVES = (make.PHOTO[:100_000], make.PHOTO[100_000:])


def partial(client: Client, phone: Headers, content: bytes, *, sent: bytes | None = None) -> str:
    """Begin a part and send it, whole unless said otherwise."""
    length = {"Upload-Length": str(len(content)), "Upload-Concat": "partial"}
    place = begin(client, phone | TUS | length)
    answer = client.patch(place, headers=phone | make.at(0), data=content if sent is None else sent)
    assert answer.status_code == 204
    return place


def join(client: Client, phone: Headers, *places: str, **headers: str) -> TestResponse:
    """Join parts by the addresses that a client behind a proxy would name."""
    named = " ".join(f"https://lamps.example/field{place}" for place in places)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(
        "/v1/uploads", headers=phone | TUS | given | {"Upload-Concat": f"final;{named}"}
    )


def named(content: bytes) -> str:
    return make.creation(content)["Upload-Metadata"]


@pytest.mark.rule("S42")
def test_parts_are_joined_to_the_file_that_was_declared(
    client: Client, phone: Headers, database: db.Database, settings: Settings
) -> None:
    places = [partial(client, phone, half) for half in HALVES]
    assert misses(database) == 1
    assert head(client, phone, places[0]).headers["Upload-Concat"] == "partial"
    assert "Upload-Expires" in head(client, phone, places[0]).headers
    final = join(client, phone, *places, Upload_Metadata=named(make.PHOTO))
    assert final.status_code == 201, final.text
    assert misses(database) == 0
    told = head(client, phone, final.headers["Location"]).headers
    assert told["Upload-Concat"] == f"final;{places[0]} {places[1]}"
    assert told["Upload-Offset"] == told["Upload-Length"] == str(len(make.PHOTO))
    assert "Upload-Expires" not in told
    assert parts(settings) == []
    assert head(client, phone, places[0]).status_code == 404


def test_joined_again_after_a_lost_answer_they_are_the_same_upload(
    client: Client, phone: Headers
) -> None:
    places = [partial(client, phone, half) for half in HALVES]
    first = join(client, phone, *places)
    again = join(client, phone, *places)
    assert again.status_code == 201
    assert again.headers["Location"] == first.headers["Location"]


@pytest.mark.rule("S42")
def test_their_order_counts(client: Client, phone: Headers, database: db.Database) -> None:
    places = [partial(client, phone, half) for half in HALVES]
    wrong = join(client, phone, *reversed(places), Upload_Metadata=named(make.PHOTO))
    assert (wrong.status_code, code(wrong)) == (460, "file-hash-differs")
    assert misses(database) == 1
    assert join(client, phone, *places, Upload_Metadata=named(make.PHOTO)).status_code == 201
    assert misses(database) == 0


@pytest.mark.rule("S42")
def test_a_part_that_is_not_complete_is_not_joined(client: Client, phone: Headers) -> None:
    whole = partial(client, phone, HALVES[0])
    half = partial(client, phone, HALVES[1], sent=HALVES[1][:50])
    deferred = begin(client, phone | TUS | {"Upload-Defer-Length": "1", "Upload-Concat": "partial"})
    for place in (half, deferred):
        answer = join(client, phone, whole, place)
        assert (answer.status_code, code(answer)) == (409, "upload-part-unfinished")


@pytest.mark.rule("S42")
def test_only_ones_own_parts_are_joined(client: Client, phone: Headers, sign_in: SignIn) -> None:
    other = sign_in(Role.LINEMAN, person_id="li", device_id="second-phone")
    whole = partial(client, phone, HALVES[0])
    file = begin(client, phone | make.creation())
    for answer in (
        join(client, other, whole),
        join(client, phone, whole, "/v1/uploads/none"),
        join(client, phone, whole, file),
    ):
        assert (answer.status_code, code(answer)) == (404, "not-found")


def test_a_final_upload_takes_no_bytes(client: Client, phone: Headers) -> None:
    place = join(client, phone, partial(client, phone, HALVES[0])).headers["Location"]
    sent = client.patch(place, headers=phone | make.at(0), data=b"x")
    assert (sent.status_code, code(sent)) == (403, "upload-is-joined")


def test_parts_of_more_than_a_file_may_have_are_not_joined(client: Client, phone: Headers) -> None:
    large = partial(client, phone, bytes(FILE_BYTES_MAX))
    one = partial(client, phone, b"1")
    answer = join(client, phone, large, one)
    assert (answer.status_code, code(answer)) == (413, "upload-too-large")


def test_an_upload_that_was_begun_whole_makes_way_for_its_parts(
    client: Client, phone: Headers, database: db.Database
) -> None:
    begin(client, phone | make.creation())
    places = [partial(client, phone, half) for half in HALVES]
    assert join(client, phone, *places, Upload_Metadata=named(make.PHOTO)).status_code == 201
    assert misses(database) == 0
    more = [partial(client, phone, half) for half in HALVES]
    again = join(client, phone, *more, Upload_Metadata=named(make.PHOTO))
    assert head(client, phone, again.headers["Location"]).headers["Upload-Offset"] == str(
        len(make.PHOTO)
    )


def test_a_server_that_dies_while_it_joins_does_it_at_the_next_question(
    client: Client, phone: Headers, database: db.Database, settings: Settings
) -> None:
    places = [partial(client, phone, half) for half in HALVES]
    final = join(client, phone, *places)
    # As it was before: the row, half a copy, the parts, and no arrival.
    again = [partial(client, phone, half) for half in HALVES]
    with database.unit_of_work() as session:
        upload_id = final.headers["Location"].rpartition("/")[2]
        row = session.get(Upload, (tasks.DISTRICT, upload_id))
        assert row is not None
        row.joins = " ".join(place.rpartition("/")[2] for place in again)
        row.found_sha256, row.arrived_at = None, None
    disk = depot.opened(settings)
    part = depot.Part(tasks.DISTRICT, upload_id, None, len(make.PHOTO))
    disk.receive(part, offset_bytes=0, chunks=[b"half a copy"])
    told = head(client, phone, final.headers["Location"])
    assert told.headers["Upload-Offset"] == str(len(make.PHOTO))
    assert head(client, phone, again[0]).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"Upload-Concat": "half"},
        {"Upload-Concat": "final;"},
        {"Upload-Concat": "final"},
        {"Upload-Concat": "final;/v1/uploads/%00"},
        {"Upload-Concat": "final;" + "/v1/uploads/a " * 101},
        {"Upload-Concat": "final;/v1/uploads/a", "Upload-Length": "5"},
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, phone: Headers, wrong: Headers) -> None:
    answer = client.post("/v1/uploads", headers=phone | TUS | wrong)
    assert (answer.status_code, code(answer)) == (400, "upload-header-wrong")
