"""A contact that only pulls waits in memory; it may come late to the books, never early."""

from __future__ import annotations

from collections.abc import Iterator

import flask
import pytest
from sqlalchemy import func, select

from api import db
from api.crews.models import Device
from api.sync import lobby
from api.sync.models import DeviceContact
from tests.api.sync.conftest import Order
from tests.conftest import HandClock
from tests.makers.sync import Phone


@pytest.fixture
def waiting(app: flask.Flask) -> Iterator[lobby.Lobby]:
    """Give the lobby of a server that writes contacts when it is told to, or stops."""
    found: lobby.Lobby = app.extensions["lamplighter.lobby"]
    found.writer._every_s = 3_600
    found.writer.start()
    yield found
    found.writer.stop()


def contacts(database: db.Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(DeviceContact)).one()


def device(database: db.Database) -> Device:
    with database.reading() as session:
        return session.scalars(select(Device)).one()


@pytest.mark.rule("S34")
def test_a_pull_is_answered_before_its_contact_is_written(
    waiting: lobby.Lobby, phone: Phone, database: db.Database, clock: HandClock
) -> None:
    phone.sync()
    assert contacts(database) == 0
    waiting.write_all()
    assert contacts(database) == 1
    assert device(database).last_seen_at == device(database).covered_until == clock.now()


def test_a_push_has_its_devices_contacts_before_it_is_judged(
    waiting: lobby.Lobby, phone: Phone, database: db.Database, order: Order, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    clock.advance(seconds=60)
    phone.sync(phone.operation("task.accept", task_id))
    assert contacts(database) == 2


@pytest.mark.rule("S34")
def test_a_contact_that_comes_late_takes_nothing_back(
    waiting: lobby.Lobby, phone: Phone, database: db.Database, order: Order, clock: HandClock
) -> None:
    task_id = order()
    phone.sync()
    early, waiting._waiting = waiting._waiting, []
    clock.advance(seconds=60)
    phone.sync(phone.operation("task.accept", task_id))
    waiting._waiting = early
    waiting.write_all()
    assert contacts(database) == 2
    assert device(database).last_seen_at == clock.now()


def test_without_its_writer_a_contact_is_written_at_once(
    phone: Phone, database: db.Database
) -> None:
    phone.sync()
    assert contacts(database) == 1


def test_a_clean_stop_writes_what_waits(
    waiting: lobby.Lobby, phone: Phone, database: db.Database
) -> None:
    phone.sync()
    waiting.writer.stop()
    assert contacts(database) == 1


@pytest.mark.slow
def test_a_lobby_that_is_full_is_written(
    waiting: lobby.Lobby, phone: Phone, database: db.Database, clock: HandClock
) -> None:
    phone.sync()
    waiting._waiting *= lobby.WAITING_MAX - 1
    clock.advance(seconds=60)
    phone.sync()
    assert contacts(database) == 2
