"""Signed pushes: what the device's key has not signed moves nothing, and is not lost."""

from __future__ import annotations

import hashlib
import pathlib
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from api import db
from api.sync.models import DeviceContact, DeviceLedger, Quarantined, Receipt
from api.sync.quarantine import keeping
from field_sync.keys import FileKeys
from field_sync.testing.edge import HandEdge
from tests.api.sync.conftest import DEVICE, Order
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers.sync import Phone


def push(phone: Phone, *operations: bytes, **changed: object) -> tuple[int, dict[str, Any]]:
    body = phone.request(operations, **changed)
    answer = phone.client.post("/v1/sync", data=body, headers=phone.headers)
    return answer.status_code, answer.get_json()


def count(database: db.Database, table: type[db.Base]) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_a_signed_push_is_settled_and_its_head_is_kept(
    signing: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    operations = [
        signing.operation("task.accept", task_id),
        signing.operation("task.set_out", task_id),
    ]
    signed = signing.signed(operations)
    assert push(signing, *operations, **signed)[1]["acked_through"] == 2
    with database.reading() as session:
        ledger = session.get_one(DeviceLedger, (crews.DISTRICT, DEVICE))
        kept = {"n": ledger.signed_n, "sha256": ledger.signed_sha256}
        assert {**kept, "signature": ledger.signature} == signed["head"]


@pytest.mark.rule("S32")
def test_an_unsigned_push_settles_nothing_and_comes_into_quarantine(
    signing: Phone, order: Order, database: db.Database, clock: HandClock
) -> None:
    for _ in range(2):  # the second tells how long the first was under way
        signing.sync()
        clock.advance(minutes=1)
    operation = signing.operation("task.accept", order())
    clock.advance(minutes=30)
    status, problem = push(signing, operation)
    assert (status, problem["code"]) == (403, "signature-missing")
    assert (count(database, Receipt), count(database, DeviceContact)) == (0, 2)
    with database.reading() as session:
        kept = session.scalars(select(Quarantined)).one()
        assert (kept.wire, kept.reason, kept.person_id) == (operation, "signature", "li")
        since_s = (clock.now() - kept.happened_at).total_seconds()
        assert since_s == pytest.approx(1_800, abs=20)
    assert push(signing, operation)[0] == 403
    assert count(database, Quarantined) == 1
    assert push(signing, operation, **signing.signed([operation]))[1]["acked_through"] == 1


@pytest.mark.rule("S32")
def test_a_stolen_token_without_the_key_settles_nothing(
    signing: Phone, order: Order, database: db.Database, tmp_path: pathlib.Path
) -> None:
    first = signing.operation("task.accept", order())
    assert push(signing, first, **signing.signed([first]))[0] == 200
    thief = FileKeys(tmp_path / "..")
    forged = signing.operation("task.note", "t1", {"text": "never said"})
    stolen: list[dict[str, object]] = [
        signing.signed([first]),
        {"head": {"n": 2, "sha256": hashlib.sha256(forged).hexdigest(), "signature": "A" * 86}},
    ]
    thief.make(HandEdge(seed=9))
    signing.keys = thief
    stolen.append(signing.signed([forged]))
    for head in stolen:
        status, problem = push(signing, forged, **head)
        assert (status, problem["code"]) == (403, "signature-wrong")
    assert count(database, Receipt) == 1


@pytest.mark.rule("S32")
def test_a_signature_vouches_for_no_operation_that_its_chain_does_not_name(
    signing: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    signing.operation("task.accept", task_id)
    second = signing.operation("task.set_out", task_id)
    signed = signing.signed([second])
    signing.n, signing.prev = 0, ""
    put_before = signing.operation("task.return", task_id, {"reason": "a false one"})
    assert push(signing, put_before, second, **signed)[1]["code"] == "signature-wrong"
    assert (count(database, Receipt), count(database, Quarantined)) == (0, 2)


def test_a_signed_operation_that_cannot_be_read_stops_no_other(
    signing: Phone, order: Order
) -> None:
    task_id = order()
    operations = [
        signing.operation("task.accept", task_id, mono_ms=None),
        signing.operation("task.set_out", task_id),
    ]
    answer = push(signing, *operations, **signing.signed(operations))[1]
    assert answer["acked_through"] == 2
    assert answer["outcomes"][0]["code"] == "operation-unreadable"
    strange = signing.operation("task.note", task_id, {"text": "a"}, prev=["not", "a", "hash"])
    assert push(signing, strange, **signing.signed([strange]))[1]["acked_through"] == 3


def test_what_is_kept_of_strangers_has_a_limit(
    signing: Phone, order: Order, database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "UNSIGNED_PER_DEVICE_MAX", 2)
    task_id = order()
    for text in ("one", "two", "three"):
        assert push(signing, signing.operation("task.note", task_id, {"text": text}))[0] == 403
    assert count(database, Quarantined) == 2


def test_a_contact_without_operations_needs_no_signature(signing: Phone) -> None:
    assert push(signing)[0] == 200


@pytest.mark.parametrize("signature", ["", "A" * 85, "A" * 87, "é" * 86])
def test_a_head_that_is_no_signature_is_not_valid(signing: Phone, signature: str) -> None:
    operation = signing.operation("task.accept", "t1")
    head = {"n": 1, "sha256": "0" * 64, "signature": signature}
    status, problem = push(signing, operation, head=msgspec.to_builtins(head))
    assert (status, problem["code"]) == (422, "invalid")
