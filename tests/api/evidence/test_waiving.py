"""A file that will not come: waived for a reason, by somebody who answers for it, and on record."""

from __future__ import annotations

import flask.testing
import pytest
from sqlalchemy.orm import Session

from api import db
from api.evidence import arrivals, service, uploads, waiving
from api.evidence.models import EvidenceFile
from api.tasks import service as tasks_service
from api.tasks.models import Task
from schemas.crews import Role
from schemas.evidence import FileState
from schemas.rules.transitions import Kind, State
from tests.makers import evidence as make
from tests.makers import tasks
from tests.makers.crews import SignIn

DROWNED = "the phone fell into the river with the only copy"


def finished(session: Session) -> Task:
    return tasks.task(session, task_id="t1", kind=Kind.route, state=State.finished)


def file_of(session: Session, content: bytes = make.PHOTO, *, stop_id: str = "") -> EvidenceFile:
    found = session.query(EvidenceFile).filter_by(sha256=make.sha256(content), stop_id=stop_id)
    return found.one()


def waive(session: Session, file: EvidenceFile, reason: str = DROWNED) -> EvidenceFile:
    act = tasks.of_office(role=Role.SUPERVISOR)
    return waiving.waive(session, act=act, file_id=file.id, reason=reason)


def arrive(session: Session, content: bytes = make.PHOTO) -> None:
    act = tasks.of_crew()
    upload = uploads.open_upload(
        session, act=act, sha256=make.sha256(content), size_bytes=len(content)
    )
    arrivals.arrive(session, act=act, upload=upload)


def moments(session: Session) -> list[tuple[str, dict[str, object]]]:
    listed = tasks_service.list_moments(
        session, district_id=tasks.DISTRICT, task_id="t1", after_number=0, limit=100
    )
    return [(each.event, each.detail) for each in listed if each.event == "waive"]


def test_an_order_is_archived_without_a_file_that_somebody_waived(session: Session) -> None:
    task = finished(session)
    make.declare(session, task_id="t1")
    with pytest.raises(tasks_service.EvidenceMissing):
        tasks_service.archive(session, act=tasks.of_office(), task=task)
    file = waive(session, file_of(session))
    tasks_service.archive(session, act=tasks.of_office(), task=task)

    assert (task.state, task.evidence_declared, task.evidence_missing) == (State.archived, 1, 0)
    ((_, detail),) = moments(session)
    assert detail == {
        "file_id": file.id,
        "sha256": file.sha256,
        "kind": "site",
        "reason": DROWNED,
    }
    whole = tasks_service.verify_timeline(session, district_id=tasks.DISTRICT, task_id="t1")
    assert whole.intact


def test_a_reason_that_says_nothing_waives_nothing(session: Session) -> None:
    task = finished(session)
    make.declare(session, task_id="t1")
    with pytest.raises(tasks_service.ReasonNotConcrete):
        waive(session, file_of(session), "busy")
    assert (file_of(session).waived_at, task.evidence_missing) == (None, 1)


def test_what_has_arrived_is_not_waived(session: Session) -> None:
    finished(session)
    make.declare(session, task_id="t1")
    arrive(session)
    with pytest.raises(waiving.FileHere):
        waive(session, file_of(session))


def test_waived_twice_is_waived_once(session: Session) -> None:
    task = finished(session)
    make.declare(session, task_id="t1")
    make.declare(session, task_id="t1", content=b"another")
    for _ in range(2):
        waive(session, file_of(session))
    assert task.evidence_missing == 1
    assert len(moments(session)) == 1


def test_a_waived_file_that_comes_after_all_is_kept_and_counts_once(session: Session) -> None:
    task = finished(session)
    make.declare(session, task_id="t1")
    waive(session, file_of(session))
    owed = service.missing_of(session, district_id=tasks.DISTRICT, device_id="device-li")
    assert [each.sha256 for each in owed] == [make.sha256(make.PHOTO)]
    tasks_service.archive(session, act=tasks.of_office(), task=task)
    arrive(session)

    file = file_of(session)
    assert file.arrived_at is not None
    assert file.waived_reason == DROWNED
    assert task.evidence_missing == 0


def test_of_a_file_that_proves_two_stops_each_is_waived_alone(session: Session) -> None:
    task = finished(session)
    for stop_id in ("s1", "s2"):
        body = make.declared(stop_id=stop_id)
        service.declare(session, act=tasks.of_crew(), subject_id="t1", body=body)
    session.flush()
    waive(session, file_of(session, stop_id="s1"))
    assert task.evidence_missing == 1
    arrive(session)
    assert task.evidence_missing == 0


def test_only_who_answers_for_it_may_waive(
    client: flask.testing.FlaskClient, database: db.Database, sign_in: SignIn
) -> None:
    with database.unit_of_work() as session:
        finished(session)
        make.declare(session, task_id="t1")
        path = f"/v1/evidence/{file_of(session).id}"
    asked = {"reason": DROWNED}
    dispatcher = sign_in(Role.DISPATCHER)
    refused = client.post(f"{path}/waive", json=asked, headers=dispatcher)
    assert refused.status_code == 403
    supervisor = sign_in(Role.SUPERVISOR, person_id="sun")
    vague = client.post(f"{path}/waive", json={"reason": "busy"}, headers=supervisor)
    assert (vague.status_code, vague.get_json()["code"]) == (422, "reason-not-concrete")
    waived = client.post(f"{path}/waive", json=asked, headers=supervisor)
    assert waived.status_code == 200, waived.text
    assert waived.get_json()["waived_by"] == "sun"
    listed = client.get(f"/v1/evidence?state={FileState.WAIVED}", headers=dispatcher)
    assert [each["waived_reason"] for each in listed.get_json()["items"]] == [DROWNED]
    missing = client.get(f"/v1/evidence?state={FileState.MISSING}", headers=dispatcher)
    assert missing.get_json()["items"] == []
    nothing = client.post("/v1/evidence/none/waive", json=asked, headers=supervisor)
    assert nothing.status_code == 404
