"""Direct dispatch: which crew gets an order at once, and why.

The on-duty crew of the order's area that has the skill and the least open work gets it.
If the area has none, the nearest such neighbour gets it, and the answer keeps the gap it fills.
If there is none either, or the site lies outside every area, it is the duty office's work.
Distances in metres; ties fall to the lowest crew id, so every replica chooses alike.
"""

from __future__ import annotations

import dataclasses
import enum
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Why(enum.StrEnum):
    """On what ground the order went where it went."""

    area = "area"
    neighbour = "neighbour"
    duty_office = "duty_office"


class Gap(enum.StrEnum):
    """Why the order's own area could not take it."""

    outside_areas = "outside_areas"
    no_crew = "no_crew"
    none_on_duty = "none_on_duty"
    none_with_skill = "none_with_skill"


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A crew as it stands now.

    Attributes:
        crew_id: its id.
        on_duty: whether its shift runs now.
        skills: what it can do.
        open_tasks: how many open orders it holds.
        area_ids: the areas it serves, those it is lent to included.
        distance_m: from the site to the crew or to its nearest area; None if unknown.
    """

    crew_id: str
    on_duty: bool
    skills: frozenset[str]
    open_tasks: int
    area_ids: frozenset[str]
    distance_m: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """Where an order goes, and the numbers that decided it.

    Attributes:
        crew_id: the crew; None means the duty office.
        why: the ground.
        gap: why the own area could not take it; None when it did.
        area_id: the order's area; None outside every area.
        skill: the skill that was asked for.
        considered: how many crews qualified on that ground.
        open_tasks: the chosen crew's open work before this order; None for the duty office.
        distance_m: the chosen neighbour's distance; None otherwise or if unknown.
    """

    crew_id: str | None
    why: Why
    gap: Gap | None
    area_id: str | None
    skill: str
    considered: int
    open_tasks: int | None = None
    distance_m: float | None = None


def choose(
    candidates: Iterable[Candidate],
    *,
    area_id: str | None,
    skill: str,
    neighbour_distance_max_m: float = math.inf,
) -> Choice:
    """Choose the crew for an order.

    Args:
        candidates: every crew that might be asked, in any order.
        area_id: the area that the site lies in; None if it lies in none.
        skill: the skill that the work needs.
        neighbour_distance_max_m: a crew farther than this is no neighbour; one whose distance is
            unknown is, but comes last.
    """
    if area_id is None:
        return Choice(None, Why.duty_office, Gap.outside_areas, None, skill, 0)
    crews = list(candidates)
    own = [crew for crew in crews if area_id in crew.area_ids]
    able = [crew for crew in own if _can(crew, skill)]
    if able:
        best = min(able, key=lambda crew: (crew.open_tasks, crew.crew_id))
        return Choice(best.crew_id, Why.area, None, area_id, skill, len(able), best.open_tasks)
    gap = _gap(own)
    near = [
        crew
        for crew in crews
        if area_id not in crew.area_ids
        and _can(crew, skill)
        and (crew.distance_m is None or crew.distance_m <= neighbour_distance_max_m)
    ]
    if not near:
        return Choice(None, Why.duty_office, gap, area_id, skill, 0)
    best = min(near, key=lambda crew: (_distance_m(crew), crew.open_tasks, crew.crew_id))
    return Choice(
        best.crew_id,
        Why.neighbour,
        gap,
        area_id,
        skill,
        len(near),
        best.open_tasks,
        best.distance_m,
    )


def _can(crew: Candidate, skill: str) -> bool:
    return crew.on_duty and skill in crew.skills


def _gap(own: list[Candidate]) -> Gap:
    """Name the first thing that the area's own crews lack."""
    if not own:
        return Gap.no_crew
    if not any(crew.on_duty for crew in own):
        return Gap.none_on_duty
    return Gap.none_with_skill


def _distance_m(crew: Candidate) -> float:
    return math.inf if crew.distance_m is None else crew.distance_m
