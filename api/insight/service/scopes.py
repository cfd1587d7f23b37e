"""Whose figures: a unit that the actor may see, and the districts beneath it with their zones."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.insight import store
from api.sites import service as sites
from schemas.crews import Level
from schemas.rules import periods
from schemas.rules.periods import Period


@dataclasses.dataclass(frozen=True, slots=True)
class District:
    """A district that a figure counts: its zone, and the unit beneath the scope's that it is in."""

    id: str
    zone: str
    part_id: str


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """A unit and its districts, in the order of their paths; the first hundred."""

    unit_id: str
    name: str
    level: Level
    districts: list[District]

    @property
    def is_district(self) -> bool:
        """Whether the unit is a district itself."""
        return self.level is Level.DISTRICT

    @property
    def zone(self) -> str:
        """The zone of its days; each district beneath counts by its own."""
        return self.districts[0].zone if self.districts else "UTC"


def scope_of(session: Session, *, act: Act, unit_id: str | None) -> Scope:
    """Find a unit that the actor may see, by default the district that they ask about.

    Raises:
        NotFound: the unit does not exist for them.
    """
    unit = crews.get_unit(session, act=act, unit_id=unit_id or act.district_id)
    depth = len(unit.path.split("/"))
    districts = [
        District(
            each.id,
            sites.get_district(session, district_id=each.id).zone,
            (each.path.split("/")[depth:] or [each.id])[0],
        )
        for each in crews.list_districts(session, unit=unit)
    ]
    return Scope(unit.id, unit.name, Level(unit.level), districts)


def asked_of(district: District, *, period: Period, as_of: dt.datetime) -> store.Asked:
    """Ask about a period of a district's own local days."""
    return store.Asked(
        district_id=district.id,
        from_at=periods.begins_at(period.first, district.zone),
        to_at=periods.ends_at(period.last, district.zone),
        as_of=as_of,
    )
