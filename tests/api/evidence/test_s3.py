"""An S3 store: what it holds is never replaced, what it loses is said, and it may be away."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import pathlib
from typing import Any, cast

import boto3
import botocore.awsrequest
import flask.testing
import httpx
import pytest
from botocore.compat import HTTPHeaders
from werkzeug.test import TestResponse

from api import db
from api.app import equip
from api.evidence import depot
from api.evidence.depot.bucket import PIECE_BYTES, Bucket
from api.settings import Settings
from schemas.crews import Role
from tests import s3
from tests.conftest import HandClock
from tests.makers import evidence as make
from tests.makers.crews import SignIn

CONTENT = os.urandom(90_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PART = depot.Part("d1", "upload-1", SHA256, len(CONTENT))


@pytest.fixture
def stored(tmp_path: pathlib.Path, s3_server: s3.S3) -> Settings:
    """Choose an S3 store."""
    return Settings(
        data_dir=tmp_path,
        evidence_url=s3_server.url(f"{tmp_path.parent.name}-{tmp_path.name}"),
        evidence_endpoint=s3_server.endpoint,
    )


@pytest.fixture
def bucket(s3_server: s3.S3) -> Bucket:
    return Bucket(client_of(s3_server), name=s3.BUCKET)


def client_of(server: s3.S3) -> Any:  # noqa: ANN401 - the stubs know the client's type by its name
    return boto3.client("s3", endpoint_url=server.endpoint)


def put(bucket: Bucket, key: str, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    bucket.put_once(key, io.BytesIO(content), size_bytes=len(content), sha256=sha256)


def read(bucket: Bucket, key: str) -> bytes:
    return bucket.read(key, offset_bytes=0).read()


@pytest.mark.parametrize("size_bytes", [1_000, 2 * PIECE_BYTES + 1], ids=["whole", "in pieces"])
def test_what_lies_there_is_not_replaced(
    bucket: Bucket, tmp_path: pathlib.Path, size_bytes: int
) -> None:
    first, second = os.urandom(size_bytes), os.urandom(size_bytes)
    for content in (first, second, first):
        put(bucket, f"{tmp_path.name}/once", content)
    assert read(bucket, f"{tmp_path.name}/once") == first


def test_something_else_under_the_same_key_is_not_taken_for_the_file(
    bucket: Bucket, tmp_path: pathlib.Path
) -> None:
    put(bucket, f"{tmp_path.name}/key", CONTENT[:-1])
    with pytest.raises(depot.DepotAway):
        put(bucket, f"{tmp_path.name}/key", CONTENT)


@pytest.mark.parametrize("size_bytes", [1_000, PIECE_BYTES + 1], ids=["whole", "in pieces"])
def test_bytes_that_the_store_takes_otherwise_than_they_were_sent_are_refused(
    s3_server: s3.S3, tmp_path: pathlib.Path, size_bytes: int
) -> None:
    client = client_of(s3_server)
    key = f"{tmp_path.name}/spoilt"

    def spoil(request: botocore.awsrequest.AWSPreparedRequest, **_: object) -> None:
        if request.method == "PUT":
            sent = cast("Any", request.body)
            body = bytearray(sent if isinstance(sent, bytes) else sent.read())
            body[0] ^= 1
            request.body = bytes(body)

    client.meta.events.register("before-send.s3", spoil)
    with pytest.raises(depot.DepotAway):
        put(Bucket(client, name=s3.BUCKET), key, os.urandom(size_bytes))
    assert Bucket(client_of(s3_server), name=s3.BUCKET).find_size(key) is None


def test_a_store_that_knows_no_conditions_is_asked_first(
    s3_server: s3.S3, tmp_path: pathlib.Path
) -> None:
    client = client_of(s3_server)
    refused: list[str] = []

    def know_no_conditions(
        request: botocore.awsrequest.AWSPreparedRequest, **_: object
    ) -> botocore.awsrequest.AWSResponse | None:
        if "If-None-Match" not in request.headers:
            return None
        refused.append(str(request.url))
        body = b"<Error><Code>NotImplemented</Code></Error>"
        raw = cast("Any", io.BytesIO(body))
        raw.stream = lambda **_: iter([body])
        return botocore.awsrequest.AWSResponse(str(request.url), 501, HTTPHeaders(), raw)

    client.meta.events.register("before-send.s3", know_no_conditions)
    old = Bucket(client, name=s3.BUCKET)
    key = f"{tmp_path.name}/unasked"
    put(old, key, CONTENT)
    put(old, key, CONTENT)
    assert len(refused) >= 2
    assert read(old, key) == CONTENT


def test_a_store_that_is_away_keeps_the_part_until_it_is_back(stored: Settings) -> None:
    away = depot.opened(dataclasses.replace(stored, evidence_endpoint=s3.nowhere().endpoint))
    with pytest.raises(depot.DepotAway):
        away.take_over(PART)
    back = depot.opened(stored)
    back.receive(PART, offset_bytes=0, chunks=[CONTENT])
    with pytest.raises(depot.DepotAway) as refused:
        away.seal(PART)
    assert refused.value.fields["retry_after_s"] == 5
    assert away.take_over(PART) == len(CONTENT)
    back.seal(PART)
    with back.open_file(district_id="d1", sha256=SHA256) as whole:
        assert whole.read() == CONTENT


def test_a_bucket_that_is_gone_is_no_lost_file(stored: Settings) -> None:
    gone = depot.opened(dataclasses.replace(stored, evidence_url="s3://no-such-bucket/x"))
    with pytest.raises(depot.DepotAway):
        gone.open_file(district_id="d1", sha256=SHA256)
    with pytest.raises(depot.DepotAway):
        list(gone.list_files(district_id="d1", shard="ab"))
    with pytest.raises(depot.DepotAway):
        gone.destroy_file(district_id="d1", sha256=SHA256)


def test_a_store_that_breaks_off_is_away_and_not_at_its_end(stored: Settings) -> None:
    place = depot.opened(stored)
    place.receive(PART, offset_bytes=0, chunks=[CONTENT])
    place.seal(PART)
    whole = cast("io.BufferedReader", place.open_file(district_id="d1", sha256=SHA256))
    cast("Any", whole.raw)._size_bytes += 1
    with pytest.raises((depot.DepotAway, FileNotFoundError)):
        whole.read()
    whole.close()


def test_a_link_reads_one_file_as_an_attachment(stored: Settings) -> None:
    place = depot.opened(stored)
    place.receive(PART, offset_bytes=0, chunks=[CONTENT])
    place.seal(PART)
    link = place.link(district_id="d1", sha256=SHA256, name="f1.bin", life_s=60)
    assert link is not None
    answer = httpx.get(link)
    assert answer.content == CONTENT
    assert answer.headers["Content-Disposition"] == 'attachment; filename="f1.bin"'
    assert httpx.get(link.replace(SHA256, "0" * 64)).status_code == 403
    assert s3.SECRET not in link


def arrived(
    client: flask.testing.FlaskClient, phone: dict[str, str], office: dict[str, str]
) -> str:
    """Send the declared photo and give the address of its content."""
    begun = client.post("/v1/uploads", headers=phone | make.creation())
    sent = client.patch(begun.headers["Location"], data=make.PHOTO, headers=phone | make.at(0))
    assert sent.status_code == 204, sent.text
    answer = client.get("/v1/evidence", headers=office).json
    assert answer is not None
    (file,) = answer["items"]
    assert file["arrived_at"] is not None
    return f"/v1/evidence/{file['id']}/content"


def equipped(
    app: flask.Flask, stored: Settings, database: db.Database, clock: HandClock, **other: object
) -> flask.testing.FlaskClient:
    equip(app, dataclasses.replace(stored, **cast("Any", other)), database=database, clock=clock)
    return app.test_client()


@pytest.fixture
def office(sign_in: SignIn) -> dict[str, str]:
    return sign_in(Role.DISPATCHER)


def code(answer: TestResponse) -> str:
    assert answer.json is not None
    return str(answer.json["code"])


def test_files_go_through_the_doors_whole_and_by_range(
    app: flask.Flask,
    stored: Settings,
    database: db.Database,
    clock: HandClock,
    phone: dict[str, str],
    office: dict[str, str],
) -> None:
    client = equipped(app, stored, database, clock)
    content = arrived(client, phone, office)
    whole = client.get(content, headers=office)
    assert (whole.status_code, whole.data) == (200, make.PHOTO)
    some = client.get(content, headers=office | {"Range": "bytes=1000-1099"})
    assert (some.status_code, some.data) == (206, make.PHOTO[1_000:1_100])
    beyond = client.get(content, headers=office | {"Range": "bytes=9000000-"})
    assert beyond.status_code == 416


def test_a_reader_is_sent_to_a_link_only_where_the_server_is_set_so(
    app: flask.Flask,
    stored: Settings,
    database: db.Database,
    clock: HandClock,
    phone: dict[str, str],
    office: dict[str, str],
) -> None:
    client = equipped(app, stored, database, clock, evidence_redirect_s=30)
    content = arrived(client, phone, office)
    assert client.get(content).status_code == 401
    sent = client.get(content, headers=office)
    assert sent.status_code == 307
    assert sent.headers["Cache-Control"] == "no-store"
    assert httpx.get(sent.headers["Location"]).content == make.PHOTO


def test_a_file_that_the_store_lost_is_said_to_be_lost(
    app: flask.Flask,
    stored: Settings,
    database: db.Database,
    clock: HandClock,
    phone: dict[str, str],
    office: dict[str, str],
) -> None:
    client = equipped(app, stored, database, clock)
    content = arrived(client, phone, office)
    depot.opened(stored).destroy_file(district_id="d1", sha256=make.sha256(make.PHOTO))
    lost = client.get(content, headers=office)
    assert (lost.status_code, code(lost)) == (410, "file-lost")


@pytest.mark.rule("S28")
def test_a_phone_that_meets_an_absent_store_loses_nothing(
    app: flask.Flask,
    stored: Settings,
    database: db.Database,
    clock: HandClock,
    phone: dict[str, str],
    office: dict[str, str],
) -> None:
    client = equipped(app, stored, database, clock)
    place = client.post("/v1/uploads", headers=phone | make.creation()).headers["Location"]
    client.patch(place, data=make.PHOTO[:1_000], headers=phone | make.at(0))
    away = {"evidence_endpoint": s3.nowhere().endpoint}
    client = equipped(app, stored, database, clock, **away)
    refused = client.patch(place, data=make.PHOTO[1_000:], headers=phone | make.at(1_000))
    assert (refused.status_code, code(refused)) == (503, "depot-away")
    assert int(refused.headers["Retry-After"]) > 0
    client = equipped(app, stored, database, clock)
    found = client.head(place, headers=phone | {"Tus-Resumable": "1.0.0"})
    assert found.headers["Upload-Offset"] == str(len(make.PHOTO))
    answer = client.get("/v1/evidence", headers=office).json
    assert answer is not None
    assert answer["items"][0]["arrived_at"] is not None
