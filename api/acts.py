"""Who does a thing, and when it happened: what every service function is told.

A request of the office, a run of a job and an operation pushed by a phone all become an `Act`, so
that all three enter a capability by the same function.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import NamedTuple

from api import ids
from api.errors import NotAllowed
from schemas.crews import Role


@dataclasses.dataclass(frozen=True, slots=True)
class Principal:
    """The person (or system) behind an act, as the database knows them now.

    `district_id` is the district that the act is about; `unit_path` the part of the organisation
    tree that this principal may see, as `/hq/province/city/district`.
    """

    person_id: str
    roles: frozenset[Role]
    district_id: str
    unit_path: str
    device_id: str | None = None
    crew_ids: frozenset[str] = frozenset()

    def has(self, *roles: Role) -> bool:
        """Tell whether the principal has one of the roles."""
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: Role) -> None:
        """Let pass whoever has one of the roles.

        Raises:
            NotAllowed: the principal has none of them.
        """
        if not self.has(*roles):
            raise NotAllowed(roles=", ".join(sorted(roles)))


class Happened(NamedTuple):
    """When something happened, in the server's time, and how surely (see rules.event_time)."""

    at: dt.datetime
    error_s: float = 0.0
    suspect: bool = False


class Act(NamedTuple):
    """One act: who, when it happened, when the server heard of it.

    `based_on` is the version that the actor looked at, when they said so.
    `operation_id` names the pushed operation; None for the office and for jobs.
    """

    principal: Principal
    happened: Happened
    received_at: dt.datetime
    operation_id: str | None = None
    based_on: int | None = None
    new_id: ids.IdMaker = ids.new_id

    @property
    def district_id(self) -> str:
        """The district that the act is about."""
        return self.principal.district_id

    def within(self, *, happened: Happened, operation_id: str, based_on: int | None) -> Act:
        """Make the act of one operation that this contact brought."""
        return Act(
            principal=self.principal,
            happened=happened,
            received_at=self.received_at,
            operation_id=operation_id,
            based_on=based_on,
            new_id=self.new_id,
        )


def system(*, district_id: str, now: dt.datetime, job: str) -> Act:
    """Make the act of a job: nobody's phone, the server's own time.

    Args:
        district_id: the district that the run is about.
        now: the present instant.
        job: the job's name; it stands where a person's id would.
    """
    principal = Principal(
        person_id=f"job:{job}",
        roles=frozenset({Role.ADMINISTRATOR}),
        district_id=district_id,
        unit_path="/",
    )
    return Act(principal=principal, happened=Happened(at=now), received_at=now)
