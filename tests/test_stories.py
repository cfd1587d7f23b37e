"""Stories of two crews with real handhelds and a real server: what each of them sees in the end."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
from collections.abc import Callable, Iterator

import flask
import httpx
import pytest

from api import acts, db
from api.feed import store as feed
from api.settings import Settings
from api.sync import jobs
from api.tasks import service as orders
from field_sync import client, enrolment, errors, fieldwork, messages, view
from field_sync.store import outbox, records
from field_sync.store.connection import Store, open_store
from field_sync.testing.edge import HandEdge
from field_sync.transport import Transport
from schemas.messages import MessageKind
from schemas.places import Fix
from schemas.rules.transitions import State
from schemas.sync import Status
from tests.conftest import HandClock
from tests.makers import crews, sites
from tests.makers import handheld as maker
from tests.makers import tasks as make

ADDRESS = "http://127.0.0.1"
AWAY = "crew 1 is cut off by the flood"
FIX = Fix(lat_deg=sites.LAT_DEG, lon_deg=sites.LON_DEG, accuracy_m=6.0, age_s=1.0)


@dataclasses.dataclass
class Handheld:
    """One person's handheld, enrolled, with a line to the application."""

    store: Store
    line: Transport
    edge: HandEdge

    def sync(self) -> None:
        assert client.sync_now(self.store, self.line, self.edge).refused is None

    def state(self, task_id: str) -> State:
        return view.get_work(self.store, task_id=task_id).task.state

    def work(self, task_id: str, clock: HandClock) -> None:
        """Do the whole job without signal."""
        fieldwork.accept(self.store, self.edge, task_id=task_id)
        clock.advance(minutes=30)
        fieldwork.check_in(self.store, self.edge, task_id=task_id, fix=FIX)
        clock.advance(minutes=20)
        fieldwork.restored(self.store, self.edge, task_id=task_id)
        fieldwork.finish(self.store, self.edge, task_id=task_id, cause="blown fuse")

    def kinds(self) -> list[MessageKind]:
        return [each.message.kind for each in messages.list_messages(self.store)]

    def exceptions(self) -> list[tuple[Status | None, str]]:
        return [(entry.status, entry.code) for entry in outbox.list_exceptions(self.store)]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast the working day."""
    return dataclasses.replace(settings, access_token_s=86_400)


@pytest.fixture
def handheld(
    app: flask.Flask, database: db.Database, clock: HandClock, tmp_path: pathlib.Path
) -> Iterator[Callable[[str], Handheld]]:
    """Enrol people's handhelds."""
    with database.unit_of_work() as session:
        for person_id in ("li", "chen"):
            crews.person(session, person_id=person_id, password=crews.PASSWORD)
        make.task(session, task_id="t1")
        feed.start_lineage(session, name="lineage-1")
    given: list[Handheld] = []
    lines = contextlib.ExitStack()

    def enrolled(person_id: str) -> Handheld:
        http = httpx.Client(transport=httpx.WSGITransport(app=app), base_url=ADDRESS)
        edge = HandEdge(now=clock.now, seed=len(given))
        new = Handheld(open_store(tmp_path / person_id), Transport(http), edge)
        given.append(new)
        login = enrolment.Login(person_id, crews.PASSWORD)
        enrolment.enrol(new.store, new.line, edge, server=ADDRESS, login=login, name=person_id)
        new.sync()
        return new

    with lines:
        yield enrolled
    for each in given:
        each.store.close()


def reassign(database: db.Database, clock: HandClock, *, to: str = "crew-2") -> None:
    with database.unit_of_work() as session:
        act = make.of_office(at=clock.now())
        task = orders.get_to_change(session, act=act, task_id="t1")
        orders.reassign(session, act=act, task=task, crew_id=to, person_id=None, why=AWAY)


@pytest.mark.rule("S19")
def test_a_crew_that_did_the_work_without_signal_has_it_and_the_other_is_released(
    handheld: Callable[[str], Handheld], database: db.Database, clock: HandClock
) -> None:
    li, chen = handheld("li"), handheld("chen")
    li.work("t1", clock)
    assert li.state("t1") is State.finished
    reassign(database, clock)
    chen.sync()
    fieldwork.accept(chen.store, chen.edge, task_id="t1")
    assert (chen.state("t1"), chen.kinds()) == (State.accepted, [MessageKind.GIVEN])
    clock.advance(minutes=5)
    li.sync()
    assert li.state("t1") is State.finished
    assert view.get_work(li.store, task_id="t1").task.crew_id == "crew-1"
    assert (Status.MERGED, "work-counted") in li.exceptions()
    assert li.kinds() == [MessageKind.RELEASED]
    chen.sync()
    assert chen.kinds()[0] is MessageKind.DONE_BY_ANOTHER
    with pytest.raises(errors.NotOnPhone):
        view.get_work(chen.store, task_id="t1")
    assert outbox.count_waiting(chen.store) == 0


@pytest.mark.rule("S19")
def test_a_crew_at_the_site_sees_the_light_that_another_brought_back_and_ends_the_order(
    handheld: Callable[[str], Handheld], database: db.Database, clock: HandClock
) -> None:
    li, chen = handheld("li"), handheld("chen")
    reassign(database, clock)
    chen.sync()
    fieldwork.check_in(chen.store, chen.edge, task_id="t1", fix=FIX)
    chen.sync()
    clock.advance(minutes=1)
    li.work("t1", clock)
    li.sync()
    with pytest.raises(errors.NotOnPhone):
        li.state("t1")
    chen.sync()
    assert chen.state("t1") is State.restored
    assert chen.kinds()[0] is MessageKind.RESTORED_BY_ANOTHER
    fieldwork.finish(chen.store, chen.edge, task_id="t1", cause="blown fuse")
    chen.sync()
    assert (chen.state("t1"), chen.exceptions()) == (State.finished, [])


@pytest.mark.rule("S19")
def test_an_order_called_off_leaves_the_handheld_with_a_word(
    handheld: Callable[[str], Handheld], database: db.Database, clock: HandClock
) -> None:
    li = handheld("li")
    li.work("t1", clock)
    with database.unit_of_work() as session:
        act = make.of_office(at=clock.now())
        orders.cancel(
            session,
            act=act,
            task=orders.get_to_change(session, act=act, task_id="t1"),
            reason="the customer found his own fuse",
        )
    clock.advance(minutes=5)
    li.sync()
    assert li.kinds() == [MessageKind.CANCELLED]
    assert (Status.MERGED, "cancelled-meanwhile") in li.exceptions()
    with pytest.raises(errors.NotOnPhone):
        li.state("t1")


def test_work_on_an_order_that_the_server_lost_waits_and_is_settled_when_it_is_back(
    handheld: Callable[[str], Handheld], database: db.Database, clock: HandClock
) -> None:
    li = handheld("li")
    known_before = maker.feed("crew:crew-1", ("task", maker.task("lost")))
    with li.store.writing():
        cursor = records.cursor(li.store)
        assert cursor is not None
        records.apply_page(li.store, feeds=[known_before], dropped=[], cursor=cursor, more=False)
    fieldwork.accept(li.store, li.edge, task_id="lost")
    li.sync()
    assert li.exceptions() == [(Status.HELD, "waits-for-order")]
    assert li.state("lost") is State.accepted  # it is still ours to show
    with database.unit_of_work() as session:
        make.task(session, task_id="lost", at=clock.now())
    clock.advance(minutes=2)
    with database.unit_of_work() as session:
        jobs.run(session, act=acts.system(district_id=make.DISTRICT, now=clock.now(), job="j"))
    li.sync()
    assert li.exceptions() == []
    assert li.state("lost") is State.accepted
    assert view.get_work(li.store, task_id="lost").task.version > 1
