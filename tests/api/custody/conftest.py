"""A district with orders, and checkpoints of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import pytest

from api import db, ids
from api.feed import store as feed
from api.settings import Settings
from api.tasks import service as tasks
from api.tasks.service import timeline
from tests.conftest import HandClock
from tests.makers import custody as make_custody
from tests.makers import tasks as make

Checkpoint = Callable[[], Mapping[str, int]]
Grow = Callable[[str], None]
Order = Callable[..., str]


@pytest.fixture(autouse=True)
def district(database: db.Database) -> None:
    with database.unit_of_work() as session:
        make.district(session)
        feed.start_lineage(session, name=ids.new_id())


@pytest.fixture
def order(database: db.Database) -> Order:
    """Make an order whose timeline has a moment or more; gives its id."""

    def made(*, task_id: str) -> str:
        with database.unit_of_work() as session:
            return make.task(session, task_id=task_id).id

    return made


@pytest.fixture
def grow(database: db.Database, clock: HandClock) -> Grow:
    """Add a moment to an order's timeline."""

    def grown(task_id: str) -> None:
        with database.unit_of_work() as session:
            act = make.of_office(at=clock.now())
            task = tasks.get_task(session, act=act, task_id=task_id)
            timeline.write(session, act=act, task=task, event=timeline.NOTE)

    return grown


@pytest.fixture
def checkpoint(database: db.Database, settings: Settings, clock: HandClock) -> Checkpoint:
    """Make a checkpoint, an hour after the one before; gives the run's counts."""

    def made() -> Mapping[str, int]:
        clock.set(clock.now() + dt.timedelta(hours=1))
        return make_custody.checkpoint(database, settings=settings, now=clock.now())

    return made
