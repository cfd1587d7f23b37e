"""A reader on a route of three meters, and the office that hears of what is found."""

from __future__ import annotations

import dataclasses
from typing import Any

import flask.testing
import msgspec
import pytest

from api import db, ids
from api.feed import store as feed
from api.settings import Settings
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews, tasks
from tests.makers import readings as make
from tests.makers.sync import Phone

METERS = ["M0001", "M0002", "M0003"]


@dataclasses.dataclass(frozen=True)
class Walk:
    """A reader's phone on a route, and the doors of the office.

    `last` is the last actual value of the first meter.
    """

    phone: Phone
    database: db.Database
    route_id: str
    stops: dict[str, str]
    last: int
    office: dict[str, str]

    def push(self, kind: str, **body: object) -> tuple[str, str]:
        """Push one act; give its status and code."""
        return self.settle_push(self.phone.operation(kind, self.route_id, body))

    def settle_push(self, operation: bytes) -> tuple[str, str]:
        """Push an operation; one that is plainly applied has no exception."""
        answer = self.phone.sync(operation)
        outcomes = answer["outcomes"]
        if not outcomes:
            assert answer["acked_through"] >= msgspec.json.decode(operation)["n"]
            return ("applied", "")
        (outcome,) = outcomes
        return outcome["status"], outcome["code"]

    def get(self, path: str) -> Any:  # noqa: ANN401 - plain JSON
        """Ask the office's door."""
        answer = self.phone.client.get(path, headers=self.office)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(self, path: str, body: object, *, status: int = 200) -> Any:  # noqa: ANN401 - plain JSON
        """Act at the office's door."""
        answer = self.phone.client.post(path, json=body, headers=self.office)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def stop(self, meter_id: str) -> dict[str, Any]:
        """Show a stop as the office sees it."""
        items = self.get(f"/v1/routes/{self.route_id}/stops")["items"]
        return next(stop for stop in items if stop["id"] == self.stops[meter_id])


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast the stories."""
    return dataclasses.replace(settings, access_token_s=86_400)


@pytest.fixture
def walk(
    database: db.Database,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
) -> Walk:
    """Give a reader a route of three meters; one of them has a history, one three registers."""
    office = sign_in(Role.SUPERVISOR)
    with database.unit_of_work() as session:
        feed.start_lineage(session, name=ids.new_id())
        tasks.district(session)
        last = int(make.history(session, meter_id=METERS[0]))
        make.meter(session, meter_id=METERS[2]).registers = ["total", "peak", "flat", "valley"]
        session.flush()
        route_id = make.route(session, meter_ids=METERS).id
        stops = {meter: make.stop_of(session, meter_id=meter).id for meter in METERS}
    phone = Phone(client, sign_in(Role.READER, person_id="li"), clock)
    phone.sync()
    return Walk(phone, database, route_id, stops, last, office)
