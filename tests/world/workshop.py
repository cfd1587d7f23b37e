"""What every seed of a process shares: the doors, a ground, and the stage that each begins on.

The stage is a district with people, crews, meters and a route, and handhelds enrolled by the real
application; it is set once, and copied for each seed.
"""

from __future__ import annotations

import pathlib
import shutil
from typing import Final

import argon2
import flask
from sqlalchemy.orm import Session

import api.models  # noqa: F401 - every table must be known before they are made
from api import db
from api.feed import store as feed
from api.readings import service as readings
from schemas import readings as shapes
from schemas.crews import Role
from tests.conftest import NOW, HandClock
from tests.makers import crews as crews_maker
from tests.makers import readings as readings_maker
from tests.makers import tasks as tasks_maker
from tests.world.ground import Ground
from tests.world.handset import Handset
from tests.world.journal import Journal
from tests.world.office import Office
from tests.world.server import Server

PEOPLE: Final = (("li", "crew-1"), ("chen", "crew-2"), ("wang", "crew-2"))
_ORDERS: Final = 3
_METERS: Final = tuple(f"M{number:04d}" for number in range(1, 5))
_QUICK: Final = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Signing in is not what a world proves; nobody is to wait for it."""


class Workshop:
    """The doors, a ground and the stage."""

    def __init__(self, app: flask.Flask, ground: Ground, folder: pathlib.Path) -> None:
        """Set the stage; `order_ids` are the orders that stand on it.

        Args:
            app: the application; its parts are exchanged for each seed.
            ground: where its database is.
            folder: for the handhelds' homes and the evidence.
        """
        self.app = app
        self.ground = ground
        self._stage = folder / "stage"
        self._live = folder / "live"
        self._set_stage()

    def homes(self) -> pathlib.Path:
        """Lay out the handhelds' homes as every seed begins, and nothing else."""
        shutil.rmtree(self._live, ignore_errors=True)
        shutil.copytree(self._stage, self._live)
        return self._live

    def _set_stage(self) -> None:
        clock = HandClock(NOW)
        journal = Journal(clock)
        self._stage.mkdir()
        database = self.ground.reopen()
        db.Base.metadata.create_all(database.engine)
        self.ground.keep_stage()
        server = Server(
            self.app, self.ground, folder=self._stage, journal=journal, clock=clock, seed=0
        )
        server.work(lambda session: _people(session, server))
        office = Office(server, journal=journal, seed=0)
        for _ in range(_ORDERS):
            office.open_order()
        self.order_ids = office.order_ids
        for person_id, _ in PEOPLE:
            phone = Handset(
                person_id,
                self._stage / person_id,
                server,
                clock=clock,
                journal=journal,
                seed=0,
            )
            phone.enrol()
            phone.close()
        self.ground.keep_stage()


def _people(session: Session, server: Server) -> None:
    """Make everybody, and a route of meters for one of them."""
    for person_id, _ in PEOPLE:
        person = crews_maker.person(session, person_id=person_id, roles=[Role.LINEMAN, Role.READER])
        person.password_hash = _QUICK.hash(crews_maker.PASSWORD)
    tasks_maker.district(session)
    for person_id, crew_id in PEOPLE:
        crews_maker.crew(session, crew_id=crew_id, member_ids=[person_id])
    feed.start_lineage(session, name=server.new_id())
    for meter_id in _METERS:
        readings_maker.history(session, meter_id=meter_id)
    draft = shapes.RouteDraft(
        name="灵山 3 号线", meter_ids=list(_METERS), person_id="wang", crew_id=None, planned_at=NOW
    )
    act = tasks_maker.of_office(new_id=server.new_id)
    readings.plan_route(session, act=act, draft=draft)
