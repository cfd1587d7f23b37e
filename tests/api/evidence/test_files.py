"""Declared files: counted once, listed for the office, given as attachments that nothing opens."""

from __future__ import annotations

from typing import Any

import flask
import msgspec
import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api import db
from api.errors import NotFound
from api.evidence import allowances, arrivals, service, uploads
from api.evidence.models import EvidenceFile
from api.tasks import service as tasks_service
from schemas import evidence
from schemas.crews import Role
from schemas.rules.transitions import Kind, State
from tests.makers import evidence as make
from tests.makers import questions, tasks
from tests.makers.crews import SignIn


def test_the_same_file_declared_twice_is_one(session: Session) -> None:
    task = tasks.task(session, task_id="t1")
    make.declare(session, task_id="t1")
    version = task.version
    make.declare(session, task_id="t1")
    assert (task.evidence_declared, task.evidence_missing) == (1, 1)
    assert task.version == version
    assert session.query(EvidenceFile).count() == 1


def test_one_file_may_prove_two_stops(session: Session) -> None:
    task = tasks.task(session, task_id="t1")
    for stop_id in ("s1", "s2", "s1"):
        body = make.declared(stop_id=stop_id)
        service.declare(session, act=tasks.of_crew(), subject_id="t1", body=body)
    assert task.evidence_declared == 2


def test_what_the_phone_knows_of_the_cameras_own_file_is_kept(session: Session) -> None:
    tasks.task(session, task_id="t1")
    original = evidence.Original(
        sha256="b" * 64,
        size_bytes=9_000_000,
        media_type="image/heic",
        camera_local="2026-11-23T10:31:00",
        camera_offset="+08:00",
        lat_deg=20.04,
        lon_deg=110.32,
    )
    body = msgspec.structs.replace(make.declared(), original=original)
    service.declare(session, act=tasks.of_crew(), subject_id="t1", body=body)
    (file,) = session.query(EvidenceFile).all()
    assert file.view().original == original
    said = evidence.say_original(original)
    assert "9000000 bytes" in said.en
    assert said.en.endswith("it says of itself: 2026-11-23T10:31:00+08:00, 20.040000, 110.320000.")
    assert said.zh.endswith("；文件自述：2026-11-23T10:31:00+08:00, 20.040000, 110.320000。")


def test_an_original_that_says_nothing_claims_nothing() -> None:
    original = evidence.Original(sha256="b" * 64, size_bytes=9, media_type="image/heic")
    said = evidence.say_original(original)
    assert said.en.endswith(f"SHA-256 {'b' * 64}.")
    assert said.zh.endswith(f"SHA-256 {'b' * 64}。")


def test_a_hash_with_another_size_is_refused(session: Session) -> None:
    tasks.task(session, task_id="t1")
    make.declare(session, task_id="t1")
    good = make.declared()
    body = evidence.Declared(sha256=good.sha256, size_bytes=1, media_type=good.media_type)
    with pytest.raises(uploads.FileSizeDiffers):
        service.declare(session, act=tasks.of_crew(), subject_id="t1", body=body)


def test_a_declaration_that_was_rolled_back_may_be_made_again(database: db.Database) -> None:
    with database.unit_of_work() as session:
        task = tasks.task(session, task_id="t1")
        with pytest.raises(RuntimeError), db.savepoint(session):
            make.declare(session, task_id="t1")
            raise RuntimeError
        make.declare(session, task_id="t1")
        assert task.evidence_declared == 1
        assert session.query(EvidenceFile).count() == 1


def test_a_file_of_another_crews_task_cannot_be_declared(session: Session) -> None:
    tasks.task(session, task_id="t1")
    stranger = tasks.of_crew(person_id="chen", crew_ids=["crew-2"])
    with pytest.raises(NotFound):
        make.declare(session, task_id="t1", act=stranger)


def test_loaded_hashes_are_declared_without_a_question(database: db.Database) -> None:
    files = [make.declared(bytes([number])) for number in range(50)]
    hashes = [file.sha256 for file in files]
    with database.unit_of_work() as session:
        task = tasks.task(session, task_id="t1")
        service.load(session, district_id=tasks.DISTRICT, hashes=hashes)
        with questions.asked(database) as asked:
            for file in files:
                service.declare(session, act=tasks.of_crew(), subject_id="t1", body=file)
        assert asked == []
        assert task.evidence_missing == 50


@pytest.mark.rule("S28")
def test_a_phone_is_told_what_it_still_owes(session: Session) -> None:
    tasks.task(session, task_id="t1")
    make.declare(session, task_id="t1")
    asked = {"district_id": tasks.DISTRICT, "device_id": "device-li"}
    (owed,) = service.missing_of(session, **asked)
    assert (owed.sha256, owed.size_bytes, owed.upload) == (
        make.sha256(make.PHOTO),
        len(make.PHOTO),
        None,
    )
    upload = uploads.open_upload(
        session, act=tasks.of_crew(), sha256=owed.sha256, size_bytes=owed.size_bytes
    )
    assert service.missing_of(session, **asked)[0].upload == f"/v1/uploads/{upload.id}"
    arrivals.arrive(session, act=tasks.of_crew(), upload=upload)
    assert service.missing_of(session, **asked) == []
    assert service.missing_of(session, district_id=tasks.DISTRICT, device_id="device-chen") == []


def test_work_is_not_archived_before_its_files_arrive(session: Session) -> None:
    task = tasks.task(session, task_id="t1", kind=Kind.route, state=State.finished)
    make.declare(session, task_id="t1")
    with pytest.raises(tasks_service.EvidenceMissing):
        tasks_service.archive(session, act=tasks.of_office(), task=task)
    upload = uploads.open_upload(
        session,
        act=tasks.of_crew(),
        sha256=make.sha256(make.PHOTO),
        size_bytes=len(make.PHOTO),
    )
    arrivals.arrive(session, act=tasks.of_crew(), upload=upload)
    tasks_service.archive(session, act=tasks.of_office(), task=task)
    assert task.state == State.archived


def test_a_device_may_not_begin_uploads_without_end(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowances, "OPEN_MAX", 1)
    act = tasks.of_crew()
    uploads.open_upload(session, act=act, sha256="a" * 64, size_bytes=1)
    uploads.open_upload(session, act=act, sha256="a" * 64, size_bytes=1)
    with pytest.raises(allowances.TooManyUploads):
        uploads.open_upload(session, act=act, sha256="b" * 64, size_bytes=1)


def told(answer: TestResponse) -> Any:  # noqa: ANN401 - plain JSON
    """Read an answer's JSON."""
    assert answer.json is not None, answer.text
    return answer.json


class TestOffice:
    """What the office sees of a declared file."""

    @pytest.fixture
    def office(self, database: db.Database, sign_in: SignIn) -> dict[str, str]:
        headers = sign_in(Role.DISPATCHER)
        with database.unit_of_work() as session:
            tasks.task(session, task_id="t1")
            make.declare(session, task_id="t1")
            make.declare(session, task_id="t1", content=b"missing")
            upload = uploads.open_upload(
                session,
                act=tasks.of_crew(),
                sha256=make.sha256(make.PHOTO),
                size_bytes=len(make.PHOTO),
            )
            arrivals.arrive(session, act=tasks.of_crew(), upload=upload)
        return headers

    @pytest.fixture
    def photo(self, client: flask.testing.FlaskClient, sign_in: SignIn, office: object) -> str:
        """Send the bytes too; give the path of the content."""
        phone = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id="device-li")
        place = client.post("/v1/uploads", headers=phone | make.creation(b"missing")).headers[
            "Location"
        ]
        sent = client.patch(place, headers=phone | make.at(0), data=b"missing")
        assert sent.status_code == 204
        answer = client.get("/v1/evidence?state=arrived", headers=office)
        items = told(answer)["items"]
        found = next(item for item in items if item["sha256"] == make.sha256(b"missing"))
        return f"/v1/evidence/{found['id']}/content"

    def test_files_are_listed_arrived_or_missing(
        self, client: flask.testing.FlaskClient, office: dict[str, str]
    ) -> None:
        def hashes(query: str) -> set[str]:
            answer = client.get(f"/v1/evidence?{query}", headers=office)
            assert answer.status_code == 200, answer.text
            return {item["sha256"] for item in told(answer)["items"]}

        photo, missing = make.sha256(make.PHOTO), make.sha256(b"missing")
        assert hashes("task_id=t1") == {photo, missing}
        assert hashes("task_id=t1&state=arrived") == {photo}
        assert hashes("state=missing") == {missing}
        assert client.get("/v1/evidence?task_id=none", headers=office).status_code == 404

    def test_pages_join_without_a_gap(
        self, client: flask.testing.FlaskClient, office: dict[str, str]
    ) -> None:
        first = told(client.get("/v1/evidence?limit=1", headers=office))
        second = told(client.get(f"/v1/evidence?limit=1&after={first['next']}", headers=office))
        assert second["next"] is None
        assert len({item["id"] for item in first["items"] + second["items"]}) == 2

    def test_the_original_is_an_attachment_that_nothing_opens(
        self, client: flask.testing.FlaskClient, office: dict[str, str], photo: str
    ) -> None:
        answer = client.get(photo, buffered=True, headers=office)
        assert answer.data == b"missing"
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]

    def test_a_range_of_it_can_be_asked_for(
        self, client: flask.testing.FlaskClient, office: dict[str, str], photo: str
    ) -> None:
        answer = client.get(photo, buffered=True, headers=office | {"Range": "bytes=2-4"})
        assert (answer.status_code, answer.data) == (206, b"ssi")
        assert answer.headers["Content-Range"] == "bytes 2-4/7"
        assert (
            client.get(photo, buffered=True, headers=office | {"Range": "bytes=9-"}).status_code
            == 416
        )
        etag = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(photo, buffered=True, headers=office | etag).status_code == 304

    def test_a_file_that_is_missing_says_who_has_it(
        self, client: flask.testing.FlaskClient, office: dict[str, str]
    ) -> None:
        (item,) = told(client.get("/v1/evidence?state=missing", headers=office))["items"]
        assert client.get(f"/v1/evidence/{item['id']}", headers=office).json == item
        answer = client.get(f"/v1/evidence/{item['id']}/content", headers=office)
        assert (answer.status_code, told(answer)["code"]) == (409, "file-missing")
        assert told(answer)["fields"]["declared_by"] == "li"
        assert client.get("/v1/evidence/none", headers=office).status_code == 404

    def test_a_lineman_has_no_key_to_the_originals(
        self, client: flask.testing.FlaskClient, sign_in: SignIn, photo: str
    ) -> None:
        lineman = sign_in(Role.LINEMAN, person_id="li", device_id="device-li")
        assert client.get(photo, buffered=True, headers=lineman).status_code == 403
