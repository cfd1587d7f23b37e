from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import flask.testing
import pytest

from api import db
from api.crews.models import Shift
from api.promises import jobs
from api.settings import Settings
from schemas.crews import Role
from schemas.rules.transitions import State
from tests.conftest import HandClock
from tests.makers import crews, promises
from tests.makers import tasks as work
from tests.makers.customer_promises import Desk

At = Callable[[float], None]
NOW = work.NOW
"""Monday 08:00 in Haikou."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast the stories."""
    return dataclasses.replace(settings, access_token_s=864_000)


@pytest.fixture
def ground(database: db.Database) -> None:
    """Let crew 1 work until further notice, crew 2 until Tuesday noon."""
    with database.unit_of_work() as session:
        work.task(session, task_id="t1", state=State.en_route)
        for shift in session.query(Shift):
            session.delete(shift)
        session.flush()
        for crew_id, ends_at in (("crew-1", None), ("crew-2", NOW + dt.timedelta(hours=28))):
            session.add(
                Shift(
                    district_id=work.DISTRICT,
                    id=f"shift-of-{crew_id}",
                    crew_id=crew_id,
                    starts_at=NOW,
                    ends_at=ends_at,
                )
            )


@pytest.fixture
def desk(client: flask.testing.FlaskClient, sign_in: crews.SignIn, ground: None) -> Desk:
    return Desk(client, sign_in(Role.DISPATCHER))


@pytest.fixture
def at(clock: HandClock, database: db.Database) -> At:
    """Let it be so many hours after 08:00, and the job look."""

    def pass_to(hours: float) -> None:
        clock.set(NOW + dt.timedelta(hours=hours))
        with database.unit_of_work() as session:
            jobs.run(session, act=promises.job(at=clock.now()))

    return pass_to
