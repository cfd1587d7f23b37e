"""How a case climbs the organisation: by time when the job looks, at once when somebody raises it.

Each level is reached once: a row's lock lets one worker climb, a constraint guards the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api import db, reasons
from api.acts import Act
from api.crews import service as crews
from api.supervision import store
from api.supervision.models import Case
from api.supervision.service import record, settled
from schemas.crews import Level
from schemas.errors import Refused
from schemas.rules import ladder
from schemas.supervision import CaseEvent, CaseRaised, Ladder, Rung

_UNITS: Final = db.in_hand("supervision.units")
"""Where a unit of work keeps which unit stands at which level above a district."""
_log = structlog.get_logger()


class AtTheTop(Refused):
    """The case stands at this level already, or higher. See who has it there, or chase it."""

    code = "at-the-top"
    status = 409
    en = "Supervision case {id} stands at the level {level} already; there is none to raise it to."
    zh = "督办单 {id} 已处于{level_zh}级，无法再提级。"


def begin(session: Session, *, case: Case, policy: Ladder, turn: int) -> None:
    """Put a case that is being opened where it begins.

    A major event begins higher, reopened work a step up, where the organisation has such a level.
    """
    major = str(policy.major.level) if case.major and policy.major else None
    wanted = ladder.first(_rungs(case), major=major, turn=turn)
    units = _units(session, case.district_id)
    case.begun = max(
        place
        for place, rung in enumerate(_rungs(case))
        if place == 0 or (place <= wanted and rung.level in units)
    )
    _stand(session, case, case.begun)


def set_next(session: Session, case: Case) -> None:
    """Say when a case climbs next, by its ladder and the levels that the organisation has."""
    stands = _next_place(session, case)
    case.climbs_at = (
        None
        if stands is None
        else ladder.climbs_at(_rungs(case), opened_at=case.opened_at, begun=case.begun, to=stands)
    )


def climb_due(session: Session, *, act: Act, limit: int) -> Counter[str]:
    """Let the cases climb whose time has come, the longest waiting first.

    A case that waited through several levels goes through each of them, at the time of each.

    Returns:
        How many `climbed`, by steps, and how many cases were `looked` at.
    """
    counts: Counter[str] = Counter()
    now = act.happened.at
    for case in store.lock_climbing(session, district_id=act.district_id, now=now, limit=limit):
        counts["looked"] += 1
        while case.climbs_at is not None and case.climbs_at <= now:
            at, place = case.climbs_at, _next_place(session, case)
            assert place is not None, "it has a time to climb at"
            _stand(session, case, place)
            set_next(session, case)
            record.write(
                session, act=act, case=case, event=CaseEvent.climbed, at=at, reached=case.level
            )
            counts["climbed"] += 1
            _log.warning("supervision.climbed", case_id=case.id, level=case.level)
    return counts


def raise_case(session: Session, *, act: Act, case_id: str, body: CaseRaised) -> Case:
    """Let a case climb at once, for a concrete reason; levels between are skipped.

    Raises:
        NotFound: there is none with this id.
        CaseSettled: it is closed, excused or cleared.
        ReasonNotConcrete: the reason says nothing.
        AtTheTop: it stands there already, or the organisation has no such level.
    """
    case = settled.get_open(session, act=act, case_id=case_id)
    reasons.require_concrete(body.reason)
    place = _place_of(session, case, body.level)
    if place is None:
        level = Level(case.level)
        raise AtTheTop(id=case.id, level=record.LEVELS[level].en, level_zh=record.LEVELS[level].zh)
    _stand(session, case, place)
    if case.ended_at is None:
        set_next(session, case)
    record.write(
        session,
        act=act,
        case=case,
        event=CaseEvent.raised,
        remark=body.reason,
        reached=case.level,
    )
    crews.audit(
        session,
        act=act,
        what="supervision.raised",
        subject_id=case.id,
        detail={"level": case.level},
    )
    return case


def _place_of(session: Session, case: Case, level: Level | None) -> int | None:
    """Find the rung above that is asked for; by default the next."""
    if level is None:
        return _next_place(session, case)
    units = _units(session, case.district_id)
    places = {rung.level: place for place, rung in enumerate(_rungs(case))}
    place, stands = places.get(level), places.get(case.level)
    if place is None or stands is None or place <= stands or level not in units:
        return None
    return place


def _next_place(session: Session, case: Case) -> int | None:
    """Find the next rung above whose level the organisation has."""
    rungs = _rungs(case)
    units = _units(session, case.district_id)
    levels = [rung.level for rung in rungs]
    stands = levels.index(case.level) if case.level in levels else len(levels)
    above = (place for place, rung in enumerate(rungs) if place > stands and rung.level in units)
    return next(above, None)


def _stand(session: Session, case: Case, place: int) -> None:
    """Put a case on a rung: its level, the unit there, and the points that it costs."""
    rung = _rungs(case)[place]
    case.level, case.points = rung.level, rung.points
    case.unit_id = _units(session, case.district_id)[rung.level] if place else case.district_id


def _rungs(case: Case) -> list[ladder.Rung]:
    """Read the ladder that a case keeps."""
    return [
        ladder.Rung(str(rung.level), rung.after_s, rung.points)
        for rung in msgspec.convert(case.rungs, list[Rung])
    ]


def _units(session: Session, district_id: str) -> Mapping[str, str]:
    """Tell which unit stands at which level above a district; asked once a unit of work."""
    known: dict[str, Mapping[str, str]] = session.info.setdefault(_UNITS, {})
    if district_id not in known:
        upward = crews.list_upward(session, unit_id=district_id)
        known[district_id] = {unit.level: unit.id for unit in upward}
    return known[district_id]
