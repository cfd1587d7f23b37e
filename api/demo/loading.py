"""Loading the demo district into an empty database, in one unit of work."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import random
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import structlog
from sqlalchemy.orm import Session

from api import acts
from api.crews.service import passwords
from api.db import Database
from api.demo import customers, grid, history, network, orders, people, store, walks
from api.ids import IdMaker
from api.promises import service as promises
from api.readings import service as readings
from api.readings.models import Reading, Unjudged
from api.sites import service as sites
from api.sites.models import Area, Feeder, Meter, ServicePoint, Switch, Transformer
from schemas import readings as reading_shapes
from schemas import sites as shapes
from schemas.base import Shape
from schemas.promises import PolicyChoice
from schemas.rules.datums import Datum

PASSWORD: Final = "lamplighter"  # noqa: S105 - printed at every start of a demo, and opens only that
"""The password of everybody in the demo district."""
ZONE: Final = zoneinfo.ZoneInfo("Asia/Shanghai")
_AGE: Final = dt.timedelta(days=5 * 365)
"""How long ago the district's oldest meters and people came."""
_RADIUS_M: Final = 50.0
_REST_DAYS: Final = 27
"""Walks that are not due today were read up to so many days ago."""
_FRESH: Final = dt.timedelta(days=2)
"""Readings as young as this wait for the flagging job."""
_IDS_PER_MS: Final = 4_096
_HERE: Final[Mapping[str, Any]] = {"district_id": people.DISTRICT}
_UNJUDGED: Final = ("meter_id", "read_at")
_PLAIN_READING: Final[Mapping[str, Any]] = {
    **_HERE,
    "error_s": 0.0,
    "clock_suspect": False,
    "tariffs": {},
    "prompts": [],
    "confirmed": [],
    "photos": [],
    "note": "",
}
Place = Meter | ServicePoint | Switch | Transformer
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What was loaded, by kind."""

    service_points: int
    meters: int
    readings: int
    transformers: int
    feeders: int
    switches: int
    areas: int
    crews: int
    people: int
    routes: int
    stops: int
    orders: int


@dataclasses.dataclass(slots=True)
class _Load:
    """One load: what every part of it needs."""

    session: Session
    act: acts.Act
    net: network.Network
    chance: np.random.Generator
    now: dt.datetime
    walks: Sequence[walks.Walk]
    due: Sequence[int]
    told: Callable[[int], None]


def is_empty(database: Database) -> bool:
    """Tell whether the database holds no district yet."""
    with database.reading() as session:
        return not store.has_district(session)


def load(
    database: Database,
    *,
    seed: int,
    now: dt.datetime,
    progress: Callable[[int, int], None] = lambda _done, _whole: None,
) -> Report:
    """Load the demo district.

    Args:
        database: migrated and without a district.
        seed: the same seed makes the same district.
        now: the present instant; today's routes and orders, and the history's end.
        progress: hears how many rows are done, and of how many.

    Raises:
        DistrictExists: it is loaded already.
    """
    net = network.read()
    whole = len(net.customers) * (history.MONTHS + 2)
    planned = walks.plan(net)
    with database.unit_of_work() as session:
        own = acts.system(district_id=people.DISTRICT, now=now, job="demo")
        act = own._replace(new_id=_ids(seed=seed, now=now))
        loading = _Load(
            session=session,
            act=act,
            net=net,
            chance=np.random.default_rng(seed),
            now=now,
            walks=planned,
            due=[n * len(planned) // people.READERS + 1 for n in range(people.READERS)],
            told=lambda done: progress(min(done, whole), whole),
        )
        report = _fill(loading)
    progress(whole, whole)
    _log.info("demo.loaded", **dataclasses.asdict(report))
    return report


def _fill(loading: _Load) -> Report:
    """Lay the ground, then people, customers, their past, and today's work."""
    area_ids = _lay_ground(loading)
    crews, persons = _hire(loading, area_ids)
    homes = customers.settle(
        loading.net,
        loading.walks,
        chance=loading.chance,
        installed_at=loading.now - _AGE,
        months=history.MONTHS,
    )
    points = _write(loading, ServicePoint, (home.point for home in homes))
    meters, written = _remember(loading, homes)
    stops = _plan_routes(loading, homes)
    opened = orders.open_all(loading.session, homes, now=loading.now, new_id=loading.act.new_id)
    return Report(
        service_points=points,
        meters=meters,
        readings=written,
        transformers=len(loading.net.transformers),
        feeders=len(loading.net.feeder_ids),
        switches=len(loading.net.switches),
        areas=len(area_ids),
        crews=crews,
        people=persons,
        routes=len(loading.due),
        stops=stops,
        orders=opened,
    )


def _lay_ground(loading: _Load) -> list[str]:
    """Make the organisation, the district, its areas and its grid; give the ids of the areas."""
    session, net = loading.session, loading.net
    sites.create_district(
        session,
        act=loading.act,
        district_id=people.DISTRICT,
        settings=shapes.DistrictSettings(
            name=people.UNITS[-1][2],
            zone=ZONE.key,
            datum=Datum.wgs84,
            radius_m=_RADIUS_M,
            photo_on_skip=[reading_shapes.SkipCode.LOCKED],
            photo_on_confirm=True,
        ),
    )
    session.add_all(people.units())
    session.flush()
    promises.seed_china(session, act=loading.act)
    # No gateway is named, so what customers would be told is seen, and nothing leaves.
    told = PolicyChoice(policy="sgcc-2022-told", effective_from=loading.now)
    promises.choose(session, act=loading.act, choice=told)
    areas = list(grid.areas(net))
    session.add_all(Area(**_HERE, **area) for area in areas)
    session.flush()
    session.add_all(feeders := [Feeder(**_HERE, **values) for values in grid.feeders(net)])
    session.flush()
    sites.draw_feeders(session, act=loading.act, feeders=feeders)
    _write(loading, Transformer, grid.transformers(net))
    _write(loading, Switch, grid.switches(net))
    return [str(area["id"]) for area in areas]


def _hire(loading: _Load, area_ids: Sequence[str]) -> tuple[int, int]:
    """Give the district its people, crews and watches; count crews and people."""
    session, since = loading.session, loading.now - _AGE
    teams = people.teams(area_ids)
    persons = list(
        people.people(
            teams,
            chance=loading.chance,
            password_hash=passwords.hashed(PASSWORD),
            joined_at=since,
        )
    )
    session.add_all([*persons, *people.crews(teams, formed_at=since)])
    session.flush()
    session.add_all(people.places(teams, since=since))
    session.add_all(people.shifts(teams, now=loading.now, zone=ZONE))
    session.flush()
    return len(teams), len(persons)


def _remember(loading: _Load, homes: Sequence[customers.Home]) -> tuple[int, int]:
    """Invent the past; write meters and readings, and count them."""
    rounds = _rounds(loading)
    pasts = history.invent(homes, rounds, chance=loading.chance)
    done = len(homes)
    meters = _write(loading, Meter, history.meters(pasts, rounds, zone=ZONE), done=done)
    fresh: list[dict[str, Any]] = []
    rows = history.rows(pasts, rounds, zone=ZONE)
    written = store.write(
        loading.session,
        Reading,
        _keeping(rows, since=loading.now - _FRESH, kept=fresh),
        same=_PLAIN_READING,
        told=lambda count: loading.told(done + meters + count),
    )
    store.write(loading.session, Unjudged, fresh, same=_HERE)
    return meters, written


def _keeping(
    rows: Iterable[dict[str, Any]], *, since: dt.datetime, kept: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Hand rows on, and keep what the flagging job has still to look at."""
    for row in rows:
        if row["read_at"] >= since:
            kept.append({"reading_id": row["id"], **{name: row[name] for name in _UNJUDGED}})
        yield row


def _rounds(loading: _Load) -> dict[int, history.Round]:
    """Tell when each walk was read last: a month ago where it is due today, else since then."""
    today = loading.now.astimezone(ZONE).date()
    month_ago = history.month_before(today)
    others = [walk.number for walk in loading.walks if walk.number not in loading.due]
    readers = people.readers()
    rounds = {
        number: history.Round(month_ago, readers[place]) for place, number in enumerate(loading.due)
    }
    for place, number in enumerate(others):
        days = 1 + place * _REST_DAYS // len(others)
        last_day = today - dt.timedelta(days=days)
        rounds[number] = history.Round(last_day, readers[place % len(readers)])
    return rounds


def _plan_routes(loading: _Load, homes: Sequence[customers.Home]) -> int:
    """Plan today's routes, each for its reader; count their stops."""
    act = loading.act
    for number, reader_id in zip(loading.due, people.readers(), strict=True):
        met = [home for home in homes if home.walk == number]
        street = met[0].point.address.split("(")[0].strip()
        draft = reading_shapes.RouteDraft(
            name=f"{street}抄表路线 {number:02d}",
            meter_ids=[home.meter.id for home in met],
            person_id=reader_id,
            planned_at=loading.now,
        )
        readings.plan_route(loading.session, act=act, draft=draft)
        loading.session.flush()
    return sum(home.walk in set(loading.due) for home in homes)


def _write(loading: _Load, model: type[Place], rows: Iterable[Shape], *, done: int = 0) -> int:
    """Write places of the district in bulk."""
    values = (msgspec.structs.asdict(row) for row in rows)
    return store.write(
        loading.session,
        model,
        values,
        same=_HERE,
        told=lambda count: loading.told(done + count),
    )


def _ids(*, seed: int, now: dt.datetime) -> IdMaker:
    """Make UUIDv7s that are the same for the same seed and moment."""
    chance = random.Random(seed)
    numbers = itertools.count()

    def new_id() -> str:
        high, low = divmod(next(numbers), _IDS_PER_MS)
        stamp_ms = int(now.timestamp() * 1_000) + high
        bits = stamp_ms << 80 | 0x7 << 76 | low << 64 | 0b10 << 62 | chance.getrandbits(62)
        return str(uuid.UUID(int=bits))

    return new_id
