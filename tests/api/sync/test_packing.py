"""Old receipts: their bytes go into packs, come back as they came, and nothing else changes."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import flask.testing
import pytest
from sqlalchemy import func, select, update

from api import acts, db
from api.sync import jobs
from api.sync.models import Receipt, ReceiptPack
from api.sync.receipts import packs, proving, wires
from schemas.crews import Role
from tests.api.sync import packer
from tests.api.sync.conftest import Order
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers.sync import Phone

WAIT_S = 60
OLD = dt.timedelta(days=31)
Pack = Callable[[], dict[str, int]]


@pytest.fixture(autouse=True)
def short_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short story has short packs."""
    monkeypatch.setattr(packs, "NUMBERS", packer.NUMBERS)


@pytest.fixture
def pack(database: db.Database, clock: HandClock) -> Pack:
    """Run the job when all that was pushed so far is old."""

    def packed() -> dict[str, int]:
        with database.unit_of_work() as session:
            act = acts.system(district_id=crews.DISTRICT, now=clock.now() + OLD, job="pack")
            return jobs.pack_receipts(session, act=act)

    return packed


def notes(phone: Phone, task_id: str, count: int) -> list[bytes]:
    return [phone.operation("task.note", task_id, {"text": f"note {n}"}) for n in range(count)]


def rows(database: db.Database) -> list[Receipt]:
    with database.reading() as session:
        return list(session.scalars(select(Receipt).order_by(Receipt.device_id, Receipt.n)))


def without_wire(receipt: Receipt) -> dict[str, Any]:
    names = [column.name for column in Receipt.__table__.columns if column.name != "wire"]
    return {name: getattr(receipt, name) for name in names}


def read(database: db.Database, receipts: list[Receipt]) -> list[bytes]:
    with database.reading() as session:
        return wires.list_of(session, receipts)


def in_rows(database: db.Database) -> list[int]:
    return [row.n for row in rows(database) if row.wire]


def is_whole(database: db.Database) -> bool:
    found = proving.list_broken(database, district_id=crews.DISTRICT, told=lambda *_: None)
    return list(found) == []


@pytest.mark.rule("S37")
def test_old_bytes_are_packed_and_come_back_as_they_came(
    phone: Phone, other_phone: Phone, order: Order, database: db.Database, pack: Pack
) -> None:
    sent = notes(phone, order(), 25)
    theirs = notes(other_phone, order(crew_id="crew-2"), 12)
    phone.sync(*sent)
    other_phone.sync(*theirs)
    before = [without_wire(row) for row in rows(database)]
    assert pack() == {"packs": 2, "operations": 20, "altered": 0}
    assert pack() == {"packs": 1, "operations": 10, "altered": 0}
    after = rows(database)
    assert [without_wire(row) for row in after] == before
    assert len([row for row in after if row.wire]) == 5 + 2
    assert sorted(read(database, after)) == sorted(sent + theirs)
    assert read(database, after[::-1]) == read(database, after)[::-1]
    assert is_whole(database)


def test_packing_again_adds_nothing(
    phone: Phone, order: Order, database: db.Database, pack: Pack
) -> None:
    phone.sync(*notes(phone, order(), 19))
    assert pack()["packs"] == 1
    for _ in range(2):
        assert pack() == {"packs": 0, "operations": 0, "altered": 0}
    assert in_rows(database) == list(range(11, 20))


def test_what_is_young_stays(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, pack: Pack
) -> None:
    phone.sync(*notes(phone, order(), 9))
    clock.advance(hours=1)
    phone.sync(*notes(phone, order(), 1))
    with database.unit_of_work() as session:
        now = clock.now() + dt.timedelta(days=30, seconds=-1)
        act = acts.system(district_id=crews.DISTRICT, now=now, job="pack")
        assert jobs.pack_receipts(session, act=act)["packs"] == 0
    assert pack()["packs"] == 1


def test_what_is_held_in_between_stays_and_comes_to_its_end(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, pack: Pack
) -> None:
    task_id = order()
    phone.sync(*notes(phone, task_id, 4), *notes(phone, "lost", 1), *notes(phone, task_id, 5))
    assert pack() == {"packs": 1, "operations": 9, "altered": 0}
    assert in_rows(database) == [5]
    order(task_id="lost")
    with database.unit_of_work() as session:
        now = clock.now() + dt.timedelta(minutes=2)
        act = acts.system(district_id=crews.DISTRICT, now=now, job="retry_held")
        assert jobs.run(session, act=act) == {"tried": 1, "applied": 1}
    phone.sync(*notes(phone, task_id, 10))
    assert pack() == {"packs": 1, "operations": 10, "altered": 0}
    assert in_rows(database) == [5]
    assert is_whole(database)


def test_bytes_that_are_not_what_their_receipt_says_are_counted_and_stay(
    phone: Phone, order: Order, database: db.Database, pack: Pack
) -> None:
    sent = notes(phone, order(), 20)
    phone.sync(*sent)
    altered = sent[6].replace(b"note 6", b"note 7")
    with database.unit_of_work() as session:
        session.execute(update(Receipt).where(Receipt.n == 7).values(wire=altered))
        session.execute(update(Receipt).where(Receipt.n == 8).values(wire=b""))
    assert pack() == {"packs": 1, "operations": 8, "altered": 2}
    assert pack() == {"packs": 1, "operations": 10, "altered": 0}
    assert in_rows(database) == [7]
    there = [row for row in rows(database) if row.n != 8]
    assert read(database, there) == [*sent[:6], altered, *sent[8:]]


def test_what_is_too_large_for_a_pack_stays(
    phone: Phone,
    order: Order,
    database: db.Database,
    pack: Pack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packs, "WIRE_BYTES_MAX", 1_000)
    task_id = order()
    large = phone.operation("task.note", task_id, {"text": "long " * 300})
    phone.sync(large, *notes(phone, task_id, 9))
    assert pack() == {"packs": 1, "operations": 9, "altered": 0}
    assert in_rows(database) == [1]
    assert read(database, rows(database))[0] == large
    assert is_whole(database)


def test_a_packed_number_answers_as_it_did_first(
    phone: Phone, order: Order, database: db.Database, pack: Pack
) -> None:
    sent = notes(phone, order(), 10)
    phone.sync(*sent)
    pack()
    answer = phone.sync(*sent)
    assert (answer["acked_through"], answer["outcomes"]) == (10, [])
    (outcome,) = phone.sync(sent[3].replace(b"note 3", b"note 4"))["outcomes"]
    assert outcome["code"] == "sequence-fork"
    following = notes(phone, order(), 1)
    assert phone.sync(*following)["acked_through"] == 11


def test_the_office_reads_packed_and_unpacked_in_one_list(
    phone: Phone,
    other_phone: Phone,
    order: Order,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    pack: Pack,
) -> None:
    mine, theirs = order(), order(crew_id="crew-2")
    for _ in range(5):
        phone.sync(*notes(phone, mine, 3))
        other_phone.sync(*notes(other_phone, theirs, 3))
    path = "/v1/sync/receipts?status=applied&limit=500"
    headers = sign_in(Role.SUPERVISOR)
    before = client.get(path, headers=headers).get_json()
    assert pack()["packs"] == 2
    assert client.get(path, headers=headers).get_json() == before
    assert [each["operation"]["n"] for each in before["items"]].count(1) == 2


@pytest.mark.rule("S37")
def test_a_run_that_dies_before_its_commit_leaves_everything_as_it_was(
    phone: Phone,
    order: Order,
    database: db.Database,
    database_url: str,
    clock: HandClock,
    pack: Pack,
) -> None:
    sent = notes(phone, order(), 10)
    phone.sync(*sent)
    at = (clock.now() + OLD).isoformat()
    command = [sys.executable, "-m", packer.__name__, database_url, at]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == "packed 10\n"
        dying.kill()
        dying.wait(WAIT_S)
    assert in_rows(database) == list(range(1, 11))
    with database.reading() as session:
        assert session.scalars(select(ReceiptPack)).all() == []
    assert pack() == {"packs": 1, "operations": 10, "altered": 0}
    assert read(database, rows(database)) == sent


def test_of_two_that_pack_at_once_one_does(
    phone: Phone, order: Order, database: db.Database, clock: HandClock, pack: Pack
) -> None:
    sent = notes(phone, order(), 10)
    phone.sync(*sent)
    second: list[dict[str, int]] = []
    other = threading.Thread(target=lambda: second.append(pack()))
    with database.unit_of_work() as session:
        act = acts.system(district_id=crews.DISTRICT, now=clock.now() + OLD, job="pack")
        first = jobs.pack_receipts(session, act=act)
        other.start()
        other.join(0.3)
        assert second == []
    other.join(WAIT_S)
    assert [first, *second] == [
        {"packs": 1, "operations": 10, "altered": 0},
        {"packs": 0, "operations": 0, "altered": 0},
    ]
    assert read(database, rows(database)) == sent


def test_a_device_whose_next_pack_has_no_last_receipt_is_left_alone(
    phone: Phone, other_phone: Phone, order: Order, database: db.Database, pack: Pack
) -> None:
    phone.sync(*notes(phone, order(), 10))
    other_phone.sync(*notes(other_phone, order(crew_id="crew-2"), 10))
    holed = rows(database)[9]
    with database.unit_of_work() as session:
        session.delete(holed)
    assert pack()["packs"] == 1
    assert pack()["packs"] == 0
    assert in_rows(database) == list(range(1, 10))


def test_a_pack_takes_nothing_from_beyond_its_numbers(
    phone: Phone, order: Order, database: db.Database, pack: Pack
) -> None:
    phone.sync(*notes(phone, order(), 12))
    holed = rows(database)[4]
    with database.unit_of_work() as session:
        session.delete(holed)
    assert pack()["operations"] == 9
    assert in_rows(database) == [11, 12]


def test_a_pack_that_is_damaged_is_noticed_by_whoever_reads_it(
    phone: Phone, order: Order, database: db.Database, pack: Pack
) -> None:
    phone.sync(*notes(phone, order(), 10))
    pack()
    for damaged in (b"", b"not a frame", packs.pack([]), packs.pack([(11, b"{}")])):
        with database.unit_of_work() as session:
            session.execute(update(ReceiptPack).values(wires=damaged))
        with pytest.raises(wires.WireLostError, match="receipt 1 of device"):
            read(database, rows(database))


def test_the_room_of_packed_bytes_is_used_again(
    phone: Phone, order: Order, database: db.Database, pack: Pack, database_kind: str
) -> None:
    task_id = order()
    for _ in range(4):
        phone.sync(*notes(phone, task_id, 500))
    before = used_bytes(database, database_kind)
    while pack()["packs"]:
        continue
    saved = before - used_bytes(database, database_kind)
    assert saved > 2_000 * 150


def used_bytes(database: db.Database, kind: str) -> int:
    """Tell what the database takes up, without what it can use again."""
    with database.unit_of_work() as session:
        if kind == "sqlite":
            connection = session.connection()
            pages, free = (
                connection.exec_driver_sql(f"PRAGMA {name}_count").scalar_one()
                for name in ("page", "freelist")
            )
            return int(4_096 * (pages - free))
        lengths = (func.sum(func.length(Receipt.wire)), func.sum(func.length(ReceiptPack.wires)))
        return sum(int(session.scalar(select(length)) or 0) for length in lengths)
