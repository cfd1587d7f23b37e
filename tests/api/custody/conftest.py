"""A district with orders, and checkpoints of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import pathlib
from collections.abc import Callable, Iterator, Mapping

import pytest

from api import db, ids
from api.feed import store as feed
from api.settings import Settings
from api.tasks import service as tasks
from api.tasks.service import timeline
from tests.conftest import NOW, HandClock
from tests.makers import custody as make_custody
from tests.makers import tasks as make
from tests.makers import tsa

Checkpoint = Callable[[], Mapping[str, int]]
Grow = Callable[[str], None]
Order = Callable[..., str]
Reply = Callable[[tsa.Asked], tsa.Answer]


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


@pytest.fixture(scope="module")
def authority() -> tsa.Authority:
    return tsa.authority(since=NOW - dt.timedelta(days=1))


@dataclasses.dataclass
class Clerk:
    """What the authority does with a request; a story changes it."""

    reply: Reply
    asked: int = 0

    def __call__(self, body: bytes) -> tsa.Answer:
        """Answer a request."""
        self.asked += 1
        return self.reply(tsa.read_request(body))


@pytest.fixture
def clerk(authority: tsa.Authority, clock: HandClock) -> Clerk:
    return Clerk(lambda asked: (200, authority.answer(asked, at=clock.now())))


@pytest.fixture
def stamping(
    clerk: Clerk, authority: tsa.Authority, settings: Settings, tmp_path: pathlib.Path
) -> Iterator[Settings]:
    """Settings of a server that has its checkpoints stamped."""
    roots = authority.write_root(tmp_path / "roots.pem")
    with tsa.serving(clerk) as url:
        yield dataclasses.replace(settings, tsa_url=url, tsa_certificates=str(roots))
