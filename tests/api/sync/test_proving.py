"""Receipts are walked from a device's first: whatever was altered is named, the first of it."""

from __future__ import annotations

import hashlib
import pathlib
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api import acts, db
from api.crews.models import Device
from api.sync import jobs
from api.sync.held import WAIT_MAX
from api.sync.models import DeviceLedger, Receipt, ReceiptPack
from api.sync.receipts import packs, proving
from api.sync.receipts.proving import Broken, Fault
from field_sync.keys import FileKeys
from field_sync.testing.edge import HandEdge
from tests.api.sync.conftest import DEVICE, Order
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers.sync import Phone

COUNT = 13
Tamper = Callable[[Session], None]


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short story has short packs, and questions whose ends lie elsewhere."""
    monkeypatch.setattr(packs, "NUMBERS", 5)
    monkeypatch.setattr(proving, "LINKS_PER_QUESTION", 4)


@pytest.fixture
def pushed(signing: Phone, order: Order) -> Phone:
    """A phone with a key that has pushed, and signed, thirteen operations."""
    task_id = order()
    wires = [
        signing.operation("task.note", task_id, {"text": f"note {n}"}) for n in range(1, COUNT + 1)
    ]
    assert signing.sync(*wires, **signing.signed(wires))["acked_through"] == COUNT
    return signing


@pytest.fixture(params=["in rows", "packed"])
def where(
    request: pytest.FixtureRequest, pushed: Phone, database: db.Database, clock: HandClock
) -> str:
    """Tell every story twice: with the bytes in their rows, and with those up to 10 packed."""
    if request.param == "packed":
        for _ in range(2):
            with database.unit_of_work() as session:
                now = clock.now() + WAIT_MAX
                act = acts.system(district_id=crews.DISTRICT, now=now, job="pack")
                assert jobs.pack_receipts(session, act=act)["operations"] == 5
    return str(request.param)


def broken(database: db.Database) -> list[Broken]:
    return list(
        proving.list_broken(database, district_id=crews.DISTRICT, told=lambda _done, _whole: None)
    )


def of(session: Session, n: int) -> Receipt:
    return session.get_one(Receipt, (crews.DISTRICT, DEVICE, n))


def alter(session: Session, n: int, /, **values: object) -> None:
    session.execute(update(Receipt).where(Receipt.n == n).values(**values))


def alter_ledger(session: Session, **values: object) -> None:
    session.execute(update(DeviceLedger).where(DeviceLedger.id == DEVICE).values(**values))


def unpacked(session: Session, n: int) -> bytes:
    """Put an operation's bytes back into its row, and give them."""
    receipt = of(session, n)
    if not receipt.wire:
        question = select(ReceiptPack).where(ReceiptPack.last_n >= n).order_by(ReceiptPack.last_n)
        pack = session.scalars(question).first()
        assert pack is not None
        receipt.wire = packs.unpack(pack.wires)[n]
        session.flush()
    return receipt.wire


@pytest.mark.rule("S38")
def test_what_nobody_touched_is_whole(where: str, database: db.Database) -> None:
    assert broken(database) == []


@pytest.mark.rule("S38")
@pytest.mark.parametrize("n", [1, 5, 7, COUNT])
def test_one_altered_byte_is_named(where: str, n: int, database: db.Database) -> None:
    with database.unit_of_work() as session:
        wire = unpacked(session, n)
        alter(session, n, wire=wire.replace(b"note", b"nota"))
    assert broken(database) == [Broken(DEVICE, n, Fault.bytes_altered)]


def test_bytes_that_were_altered_with_their_hash_break_the_chain(
    where: str, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        wire = unpacked(session, 7).replace(b"note", b"nota")
        alter(session, 7, wire=wire, sha256=hashlib.sha256(wire).hexdigest())
    assert broken(database) == [Broken(DEVICE, 8, Fault.parted)]


def test_the_last_one_altered_with_its_hash_is_not_the_ledgers(
    where: str, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        wire = unpacked(session, COUNT).replace(b"note", b"nota")
        alter(session, COUNT, wire=wire, sha256=hashlib.sha256(wire).hexdigest())
    assert broken(database) == [Broken(DEVICE, COUNT, Fault.ledger)]


@pytest.mark.rule("S38")
@pytest.mark.parametrize("n", [1, 4, 10, COUNT])
def test_a_row_that_was_dropped_is_named(where: str, n: int, database: db.Database) -> None:
    with database.unit_of_work() as session:
        session.execute(delete(Receipt).where(Receipt.n == n))
    assert broken(database) == [Broken(DEVICE, n, Fault.missing)]


@pytest.mark.rule("S38")
def test_two_rows_that_changed_places_are_named(where: str, database: db.Database) -> None:
    with database.unit_of_work() as session:
        for n in (3, 4):
            unpacked(session, n)
        for old, new in ((3, 99), (4, 3), (99, 4)):
            alter(session, old, n=new)
    assert broken(database) == [Broken(DEVICE, 3, Fault.another)]


def test_rows_that_changed_places_under_their_packed_bytes_are_named(
    where: str, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        for old, new in ((3, 99), (4, 3), (99, 4)):
            alter(session, old, n=new)
    fault = Fault.another if where == "in rows" else Fault.bytes_altered
    assert broken(database) == [Broken(DEVICE, 3, fault)]


def test_bytes_that_are_gone_are_named(where: str, database: db.Database) -> None:
    with database.unit_of_work() as session:
        session.execute(delete(ReceiptPack).where(ReceiptPack.first_n == 6))
        alter(session, 6, wire=b"")
    assert broken(database) == [Broken(DEVICE, 6, Fault.bytes_lost)]


def test_a_damaged_pack_is_named_by_its_first_receipt(where: str, database: db.Database) -> None:
    with database.unit_of_work() as session:
        session.execute(
            update(ReceiptPack).where(ReceiptPack.first_n == 6).values(wires=b"damaged")
        )
    expected = [Broken(DEVICE, 6, Fault.bytes_lost)] if where == "packed" else []
    assert broken(database) == expected


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"operation_id": "another"}, Fault.another),
        ({"sha256": "0" * 64}, Fault.bytes_altered),
    ],
)
def test_a_row_that_says_else_than_its_operation_is_named(
    where: str, database: db.Database, values: dict[str, object], fault: Fault
) -> None:
    with database.unit_of_work() as session:
        alter(session, 2, **values)
    assert broken(database) == [Broken(DEVICE, 2, fault)]


def test_what_is_no_operation_at_all_is_named(where: str, database: db.Database) -> None:
    with database.unit_of_work() as session:
        alter(session, 2, wire=b"nothing", sha256=hashlib.sha256(b"nothing").hexdigest())
    assert broken(database) == [Broken(DEVICE, 2, Fault.another)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"acked_through": COUNT - 1}, Broken(DEVICE, COUNT, Fault.unsettled)),
        ({"acked_through": COUNT + 1}, Broken(DEVICE, COUNT + 1, Fault.missing)),
        ({"chain": "0" * 64}, Broken(DEVICE, COUNT, Fault.ledger)),
        ({"signed_n": 12}, Broken(DEVICE, 12, Fault.head)),
        ({"signed_n": None}, Broken(DEVICE, 0, Fault.head)),
        ({"signed_n": COUNT + 1}, Broken(DEVICE, COUNT + 1, Fault.head)),
        ({"signed_sha256": "0" * 64}, Broken(DEVICE, COUNT, Fault.head)),
        ({"signature": "A" * 86}, Broken(DEVICE, COUNT, Fault.signature)),
        ({"signature": "é"}, Broken(DEVICE, COUNT, Fault.signature)),
        ({"signature": None}, Broken(DEVICE, COUNT, Fault.signature)),
    ],
)
def test_a_ledger_that_was_altered_is_named(
    pushed: Phone, database: db.Database, values: dict[str, object], expected: Broken
) -> None:
    with database.unit_of_work() as session:
        alter_ledger(session, **values)
    assert broken(database) == [expected]


@pytest.mark.rule("S38")
def test_a_history_that_was_rewritten_whole_has_no_signature(
    pushed: Phone, database: db.Database, tmp_path: pathlib.Path
) -> None:
    """Whoever writes the whole chain anew lacks the device's key."""
    folder = tmp_path / "thief"
    folder.mkdir()
    thief = FileKeys(folder)
    thief.make(HandEdge(seed=9))
    with database.unit_of_work() as session:
        chain, forged = "", b""
        for n in range(1, COUNT + 1):
            made = {**msgspec.json.decode(of(session, n).wire), "prev": chain}
            made["body"] = {"text": "never said"}
            forged = msgspec.json.encode(made)
            chain = hashlib.sha256(forged).hexdigest()
            alter(session, n, wire=forged, sha256=chain)
        pushed.keys = thief
        head = pushed.signed([forged])["head"]
        assert isinstance(head, dict)
        alter_ledger(session, chain=chain, signed_sha256=chain, signature=head["signature"])
    assert broken(database) == [Broken(DEVICE, COUNT, Fault.signature)]


@pytest.mark.parametrize("key", [None, "{}", '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}', "x"])
def test_a_head_without_a_key_that_holds_is_named(
    pushed: Phone, database: db.Database, key: str | None
) -> None:
    with database.unit_of_work() as session:
        session.execute(update(Device).where(Device.id == DEVICE).values(key=key))
    assert broken(database) == [Broken(DEVICE, COUNT, Fault.signature)]


def test_receipts_without_a_ledger_are_named(pushed: Phone, database: db.Database) -> None:
    with database.unit_of_work() as session:
        session.execute(delete(DeviceLedger))
    assert broken(database) == [Broken(DEVICE, COUNT, Fault.ledger)]


def test_every_device_is_walked_and_named_by_itself(
    pushed: Phone, phone: Phone, other_phone: Phone, order: Order, database: db.Database
) -> None:
    for each, crew in ((phone, "crew-1"), (other_phone, "crew-2")):
        task_id = order(crew_id=crew)
        each.sync(*(each.operation("task.note", task_id, {"text": "a"}) for _ in range(3)))
    told: list[tuple[int, int]] = []
    walked = proving.list_broken(
        database, district_id=crews.DISTRICT, told=lambda *how: told.append(how)
    )
    assert list(walked) == []
    assert told[-1] == (COUNT + 6, COUNT + 6)
    with database.unit_of_work() as session:
        alter(session, 2, sha256="0" * 64)
    named = broken(database)
    assert [(each.n, each.fault) for each in named] == [(2, Fault.bytes_altered)] * 3
    assert len({each.device_id for each in named}) == 3


@pytest.mark.rule("S38")
def test_what_nobody_could_read_and_what_was_numbered_anew_stand_in_a_whole_chain(
    signing: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    wires = [
        signing.operation("task.note", task_id, {"text": "one"}),
        signing.operation("task.note", task_id, {"text": "two"}, prev=["no", "hash"]),
        signing.operation("task.note", "lost", {"text": "held"}),
        signing.operation("task.note", task_id, {"text": "three"}, mono_ms=None),
    ]
    for part in (wires[:1], wires[1:]):  # within a push, each must name the one before it
        signing.sync(*part, **signing.signed(part))
    anew = [signing.again(wire, rebased=True) for wire in (wires[0], wires[2])]
    answer = signing.sync(*anew, **signing.signed(anew))
    assert [each["code"] for each in answer["outcomes"]] == ["operation-duplicate"] * 2
    assert broken(database) == []
