"""A house whose notices go to a push service of its own, and people with phones."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

import msgspec
import pytest
from sqlalchemy import select

from api import acts, db
from api.notices import sending, service
from api.notices.channels import opening
from api.notices.models import Notice
from api.settings import Settings
from api.tasks.models import Task
from schemas.notices import NoticeKind, PushSubscription
from tests.conftest import HandClock
from tests.makers import crews, push
from tests.makers import tasks as make

Run = Callable[[], dict[str, int]]


@pytest.fixture
def post() -> Iterator[push.PushService]:
    """Open the push service of everybody's browser."""
    with push.serving() as service_:
        yield service_


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let notices go to this machine."""
    return dataclasses.replace(settings, private_receivers=True)


@pytest.fixture
def run(database: db.Database, settings: Settings, clock: HandClock) -> Run:
    """Send what is due, as the job does, with pauses that are never longer than they must."""

    def ran() -> dict[str, int]:
        act = acts.system(district_id=crews.DISTRICT, now=clock.now(), job="send_notices")
        channels = opening.opened(settings)
        return dict(sending.send_due(database, act=act, channels=channels, spread=lambda: 0.0))

    return ran


@dataclasses.dataclass(frozen=True, slots=True)
class Street:
    """Li of crew 1 and Chen of crew 2, each with a phone that hears notices."""

    database: db.Database
    settings: Settings
    clock: HandClock
    post: push.PushService

    def subscribe(self, person_id: str, *, lang: str = "zh", device_id: str | None = None) -> str:
        """Give somebody a phone, and have it hear notices; gives the device."""
        with self.database.unit_of_work() as session:
            make.district(session)
            device = crews.device(session, person_id=person_id, device_id=device_id)
            name = device_id or person_id
            act = make.of_crew(person_id=person_id, at=self.clock.now())
            principal = dataclasses.replace(act.principal, device_id=device.id)
            told = self.post.subscribe(name).subscription(lang)
            asked = msgspec.convert(told, PushSubscription)
            service.public_key(session, act=act, settings=self.settings)
            service.subscribe(
                session,
                act=act._replace(principal=principal),
                settings=self.settings,
                asked=asked,
            )
        return device.id

    def tell(self, *causes: str, person_id: str = "li", until: dt.datetime | None = None) -> None:
        """Tell somebody of something, each in a unit of work of its own."""
        for cause in causes:
            with self.database.unit_of_work() as session:
                service.tell(
                    session,
                    act=make.of_office(at=self.clock.now()),
                    kind=NoticeKind.GIVEN,
                    subject_id=cause,
                    cause=cause,
                    person_id=person_id,
                    until=until,
                )

    def notices(self) -> list[Notice]:
        """Read the outbox, the oldest first."""
        with self.database.reading() as session:
            return list(session.scalars(select(Notice).order_by(Notice.id)))

    def states(self) -> list[str]:
        """Tell how each notice stands, the oldest first."""
        return [notice.state for notice in self.notices()]

    def order(self, *, urgency: int = 3) -> Task:
        """Open an order in the hands of crew 1."""
        with self.database.unit_of_work() as session:
            return make.task(session, urgency=urgency, at=self.clock.now())


@pytest.fixture
def street(
    database: db.Database, settings: Settings, clock: HandClock, post: push.PushService
) -> Street:
    """Give both a phone that hears notices."""
    made = Street(database, settings, clock, post)
    made.subscribe("li")
    made.subscribe("chen", lang="en")
    return made
