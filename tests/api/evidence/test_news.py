"""A file that nobody knows yet: its bytes come first, and its upload is noted once, after them."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import flask
import pytest
from flask.testing import FlaskClient as Client
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from api import db
from api.app import equip
from api.evidence import depot
from api.evidence.models import Upload
from api.evidence.resources import receiving
from api.settings import Settings
from tests.conftest import HandClock
from tests.makers import evidence as make
from tests.makers import tasks
from tests.makers.tus import BYTES, Headers, code, head, misses, parts

HALF = len(make.PHOTO) // 2


class Line(io.RawIOBase):
    """The bytes of a request, something that happens in their middle, and how they end."""

    def __init__(self, meanwhile: Callable[[], None], *, cut: bool = False) -> None:
        self._content = make.PHOTO
        self._at = 0
        self._meanwhile = meanwhile
        self._cut = cut

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at == HALF:
            self._meanwhile()
            if self._cut:
                raise ConnectionResetError
        end = min(self._at + len(buffer), HALF if self._at < HALF else len(self._content))
        piece = self._content[self._at : end]
        buffer[: len(piece)] = piece
        self._at = end
        return len(piece)


def send(client: Client, phone: Headers, content: bytes | Line = make.PHOTO) -> TestResponse:
    headers = phone | make.creation() | BYTES
    if isinstance(content, bytes):
        return client.post("/v1/uploads", headers=headers, data=content)
    environ = {"wsgi.input": content, "CONTENT_LENGTH": str(len(make.PHOTO))}
    return client.post("/v1/uploads", headers=headers, environ_overrides=environ)


def count(database: db.Database) -> int:
    with database.reading() as session:
        number = session.scalar(select(func.count()).select_from(Upload))
        assert number is not None
        return number


def test_it_is_noted_once_after_its_bytes(
    client: Client, phone: Headers, database: db.Database
) -> None:
    noted: list[int] = []
    answer = send(client, phone, Line(lambda: noted.append(count(database))))
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(make.PHOTO)))
    assert (noted, count(database), misses(database)) == ([0], 1, 0)


@pytest.mark.rule("S28")
def test_what_came_before_the_line_broke_is_noted_and_kept(
    client: Client, phone: Headers, database: db.Database
) -> None:
    refused = send(client, phone, Line(lambda: None, cut=True))
    assert (refused.status_code, code(refused)) == (400, "upload-cut")
    place = client.post("/v1/uploads", headers=phone | make.creation()).headers["Location"]
    assert head(client, phone, place).headers["Upload-Offset"] == str(HALF)
    rest = make.PHOTO[HALF:]
    assert client.patch(place, headers=phone | make.at(HALF), data=rest).status_code == 204
    assert (count(database), misses(database)) == (1, 0)


def test_a_server_that_died_after_the_bytes_finds_them_under_their_hash(
    client: Client, phone: Headers, database: db.Database, settings: Settings
) -> None:
    disk = depot.opened(settings)
    sha256 = make.sha256(make.PHOTO)
    part = depot.Part(tasks.DISTRICT, "never-noted", sha256, len(make.PHOTO))
    disk.receive(part, offset_bytes=0, chunks=[make.PHOTO])
    disk.seal(part)
    answer = send(client, phone)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(make.PHOTO)))
    assert (count(database), misses(database)) == (1, 0)


@pytest.mark.parametrize("ends", ["whole", "cut"])
def test_two_requests_for_one_file_leave_one_upload_and_no_bytes_twice(
    client: Client, phone: Headers, database: db.Database, settings: Settings, ends: str
) -> None:
    places: list[str] = []

    def other() -> None:
        answer = send(client, phone)
        assert answer.headers["Upload-Offset"] == str(len(make.PHOTO))
        places.append(answer.headers["Location"])

    answer = send(client, phone, Line(other, cut=ends == "cut"))
    if ends == "cut":
        assert (answer.status_code, code(answer)) == (400, "upload-cut")
    else:
        assert (answer.status_code, answer.headers["Location"]) == (201, places[0])
        assert answer.headers["Upload-Offset"] == str(len(make.PHOTO))
    assert (count(database), misses(database), parts(settings)) == (1, 0, [])


def test_the_first_of_its_bytes_give_way_to_an_upload_begun_meanwhile(
    client: Client, phone: Headers, database: db.Database
) -> None:
    """The older request has half of the file, the newer a little; the upload is the newer one."""
    some = phone | make.creation() | BYTES

    def other() -> None:
        assert client.post("/v1/uploads", headers=some, data=make.PHOTO[:10]).status_code == 201

    assert send(client, phone, Line(other, cut=True)).status_code == 400
    answer = client.post("/v1/uploads", headers=some, data=make.PHOTO[:10])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "10")
    assert count(database) == 1


@pytest.mark.rule("S39")
def test_bytes_that_are_another_file_are_refused_and_it_begins_again(
    client: Client, phone: Headers, database: db.Database
) -> None:
    spoilt = make.PHOTO[:-1] + b"x"
    refused = send(client, phone, spoilt)
    assert (refused.status_code, code(refused)) == (460, "file-hash-differs")
    assert misses(database) == 1
    again = send(client, phone)
    assert (again.status_code, again.headers["Upload-Offset"]) == (201, str(len(make.PHOTO)))
    assert (count(database), misses(database)) == (1, 0)


def test_large_ones_are_noted_before_their_bytes(
    client: Client, phone: Headers, database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "NEWS_BYTES_MAX", len(make.PHOTO) - 1)
    noted: list[int] = []
    assert send(client, phone, Line(lambda: noted.append(count(database)))).status_code == 201
    assert noted == [1]


def test_who_has_begun_too_many_bytes_is_told_before_any_are_taken(
    app: flask.Flask,
    client: Client,
    phone: Headers,
    database: db.Database,
    settings: Settings,
    clock: HandClock,
) -> None:
    few = dataclasses.replace(settings, upload_bytes_per_hour=30_000_000)
    equip(app, few, database=database, clock=clock)
    begun = phone | {"Tus-Resumable": "1.0.0", "Upload-Length": "29900000"}
    assert client.post("/v1/uploads", headers=begun).status_code == 201
    refused = send(client, phone)
    assert (refused.status_code, code(refused)) == (429, "too-many")
    assert int(refused.headers["Retry-After"]) > 0
    assert (count(database), parts(settings)) == (1, [])
