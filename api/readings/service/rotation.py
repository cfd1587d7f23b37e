"""Who should read which route next: proposed with its evidence, decided by the office alone."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.readings import store
from api.readings.models import Route
from api.readings.service import thresholds
from api.sites import service as sites
from schemas import visits as shapes
from schemas.rules import rotation as rules

LOOKED_BACK_DAYS: Final = 740
"""Two years of routes and their slack."""
READERS_DAYS: Final = 60


class _Seen(NamedTuple):
    """What was read on routes and found there, by (route, reader); who read most; the zone."""

    readings: Mapping[tuple[str, str], int]
    findings: Mapping[tuple[str, str], int]
    readers: Mapping[str, str]
    zone: zoneinfo.ZoneInfo


def propose(
    session: Session, *, act: Act, after: str, limit: int
) -> tuple[list[shapes.Rotation], str | None]:
    """Propose routes that should change hands, looking at so many names of routes.

    A route goes on under its name, month after month; under another name it is another route.

    Args:
        session: the unit of work.
        act: whose district.
        after: the name to go on behind.
        limit: names to look at.

    Returns:
        The proposals, and the name behind which the next page starts; None behind the last.
    """
    since = act.received_at - dt.timedelta(days=LOOKED_BACK_DAYS)
    names = store.list_route_names(
        session, district_id=act.district_id, since=since, after=after, limit=limit + 1
    )
    shown = names[:limit]
    by_name: dict[str, list[Route]] = {name: [] for name in shown}
    for route in store.list_routes_named(
        session, district_id=act.district_id, names=shown, since=since
    ):
        by_name[route.name].append(route)
    seen = _seen(session, act, [route.id for routes in by_name.values() for route in routes])
    load = _load(session, act)
    given: Counter[str] = Counter()
    found = []
    for name, routes in by_name.items():
        proposal = _proposal(name, routes, seen, {each: load[each] + given[each] for each in load})
        if proposal is not None:
            found.append(proposal)
            given.update([proposal.to_id] if proposal.to_id else [])
    return found, shown[-1] if len(names) > limit else None


def _seen(session: Session, act: Act, route_ids: Sequence[str]) -> _Seen:
    within = {"district_id": act.district_id}
    walked = store.count_walked(session, **within, route_ids=route_ids)
    found = store.count_findings(session, **within, route_ids=route_ids)
    zone = zoneinfo.ZoneInfo(sites.get_district(session, district_id=act.district_id).zone)
    return _Seen(walked, found, _readers(walked), zone)


def _load(session: Session, act: Act) -> dict[str, int]:
    """Count the routes that each active reader had lately."""
    since = act.received_at - dt.timedelta(days=READERS_DAYS)
    lately = store.count_routes_since(session, district_id=act.district_id, since=since)
    active = crews.list_active(session, district_id=act.district_id, ids=sorted(lately))
    return {reader_id: lately[reader_id] for reader_id in active}


def _proposal(
    name: str,
    routes: Sequence[Route],
    seen: _Seen,
    load: Mapping[str, int],
) -> shapes.Rotation | None:
    """Propose that one route changes hands; None where it need not."""
    walks = [
        rules.Walk(route.planned_at.astimezone(seen.zone).date(), seen.readers[route.id])
        for route in routes
        if route.id in seen.readers
    ]
    found = rules.spell(walks)
    if found is None:
        return None
    readings, findings = _evidence(routes, seen, found)
    office = thresholds.IN_FORCE.office
    if not rules.is_due(
        found,
        months_max=office.rotate_after_months,
        findings=findings,
        findings_max=office.rotate_after_findings,
    ):
        return None
    lately = {walk.reader_id for walk in walks[-office.rotate_after_months :]}
    to_id = rules.successor(load, former=lately)
    en, zh = rules.words(found, route=name, readings=readings, findings=findings, to_id=to_id)
    return shapes.Rotation(
        route=name,
        reader_id=found.reader_id,
        since_on=found.since.isoformat(),
        months=found.months,
        readings=readings,
        findings=findings,
        to_id=to_id,
        en=en,
        zh=zh,
    )


def _evidence(routes: Sequence[Route], seen: _Seen, found: rules.Spell) -> tuple[int, int]:
    """Count what the reader of a spell read in it, and what was found there."""
    own = [
        (route.id, found.reader_id)
        for route in routes
        if route.planned_at.astimezone(seen.zone).date() >= found.since
    ]
    return (
        sum(seen.readings.get(key, 0) for key in own),
        sum(seen.findings.get(key, 0) for key in own),
    )


def _readers(readings: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """Tell who read most of each route."""
    most: dict[str, tuple[int, str]] = {}
    for (route_id, reader_id), count in readings.items():
        most[route_id] = max(most.get(route_id, (0, "")), (count, reader_id))
    return {route_id: reader_id for route_id, (_, reader_id) in most.items()}
