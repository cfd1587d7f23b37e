"""Whatever network, clocks and office do: each act counts once, and all see the same."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import flask
import msgspec
import pytest

from api import db
from api.app import equip
from api.settings import Settings
from field_sync import view
from field_sync.store import outbox, records, settings
from field_sync.store.settings import Name
from schemas import readings, sync, tasks
from schemas.base import decode
from tests.conftest import NOW, HandClock
from tests.world import Phone, World

STEPS = 120
QUICK = range(1, 2)
MANY = range(100, 106)


@pytest.fixture
def lived(
    request: pytest.FixtureRequest,
    app: flask.Flask,
    database: db.Database,
    clock: HandClock,
    tmp_path: pathlib.Path,
) -> Iterator[World]:
    """Live through a seed and let everything settle."""
    world = World(request.param, app=app, database=database, clock=clock, folder=tmp_path)
    world.live(STEPS)
    world.settle()
    yield world
    world.close()


def check(world: World) -> None:
    every_act_has_one_receipt(world)
    every_phone_knows_what_became_of_its_acts(world)
    every_act_happened_when_it_happened(world)
    for phone in world.phones:
        a_phone_holds_what_a_new_one_would_get(phone)
        the_view_is_the_record(phone)


@pytest.mark.parametrize("lived", QUICK, indirect=True)
def test_every_act_counts_once_and_all_see_the_same(lived: World) -> None:
    check(lived)


@pytest.mark.slow
@pytest.mark.parametrize("lived", MANY, indirect=True)
def test_every_act_counts_once_and_all_see_the_same_for_many_seeds(lived: World) -> None:
    check(lived)


def every_act_has_one_receipt(world: World) -> None:
    said = sorted(
        (done.device_id, done.entry.n, done.entry.id, done.entry.hash) for done in world.done
    )
    kept = [(each.device_id, each.n, each.operation_id, each.sha256) for each in world.receipts()]
    assert len(said) > STEPS / 4, "a world where nothing happens proves nothing"
    assert kept == said


def every_phone_knows_what_became_of_its_acts(world: World) -> None:
    told = {
        (phone.device_id, entry.n): (entry.status, entry.code)
        for phone in world.phones
        for entry in outbox.list_exceptions(phone.store)
    }
    settled = {
        (each.device_id, each.n): (sync.Status(each.status), each.code)
        for each in world.receipts()
        if each.status != sync.Status.APPLIED
    }
    assert told == settled


def every_act_happened_when_it_happened(world: World) -> None:
    true = {(done.device_id, done.entry.n): done.at for done in world.done}
    for receipt in world.receipts():
        if not receipt.clock_suspect:
            wrong_s = (receipt.happened_at - true[receipt.device_id, receipt.n]).total_seconds()
            assert abs(wrong_s) <= receipt.error_s, (receipt.n, wrong_s)


def a_phone_holds_what_a_new_one_would_get(phone: Phone) -> None:
    assert phone.sync() is not None  # with a token that is fresh
    token = settings.find(phone.store, Name.ACCESS_TOKEN)
    assert token is not None
    moment = phone.edge.moment()
    contact = sync.Contact(device_at=moment.wall, mono_ms=moment.mono_ms, boot=moment.boot)
    snapshot = phone.line.sync(sync.SyncRequest(contact=contact, changes_max=20_000), token=token)
    assert not snapshot.more
    fresh = {
        (each.audience, change.entity, change.id): bytes(change.put)
        for each in snapshot.feeds
        for change in each.changes
        if isinstance(change.put, msgspec.Raw)
    }
    rows = phone.store.connection.execute("SELECT audience, entity, id, body FROM records")
    assert {tuple(row[:3]): row[3] for row in rows} == fresh


def the_view_is_the_record(phone: Phone) -> None:
    for work in view.list_work(phone.store):
        body = records.find(phone.store, entity=view.TASK, id=work.task.id)
        assert body is not None
        assert (work.task, work.unsent) == (decode(body, tasks.Task), 0)
        for stop in view.list_stops(phone.store, route_id=work.task.id):
            kept = records.find(phone.store, entity=view.STOP, id=stop.id)
            assert kept is not None
            assert stop == decode(kept, readings.Stop)


@pytest.mark.slow
def test_a_seed_replays(doors: flask.Flask, tmp_path: pathlib.Path) -> None:
    stories = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        clock = HandClock(NOW)
        database = db.Database(f"sqlite:///{folder / 'lamplighter.db'}")
        db.Base.metadata.create_all(database.engine)
        equip(doors, Settings(data_dir=folder), database=database, clock=clock)
        world = World(7, app=doors, database=database, clock=clock, folder=folder)
        world.live(60)
        stories.append([(done.entry.n, done.entry.type, done.at) for done in world.done])
        world.close()
        database.close()
    assert stories[0] == stories[1]
    assert stories[0]
