"""A small world from one seed: phones, a bad network, wrong clocks, an office; all else is real.

The network and the clocks are stand-ins; the handhelds, their stores, the application and its
database are the real ones. A seed replays.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import pathlib
import random
from collections.abc import Callable
from typing import Final

import flask
import httpx
from sqlalchemy import select

from api import db, ids
from api.feed import store as feed
from api.sync.models import Receipt
from api.tasks import service as orders
from field_sync import client, enrolment, fieldwork, view
from field_sync.store import outbox, uploads
from field_sync.store.connection import Store, open_store
from field_sync.store.outbox import Entry
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Fault, Network
from field_sync.transport import Transport
from schemas import readings, tasks
from schemas.crews import Role
from schemas.errors import Refused
from schemas.places import Fix
from schemas.rules.transitions import Kind
from tests.conftest import HandClock
from tests.makers import crews as crews_maker
from tests.makers import readings as readings_maker
from tests.makers import sites as sites_maker
from tests.makers import tasks as tasks_maker

ADDRESS: Final = "http://127.0.0.1"
DELAY_MAX_S: Final = 2.0
"""Longest way through the network, one way."""
ROUNDS_TO_SETTLE: Final = 3
TRIES: Final = 6
PEOPLE: Final = (("li", "crew-1"), ("chen", "crew-2"), ("wang", "crew-2"))
FIX: Final = Fix(
    lat_deg=sites_maker.LAT_DEG, lon_deg=sites_maker.LON_DEG, accuracy_m=6.0, age_s=1.0
)
_METERS: Final = tuple(f"M{number:04d}" for number in range(1, 7))


class Killed(BaseException):
    """The handheld's process ended in the middle of something."""


@dataclasses.dataclass(frozen=True)
class Done:
    """An act that a handheld said was saved, and when it truly happened."""

    device_id: str
    entry: Entry
    at: dt.datetime


class Phone:
    """One person's handheld, with its own store, clocks and signal."""

    def __init__(self, world: World, person_id: str, home: pathlib.Path, seed: int) -> None:
        self.world = world
        self.person_id = person_id
        self.home = home
        self.signal = True
        self.calm = False
        self.device_id = ""
        self.chance = random.Random(seed)
        slow = self.chance.choice([0.0, -7_200.0, 30.0, -1.5])
        self.edge = HandEdge(now=world.clock.now, fast_s=slow, seed=seed)
        self.line = Transport(
            httpx.Client(
                transport=Network(_Air(self), fault=self._fault), base_url=ADDRESS, timeout=5
            )
        )
        self.store = open_store(home)

    def enrol(self) -> None:
        """Enrol while the signal is good."""
        self.calm = True
        login = enrolment.Login(self.person_id, crews_maker.PASSWORD)
        enrolment.enrol(
            self.store, self.line, self.edge, server=ADDRESS, login=login, name=self.person_id
        )
        assert self.sync() is not None
        self.calm = False
        found = self.store.connection.execute("SELECT value FROM settings WHERE name = 'device'")
        self.device_id = str(found.fetchone()[0])

    def sync(self) -> client.Round | None:
        """Have one round; None when the process was killed in it."""
        try:
            return client.sync_now(self.store, self.line, self.edge)
        except Killed:
            self.store.close()
            self.store = open_store(self.home)
            return None

    def act(self) -> None:
        """Do something of a crew's day; what is refused is tried otherwise."""
        works = view.list_work(self.store)
        for _ in range(TRIES if works else 0):
            work = self.chance.choice(works)
            try:
                entry = self._do(work.task)
            except Refused:
                continue
            self.world.done.append(Done(self.device_id, entry, self.world.clock.now()))
            return

    def close(self) -> None:
        """Put the handheld away."""
        self.store.close()

    def _do(self, task: tasks.Task) -> Entry:
        if task.kind is Kind.route and self.chance.random() < 0.8:
            return self._at_a_meter(task.id)
        deed: Callable[[Store, HandEdge, str], Entry] = self.chance.choice(_DEEDS)
        if self.chance.random() < 0.2:
            path = self.home / "photo.bin"
            path.write_bytes(b"\xff\xd8\xff" + self.chance.randbytes(self.chance.randint(0, 9_000)))
            return fieldwork.photo(self.store, self.edge, task_id=task.id, path=path)
        return deed(self.store, self.edge, task.id)

    def _at_a_meter(self, route_id: str) -> Entry:
        stop = self.chance.choice(view.list_stops(self.store, route_id=route_id))
        if self.chance.random() < 0.2:
            code = self.chance.choice(list(readings.SkipCode))
            return fieldwork.skip(self.store, self.edge, stop_id=stop.id, code=code)
        total = decimal.Decimal(self.chance.randint(0, 10**stop.digits - 1))
        asked = fieldwork.prompts(self.store, stop_id=stop.id, total=total)
        confirmed = [prompt.code for prompt in asked]
        return fieldwork.read(
            self.store, self.edge, stop_id=stop.id, total=total, confirmed=confirmed
        )

    def _fault(self, _: httpx.Request) -> Fault:
        if self.calm:
            return Fault.NONE
        if not self.signal:
            return Fault.REQUEST_LOST
        weather = [Fault.NONE] * 6 + [Fault.REQUEST_LOST, Fault.ANSWER_LOST, Fault.DOUBLED]
        return self.chance.choice(weather)


class _Air(httpx.BaseTransport):
    """The way to the application: it takes time both ways, and processes die on it."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._app = httpx.WSGITransport(app=phone.world.app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        chance, clock = self._phone.chance, self._phone.world.clock
        clock.advance(seconds=chance.uniform(0, DELAY_MAX_S))
        response = self._app.handle_request(request)
        clock.advance(seconds=chance.uniform(0, DELAY_MAX_S))
        if not self._phone.calm and chance.random() < 0.03:
            raise Killed
        return response


_DEEDS: Final[tuple[Callable[[Store, HandEdge, str], Entry], ...]] = (
    lambda store, edge, task_id: fieldwork.accept(store, edge, task_id=task_id),
    lambda store, edge, task_id: fieldwork.set_out(store, edge, task_id=task_id),
    lambda store, edge, task_id: fieldwork.check_in(store, edge, task_id=task_id, fix=FIX).entry,
    lambda store, edge, task_id: fieldwork.start(store, edge, task_id=task_id),
    lambda store, edge, task_id: fieldwork.restored(store, edge, task_id=task_id),
    lambda store, edge, task_id: fieldwork.finish(store, edge, task_id=task_id, cause="fuse"),
    lambda store, edge, task_id: fieldwork.note(store, edge, task_id=task_id, text="a word"),
    lambda store, edge, task_id: fieldwork.return_(
        store, edge, task_id=task_id, reason=tasks_maker.REASON
    ),
    lambda store, edge, task_id: fieldwork.suspend(
        store, edge, task_id=task_id, reason=tasks_maker.REASON
    ),
    lambda store, edge, task_id: fieldwork.resume(store, edge, task_id=task_id),
)


class World:
    """Everybody and everything of one seed."""

    def __init__(
        self,
        seed: int,
        *,
        app: flask.Flask,
        database: db.Database,
        clock: HandClock,
        folder: pathlib.Path,
    ) -> None:
        """Build the district and hand out the phones."""
        self.app = app
        self.database = database
        self.clock = clock
        self.done: list[Done] = []
        self._chance = random.Random(seed)
        self._order_ids: list[str] = []
        self._people()
        self.phones = [
            Phone(self, person_id, folder / person_id, self._chance.randrange(10**9))
            for person_id, _ in PEOPLE
        ]
        for _ in range(3):
            self._new_order()
        for phone in self.phones:
            phone.enrol()

    def live(self, steps: int) -> None:
        """Let so many things happen, one after the other."""
        for _ in range(steps):
            self.clock.advance(seconds=self._chance.uniform(1, 300))
            phone = self._chance.choice(self.phones)
            happening = self._chance.choices(
                ["act", "sync", "office", "mishap"], weights=[12, 5, 2, 1]
            )[0]
            match happening:
                case "act":
                    phone.act()
                case "sync":
                    phone.sync()
                case "office":
                    self._office()
                case _:
                    self._mishap(phone)

    def settle(self) -> None:
        """Give everybody good signal until nothing is left to send.

        Raises:
            AssertionError: somebody never came to an end.
        """
        for phone in self.phones:
            phone.calm = True
        # Twice round, because one phone's last push is news to its crew's other phone.
        for phone in [*self.phones, *self.phones]:
            ended = [self._round(phone) for _ in range(ROUNDS_TO_SETTLE)][-1]
            assert ended.refused is None, (phone.person_id, ended)
            assert outbox.count_waiting(phone.store) == 0
            assert uploads.count_waiting(phone.store) == 0

    def receipts(self) -> list[Receipt]:
        """List every receipt that the server keeps."""
        with self.database.reading() as session:
            return list(session.scalars(select(Receipt).order_by(Receipt.device_id, Receipt.n)))

    def close(self) -> None:
        """Put everything away."""
        for phone in self.phones:
            phone.close()

    def _round(self, phone: Phone) -> client.Round:
        self.clock.advance(seconds=400)
        ended = phone.sync()
        assert ended is not None, "nobody is killed in good weather"
        return ended

    def _people(self) -> None:
        with self.database.unit_of_work() as session:
            for person_id, _ in PEOPLE:
                crews_maker.person(
                    session,
                    person_id=person_id,
                    roles=[Role.LINEMAN, Role.READER],
                    password=crews_maker.PASSWORD,
                )
            tasks_maker.district(session)
            for person_id, crew_id in PEOPLE:
                crews_maker.crew(session, crew_id=crew_id, member_ids=[person_id])
            feed.start_lineage(session, name=ids.new_id())
            for meter_id in _METERS:
                readings_maker.history(session, meter_id=meter_id)
            readings_maker.route(session, meter_ids=_METERS, person_id="wang")

    def _new_order(self) -> None:
        crew_id = self._chance.choice(["crew-1", "crew-2"])
        with self.database.unit_of_work() as session:
            made = tasks_maker.task(session, crew_id=crew_id, at=self.clock.now())
            self._order_ids.append(made.id)

    def _office(self) -> None:
        """Open, hand over, call off or call back an order; a refusal is part of it."""
        if self._chance.random() < 0.4:
            self._new_order()
            return
        task_id = self._chance.choice(self._order_ids)
        act = tasks_maker.of_office(at=self.clock.now())
        deed = self._chance.choice(["reassign", "cancel", "call_back"])
        try:
            with self.database.unit_of_work() as session:
                task = orders.get_to_change(session, act=act, task_id=task_id)
                if deed == "reassign":
                    crew_id = self._chance.choice(["crew-1", "crew-2"])
                    orders.reassign(
                        session,
                        act=act,
                        task=task,
                        crew_id=crew_id,
                        person_id=None,
                        why=tasks_maker.REASON,
                    )
                elif deed == "cancel":
                    orders.cancel(session, act=act, task=task, reason=tasks_maker.REASON)
                else:
                    result = tasks.CalledBack(result=tasks.Satisfaction.satisfied)
                    orders.call_back(session, act=act, task=task, result=result)
        except Refused:
            return

    def _mishap(self, phone: Phone) -> None:
        match self._chance.choice(["signal", "signal", "reboot", "set clock", "killed"]):
            case "signal":
                phone.signal = not phone.signal
            case "reboot":
                phone.edge.reboot()
            case "set clock":
                phone.edge.fast_s = self._chance.uniform(-86_400, 86_400)
            case _:
                phone.close()
                phone.store = open_store(phone.home)
