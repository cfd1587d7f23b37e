"""A district that tells its customers by text message, over a gateway of its own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import zoneinfo
from collections.abc import Iterator
from typing import Any

import flask.testing
import pytest
from sqlalchemy.orm import Session

from api import acts, db, ids
from api.crews.models import Shift
from api.customer_promises import jobs
from api.feed import store as feed
from api.notices import sending
from api.notices.channels import opening
from api.promises import jobs as promise_jobs
from api.promises.models import DistrictPolicy
from api.settings import Settings
from api.tasks import jobs as task_jobs
from schemas.crews import Role
from schemas.rules.transitions import State
from tests.conftest import HandClock
from tests.makers import crews, repairs, sites, sms
from tests.makers import tasks as work
from tests.makers.customer_promises import Desk
from tests.makers.sync import Phone

POLICY = "sgcc-2022-told"
NUMBER = "+8613900000000"
CONTACT = "139 0000 0000"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def served() -> Iterator[sms.Gateway]:
    """Open one gateway for a module."""
    with sms.serving() as gateway:
        yield gateway


@pytest.fixture
def gateway(served: sms.Gateway) -> sms.Gateway:
    """Have a gateway that has taken nothing yet."""
    served.taken.clear()
    served.headers.clear()
    served.answers.clear()
    served.down, served.asked = False, 0
    return served


@pytest.fixture
def settings(settings: Settings, gateway: sms.Gateway) -> Settings:
    """Name the gateway."""
    return dataclasses.replace(
        settings,
        access_token_s=864_000,
        sms_url=gateway.url,
        sms_headers=json.dumps({"Authorization": sms.SECRET, "Idempotency-Key": "{id}"}),
        sms_body=sms.BODY,
        sms_sender="LAMP",
        sms_success="result.code=0",
        sms_again="result.code=1005,1006",
    )


@dataclasses.dataclass
class Town:
    """A district by day and night: its office, a crew's phone, its jobs, and its gateway."""

    database: db.Database
    clock: HandClock
    settings: Settings
    gateway: sms.Gateway
    desk: Desk
    phone: Phone

    def at(self, hours: float) -> None:
        """Let it be so many hours after Monday 08:00, and every job run."""
        self.clock.set(work.NOW + dt.timedelta(hours=hours))
        self.run()

    def local(self, day: int, time: str, zone: str = "Asia/Shanghai") -> None:
        """Let it be a local time of a day in November 2026, and every job run."""
        there = dt.datetime.fromisoformat(f"2026-11-{day:02}T{time}")
        self.clock.set(there.replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC))
        self.run()

    def run(self) -> None:
        """Run what watches promises, tells customers, and sends; twice, as the next slots do."""
        act = acts.system(district_id=work.DISTRICT, now=self.clock.now(), job="test")
        with self.database.unit_of_work() as session:
            promise_jobs.run(session, act=act)
            task_jobs.foresee(session, act=act)
        for _ in range(2):
            with self.database.unit_of_work() as session:
                jobs.inform(session, act=act, settings=self.settings)
            self.send(act)
            act = act._replace(happened=acts.Happened(act.happened.at + dt.timedelta(seconds=5)))
        with self.database.unit_of_work() as session:
            jobs.inform(session, act=act, settings=self.settings)

    def send(self, act: acts.Act) -> None:
        """Send what lies in the outbox."""
        channels = opening.opened(self.settings)
        sending.send_due(self.database, act=act, channels=channels, spread=lambda: 0.0)

    def notices(self, **query: object) -> list[Json]:
        """List what customers are told, the oldest first."""
        found: list[Json] = self.desk.get("/v1/customer-notices", **query)["items"]
        return found[::-1]

    def states(self, **query: object) -> list[tuple[str, str]]:
        """Tell how each notice stands, the oldest first."""
        return [(each["kind"], each["state"]) for each in self.notices(**query)]

    def report(self, **changed: object) -> str:
        """Take a report of a customer who has a telephone; gives the order."""
        body = {
            "key": ids.new_id(),
            "description": "The house is dark.",
            "contact": CONTACT,
            "position": {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG},
            **changed,
        }
        placed = self.desk.post("/v1/repairs", body, status=201)
        task_id: str = placed["task"]["id"]
        return task_id


@pytest.fixture
def ground(database: db.Database) -> None:
    """Let the district tell its customers, and give crew 1 an order."""
    with database.unit_of_work() as session:
        work.task(session, task_id="t1", state=State.dispatched).contact = CONTACT
        repairs.area(session)
        feed.start_lineage(session, name=ids.new_id())
        for shift in session.query(Shift):
            shift.ends_at = None
        tell(session)


def tell(session: Session, policy: str = POLICY) -> None:
    """Let the district promise by a set that tells customers."""
    session.add(
        DistrictPolicy(
            district_id=work.DISTRICT,
            effective_from=work.NOW - dt.timedelta(days=400),
            policy=policy,
            chosen_at=work.NOW,
            chosen_by="admin",
        )
    )


@pytest.fixture
def town(
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    ground: None,
    database: db.Database,
    clock: HandClock,
    settings: Settings,
    gateway: sms.Gateway,
) -> Town:
    """Open the town."""
    desk = Desk(client, sign_in(Role.DISPATCHER))
    phone = Phone(client, sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1"), clock)
    return Town(database, clock, settings, gateway, desk, phone)
