"""The district that everything is measured in: meters, routes and orders, made through the models.

Rows go in by units of work, so the feed's recorder enters each of them as it does in earnest.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import pathlib
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

import api.models  # noqa: F401 - every table must be known before they are made
from api import db, ids
from api.feed import store as feed
from api.feed.pages import making
from api.readings.models import Route, Stop
from api.sites.models import Meter, ServicePoint
from bench import served
from bench.phone import Key, Phone
from schemas import readings
from schemas.crews import Role
from schemas.rules import transitions
from tests.makers import crews, sites, tasks

METERS: Final = 10_000
DISTRICT: Final = crews.DISTRICT
PASSWORD: Final = crews.PASSWORD
_AGO: Final = dt.timedelta(hours=1)
_MONTH: Final = dt.timedelta(days=30)
_METERS_PER_COMMIT: Final = 5_000
_DIGITS: Final = 5
_WAYS_IN: Final = ("单元门密码在门卫处", "地下车库 B1 配电间", "按门铃两次", "从后院小门进")
_DOGS: Final = ("院内拴一只", "看门犬，请先打电话", "")
_CARE: Final = 0.02
"""So many customers must not wait."""
_STREETS: Final = ("新市街", "文明东路", "海府大道", "龙昆南路", "琼山大道", "椰海大道")


@dataclasses.dataclass(frozen=True, slots=True)
class Walk:
    """A route and its stops in walking order, with the value that each meter now shows."""

    route_id: str
    stops: Sequence[tuple[str, Decimal]]


class District:
    """A district in a database of its own."""

    def __init__(self, url: str, *, folder: pathlib.Path, seed: int) -> None:
        """Make every table and the meters.

        Args:
            url: an empty database.
            folder: the server's.
            seed: the same one makes the same district, but for ids and times.
        """
        self.url = url
        self._folder = folder
        self._random = random.Random(seed)
        self._now = dt.datetime.now(dt.UTC)
        self._database = db.Database(url)
        db.Base.metadata.create_all(self._database.engine)
        with self._database.unit_of_work() as session:
            tasks.district(session)
            feed.start_lineage(session, name=ids.new_id())
        for start in range(0, METERS, _METERS_PER_COMMIT):
            with self._database.unit_of_work() as session:
                numbers = range(start, start + _METERS_PER_COMMIT)
                session.add_all(self._point(number) for number in numbers)
                session.flush()
                session.add_all(self._meter(number) for number in numbers)

    def make_pages(self) -> None:
        """Make the pages that the server would make within seconds."""
        making.make_due(self._database)

    def close(self) -> None:
        """Close the bench's own connections."""
        self._database.close()

    def enrol(self, person_id: str, *, role: Role, crew_id: str | None = None) -> Phone:
        """Give somebody a phone, signed in."""
        device_id, key = f"device-{ids.new_id()}", Key()
        with self._database.unit_of_work() as session:
            crews.person(session, person_id=person_id, roles=[role])
            crews.device(session, person_id=person_id, device_id=device_id, key=key.find())
        headers = crews.signed_in(
            self._database,
            settings=served.settings_of(self.url, folder=self._folder),
            now=dt.datetime.now(dt.UTC),
            role=role,
            district_id=DISTRICT,
            unit_id=None,
            person_id=person_id,
            crew_id=crew_id,
            device_id=device_id,
        )
        return Phone(device_id, headers["Authorization"].removeprefix("Bearer "), key)

    def hire(self, person_id: str, *, role: Role, crew_id: str | None = None) -> None:
        """Let somebody sign in by their id and `PASSWORD`, and put them in a crew."""
        with self._database.unit_of_work() as session:
            crews.person(session, person_id=person_id, roles=[role], password=PASSWORD)
            if crew_id is not None:
                crews.crew(session, crew_id=crew_id, member_ids=[person_id])

    def route(self, person_id: str | None, *, stops: int, crew_id: str | None = None) -> Walk:
        """Plan a route for a person or for a crew, from the first meter of the district on."""
        with self._database.unit_of_work() as session:
            task_id = tasks.task(
                session,
                kind=transitions.Kind.route,
                crew_id=crew_id,
                person_id=person_id,
                title="灵山 3 号线",
                at=self._now - _AGO,
            ).id
            session.add(
                Route(
                    district_id=DISTRICT,
                    id=task_id,
                    name="灵山 3 号线",
                    planned_at=self._now - _AGO,
                    live=True,
                )
            )
            session.flush()
            laid = [self._stop(task_id, number) for number in range(stops)]
            session.add_all(laid)
        return Walk(task_id, [(stop.id, _shown_now(stop)) for stop in laid])

    def tell_the_way(self, walk: Walk) -> None:
        """Let every stop of a route say all that a stop can: the way in, keys, dogs, registers."""
        chance = self._random
        with self._database.unit_of_work() as session:
            where = (Stop.district_id == DISTRICT, Stop.route_id == walk.route_id)
            for stop in session.scalars(select(Stop).where(*where)):
                stop.access_note = chance.choice(_WAYS_IN)
                stop.keys = f"{chance.randrange(1, 400)} 号钥匙，物业值班室"
                stop.dogs = chance.choice(_DOGS)
                stop.care = chance.random() < _CARE
                stop.box = f"B{chance.randrange(10_000):05}"
                stop.registers = ["total", "peak", "flat", "valley"]
                stop.multiplier = Decimal(chance.choice((1, 40, 60)))
                stop.reported_value = Decimal(chance.randrange(1_000, 90_000))
                stop.reported_at = self._now - _MONTH / 2
                stop.reported_quality = str(chance.choice(list(readings.Quality)))

    def orders(self, crew_id: str, *, count: int) -> list[str]:
        """Dispatch repairs to a crew."""
        with self._database.unit_of_work() as session:
            return [self._order(session, crew_id) for _ in range(count)]

    def _order(self, session: Session, crew_id: str) -> str:
        return tasks.task(session, crew_id=crew_id, at=self._now - _AGO).id

    def _point(self, number: int) -> ServicePoint:
        street = self._random.choice(_STREETS)
        lat_deg, lon_deg = self._place(number)
        return ServicePoint(
            district_id=DISTRICT,
            id=f"P{number:07}",
            number=f"46{number:010}",
            address=f"灵山镇{street} {number % 200 + 1} 号",
            access_note="",
            care=None,
            customer_name="王秀英",
            customer_phone="+86 898 5555 0101",
            customer_class="residential",
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            datum="wgs84",
            feeder_id=None,
            transformer_id=None,
        )

    def _meter(self, number: int) -> Meter:
        return Meter(
            district_id=DISTRICT,
            id=f"M{number:07}",
            service_point_id=f"P{number:07}",
            serial=f"3730{number:08}",
            digits=_DIGITS,
            decimals=0,
            multiplier=Decimal(1),
            registers=["total"],
            box=None,
            installed_at=sites.INSTALLED_AT,
            installed_value=Decimal(0),
            removed_at=None,
            removed_value=None,
        )

    def _stop(self, route_id: str, place: int) -> Stop:
        """Lay a stop; a route that is longer than the district walks it again."""
        number = place % METERS
        lat_deg, lon_deg = self._place(number)
        typical = self._random.randrange(60, 400)
        return Stop(
            district_id=DISTRICT,
            id=ids.new_id(),
            route_id=route_id,
            live=True,
            sequence=place + 1,
            state=str(readings.StopState.OPEN),
            service_point_id=f"P{number:07}",
            meter_id=f"M{number:07}",
            serial=f"3730{number:08}",
            digits=_DIGITS,
            decimals=0,
            multiplier=Decimal(1),
            registers=["total"],
            address=f"灵山镇{self._random.choice(_STREETS)} {number % 200 + 1} 号",
            access_note="",
            care=False,
            geometry={"type": "Point", "coordinates": [lon_deg, lat_deg]},
            datum="wgs84",
            radius_m=50.0,
            box=None,
            previous_value=Decimal(self._random.randrange(1_000, 90_000)),
            previous_at=self._now - _MONTH,
            typical_kwh=Decimal(typical),
            low_kwh=Decimal(typical // 2),
            high_kwh=Decimal(typical * 2),
            active_history=True,
            skip_code=None,
            reading_id=None,
            read_at=None,
        )

    def _place(self, number: int) -> tuple[float, float]:
        """Set a meter twenty metres from the one before, street by street."""
        lat_deg, lon_deg = sites.north_east(
            north_m=number // 100 * 40.0, east_m=number % 100 * 20.0
        )
        return round(lat_deg, 6), round(lon_deg, 6)


def _shown_now(stop: Stop) -> Decimal:
    """Tell what a meter shows after a usual month."""
    assert stop.previous_value is not None, "it was read before"
    assert stop.typical_kwh is not None, "its use is known"
    return stop.previous_value + stop.typical_kwh
