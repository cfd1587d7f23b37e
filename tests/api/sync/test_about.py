"""What was pushed about one order is found, with the head that each operation lies under."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from api import acts, db, migrating
from api.crews.models import Device
from api.sync import about, jobs, signing
from api.sync.held import WAIT_MAX
from api.sync.models import DeviceLedger, Receipt
from api.sync.receipts import packs
from schemas.rules.operation_chain import Head
from tests.api.sync.conftest import DEVICE, Order
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import sync as make
from tests.makers.sync import Phone


def told(database: db.Database, task_id: str) -> about.About:
    with database.reading() as session:
        return about.tell(session, district_id=crews.DISTRICT, subject_id=task_id, limit=100)


def noted(phone: Phone, *task_ids: str) -> list[bytes]:
    return [phone.operation("task.note", each, {"text": "seen"}) for each in task_ids]


def head_of(wire: bytes, n: int) -> Head:
    return Head(n, hashlib.sha256(wire).hexdigest())


def test_an_operation_lies_under_the_next_head_that_its_device_signed(
    signing: Phone, order: Order, database: db.Database
) -> None:
    ours, theirs = order(), order()
    first = noted(signing, ours, theirs, ours, theirs)
    second = noted(signing, theirs)
    third = noted(signing, ours)
    for push in (first, second, third):
        signing.sync(*push, **signing.signed(push))
    found = told(database, ours)
    pushed = [(1, first[0]), (3, first[2]), (6, third[0])]
    assert [(each.n, wire) for each, wire in found.receipts] == pushed
    under = found.signed[DEVICE]
    assert [each.head.n for each in under] == [4, 6]
    assert under[0].before == [head_of(wire, n) for n, wire in enumerate(first, 1)]
    assert under[1].before == [head_of(third[0], 6)]


def test_the_key_of_the_device_has_signed_what_is_told(
    signing: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    push = noted(signing, order(), task_id)
    signing.sync(*push, **signing.signed(push))
    (under,) = told(database, task_id).signed[DEVICE]
    with database.reading() as session:
        key = session.get_one(Device, DEVICE).key
    assert key is not None
    assert _is_signed(under, key)


def test_what_a_device_without_a_key_pushed_lies_under_none(
    phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    phone.sync(*noted(phone, task_id))
    found = told(database, task_id)
    assert (len(found.receipts), found.signed) == (1, {})


def test_refused_and_packed_operations_are_told_with_their_bytes(
    signing: Phone,
    order: Order,
    database: db.Database,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packs, "NUMBERS", 2)
    task_id = order()
    push = noted(signing, task_id, task_id)
    push.append(signing.operation("task.resume", task_id))
    signing.sync(*push, **signing.signed(push))
    with database.unit_of_work() as session:
        act = acts.system(district_id=crews.DISTRICT, now=clock.now() + WAIT_MAX, job="pack")
        assert jobs.pack_receipts(session, act=act)["operations"] == 2
    found = told(database, task_id)
    assert [wire for _, wire in found.receipts] == push
    assert [each.status for each, _ in found.receipts] == ["applied", "applied", "conflict"]


def test_what_was_kept_out_is_told(signing: Phone, order: Order, database: db.Database) -> None:
    task_id = order()
    (unsigned,) = noted(signing, task_id)
    answer = signing.client.post(
        "/v1/sync", data=signing.request([unsigned]), headers=signing.headers
    )
    assert answer.get_json()["code"] == "signature-missing"
    found = told(database, task_id)
    assert ([each.wire for each in found.kept_out], found.receipts) == ([unsigned], [])


@pytest.mark.slow
def test_the_newest_head_of_each_device_is_known_after_the_migration(
    empty_database_url: str,
) -> None:
    database = db.Database(empty_database_url, pool_size=1)
    migrating.upgrade(database)
    with database.unit_of_work() as session:
        make.settled(session, count=3)
        session.flush()
        ledger = session.get_one(DeviceLedger, ("d1", "phone-7"))
        ledger.signed_n, ledger.signed_sha256 = 3, ledger.chain
        ledger.signature = "A" * 86
    migrating.downgrade(database, to="0026_checkpoints")
    migrating.upgrade(database)
    with database.reading() as session:
        signed = session.scalars(select(Receipt.signature).order_by(Receipt.n)).all()
    database.close()
    assert signed == [None, None, "A" * 86]


def _is_signed(under: about.Signed, key: str) -> bool:
    return signing.is_signed(under.head, device_id=DEVICE, key=key)
