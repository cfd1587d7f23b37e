"""Deeds: what the server hears of at an instant, and who does them; times are those of the wall."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api import acts
from api.crews.models import Device
from schemas.crews import Role
from tests.makers import crews
from tests.makers import tasks as work

DISTRICT: Final = work.DISTRICT
ZONE: Final = zoneinfo.ZoneInfo("Asia/Shanghai")
MINUTE: Final = dt.timedelta(minutes=1)
MEMBERS: Final = {"crew-1": "li", "crew-2": "chen"}
"""Who is in a crew, with the one phone of it."""


class Deed(NamedTuple):
    """Something that the server hears of at an instant, and what it does then."""

    at: dt.datetime
    do: Callable[[Session], object]


def wall(text: str, zone: dt.tzinfo = ZONE) -> dt.datetime:
    """Read a time of the district's wall clock."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC)


def by_office(at: dt.datetime, *, role: Role = Role.DISPATCHER) -> acts.Act:
    """Let the office act at an instant."""
    return work.of_office(role=role, at=at)


def by_crew(crew_id: str, at: dt.datetime, *, heard_at: dt.datetime | None = None) -> acts.Act:
    """Let a crew act at an instant that is known exactly, of which the server may hear later."""
    act = work.of_crew(
        person_id=MEMBERS[crew_id], crew_ids=[crew_id], at=at, received_at=heard_at or at
    )
    return act._replace(happened=acts.Happened(at=at))


def office(
    at: str, do: Callable[[Session, acts.Act], object], *, role: Role = Role.DISPATCHER
) -> Deed:
    """Let the office do something at a time of the wall."""
    act = by_office(wall(at), role=role)
    return Deed(act.received_at, lambda session: do(session, act))


def phone(session: Session, crew_id: str) -> Device:
    """Give the phone of a crew; it is made the first time."""
    person_id = MEMBERS[crew_id]
    return crews.device(session, person_id=person_id, device_id=f"phone-{person_id}")


def contact(crew_id: str, at: dt.datetime) -> Deed:
    """Let a crew's phone report that it holds nothing back."""

    def report(session: Session) -> None:
        phone(session, crew_id).covered_until = at

    return Deed(at, report)
