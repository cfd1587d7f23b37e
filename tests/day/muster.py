"""The morning's muster: which crews and readers of the district work today, and with what."""

from __future__ import annotations

import decimal
import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from schemas import crews, readings, sites
from schemas.rules import datums, estimators, meter_reading
from schemas.rules.transitions import State
from tests.day.ground import Spot
from tests.day.office import Desk
from tests.day.plan import INVENTED_SHARE

ESTIMATE_CYCLES: Final = 3
EQUAL_UNITS_MIN: Final = 15
"""ER14 says nothing of smaller uses."""
Notebook = dict[str, decimal.Decimal]


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who goes out with a phone: a crew's lineman, or a reader with a route."""

    id: str
    login: str
    person_id: str


class ShortHandedError(Exception):
    """The district has too few crews or routes for the day."""


def list_crews(desk: Desk, *, skill: str) -> list[Team]:
    """List the crews on duty that can do repairs, each with the lineman who carries its phone."""
    people = _people(desk)
    teams: list[Team] = []
    for crew in desk.list_all("/v1/crews", crews.CrewView):
        linemen = [people[member.person_id] for member in crew.members]
        carrier = next((one for one in linemen if crews.Role.LINEMAN in one.roles), None)
        if crew.on_duty and skill in crew.skills and carrier is not None:
            teams.append(Team(id=crew.id, login=carrier.login, person_id=carrier.id))
    return teams


def list_readers(desk: Desk) -> list[Team]:
    """List the routes that wait, one for each reader."""
    people = _people(desk)
    members = {
        crew.id: [member.person_id for member in crew.members]
        for crew in desk.list_all("/v1/crews", crews.CrewView)
    }
    teams: dict[str, Team] = {}
    for route in desk.list_all("/v1/routes", readings.Route, state=State.dispatched):
        able = [route.person_id] if route.person_id else members.get(route.crew_id or "", [])
        for person_id in able:
            person = people[person_id]
            if crews.Role.READER in person.roles and person_id not in teams:
                teams[person_id] = Team(id=route.id, login=person.login, person_id=person_id)
                break
    return list(teams.values())


def require(found: list[Team], *, count: int, what: str) -> list[Team]:
    """Take as many as the day needs.

    Raises:
        ShortHandedError: there are not so many.
    """
    if len(found) < count:
        message = f"the day needs {count} {what}, the district has {len(found)} ready"
        raise ShortHandedError(message)
    return found[:count]


def list_places(desk: Desk, chance: random.Random, *, count: int) -> list[sites.ServicePoint]:
    """Choose where trouble will be."""
    points = list(desk.list_all("/v1/service-points", sites.ServicePoint))
    return chance.choices(points, k=count)


def spot_of(point: sites.ServicePoint) -> Spot:
    """Tell where a service point is, in WGS-84."""
    return Spot(
        *datums.convert(point.lat_deg, point.lon_deg, source=point.datum, target=datums.Datum.wgs84)
    )


def invent(desk: Desk, chance: random.Random, *, route_id: str, stops: int) -> Notebook:
    """Write the notebook of a reader who invents a share of the route at a desk.

    Every value equals what an estimator would say: last month's use, or the mean of three.
    """
    todo = list(desk.list_all(f"/v1/routes/{route_id}/stops", readings.Stop))[:stops]
    wanted = max(round(len(todo) * INVENTED_SHARE), 2)
    notebook: Notebook = {}
    for stop in chance.sample(todo, len(todo)):
        if len(notebook) == wanted:
            break
        guess = guess_mean if len(notebook) % 2 else guess_last
        total = guess(desk, stop)
        if total is not None:
            notebook[stop.id] = total
    return notebook


def guess_last(desk: Desk, stop: readings.Stop) -> decimal.Decimal | None:
    """Work out a total that repeats last month's use; None where that is too small to tell."""
    past, used = _history(desk, stop)
    return _total(stop, past[0], used[0]) if len(used) == ESTIMATE_CYCLES else None


def guess_mean(desk: Desk, stop: readings.Stop) -> decimal.Decimal | None:
    """Work out a total by the mean of three; None where that is too small to tell."""
    past, used = _history(desk, stop)
    if len(used) < ESTIMATE_CYCLES:
        return None
    mean_kwh = sum(used, decimal.Decimal(0)) / ESTIMATE_CYCLES
    return _total(stop, past[0], estimators.rounded(mean_kwh, _register(stop)))


def _total(
    stop: readings.Stop, last: readings.Reading, used_kwh: decimal.Decimal
) -> decimal.Decimal | None:
    if used_kwh < EQUAL_UNITS_MIN * stop.multiplier:
        return None
    return (last.total + used_kwh / stop.multiplier) % _register(stop).range


def _history(
    desk: Desk, stop: readings.Stop
) -> tuple[list[readings.Reading], list[decimal.Decimal]]:
    """Fetch a meter's last readings and the uses between them, the latest first."""
    page = desk.list_all(f"/v1/meters/{stop.meter_id}/readings", readings.Reading)
    past = [each for each in page if each.counts][: ESTIMATE_CYCLES + 1]
    return past, list(_uses(past, stop))


def _uses(past: list[readings.Reading], stop: readings.Stop) -> Iterator[decimal.Decimal]:
    """Tell what was used between readings, the latest first."""
    register = _register(stop)
    for later, earlier in itertools.pairwise(past):
        yield meter_reading.advance(earlier.total, later.total, register).used_kwh


def _people(desk: Desk) -> Mapping[str, crews.PersonView]:
    people = desk.list_all("/v1/people", crews.PersonView)
    return {person.id: person for person in people if person.left_at is None}


def _register(stop: readings.Stop) -> meter_reading.Register:
    return meter_reading.Register(stop.digits, stop.decimals, stop.multiplier)
