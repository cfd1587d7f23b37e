"""Requests of sync as such: what is read, what is refused whole, how answers come."""

from __future__ import annotations

import gzip

import flask.testing
import msgspec
import pytest
from backports import zstd
from sqlalchemy import select

from api import db
from api.sync.models import Receipt
from schemas.crews import Role
from tests.api.sync.conftest import Order
from tests.makers import crews
from tests.makers.sync import Phone

BODIES = [
    (b"", 422),
    (b"[]", 422),
    (b"{", 422),
    (b'{"contact":1}', 422),
    (b"\xff\xfe\x00", 422),
    (b'{"operations":' + b"[" * 100_000, 422),
]


@pytest.mark.rule("S12")
@pytest.mark.parametrize(("body", "status"), BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_request_is_refused_with_a_reason(
    phone: Phone, client: flask.testing.FlaskClient, body: bytes, status: int
) -> None:
    response = client.post("/v1/sync", data=body, headers=phone.headers)
    assert response.status_code == status
    assert response.get_json()["detail"]["zh"]


@pytest.mark.rule("S12")
def test_an_operation_without_id_or_number_refuses_the_request_and_loses_nothing(
    phone: Phone, client: flask.testing.FlaskClient, database: db.Database
) -> None:
    body = phone.request([b'{"type":"task.accept"}'])
    response = client.post("/v1/sync", data=body, headers=phone.headers)
    assert response.status_code == 422
    with database.reading() as session:
        assert session.scalars(select(Receipt)).all() == []


def test_an_unknown_field_of_the_request_is_refused(
    phone: Phone, client: flask.testing.FlaskClient
) -> None:
    body = phone.request([], surprise=True)
    response = client.post("/v1/sync", data=body, headers=phone.headers)
    assert response.status_code == 422
    assert "surprise" in response.get_json()["detail"]["en"]


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_a_compressed_body_is_read(
    phone: Phone,
    order: Order,
    client: flask.testing.FlaskClient,
    encoding: str,
    pack: type[bytes],
) -> None:
    body = phone.request([phone.operation("task.accept", order())])
    headers = {**phone.headers, "Content-Encoding": encoding}
    response = client.post("/v1/sync", data=pack(body), headers=headers)
    assert response.get_json()["acked_through"] == 1
    cut = client.post("/v1/sync", data=pack(body)[:-9], headers=headers)
    assert cut.status_code == 400
    assert cut.get_json()["code"] == "unreadable"


@pytest.mark.rule("S27")
def test_a_body_that_inflates_beyond_the_limit_is_refused(
    phone: Phone, client: flask.testing.FlaskClient
) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    headers = {**phone.headers, "Content-Encoding": "gzip"}
    response = client.post("/v1/sync", data=bomb, headers=headers)
    assert response.status_code == 413


def test_the_office_cannot_sync(
    client: flask.testing.FlaskClient, sign_in: crews.SignIn, phone: Phone
) -> None:
    response = client.post("/v1/sync", data=phone.request(), headers=sign_in(Role.DISPATCHER))
    assert response.status_code == 403


def test_an_answer_is_compressed_as_asked(phone: Phone, order: Order) -> None:
    for _ in range(20):
        order()
    headers = {**phone.headers, "Accept-Encoding": "zstd, gzip"}
    response = phone.client.post("/v1/sync", data=phone.request(), headers=headers)
    assert response.headers["Content-Encoding"] == "zstd"
    assert msgspec.json.decode(zstd.decompress(response.data))["acked_through"] == 0
