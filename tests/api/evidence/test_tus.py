"""The extensions of tus at the doors: what foreign clients need beside our own handheld."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient as Client
from werkzeug.test import TestResponse

from api import db
from api.evidence import depot
from api.evidence.models import Blob, Upload
from api.settings import Settings
from tests.makers import evidence as make
from tests.makers import tasks
from tests.makers.tus import (
    BYTES,
    DEFERRED,
    NAMELESS,
    TUS,
    Headers,
    begin,
    checked,
    code,
    head,
    misses,
    parts,
)


class TestChecksum:
    """One flipped byte is refused, and costs its request and nothing more."""

    @pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
    @pytest.mark.rule("S39")
    def test_a_flipped_byte_is_refused_and_sent_again(
        self, client: Client, phone: Headers, database: db.Database, algorithm: str
    ) -> None:
        place = begin(client, phone | make.creation())
        first, rest = make.PHOTO[:100_000], make.PHOTO[100_000:]
        client.patch(place, headers=phone | make.at(0), data=first)
        spoilt = bytearray(rest)
        spoilt[5] ^= 1
        headers = phone | make.at(len(first)) | checked(rest, algorithm=algorithm)
        refused = client.patch(place, headers=headers, data=bytes(spoilt))
        assert (refused.status_code, code(refused)) == (460, "upload-checksum-differs")
        assert head(client, phone, place).headers["Upload-Offset"] == str(len(first))
        assert client.patch(place, headers=headers, data=rest).status_code == 204
        assert misses(database) == 0

    @pytest.mark.parametrize("wrong", ["md5 AAAA", "sha1", "sha1 !!!!", "sha1 AAAA", ""])
    def test_a_checksum_that_makes_no_sense_is_refused(
        self, client: Client, phone: Headers, wrong: str
    ) -> None:
        place = begin(client, phone | make.creation())
        headers = phone | make.at(0) | {"Upload-Checksum": wrong}
        answer = client.patch(place, headers=headers, data=make.PHOTO)
        assert (answer.status_code, code(answer)) == (400, "upload-header-wrong")
        assert head(client, phone, place).headers["Upload-Offset"] == "0"


class TestCreationWithUpload:
    """The first bytes may come with the creation."""

    def test_a_small_file_arrives_with_one_request(
        self, client: Client, phone: Headers, database: db.Database
    ) -> None:
        headers = phone | make.creation() | BYTES
        answer = client.post("/v1/uploads", headers=headers, data=make.PHOTO)
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (
            201,
            str(len(make.PHOTO)),
        )
        assert "Upload-Expires" not in answer.headers
        assert misses(database) == 0

    def test_after_a_lost_answer_it_hears_how_far_it_is(
        self, client: Client, phone: Headers
    ) -> None:
        headers = phone | make.creation() | BYTES
        first = client.post("/v1/uploads", headers=headers, data=make.PHOTO[:1_000])
        again = client.post("/v1/uploads", headers=headers, data=make.PHOTO[:1_000])
        assert (again.status_code, again.headers["Upload-Offset"]) == (201, "1000")
        assert again.headers["Location"] == first.headers["Location"]

    def test_more_than_was_declared_and_what_differs_from_its_checksum_is_refused(
        self, client: Client, phone: Headers, settings: Settings
    ) -> None:
        longer = client.post(
            "/v1/uploads", headers=phone | NAMELESS | BYTES, data=make.PHOTO + b"x"
        )
        assert (longer.status_code, code(longer)) == (413, "upload-too-long")
        spoilt = client.post(
            "/v1/uploads",
            headers=phone | NAMELESS | BYTES | checked(b"another"),
            data=make.PHOTO,
        )
        assert (spoilt.status_code, code(spoilt)) == (460, "upload-checksum-differs")
        assert parts(settings) == []


class TestNoName:
    """A file whose client names no hash is found by the one that it turns out to have."""

    @pytest.mark.rule("S41")
    def test_it_has_arrived_for_whoever_declared_it(
        self, client: Client, phone: Headers, database: db.Database
    ) -> None:
        described = {"Upload-Metadata": "filename cC5qcGc=,empty"}
        place = begin(client, phone | NAMELESS | described)
        asked = head(client, phone, place)
        assert asked.headers["Upload-Metadata"] == described["Upload-Metadata"]
        assert asked.headers["Upload-Length"] == str(len(make.PHOTO))
        client.patch(place, headers=phone | make.at(0), data=make.PHOTO)
        assert misses(database) == 0
        done = head(client, phone, place)
        assert done.headers["Upload-Offset"] == str(len(make.PHOTO))
        assert "Upload-Expires" not in done.headers

    def test_two_of_the_same_file_are_one(
        self, client: Client, phone: Headers, database: db.Database
    ) -> None:
        for _ in range(2):
            place = begin(client, phone | NAMELESS)
            sent = client.patch(place, headers=phone | make.at(0), data=make.PHOTO)
            assert sent.status_code == 204
        with database.reading() as session:
            assert session.query(Blob).count() == 1
            assert session.query(Upload).count() == 2

    def test_who_names_it_later_sends_nothing(self, client: Client, phone: Headers) -> None:
        place = begin(client, phone | NAMELESS)
        client.patch(place, headers=phone | make.at(0), data=make.PHOTO)
        again = begin(client, phone | make.creation())
        assert head(client, phone, again).headers["Upload-Offset"] == str(len(make.PHOTO))

    def test_a_server_that_dies_before_it_notes_the_arrival_notes_it_at_the_next_question(
        self, client: Client, phone: Headers, database: db.Database, settings: Settings
    ) -> None:
        place = begin(client, phone | NAMELESS)
        upload_id = place.rpartition("/")[2]
        disk = depot.opened(settings)
        part = depot.Part(tasks.DISTRICT, upload_id, None, len(make.PHOTO))
        disk.receive(part, offset_bytes=0, chunks=[make.PHOTO])
        assert misses(database) == 1
        assert head(client, phone, place).headers["Upload-Offset"] == str(len(make.PHOTO))
        assert misses(database) == 0


class TestDeferredLength:
    """The length may be said with any later request, once."""

    def test_it_ends_with_an_empty_request_that_says_it(
        self, client: Client, phone: Headers, database: db.Database
    ) -> None:
        place = begin(client, phone | DEFERRED)
        client.patch(place, headers=phone | make.at(0), data=make.PHOTO)
        asked = head(client, phone, place)
        assert asked.headers["Upload-Defer-Length"] == "1"
        assert "Upload-Length" not in asked.headers
        last = make.at(len(make.PHOTO)) | {"Upload-Length": str(len(make.PHOTO))}
        assert client.patch(place, headers=phone | last, data=b"").status_code == 204
        assert "Upload-Defer-Length" not in head(client, phone, place).headers
        assert misses(database) == 0

    def test_it_is_said_once_and_not_less_than_came(self, client: Client, phone: Headers) -> None:
        place = begin(client, phone | DEFERRED)

        def say(length: int, *, at: int, data: bytes = b"") -> TestResponse:
            headers = phone | make.at(at) | {"Upload-Length": str(length)}
            return client.patch(place, headers=headers, data=data)

        client.patch(place, headers=phone | make.at(0), data=make.PHOTO[:100])
        assert code(say(50, at=100)) == "upload-header-wrong"
        assert code(say(100, at=50)) == "upload-offset-differs"
        assert say(200, at=100, data=make.PHOTO[100:150]).status_code == 204
        assert code(say(150, at=150)) == "file-size-differs"
        assert code(say(10**9, at=150)) == "upload-too-large"
        assert say(200, at=150, data=make.PHOTO[150:200]).status_code == 204

    def test_a_named_hash_knows_its_length(self, client: Client, phone: Headers) -> None:
        named = make.creation()
        del named["Upload-Length"]
        place = begin(client, phone | named | {"Upload-Defer-Length": "1"})
        headers = phone | make.at(0) | {"Upload-Length": "7"}
        assert code(client.patch(place, headers=headers, data=b"1234567")) == "file-size-differs"

    @pytest.mark.parametrize(
        "wrong", [{}, {"Upload-Defer-Length": "0"}, DEFERRED | {"Upload-Length": "5"}]
    )
    def test_a_length_must_be_said_or_deferred(
        self, client: Client, phone: Headers, wrong: Headers
    ) -> None:
        answer = client.post("/v1/uploads", headers=phone | TUS | wrong)
        assert (answer.status_code, code(answer)) == (400, "upload-header-wrong")
