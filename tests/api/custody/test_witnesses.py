"""Phones carry the newest checkpoint that they were shown, and find a log that was changed."""

from __future__ import annotations

import dataclasses

import flask.testing
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api import db, ids
from api.crews.models import AuditLine, Device
from api.custody import witnesses
from api.custody.models import Checkpoint as Row
from api.custody.models import CheckpointLeaf, CustodyFinding
from api.feed import store as feed
from api.settings import Settings
from schemas.crews import Role
from tests.api.custody.conftest import Checkpoint, Grow, Order
from tests.conftest import HandClock
from tests.makers import custody as make
from tests.makers import questions
from tests.makers.crews import SignIn
from tests.makers.sync import Phone

Client = flask.testing.FlaskClient


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast the stories."""
    return dataclasses.replace(settings, access_token_s=86_400)


@pytest.fixture
def phone(client: Client, sign_in: SignIn, clock: HandClock) -> Phone:
    return Phone(client, sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1"), clock)


@pytest.fixture
def shown(phone: Phone, order: Order, checkpoint: Checkpoint, grow: Grow) -> dict[str, object]:
    """What the phone was shown: the second of two checkpoints."""
    order(task_id="t1")
    checkpoint()
    grow("t1")
    checkpoint()
    mark: dict[str, object] = phone.sync()["checkpoint"]
    return mark


def found(database: db.Database) -> list[CustodyFinding]:
    with database.reading() as session:
        return list(session.scalars(select(CustodyFinding).order_by(CustodyFinding.number)))


def cut(session: Session) -> None:
    """Take the newest checkpoint away, as who has the database can."""
    second = session.scalars(select(Row).where(Row.number == 2)).one()
    session.execute(delete(CheckpointLeaf).where(CheckpointLeaf.number == 2))
    session.delete(second)


@pytest.mark.rule("S47")
def test_an_answer_names_the_newest_checkpoint_of_the_district(
    phone: Phone, database: db.Database, clock: HandClock, checkpoint: Checkpoint, order: Order
) -> None:
    assert "checkpoint" not in phone.sync()
    order(task_id="t1")
    checkpoint()
    with database.reading() as session:
        row = session.scalars(select(Row)).one()
    assert phone.sync()["checkpoint"] == {"number": 1, "sha256": row.sha256}


def test_another_districts_checkpoint_is_not_shown(
    phone: Phone, database: db.Database, settings: Settings, clock: HandClock
) -> None:
    make.checkpoint(database, settings=settings, now=clock.now(), district_id="d2")
    assert "checkpoint" not in phone.sync()


@pytest.mark.rule("S47")
def test_what_a_phone_was_shown_and_is_here_is_no_finding(
    phone: Phone,
    shown: dict[str, object],
    database: db.Database,
    grow: Grow,
    checkpoint: Checkpoint,
) -> None:
    phone.sync(seen=shown)
    grow("t1")
    checkpoint()
    phone.sync(seen=shown)
    assert found(database) == []
    with database.reading() as session:
        device = session.scalars(select(Device)).one()
    assert (device.checkpoint_number, device.checkpoint_sha256) == (2, shown["sha256"])


@pytest.mark.rule("S47")
def test_a_log_that_was_signed_anew_with_the_stolen_key_is_found_by_a_phone(
    phone: Phone,
    shown: dict[str, object],
    database: db.Database,
    settings: Settings,
    clock: HandClock,
    grow: Grow,
) -> None:
    with database.unit_of_work() as session:
        make.rewrite_timeline(session, task_id="t1", number=2)
        make.forget_checkpoints(session)
    make.checkpoint(database, settings=settings, now=clock.now())
    grow("t1")
    make.checkpoint(database, settings=settings, now=clock.now())
    clock.advance(minutes=1)

    phone.sync(seen=shown)
    (finding,) = found(database)
    assert (finding.number, finding.said_sha256) == (2, shown["sha256"])
    assert finding.our_sha256 not in {None, shown["sha256"]}
    assert finding.restored_after is None


@pytest.mark.rule("S47")
def test_a_checkpoint_that_is_gone_is_found_once_and_hinders_nothing(
    phone: Phone, shown: dict[str, object], database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        cut(session)
    clock.advance(minutes=1)
    for _ in range(2):
        assert phone.sync(seen=shown)["checkpoint"]["number"] == 1
    (finding,) = found(database)
    assert (finding.number, finding.our_sha256) == (2, None)
    with database.reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.what == "custody.found")).all()
        device = session.scalars(select(Device)).one()
    (line,) = lines
    assert (line.person_id, line.subject_id) == ("job:witnesses", finding.id)
    assert line.detail == {"device_id": device.id, "number": 2}


def test_a_phone_that_pushes_is_a_witness_too(
    phone: Phone, shown: dict[str, object], database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        cut(session)
    clock.advance(minutes=1)
    note = phone.operation("task.note", "t1", {"text": "the gate is locked"})
    assert phone.sync(note, seen=shown)["acked_through"] == 1
    assert len(found(database)) == 1


def test_a_server_that_was_put_back_is_a_finding_that_says_so(
    phone: Phone,
    shown: dict[str, object],
    database: db.Database,
    client: Client,
    sign_in: SignIn,
    clock: HandClock,
) -> None:
    with database.unit_of_work() as session:
        cut(session)
        feed.start_lineage(session, name=ids.new_id())
    clock.advance(minutes=1)
    phone.cursor = None
    phone.sync(seen=shown)
    answer = client.get("/v1/custody/findings", headers=sign_in(Role.SUPERVISOR)).json
    assert answer is not None
    (finding,) = answer["items"]
    assert finding["restored_after"] == 1
    assert finding["detail"]["en"] == (
        f"Device {finding['device_id']} was shown checkpoint 2, and there is none here. "
        "A new lineage began after checkpoint 1: a backup that was put back explains this; "
        "if none was, the log was cut or written anew."
    )
    assert "存证点 2" in finding["detail"]["zh"]


def test_a_server_that_is_older_than_its_first_checkpoint_may_have_been_put_back(
    phone: Phone, shown: dict[str, object], database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        make.forget_checkpoints(session)
    clock.advance(minutes=1)
    assert "checkpoint" not in phone.sync(seen=shown)
    assert found(database)[0].restored_after == 0


def test_a_wild_phone_brings_no_more_findings_than_so_many(
    phone: Phone,
    shown: dict[str, object],
    database: db.Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(witnesses, "FINDINGS_PER_DEVICE_MAX", 3)
    for number in range(5):
        phone.sync(seen={"number": 2**53 - number, "sha256": f"{number:064x}"})
    assert len(found(database)) == 3


def test_a_spoilt_statement_makes_no_sync_fail(
    phone: Phone, shown: dict[str, object], database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        session.execute(update(Row).values(statement=b"\xff", sha256="0" * 64))
    clock.advance(minutes=1)
    phone.sync(seen=shown)
    (finding,) = found(database)
    assert finding.our_sha256 == "0" * 64


@pytest.mark.parametrize(
    "seen", [{"number": 0, "sha256": "0" * 64}, {"number": 1}, {"number": 1, "sha256": "x"}, None]
)
def test_a_mark_of_another_shape_is_refused(phone: Phone, seen: object, client: Client) -> None:
    answer = client.post("/v1/sync", data=phone.request(seen=seen), headers=phone.headers)
    assert (answer.status_code, (answer.json or {})["code"]) == (422, "invalid")


def test_a_worker_asks_after_checkpoints_once_in_half_a_minute(
    phone: Phone, shown: dict[str, object], database: db.Database, clock: HandClock
) -> None:
    def asked() -> int:
        with questions.asked(database) as statements:
            phone.sync(seen=shown)
        return sum("checkpoints" in each for each in statements)

    clock.advance(minutes=1)
    assert asked() == 1
    clock.advance(seconds=20)
    assert asked() == 0
    clock.advance(seconds=20)
    assert asked() == 1


@pytest.fixture
def finding_id(
    phone: Phone, shown: dict[str, object], database: db.Database, clock: HandClock
) -> str:
    """An open finding."""
    with database.unit_of_work() as session:
        cut(session)
    clock.advance(minutes=1)
    phone.sync(seen=shown)
    return found(database)[0].id


def test_a_finding_is_open_until_somebody_explains_it(
    finding_id: str, client: Client, sign_in: SignIn, database: db.Database
) -> None:
    headers = sign_in(Role.ADMINISTRATOR)
    path = f"/v1/custody/findings/{finding_id}/explanation"
    body = {"note": "monday's backup was put back after the disk failed"}
    told = client.post(path, json=body, headers=headers)
    assert told.status_code == 200, told.text
    assert (told.json or {})["note"] == body["note"]

    def listed(query: str) -> list[str]:
        answer = client.get(f"/v1/custody/findings{query}", headers=headers).json
        return [each["id"] for each in (answer or {})["items"]]

    assert listed("") == []
    assert listed("?explained=true") == [finding_id]
    again = client.post(path, json=body, headers=headers)
    assert (again.status_code, (again.json or {})["code"]) == (409, "finding-explained")
    with database.reading() as session:
        what = session.scalars(select(AuditLine.what).where(AuditLine.subject_id == finding_id))
        assert sorted(what) == ["custody.explained", "custody.found"]


def test_findings_are_paged(
    phone: Phone, shown: dict[str, object], client: Client, sign_in: SignIn, clock: HandClock
) -> None:
    for number in (7, 8, 9):
        clock.advance(seconds=1)
        phone.sync(seen={"number": number, "sha256": f"{number:064x}"})
    headers = sign_in(Role.SUPERVISOR)
    first = client.get("/v1/custody/findings?limit=2", headers=headers).json or {}
    query = {"limit": 2, "after": first["next"]}
    rest = client.get("/v1/custody/findings", query_string=query, headers=headers).json or {}
    assert [each["number"] for each in first["items"] + rest["items"]] == [9, 8, 7]
    assert rest["next"] is None


@pytest.mark.parametrize("role", [Role.LINEMAN, Role.DISPATCHER, Role.INTEGRATION])
def test_others_see_and_explain_no_finding(
    finding_id: str, client: Client, sign_in: SignIn, role: Role
) -> None:
    headers = sign_in(role)
    assert client.get("/v1/custody/findings", headers=headers).status_code == 403
    path = f"/v1/custody/findings/{finding_id}/explanation"
    assert client.post(path, json={"note": "x" * 20}, headers=headers).status_code == 403


def test_another_districts_finding_is_not_there(
    finding_id: str, client: Client, sign_in: SignIn
) -> None:
    headers = sign_in(Role.SUPERVISOR, district_id="d2")
    assert (client.get("/v1/custody/findings", headers=headers).json or {})["items"] == []
    path = f"/v1/custody/findings/{finding_id}/explanation"
    assert client.post(path, json={"note": "x" * 20}, headers=headers).status_code == 404


@pytest.mark.parametrize("body", [{}, {"note": "short"}, {"note": "a\x00" * 20}, {"note": 7}])
def test_an_explanation_is_a_sentence(
    finding_id: str, client: Client, sign_in: SignIn, body: dict[str, object]
) -> None:
    path = f"/v1/custody/findings/{finding_id}/explanation"
    answer = client.post(path, json=body, headers=sign_in(Role.SUPERVISOR))
    assert answer.status_code == 422
