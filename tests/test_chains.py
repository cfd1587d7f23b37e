"""Handhelds and servers that come back from backups, and copies that work on: real ones, all of it.

Whatever parts a handheld's chain from the server's, each act counts once and the chain is whole.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
import pathlib
from collections import Counter
from collections.abc import Iterator

import flask
import httpx
import msgspec
import pytest
from sqlalchemy import select

from api import backup, db, migrating
from api.app import create_app
from api.crews.models import Device
from api.feed import store as feed
from api.settings import Settings
from api.sync.models import Receipt
from api.tasks import service as orders
from field_sync import client, enrolment, errors, fieldwork, view
from field_sync.store import outbox
from field_sync.store.connection import Store, open_store
from field_sync.testing.edge import HandEdge
from field_sync.transport import Transport
from schemas import sync
from schemas.rules.transitions import State
from schemas.sync import Status
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import tasks as make
from tests.makers.copies import copy

ADDRESS = "http://127.0.0.1"


@dataclasses.dataclass
class Handheld:
    """A handheld, with a line to the application."""

    store: Store
    line: Transport
    edge: HandEdge
    clock: HandClock

    def sync(self) -> None:
        ended = client.sync_now(self.store, self.line, self.edge)
        assert ended.refused is None, ended
        assert outbox.count_waiting(self.store) == 0

    def note(self, *texts: str) -> None:
        for text in texts:
            fieldwork.note(self.store, self.edge, task_id="t1", text=text)

    def copied(self, to: pathlib.Path, *, seed: int) -> Handheld:
        """Copy it as it is; the copy runs on another phone, in a boot of its own."""
        edge = HandEdge(now=self.clock.now, seed=seed)
        for _ in range(seed):
            edge.reboot()
        return dataclasses.replace(self, store=copy(self.store, to=to), edge=edge)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast the working day."""
    return dataclasses.replace(settings, access_token_s=86_400)


@pytest.fixture
def handheld(
    app: flask.Flask, database: db.Database, clock: HandClock, tmp_path: pathlib.Path
) -> Iterator[Handheld]:
    """Enrol Li's handheld, with one order."""
    arrange(database)
    line = Transport(httpx.Client(transport=httpx.WSGITransport(app=app), base_url=ADDRESS))
    with line, contextlib.closing(open_store(tmp_path / "li")) as store:
        yield enrolled(Handheld(store, line, HandEdge(now=clock.now), clock))


def arrange(database: db.Database) -> None:
    with database.unit_of_work() as session:
        crews.person(session, person_id="li", password=crews.PASSWORD)
        make.task(session, task_id="t1")
        feed.start_lineage(session, name="lineage-1")


def enrolled(new: Handheld) -> Handheld:
    login = enrolment.Login("li", crews.PASSWORD)
    enrolment.enrol(new.store, new.line, new.edge, server=ADDRESS, login=login, name="li")
    new.sync()
    return new


def receipts(database: db.Database) -> list[Receipt]:
    with database.reading() as session:
        return list(session.scalars(select(Receipt).order_by(Receipt.n)))


def copied_at(database: db.Database) -> dt.datetime | None:
    with database.reading() as session:
        (device,) = session.scalars(select(Device))
        return device.copied_at


def operation(receipt: Receipt) -> sync.Operation:
    return msgspec.json.decode(receipt.wire, type=sync.Operation)


def texts(database: db.Database) -> list[str]:
    """List the notes that took effect, in the server's order; the chain holds and each is one."""
    kept = receipts(database)
    assert [receipt.n for receipt in kept] == list(range(1, len(kept) + 1))
    for before, after in itertools.pairwise(kept):
        assert operation(after).prev == before.sha256
    first = [each for each in kept if each.status != Status.DUPLICATE]
    assert set(Counter(each.operation_id for each in first).values()) <= {1}
    applied = [operation(each) for each in first if each.type == "task.note"]
    return [msgspec.json.decode(each.body)["text"] for each in applied]


def test_a_handheld_put_back_from_a_backup_goes_on_behind_what_it_forgot(
    handheld: Handheld, database: db.Database, tmp_path: pathlib.Path
) -> None:
    handheld.note("1")
    handheld.sync()
    handheld.note("2")
    restored = handheld.copied(tmp_path / "backup", seed=2)
    handheld.note("3")
    handheld.sync()
    restored.note("4", "5")
    restored.sync()
    assert texts(database) == ["1", "2", "3", "4", "5"]
    restored.note("6")
    restored.sync()
    assert texts(database)[-1] == "6"
    restored.store.close()


def test_a_clock_of_one_copy_is_not_taken_for_the_others_across_a_reboot(
    handheld: Handheld, database: db.Database, clock: HandClock, tmp_path: pathlib.Path
) -> None:
    clone = handheld.copied(tmp_path / "clone", seed=1)
    clone.edge.fast_s = 7_200
    for _ in range(2):
        for each in (handheld, clone):
            clock.advance(minutes=5)
            each.sync()
    clock.advance(minutes=1)
    did_at = clock.now()
    handheld.note("before the reboot")
    for _ in range(4):
        handheld.edge.reboot()
    clock.advance(minutes=1)
    clone.sync()
    clock.advance(minutes=1)
    handheld.sync()
    (receipt,) = receipts(database)
    assert abs((receipt.happened_at - did_at).total_seconds()) <= max(receipt.error_s, 1)
    clone.store.close()


def test_two_copies_of_a_handheld_both_land_everything(
    handheld: Handheld, database: db.Database, clock: HandClock, tmp_path: pathlib.Path
) -> None:
    clone = handheld.copied(tmp_path / "clone", seed=1)
    for turn in range(3):
        for each, name in ((handheld, "a"), (clone, "b")):
            each.note(f"{turn}{name}1", f"{turn}{name}2")
            clock.advance(minutes=5)
        for each in (handheld, clone):
            each.sync()
            clock.advance(minutes=5)
    wanted = sorted(f"{turn}{name}{n}" for turn in range(3) for name in "ab" for n in (1, 2))
    assert sorted(texts(database)) == wanted
    assert {entry.status for entry in outbox.list_kept(clone.store)} == {Status.APPLIED}
    assert copied_at(database) is not None, "the office sees that it is two phones"
    clone.store.close()


def test_what_became_of_an_operation_is_told_again_under_its_new_number(
    handheld: Handheld, database: db.Database, clock: HandClock, tmp_path: pathlib.Path
) -> None:
    clone = handheld.copied(tmp_path / "clone", seed=1)
    fieldwork.accept(handheld.store, handheld.edge, task_id="t1")
    cancel(database, clock)
    restored = handheld.copied(tmp_path / "backup", seed=2)
    clone.note("first")
    clone.sync()
    handheld.sync()
    (refused,) = outbox.list_exceptions(handheld.store)
    restored.note("more")
    restored.sync()
    again = outbox.list_exceptions(restored.store)[0]
    assert (again.id, again.status, again.code) == (refused.id, refused.status, refused.code)
    assert again.words == refused.words
    assert texts(database) == ["first", "more"]
    for each in (clone, restored):
        each.store.close()


def cancel(database: db.Database, clock: HandClock) -> None:
    with database.unit_of_work() as session:
        act = make.of_office(at=clock.now())
        task = orders.get_to_change(session, act=act, task_id="t1")
        orders.cancel(session, act=act, task=task, reason=make.REASON)


def test_an_act_of_one_copy_is_not_pushed_behind_the_acts_of_the_other(
    handheld: Handheld, database: db.Database, clock: HandClock, tmp_path: pathlib.Path
) -> None:
    clone = handheld.copied(tmp_path / "clone", seed=1)
    clock.advance(minutes=5)
    did_at = clock.now()
    handheld.note("early")
    clock.advance(hours=3)
    clone.note("late")
    clone.sync()
    clock.advance(minutes=5)
    handheld.sync()
    early = next(each for each in receipts(database) if operation(each).rebased)
    assert abs((early.happened_at - did_at).total_seconds()) <= max(early.error_s, 1)
    assert not early.clock_suspect
    clone.store.close()


@pytest.mark.rule("H4")
@pytest.mark.slow
def test_a_server_put_back_from_its_own_backup_takes_the_outbox_and_what_it_forgot(
    tmp_path: pathlib.Path, clock: HandClock
) -> None:
    first = Settings(data_dir=tmp_path / "first", access_token_s=86_400)
    first.data_dir.mkdir()
    with serving(first, clock) as (app, database):
        migrating.upgrade(database)
        arrange(database)
        phone = enrolled(
            Handheld(open_store(tmp_path / "li"), line_to(app), HandEdge(now=clock.now), clock)
        )
        phone.note("1", "2")
        phone.sync()
        backup.make(first, tmp_path / "monday.tar", progress=lambda _done, _whole: None)
        fieldwork.accept(phone.store, phone.edge, task_id="t1")
        phone.note("3")
        phone.sync()
    phone.note("4")
    second = dataclasses.replace(first, data_dir=tmp_path / "second")
    backup.restore(second, tmp_path / "monday.tar")
    with serving(second, clock) as (app, database):
        phone.line = line_to(app)
        phone.sync()
        assert texts(database) == ["1", "2", "3", "4"]
        assert view.get_work(phone.store, task_id="t1").task.state is State.accepted
        phone.sync()
    phone.store.close()


@pytest.mark.rule("H9")
@pytest.mark.slow
def test_a_handheld_enrolled_after_the_backup_signs_in_and_is_the_same_device(
    tmp_path: pathlib.Path, clock: HandClock
) -> None:
    """World seeds 20065 and 20076: it was signed out for ever, with its work on it."""
    first = Settings(data_dir=tmp_path / "first", access_token_s=86_400)
    first.data_dir.mkdir()
    with serving(first, clock) as (app, database):
        migrating.upgrade(database)
        arrange(database)
        backup.make(first, tmp_path / "monday.tar", progress=lambda _done, _whole: None)
        phone = enrolled(
            Handheld(open_store(tmp_path / "li"), line_to(app), HandEdge(now=clock.now), clock)
        )
        phone.note("1")
        phone.sync()
    phone.note("2")
    second = dataclasses.replace(first, data_dir=tmp_path / "second")
    backup.restore(second, tmp_path / "monday.tar")
    with serving(second, clock) as (app, database):
        phone.line = line_to(app)
        ended = client.sync_now(phone.store, phone.line, phone.edge)
        assert isinstance(ended.refused, errors.SignedOut)
        login = enrolment.Login("li", crews.PASSWORD)
        enrolment.sign_in(phone.store, phone.line, phone.edge, login=login)
        phone.sync()
        assert texts(database) == ["1", "2"]
    phone.store.close()


@contextlib.contextmanager
def serving(settings: Settings, clock: HandClock) -> Iterator[tuple[flask.Flask, db.Database]]:
    database = db.Database(settings.url)
    try:
        yield create_app(settings, database=database, clock=clock), database
    finally:
        database.close()


def line_to(app: flask.Flask) -> Transport:
    return Transport(httpx.Client(transport=httpx.WSGITransport(app=app), base_url=ADDRESS))
