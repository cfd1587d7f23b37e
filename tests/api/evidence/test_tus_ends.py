"""How uploads end other than well, and what a way or a disk that is not as it should be does."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient as Client
from werkzeug.http import parse_date
from werkzeug.test import TestResponse

from api import acts, db
from api.evidence import depot, fence, jobs, sweeping, uploads
from api.evidence.models import Upload
from api.settings import Settings
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import evidence as make
from tests.makers import tasks
from tests.makers.crews import SignIn
from tests.makers.tus import (
    NAMELESS,
    TUS,
    Headers,
    begin,
    code,
    head,
    misses,
    parts,
)


class TestTermination:
    """An upload may be given up; what has arrived stays."""

    def test_what_is_given_up_is_gone(
        self, client: Client, phone: Headers, settings: Settings
    ) -> None:
        place = begin(client, phone | NAMELESS)
        client.patch(place, headers=phone | make.at(0), data=make.PHOTO[:10])
        assert len(parts(settings)) == 1
        gone = client.delete(place, headers=phone | TUS)
        assert (gone.status_code, gone.headers["Tus-Resumable"]) == (204, "1.0.0")
        assert parts(settings) == []
        assert head(client, phone, place).status_code == 404
        assert client.delete(place, headers=phone | TUS).status_code == 404

    @pytest.mark.rule("S40")
    def test_a_file_that_arrived_is_not_taken_back(
        self, client: Client, phone: Headers, database: db.Database
    ) -> None:
        place = begin(client, phone | make.creation())
        client.patch(place, headers=phone | make.at(0), data=make.PHOTO)
        refused = client.delete(place, headers=phone | TUS)
        assert (refused.status_code, code(refused)) == (403, "upload-finished")
        assert misses(database) == 0

    def test_another_devices_upload_does_not_exist(
        self, client: Client, phone: Headers, sign_in: SignIn
    ) -> None:
        place = begin(client, phone | NAMELESS)
        other = sign_in(Role.LINEMAN, person_id="li", device_id="second-phone")
        assert client.delete(place, headers=other | TUS).status_code == 404
        assert head(client, phone, place).status_code == 200

    def test_the_version_must_be_spoken(self, client: Client, phone: Headers) -> None:
        place = begin(client, phone | NAMELESS)
        assert client.delete(place, headers=phone).status_code == 412


class TestExpiration:
    """An upload that nobody goes on with ends; one that gets bytes does not, nor a file."""

    def sweep(self, database: db.Database, settings: Settings, now: dt.datetime) -> dict[str, int]:
        with database.unit_of_work() as session:
            act = acts.system(district_id=tasks.DISTRICT, now=now, job="sweep_uploads")
            return jobs.sweep_uploads(session, act=act, settings=settings)

    @pytest.mark.rule("S40")
    def test_it_ends_when_it_said_and_is_swept(
        self,
        client: Client,
        phone: Headers,
        clock: HandClock,
        database: db.Database,
        settings: Settings,
    ) -> None:
        place = begin(client, phone | NAMELESS)
        sent = client.patch(place, headers=phone | make.at(0), data=b"some")
        until = parse_date(sent.headers["Upload-Expires"])
        assert until == clock.now() + uploads.LIFE
        assert head(client, phone, place).headers["Upload-Expires"] == http_words(sent)
        assert self.sweep(database, settings, clock.now()) == swept(0)
        assert len(parts(settings)) == 1
        assert self.sweep(database, settings, until) == swept(1)
        assert parts(settings) == []
        assert head(client, phone, place).status_code == 404
        assert self.sweep(database, settings, until) == swept(0)

    def test_it_is_gone_before_it_is_swept(
        self, client: Client, phone: Headers, database: db.Database, clock: HandClock
    ) -> None:
        place = begin(client, phone | NAMELESS)
        end(database, clock.now())
        sent = client.patch(place, headers=phone | make.at(0), data=b"some")
        assert (sent.status_code, code(sent)) == (410, "upload-expired")
        assert head(client, phone, place).status_code == 410

    def test_begun_again_before_it_is_swept_it_goes_on(
        self, client: Client, phone: Headers, database: db.Database, clock: HandClock
    ) -> None:
        place = begin(client, phone | make.creation())
        client.patch(place, headers=phone | make.at(0), data=make.PHOTO[:10])
        end(database, clock.now())
        assert begin(client, phone | make.creation()) == place
        assert head(client, phone, place).headers["Upload-Offset"] == "10"

    def test_bytes_keep_it_alive(
        self, client: Client, phone: Headers, database: db.Database, clock: HandClock
    ) -> None:
        place = begin(client, phone | NAMELESS)
        soon = clock.now() + dt.timedelta(hours=1)
        end(database, soon)
        sent = client.patch(place, headers=phone | make.at(0), data=b"some")
        assert parse_date(sent.headers["Upload-Expires"]) == clock.now() + uploads.LIFE

    @pytest.mark.rule("S40")
    def test_a_file_that_arrived_never_ends(
        self,
        client: Client,
        phone: Headers,
        clock: HandClock,
        database: db.Database,
        settings: Settings,
    ) -> None:
        place = begin(client, phone | make.creation())
        sent = client.patch(place, headers=phone | make.at(0), data=make.PHOTO)
        assert "Upload-Expires" not in sent.headers
        later = clock.now() + dt.timedelta(days=10_000)
        assert self.sweep(database, settings, later) == swept(0)
        assert head(client, phone, place).headers["Upload-Offset"] == str(len(make.PHOTO))

    def test_parts_without_an_upload_are_swept_once_nobody_sends_them(
        self, database: db.Database, settings: Settings
    ) -> None:
        disk = depot.opened(settings)
        part = depot.Part(tasks.DISTRICT, "left-over", None, 5)
        disk.receive(part, offset_bytes=0, chunks=[b"some"])
        _, changed_at = disk.look(district_id=tasks.DISTRICT, upload_id=part.upload_id)
        assert changed_at is not None
        young = changed_at + sweeping.YOUNG - dt.timedelta(seconds=1)
        assert self.sweep(database, settings, young) == {
            "uploads_expired": 0,
            "parts_discarded": 0,
        }
        assert self.sweep(database, settings, changed_at + sweeping.YOUNG) == {
            "uploads_expired": 0,
            "parts_discarded": 1,
        }
        assert parts(settings) == []


def swept(number: int) -> dict[str, int]:
    return {"uploads_expired": number, "parts_discarded": number}


def http_words(answer: TestResponse) -> str:
    return answer.headers["Upload-Expires"]


def end(database: db.Database, at: dt.datetime) -> None:
    """Let the only upload end at an instant."""
    with database.unit_of_work() as session:
        session.query(Upload).one().expires_at = at


class TestAnyVerb:
    """Whatever verb carries it, the one that the override names is meant."""

    def meant(self, verb: str) -> Headers:
        return {"X-HTTP-Method-Override": verb}

    def test_a_way_that_lets_only_post_pass_is_enough(self, client: Client, phone: Headers) -> None:
        place = begin(client, phone | make.creation() | self.meant("POST"))
        options = client.post("/v1/uploads", headers=self.meant("OPTIONS"))
        assert "Tus-Version" in options.headers
        sent = client.post(
            place, headers=phone | make.at(0) | self.meant("patch"), data=make.PHOTO[:9]
        )
        assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, "9")
        asked = client.post(place, headers=phone | TUS | self.meant("HEAD"))
        assert (asked.status_code, asked.headers["Upload-Offset"]) == (200, "9")
        gone = client.post(place, headers=phone | TUS | self.meant("DELETE"))
        assert gone.status_code == 204
        assert head(client, phone, place).status_code == 404

    def test_a_verb_that_is_not_spoken_here_is_refused(
        self, client: Client, phone: Headers
    ) -> None:
        place = begin(client, phone | make.creation())
        for headers in (self.meant("PUT"), {}):
            answer = client.post(place, headers=phone | make.at(0) | headers, data=b"")
            assert (answer.status_code, code(answer)) == (400, "upload-header-wrong")


def test_a_full_disk_is_told_and_what_came_is_kept(
    client: Client, phone: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = begin(client, phone | make.creation())
    client.patch(place, headers=phone | make.at(0), data=make.PHOTO[:70_000])

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(fence.Fence, "append", full)
        refused = client.patch(place, headers=phone | make.at(70_000), data=make.PHOTO[70_000:])
    assert (refused.status_code, code(refused)) == (507, "depot-full")
    assert head(client, phone, place).headers["Upload-Offset"] == "70000"
    sent = client.patch(place, headers=phone | make.at(70_000), data=make.PHOTO[70_000:])
    assert sent.status_code == 204
