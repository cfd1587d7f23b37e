from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import flask.testing
import pytest

from api import db, ids
from api.crews.models import CrewMember
from api.feed import store as feed
from api.promises import jobs
from api.settings import Settings
from schemas.crews import Role
from schemas.rules.transitions import State
from tests.conftest import HandClock
from tests.makers import crews, promises, sites
from tests.makers import tasks as work
from tests.makers.customer_promises import Desk
from tests.makers.sync import Phone

At = Callable[[float], None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast the stories."""
    return dataclasses.replace(settings, access_token_s=86_400)


@pytest.fixture
def grounds(database: db.Database) -> None:
    """Make an order on its way to its site, and one that nobody has."""
    with database.unit_of_work() as session:
        work.task(session, task_id="t1", state=State.en_route)
        work.task(session, task_id="t2", state=State.reported)
        feed.start_lineage(session, name=ids.new_id())
        sites.service_point(session, service_point_id="p1")


@pytest.fixture
def desk(client: flask.testing.FlaskClient, sign_in: crews.SignIn, grounds: None) -> Desk:
    return Desk(client, sign_in(Role.DISPATCHER))


@pytest.fixture
def phone(
    client: flask.testing.FlaskClient, sign_in: crews.SignIn, clock: HandClock, grounds: None
) -> Phone:
    """Give Li, whose crew has the order, a phone."""
    return Phone(client, sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1"), clock)


@pytest.fixture
def mate(
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
    database: db.Database,
    grounds: None,
) -> Phone:
    """Give Li's mate a phone."""
    with database.unit_of_work() as session:
        crews.person(session, person_id="wu")
        session.add(CrewMember(district_id=work.DISTRICT, crew_id="crew-1", person_id="wu"))
    return Phone(client, sign_in(Role.LINEMAN, person_id="wu", crew_id="crew-1"), clock)


@pytest.fixture
def at(clock: HandClock, database: db.Database) -> At:
    """Let it be so many hours after 08:00, and the job look."""

    def pass_to(hours: float) -> None:
        then = work.NOW + dt.timedelta(hours=hours)
        clock.set(then)
        with database.unit_of_work() as session:
            jobs.run(session, act=promises.job(at=clock.now()))

    return pass_to
