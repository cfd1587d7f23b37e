"""One device's pushes at the same moment, out of order and twice: each operation has one effect."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import itertools
import random
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import flask
import msgspec
import pytest

from api import db
from api.sync.models import Receipt
from api.tasks import service as tasks
from schemas import sync
from tests.api.sync.conftest import Order
from tests.api.sync.test_stories import FIX
from tests.conftest import NOW, HandClock
from tests.makers import crews
from tests.makers import tasks as make
from tests.makers.sync import Phone

Json = dict[str, Any]
COUNT = 40
ROUNDS = 5
_LOOKING = threading.Lock()


class TickingClock(HandClock):
    """A clock that goes on by `tick` whenever somebody looks at it."""

    tick = dt.timedelta()

    def now(self) -> dt.datetime:
        """Tell the instant, and move on."""
        with _LOOKING:
            present = super().now()
            self.set(present + self.tick)
        return present


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock(NOW)


def send_at_once(app: flask.Flask, phone: Phone, batches: Sequence[Sequence[bytes]]) -> list[Json]:
    """Push batches of one device, each by a client of its own, as nearly at once as can be."""
    start = threading.Barrier(len(batches))

    def push(batch: Sequence[bytes]) -> Json:
        body = phone.request(batch)
        client = app.test_client()
        start.wait(timeout=10)
        answer = client.post("/v1/sync", data=body, headers=phone.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    with concurrent.futures.ThreadPoolExecutor(len(batches)) as pool:
        return list(pool.map(push, batches, timeout=60))


def require_true(answer: Json, batch: Sequence[bytes]) -> None:
    """Hold an answer against what it was asked: settled, or beyond a gap and still the phone's."""
    pushed = [msgspec.json.decode(wire)["n"] for wire in batch]
    gaps = [each["n"] for each in answer["outcomes"]]
    assert {each["code"] for each in answer["outcomes"]} <= {"sequence-gap"}
    assert gaps == [n for n in pushed if n > answer["acked_through"]]


def effects(database: db.Database, task_id: str) -> tuple[list[str], list[tuple[str, int]]]:
    """Tell the notes on an order's timeline in their order, and the receipts with their numbers."""
    with database.reading() as session:
        moments = tasks.list_moments(
            session, district_id=crews.DISTRICT, task_id=task_id, after_number=0, limit=1_000
        )
        receipts = session.query(Receipt).order_by(Receipt.n).all()
        kept = [(row.operation_id, row.n) for row in receipts]
        assert {row.status for row in receipts} == {sync.Status.APPLIED}
        assert (
            tasks.verify_timeline(session, district_id=crews.DISTRICT, task_id=task_id).broken_at
            is None
        )
    return [moment.id for moment in moments if moment.event == "note"], kept


@pytest.mark.rule("S36")
@pytest.mark.parametrize(
    "spans",
    [[(0, COUNT)] * 2, [(0, COUNT)] * 4, [(0, 30), (0, COUNT)], [(0, 30), (10, COUNT)]],
    ids=["the same twice", "the same four times", "one begins the other", "they overlap"],
)
@pytest.mark.parametrize("tick_ms", [0, 1], ids=["in one instant", "one after the other"])
def test_pushes_of_one_device_at_once_settle_each_operation_once(
    app: flask.Flask,
    phone: Phone,
    order: Order,
    database: db.Database,
    clock: TickingClock,
    spans: list[tuple[int, int]],
    tick_ms: int,
) -> None:
    clock.tick = dt.timedelta(milliseconds=tick_ms)
    task_id = order()
    made: list[bytes] = []
    for count in range(1, ROUNDS + 1):
        new = [phone.operation("task.note", task_id, {"text": str(n)}) for n in range(COUNT)]
        made += new
        batches = [new[start:end] for start, end in spans]
        for answer, batch in zip(send_at_once(app, phone, batches), batches, strict=True):
            require_true(answer, batch)
        assert phone.sync(*new)["acked_through"] == count * COUNT  # a gap's rest comes again
    ids = [msgspec.json.decode(wire)["id"] for wire in made]
    notes, receipts = effects(database, task_id)
    assert notes == ids
    assert receipts == list(zip(ids, itertools.count(1)))


def day(phone: Phone, clock: HandClock, task_id: str) -> list[bytes]:
    """Do a day's work without signal, one act that the order's life does not allow among it."""
    done = [phone.operation("task.accept", task_id)]
    steps: list[tuple[str, Json]] = [
        ("task.suspend", {"reason": "waits for the pump of the fire brigade"}),
        ("task.resume", {}),
        ("task.set_out", {}),
        ("repair.restored", {}),  # nobody has arrived
        ("checkin.record", {"fix": FIX, "verdict": "inside"}),
        ("task.note", {"text": "the fuse box is under water"}),
        ("evidence.declare", {"sha256": "ab" * 32, "size_bytes": 9, "media_type": "image/jpeg"}),
        ("task.start", {}),
        ("task.amend", {"contact": {"saw": "", "set": "the porter, gate 2"}}),
        ("repair.restored", {}),
        ("task.note", {"text": "light since noon"}),
        ("task.finish", {"cause": "blown fuse"}),
    ]
    for kind, body in steps:
        clock.advance(minutes=7)
        done.append(phone.operation(kind, task_id, body))
    clock.advance(minutes=7)
    return done


def cut(draw: random.Random, operations: Sequence[bytes]) -> list[list[bytes]]:
    """Cut operations into batches, in their order."""
    places = sorted(draw.sample(range(1, len(operations)), k=draw.randint(1, 5)))
    edges = [0, *places, len(operations)]
    return [list(operations[start:end]) for start, end in itertools.pairwise(edges)]


def deliveries(draw: random.Random, operations: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Give batches of two cuts in any order, shuffled within; then the whole, as a phone would."""
    batches = [*cut(draw, operations), *cut(draw, operations)]
    for batch in draw.sample(batches, k=len(batches)):
        yield draw.sample(batch, k=len(batch))
    for _ in range(2):
        yield draw.sample(operations, k=len(operations))


def near(at: dt.datetime | None) -> dt.datetime | None:
    """Round an instant to the second: what is known of a clock moves it by less."""
    return at and (at + dt.timedelta(seconds=0.5)).replace(microsecond=0)


def end_state(database: db.Database, phone: Phone, task_id: str) -> Json:
    """Tell all that a day came to, without the names that differ from one order to the next."""
    with database.reading() as session:
        task = tasks.get_task(
            session, act=make.of_office(at=phone.clock.now()), task_id=task_id
        ).wire()
        moments = tasks.list_moments(
            session, district_id=crews.DISTRICT, task_id=task_id, after_number=0, limit=100
        )
        receipts = session.query(Receipt).filter(Receipt.subject_id == task_id).order_by(Receipt.n)
        kept = [(row.n, row.type, row.status, row.code, near(row.happened_at)) for row in receipts]
    return {
        "task": (
            task.state,
            task.version,
            task.contact,
            near(task.state_at),
            task.evidence_missing,
        ),
        "clocks": [
            (clock.kind, near(clock.due_at), near(clock.stopped_at)) for clock in task.clocks
        ],
        "moments": [
            (each.number, each.event, each.state, near(each.happened_at), each.remark)
            for each in moments
        ],
        "receipts": kept,
    }


@pytest.mark.rule("S36")
@pytest.mark.parametrize("seed", range(8))
def test_batches_in_any_order_and_twice_end_as_the_straight_way_does(
    phone: Phone,
    other_phone: Phone,
    order: Order,
    database: db.Database,
    clock: HandClock,
    seed: int,
) -> None:
    straight, shuffled = order(), order(crew_id="crew-2")
    begun_at = clock.now()
    phone.sync()
    other_phone.sync()
    mine = day(phone, clock, straight)
    clock.set(begun_at)
    theirs = day(other_phone, clock, shuffled)
    assert phone.sync(*mine)["acked_through"] == len(mine)
    heard: dict[int, str] = {}
    for batch in deliveries(random.Random(seed), theirs):
        answer = other_phone.sync(*batch)
        final = {
            each["n"]: each["code"]
            for each in answer["outcomes"]
            if each["n"] <= answer["acked_through"]
        }
        assert all(heard.setdefault(n, code) == code for n, code in final.items())
    assert other_phone.sync()["acked_through"] == len(theirs)
    assert heard == {5: "illegal-move"}
    assert end_state(database, other_phone, shuffled) == end_state(database, phone, straight)
