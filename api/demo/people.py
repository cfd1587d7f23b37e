"""People of the demo district: the four levels above it, its office, crews on duty and readers."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from api.crews.models import Crew, CrewArea, CrewMember, Person, Shift, Unit
from api.demo import names
from schemas.crews import Level, Role

DISTRICT: Final = "meilan"
UNITS: Final = (
    ("hq", Level.HEADQUARTERS, "电网总部"),
    ("hainan", Level.PROVINCE, "海南省公司"),
    ("haikou", Level.CITY, "海口供电局"),
    (DISTRICT, Level.DISTRICT, "美兰供电局"),
)
STATIONS: Final = ("灵山供电所", "椰林供电所", "红树林供电所")
CREWS: Final = 12
READERS: Final = 8
_MEMBERS: Final = 2
_SKILLS: Final = (
    ("low_voltage", "medium_voltage"),
    ("low_voltage", "metering"),
    ("low_voltage", "medium_voltage", "cable"),
)
_OFFICE: Final = (
    ("dispatcher01", DISTRICT, (Role.DISPATCHER,), "dispatcher, sees every order"),
    ("dispatcher02", DISTRICT, (Role.DISPATCHER,), "dispatcher of the second desk"),
    ("supervisor", DISTRICT, (Role.SUPERVISOR,), "supervisor, sees flags and overdue promises"),
    ("city", "haikou", (Role.SUPERVISOR,), "supervisor of the city above the district"),
    ("admin", DISTRICT, (Role.ADMINISTRATOR,), "administrator, people, areas and policy"),
    ("hotline", DISTRICT, (Role.INTEGRATION,), "call centre's system, reports trouble"),
)
SIGN_INS: Final = (
    *((login, words) for login, _, _, words in _OFFICE),
    ("lineman0101", f"lineman of crew 1; lineman0201 of crew 2, and so on to {CREWS}"),
    ("reader01", f"meter reader with a route today; so on to reader{READERS:02d}"),
)
_WATCH: Final = dt.time(7, 30)
_WATCHES: Final = 14
"""Days of 24-hour watches; after them the crews stay on duty until further notice."""


@dataclasses.dataclass(frozen=True, slots=True)
class Team:
    """A crew, who is in it and the areas that it serves."""

    crew_id: str
    member_ids: Sequence[str]
    area_ids: Sequence[str]


def units() -> Iterator[Unit]:
    """Make the organisation from the top."""
    path, parent_id = "", None
    for unit_id, level, name in UNITS:
        path = f"{path}/{unit_id}"
        yield Unit(id=unit_id, parent_id=parent_id, level=level, name=name, path=path)
        parent_id = unit_id


def teams(area_ids: Sequence[str]) -> list[Team]:
    """Give each area a crew, and the first areas a second one."""
    found = []
    for number in range(1, CREWS + 1):
        area = area_ids[(number - 1) % len(area_ids)]
        members = [f"lineman{number:02d}{place:02d}" for place in range(1, _MEMBERS + 1)]
        found.append(Team(f"crew-{number:02d}", members, [area]))
    return found


def readers() -> list[str]:
    """Name the readers."""
    return [f"reader{number:02d}" for number in range(1, READERS + 1)]


def people(
    crews: Sequence[Team],
    *,
    chance: np.random.Generator,
    password_hash: str,
    joined_at: dt.datetime,
) -> Iterator[Person]:
    """Make everybody who can sign in; their id is their login."""
    everybody: list[tuple[str, str, Sequence[Role]]] = [
        (login, unit_id, roles) for login, unit_id, roles, _ in _OFFICE
    ]
    everybody += [(login, DISTRICT, (Role.LINEMAN,)) for team in crews for login in team.member_ids]
    everybody += [(login, DISTRICT, (Role.READER,)) for login in readers()]
    for login, unit_id, roles in everybody:
        yield Person(
            id=login,
            unit_id=unit_id,
            login=login,
            name=names.person(chance),
            roles=[role.value for role in roles],
            password_hash=password_hash,
            joined_at=joined_at,
            left_at=None,
            version=1,
        )


def crews(found: Sequence[Team], *, formed_at: dt.datetime) -> Iterator[Crew]:
    """Make the repair crews, spread over the stations."""
    for number, team in enumerate(found):
        yield Crew(
            district_id=DISTRICT,
            id=team.crew_id,
            name=f"{STATIONS[number % len(STATIONS)]}抢修{number // len(STATIONS) + 1}班",
            skills=list(_SKILLS[number % len(_SKILLS)]),
            formed_at=formed_at,
            disbanded_at=None,
            version=1,
        )


def places(found: Sequence[Team], *, since: dt.datetime) -> Iterator[CrewMember | CrewArea]:
    """Put people into crews, and crews into areas."""
    for team in found:
        for person_id in team.member_ids:
            yield CrewMember(district_id=DISTRICT, crew_id=team.crew_id, person_id=person_id)
        for area_id in team.area_ids:
            yield CrewArea(
                district_id=DISTRICT,
                crew_id=team.crew_id,
                area_id=area_id,
                reason=None,
                since=since,
                until=None,
            )


def shifts(found: Sequence[Team], *, now: dt.datetime, zone: dt.tzinfo) -> Iterator[Shift]:
    """Put every crew on 24-hour watches that cover now, and the days to come."""
    first = now.astimezone(zone).date() - dt.timedelta(days=1)
    for team in found:
        for day in range(_WATCHES + 1):
            starts_at = _watch_of(first + dt.timedelta(days=day), zone)
            is_last = day == _WATCHES
            yield Shift(
                district_id=DISTRICT,
                id=f"{team.crew_id}-{day:02d}",
                crew_id=team.crew_id,
                starts_at=starts_at,
                ends_at=None if is_last else _watch_of(first + dt.timedelta(days=day + 1), zone),
            )


def _watch_of(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, _WATCH, tzinfo=zone).astimezone(dt.UTC)
