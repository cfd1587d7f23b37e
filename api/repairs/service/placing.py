"""Placing: which crew gets a report at once, and the sentence that says why."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.sites import service as sites
from api.tasks import service as tasks
from schemas import places, repairs
from schemas import sites as ground
from schemas.errors import Words
from schemas.rules import datums, geodesy, placement

_GAPS: Final[Mapping[placement.Gap, Words]] = MappingProxyType(
    {
        placement.Gap.outside_areas: Words(
            en="The place lies in no service area", zh="该位置不在任何供电服务区域内"
        ),
        placement.Gap.no_crew: Words(en="No crew serves {area}", zh="{area}没有所属班组"),
        placement.Gap.none_on_duty: Words(
            en="No crew of {area} is on duty", zh="{area}当前无值班班组"
        ),
        placement.Gap.none_with_skill: Words(
            en="No crew on duty in {area} has the skill {skill}",
            zh="{area}值班班组均不具备 {skill} 技能",
        ),
    }
)
_AREA: Final = Words(
    en="{crew} is on duty in {area} with the skill {skill}; of {considered} such crews it has the"
    " least to do ({open_tasks} open).",
    zh="{crew}在{area}值班且具备 {skill} 技能：{considered} 个可选班组中在办工单最少"
    "（{open_tasks} 件）。",
)
_NEIGHBOUR: Final = Words(
    en="{gap}; of {considered} neighbours that can help {crew} is the nearest ({distance} away,"
    " {open_tasks} open).",
    zh="{gap}；{considered} 个可支援班组中{crew}最近（距离 {distance}，在办 {open_tasks} 件）。",
)
_DUTY_OFFICE: Final = Words(
    en="{gap}, and no neighbour with the skill {skill} is on duty: the duty office has the order.",
    zh="{gap}，且没有具备 {skill} 技能的相邻班组值班：工单由值班室处理。",
)
_OUTSIDE: Final = Words(en="{gap}: the duty office has the order.", zh="{gap}：工单由值班室处理。")
_NOWHERE: Final = Words(
    en="The report names no place: the duty office has the order.",
    zh="报修未提供位置：工单由值班室处理。",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Spot:
    """Where trouble is: a position if anybody told one, and the area around it."""

    position: places.Position | None
    located: ground.Located


NOWHERE: Final = Spot(None, ground.Located(area_id=None, area_class=None, name="", neighbours=[]))


def locate(session: Session, *, district_id: str, position: places.Position | None) -> Spot:
    """Find the area around a position."""
    if position is None:
        return NOWHERE
    located = sites.locate(session, district_id=district_id, position=position)
    return Spot(position, located)


def place(session: Session, *, act: Act, spot: Spot, skill: str) -> repairs.Placement:
    """Choose the crew that gets work at a spot now, and say why."""
    district_id, at, area_id = act.district_id, act.happened.at, spot.located.area_id
    on_duty: list[crews.CrewOnDuty] = []
    candidates: list[placement.Candidate] = []
    if area_id is not None:
        on_duty = crews.on_duty(session, district_id=district_id, at=at)
        loads = tasks.count_open_by_crew(session, district_id=district_id)
        candidates = [_candidate(crew, spot=spot, loads=loads) for crew in on_duty]
        served = crews.crews_by_area(session, district_id=district_id, at=at)
        asleep = set(served.get(area_id, [])) - {crew.crew_id for crew in on_duty}
        candidates += [_asleep(crew_id, area_id=area_id) for crew_id in sorted(asleep)]
    choice = placement.choose(candidates, area_id=area_id, skill=skill)
    chosen = next((crew for crew in on_duty if crew.crew_id == choice.crew_id), None)
    words = _sentence(choice, spot=spot, crew=chosen)
    return repairs.Placement(
        code=choice.why,
        en=words.en,
        zh=words.zh,
        gap=choice.gap,
        crew_id=choice.crew_id,
        area_id=choice.area_id,
        skill=choice.skill,
        considered=choice.considered,
        open_tasks=choice.open_tasks,
        distance_m=choice.distance_m,
    )


def _candidate(
    crew: crews.CrewOnDuty, *, spot: Spot, loads: Mapping[str, int]
) -> placement.Candidate:
    return placement.Candidate(
        crew_id=crew.crew_id,
        on_duty=True,
        skills=frozenset(crew.skills),
        open_tasks=loads.get(crew.crew_id, 0),
        area_ids=frozenset(crew.area_ids),
        distance_m=_distance_m(crew, spot=spot),
    )


def _asleep(crew_id: str, *, area_id: str) -> placement.Candidate:
    """Name a crew of the area that is not on duty, so that the sentence can say so."""
    return placement.Candidate(
        crew_id=crew_id,
        on_duty=False,
        skills=frozenset(),
        open_tasks=0,
        area_ids=frozenset({area_id}),
    )


def _distance_m(crew: crews.CrewOnDuty, *, spot: Spot) -> float | None:
    """Measure from a spot to where a crew was last heard of, else to the nearest of its areas."""
    if crew.fix is not None and spot.position is not None:
        lat_deg, lon_deg = datums.convert(
            spot.position.lat_deg,
            spot.position.lon_deg,
            source=spot.position.datum,
            target=datums.Datum.wgs84,
        )
        return geodesy.distance_m(lat_deg, lon_deg, crew.fix.lat_deg, crew.fix.lon_deg)
    served = (each.distance_m for each in spot.located.neighbours if each.area_id in crew.area_ids)
    distance_m = min(served, default=math.inf)
    return distance_m if math.isfinite(distance_m) else None


def _sentence(choice: placement.Choice, *, spot: Spot, crew: crews.CrewOnDuty | None) -> Words:
    """Say a choice in both languages, with its numbers."""
    if spot.position is None:
        return _NOWHERE
    frame = _frame(choice)
    en, zh = _numbers(choice, spot=spot, crew=crew), _numbers(choice, spot=spot, crew=crew)
    if crew is not None and choice.area_id in crew.lent:
        en["crew"], zh["crew"] = f"{crew.name} (lent)", f"{crew.name}（借调）"
    if choice.distance_m is not None:
        en["distance"], zh["distance"] = f"{choice.distance_m:.0f} m", f"{choice.distance_m:.0f} 米"
    if choice.gap is not None:
        en["gap"] = _GAPS[choice.gap].en.format_map(en)
        zh["gap"] = _GAPS[choice.gap].zh.format_map(zh)
    return Words(en=frame.en.format_map(en), zh=frame.zh.format_map(zh))


def _numbers(
    choice: placement.Choice, *, spot: Spot, crew: crews.CrewOnDuty | None
) -> dict[str, object]:
    return {
        "crew": crew.name if crew else "",
        "area": spot.located.name,
        "skill": choice.skill,
        "considered": choice.considered,
        "open_tasks": choice.open_tasks,
        "distance": "?",
    }


def _frame(choice: placement.Choice) -> Words:
    match choice.why:
        case placement.Why.area:
            return _AREA
        case placement.Why.neighbour:
            return _NEIGHBOUR
        case placement.Why.duty_office:
            outside = choice.gap is placement.Gap.outside_areas
            return _OUTSIDE if outside else _DUTY_OFFICE
