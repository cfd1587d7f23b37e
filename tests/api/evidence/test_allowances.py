"""How much somebody may send: by role, and by device and hour."""

from __future__ import annotations

import dataclasses

import flask
import pytest
from flask.testing import FlaskClient as Client
from werkzeug.test import TestResponse

from api import db
from api.app import equip
from api.settings import Settings
from schemas.crews import Role
from schemas.evidence import FILE_BYTES_MAX
from tests.conftest import HandClock
from tests.makers import evidence as make
from tests.makers.crews import SignIn
from tests.makers.tus import TUS, Headers, begin, code

HOUR_BYTES = 60_000_000


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let readers send a little, linemen more, and the office nothing; tokens outlive the story."""
    return dataclasses.replace(
        settings,
        reader_file_bytes_max=1_000,
        lineman_file_bytes_max=5_000,
        office_file_bytes_max=0,
        upload_bytes_per_hour=HOUR_BYTES,
        access_token_s=86_400,
    )


def ask(client: Client, headers: Headers, size_bytes: int) -> TestResponse:
    return client.post("/v1/uploads", headers=headers | TUS | {"Upload-Length": str(size_bytes)})


def test_a_role_may_send_files_of_its_size(client: Client, sign_in: SignIn) -> None:
    for role, largest in ((Role.READER, 1_000), (Role.LINEMAN, 5_000)):
        headers = sign_in(role)
        assert ask(client, headers, largest).status_code == 201
        refused = ask(client, headers, largest + 1)
        assert (refused.status_code, code(refused)) == (413, "upload-too-large")
        assert refused.json is not None
        assert refused.json["fields"]["bytes_max"] == largest


def test_a_role_that_may_send_nothing_is_told_who_may(client: Client, sign_in: SignIn) -> None:
    refused = ask(client, sign_in(Role.DISPATCHER), 1)
    assert (refused.status_code, code(refused)) == (403, "not-allowed")
    assert refused.json is not None
    assert refused.json["fields"]["roles"] == "lineman, reader"


def test_a_deferred_length_keeps_to_the_role_too(client: Client, sign_in: SignIn) -> None:
    headers = sign_in(Role.READER)
    place = begin(client, headers | TUS | {"Upload-Defer-Length": "1"})
    more = client.patch(place, headers=headers | make.at(0), data=bytes(1_001))
    assert (more.status_code, code(more)) == (413, "upload-too-long")
    said = client.patch(
        place, headers=headers | make.at(0) | {"Upload-Length": "1001"}, data=b"some"
    )
    assert (said.status_code, code(said)) == (413, "upload-too-large")


class TestHour:
    """A device begins so many bytes in an hour, on every worker together."""

    @pytest.fixture
    def phone(
        self,
        app: flask.Flask,
        settings: Settings,
        database: db.Database,
        clock: HandClock,
        sign_in: SignIn,
    ) -> Headers:
        whole = dataclasses.replace(settings, lineman_file_bytes_max=FILE_BYTES_MAX)
        equip(app, whole, database=database, clock=clock)
        return sign_in(Role.LINEMAN, person_id="li", device_id="device-li")

    def test_more_must_wait_as_long_as_it_is_told(
        self, client: Client, phone: Headers, clock: HandClock, sign_in: SignIn
    ) -> None:
        for _ in range(2):
            assert ask(client, phone, FILE_BYTES_MAX).status_code == 201
        refused = ask(client, phone, FILE_BYTES_MAX)
        assert (refused.status_code, code(refused)) == (429, "too-many")
        assert refused.headers["Retry-After"] == "1800"
        other = sign_in(Role.LINEMAN, person_id="chen", device_id="device-chen")
        assert ask(client, other, FILE_BYTES_MAX).status_code == 201
        clock.advance(seconds=1_800)
        assert ask(client, phone, FILE_BYTES_MAX).status_code == 201

    def test_a_deferred_length_costs_the_most_that_it_may_have(
        self, client: Client, phone: Headers
    ) -> None:
        for _ in range(2):
            begin(client, phone | TUS | {"Upload-Defer-Length": "1"})
        assert ask(client, phone, 1).status_code == 429

    def test_asking_again_and_what_is_here_cost_nothing(
        self, client: Client, phone: Headers
    ) -> None:
        place = begin(client, phone | make.creation())
        client.patch(place, headers=phone | make.at(0), data=make.PHOTO)
        for _ in range(2 * HOUR_BYTES // len(make.PHOTO) // 100):
            begin(client, phone | make.creation())
        for _ in range(2):
            assert ask(client, phone, FILE_BYTES_MAX - len(make.PHOTO)).status_code == 201
