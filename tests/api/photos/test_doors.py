"""Doors of photos: who sees what, what is shown and how, and what a person decides."""

from __future__ import annotations

from typing import Any

import flask.testing
import pytest
from werkzeug.test import TestResponse

from api import db
from api.crews.models import AuditLine
from api.photos import derived
from api.settings import Settings
from schemas import places
from schemas.crews import Role
from schemas.evidence import EvidenceKind
from tests.conftest import HandClock
from tests.makers import evidence as files
from tests.makers import photos as make
from tests.makers import tasks
from tests.makers.crews import SignIn

Client = flask.testing.FlaskClient
Headers = dict[str, str]
FIX = places.Fix(lat_deg=20.04, lon_deg=110.32, accuracy_m=10.0, age_s=1.0)


def told(answer: TestResponse) -> Any:  # noqa: ANN401 - plain JSON
    assert answer.status_code == 200, answer.text
    return answer.json


def code(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None, answer.text
    return answer.status_code, answer.json["code"]


def views(database: db.Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        lines = session.query(AuditLine).filter_by(what="file.viewed").order_by(AuditLine.id)
        return [(line.subject_id, str(line.detail["shown"])) for line in lines]


@pytest.fixture
def office(sign_in: SignIn) -> Headers:
    return sign_in(Role.DISPATCHER)


@pytest.fixture
def photo(database: db.Database, settings: Settings, office: Headers) -> str:
    """Bring one photo and look into it."""
    file_id = make.bring(database, settings, make.encoded(exif=make.exif()), fix=FIX)
    make.examine(database, settings)
    return file_id


def test_what_was_read_of_a_file_is_told_with_sentences(
    client: Client, office: Headers, photo: str
) -> None:
    shown = told(client.get(f"/v1/evidence/{photo}/picture", headers=office))
    assert (shown["state"], shown["why"], shown["media_type"]) == ("read", None, "image/jpeg")
    assert shown["media_type_agrees"] is True
    assert (shown["width_px"], shown["height_px"]) == (640, 480)
    assert shown["claims"]["camera_local"] == "2026-11-23T07:58:30"
    assert shown["claims"]["model"] == "L-1"
    assert shown["times"]["camera_at"] == "2026-11-22T23:58:30.000000Z"
    assert shown["times"]["happened_at"] == "2026-11-23T00:00:00.000000Z"
    assert {each["agreement"] for each in shown["comparisons"]} == {"agrees"}
    assert all(each["words"]["en"] and each["words"]["zh"] for each in shown["comparisons"])


def test_a_file_that_nobody_looked_into_waits(
    client: Client, office: Headers, database: db.Database, settings: Settings
) -> None:
    file_id = make.bring(database, settings, make.encoded())
    shown = told(client.get(f"/v1/evidence/{file_id}/picture", headers=office))
    assert (shown["state"], shown["claims"]["make"], shown["comparisons"]) == ("waiting", None, [])
    answer = client.get(f"/v1/evidence/{file_id}/thumbnail", headers=office)
    assert code(answer) == (409, "picture-not-ready")


def test_a_file_whose_bytes_are_missing_is_said_to_be(
    client: Client, office: Headers, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        tasks.task(session, task_id="t1")
        act = tasks.of_crew(operation_id="op-1")
        files.declare(session, task_id="t1", act=act)
    assert told(client.get("/v1/evidence/op-1/picture", headers=office))["state"] == "waiting"
    assert code(client.get("/v1/evidence/op-1/copy", headers=office)) == (409, "file-missing")


@pytest.mark.parametrize(("shown", "width_px"), [("thumbnail", 320), ("copy", 640)])
def test_a_picture_is_shown_safely(
    client: Client, office: Headers, photo: str, shown: str, width_px: int
) -> None:
    answer = client.get(f"/v1/evidence/{photo}/{shown}", headers=office, buffered=True)
    assert answer.status_code == 200
    assert make.opened(answer.data).width == width_px
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert b"Lantern" not in answer.data


def test_ranges_and_etags_hold(client: Client, office: Headers, photo: str) -> None:
    path = f"/v1/evidence/{photo}/copy"
    whole = client.get(path, headers=office, buffered=True)
    part = client.get(path, headers=office | {"Range": "bytes=5-9"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[5:10])
    assert part.headers["Content-Range"] == f"bytes 5-9/{len(whole.data)}"
    again = client.get(
        path, headers=office | {"If-None-Match": whole.headers["ETag"]}, buffered=True
    )
    assert (again.status_code, again.data) == (304, b"")
    beyond = client.get(path, headers=office | {"Range": "bytes=99999999-"})
    assert beyond.status_code == 416


def test_each_view_leaves_a_line_and_what_is_unchanged_leaves_none(
    client: Client, office: Headers, photo: str, database: db.Database
) -> None:
    etag = ""
    for shown in ("thumbnail", "copy", "content"):
        path = f"/v1/evidence/{photo}/{shown}"
        answer = client.get(path, headers=office, buffered=True)
        etag = answer.headers["ETag"]
        client.get(path, headers=office | {"If-None-Match": etag}, buffered=True)
    assert views(database) == [(photo, "thumbnail"), (photo, "copy"), (photo, "original")]


def test_a_picture_that_was_lost_is_made_again(
    client: Client,
    office: Headers,
    photo: str,
    database: db.Database,
    settings: Settings,
) -> None:
    for lost in (settings.data_dir / derived.FOLDER).rglob("*.jpg"):
        lost.unlink()
    path = f"/v1/evidence/{photo}/thumbnail"
    for _ in range(2):
        assert code(client.get(path, headers=office)) == (409, "picture-not-ready")
    assert make.examine(database, settings) == {"examined": 1}
    assert client.get(path, headers=office, buffered=True).status_code == 200
    assert views(database) == [(photo, "thumbnail")]


@pytest.mark.parametrize(
    ("content", "kind", "state"),
    [
        (b"%PDF-1.7", EvidenceKind.OTHER, "kept"),
        (make.encoded(form="PNG"), EvidenceKind.SIGNATURE, "kept"),
        (make.encoded()[:3_000], EvidenceKind.SITE, "unreadable"),
    ],
)
def test_what_is_not_shown_is_said_to_be(
    client: Client,
    office: Headers,
    database: db.Database,
    settings: Settings,
    content: bytes,
    kind: EvidenceKind,
    state: str,
) -> None:
    file_id = make.bring(database, settings, content, kind=kind)
    make.examine(database, settings)
    answer = client.get(f"/v1/evidence/{file_id}/thumbnail", headers=office)
    assert code(answer) == (409, "picture-not-shown")
    assert answer.json is not None
    assert answer.json["fields"]["state"] == state
    original = client.get(f"/v1/evidence/{file_id}/content", headers=office, buffered=True)
    assert original.data == content


def test_a_phone_s_word_for_a_type_is_set_beside_what_it_is(
    client: Client, office: Headers, database: db.Database, settings: Settings
) -> None:
    content = make.encoded(form="PNG")
    for media_type, agrees in (("image/jpeg", False), ("Image/PNG; q=1", True)):
        file_id = make.bring(
            database, settings, content, media_type=media_type, stop_id=media_type[:5]
        )
        make.examine(database, settings)
        shown = told(client.get(f"/v1/evidence/{file_id}/picture", headers=office))
        assert (shown["media_type"], shown["media_type_agrees"]) == ("image/png", agrees)


class TestWhoMay:
    """User, object and verb."""

    PATHS = ("picture", "thumbnail", "copy")

    def test_another_district_s_photo_does_not_exist(
        self, client: Client, sign_in: SignIn, photo: str
    ) -> None:
        stranger = sign_in(Role.SUPERVISOR, district_id="d2")
        for path in self.PATHS:
            answer = client.get(f"/v1/evidence/{photo}/{path}", headers=stranger)
            assert code(answer) == (404, "not-found")

    def test_crews_and_strangers_are_not_let_in(
        self, client: Client, sign_in: SignIn, photo: str
    ) -> None:
        crew = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id="device-li")
        for path in self.PATHS:
            assert client.get(f"/v1/evidence/{photo}/{path}", headers=crew).status_code == 403
            assert client.get(f"/v1/evidence/{photo}/{path}").status_code == 401
        assert client.get("/v1/likenesses", headers=crew).status_code == 403
        decision = client.post("/v1/likenesses/x/decision", json={}, headers=crew)
        assert decision.status_code == 403

    def test_a_file_that_is_not_there_is_not_found(self, client: Client, office: Headers) -> None:
        for path in self.PATHS:
            answer = client.get(f"/v1/evidence/none/{path}", headers=office)
            assert code(answer) == (404, "not-found")


class TestQuestions:
    """Likenesses, and what a person says to them."""

    @pytest.fixture(autouse=True)
    def likenesses(self, database: db.Database, settings: Settings, sign_in: SignIn) -> list[str]:
        """Use one photo for three meters: three questions."""
        sign_in(Role.DISPATCHER)
        ids = [
            make.bring(database, settings, make.encoded(), stop_id=f"s{number}")
            for number in range(3)
        ]
        make.examine(database, settings)
        return ids

    def test_open_questions_are_listed_page_by_page(
        self, client: Client, office: Headers, likenesses: list[str]
    ) -> None:
        first = told(client.get("/v1/likenesses?state=open&limit=2", headers=office))
        rest = told(client.get(f"/v1/likenesses?after={first['next']}", headers=office))
        items = first["items"] + rest["items"]
        assert len({item["id"] for item in items}) == 3
        assert rest["next"] is None
        assert all(item["same_bytes"] and item["words"]["zh"] for item in items)
        of_one = told(client.get(f"/v1/evidence/{likenesses[0]}/picture", headers=office))
        assert len(of_one["likenesses"]) == 2

    def test_a_decision_is_kept_once_and_audited(
        self,
        client: Client,
        office: Headers,
        database: db.Database,
        clock: HandClock,
    ) -> None:
        asked = told(client.get("/v1/likenesses", headers=office))["items"][0]
        path = f"/v1/likenesses/{asked['id']}/decision"
        body = {"decision": "allowed", "note": "one box, three meters"}
        decided = told(client.post(path, json=body, headers=office))
        assert (decided["state"], decided["note"]) == ("allowed", "one box, three meters")
        assert decided["decided_by"] == "dispatcher-d1"
        clock.advance(minutes=1)
        assert told(client.post(path, json=body, headers=office)) == decided
        other = client.post(path, json={"decision": "questioned"}, headers=office)
        assert code(other) == (409, "likeness-settled")
        assert len(told(client.get("/v1/likenesses?state=open", headers=office))["items"]) == 2
        with database.reading() as session:
            lines = session.query(AuditLine).filter_by(what="likeness.decided").all()
        assert [line.subject_id for line in lines] == [asked["id"]]

    def test_another_district_s_question_does_not_exist(
        self, client: Client, office: Headers, sign_in: SignIn
    ) -> None:
        asked = told(client.get("/v1/likenesses", headers=office))["items"][0]
        stranger = sign_in(Role.SUPERVISOR, district_id="d2")
        assert told(client.get("/v1/likenesses", headers=stranger))["items"] == []
        path = f"/v1/likenesses/{asked['id']}/decision"
        answer = client.post(path, json={"decision": "allowed"}, headers=stranger)
        assert code(answer) == (404, "not-found")

    def test_a_decision_that_is_none_is_refused(self, client: Client, office: Headers) -> None:
        asked = told(client.get("/v1/likenesses", headers=office))["items"][0]
        path = f"/v1/likenesses/{asked['id']}/decision"
        assert client.post(path, json={"decision": "open"}, headers=office).status_code == 422
