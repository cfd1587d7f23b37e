"""How many estimates a meter may have: the policy set says, and the next one asks for a visit."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy.orm import Session

from api.acts import Act
from api.promises import service as promises
from api.readings.service import histories, proposing, thresholds
from api.sites.models import Meter
from schemas.errors import Refused
from schemas.rules import estimates, judging, no_access
from schemas.visits import VisitReason


class EstimatesUsedUp(Refused):
    """The policy allows no further estimate of this meter. Have it visited, and read.

    `GET /v1/visit-proposals` lists such meters once their last allowed estimate stands.
    """

    code = "estimates-used-up"
    status = 409
    en = "{count} estimates stand since {since}; the policy allows {limit}. Have the meter visited."
    zh = "自 {since} 起已估算 {count} 次，限 {limit} 次；请安排上门抄表。"


def require_allowed(session: Session, *, act: Act, meter: Meter, read_at: dt.datetime) -> None:
    """Let pass one more estimate of a meter.

    Raises:
        EstimatesUsedUp: the policy set in force then allows none.
    """
    found = _used_up(session, act, meter, read_at)
    if found is not None:
        raise EstimatesUsedUp(count=found.count, limit=found.limit, since=found.since.isoformat())


def propose_if_last(session: Session, *, act: Act, meter: Meter, read_at: dt.datetime) -> None:
    """Propose a visit once an estimate was the last that is allowed."""
    found = _used_up(session, act, meter, read_at + dt.timedelta(days=1))
    if found is None:
        return
    step, by_en, by_zh = no_access.step_of(
        has_phone=proposing.has_phone(session, act=act, meter=meter)
    )
    since = found.since.isoformat()
    proposing.propose(
        session,
        act=act,
        meter_id=meter.id,
        reason=VisitReason.ESTIMATES,
        proposal=no_access.Proposal(
            step,
            since,
            {"count": found.count, "limit": found.limit, "since": since},
            f"{found.count} estimates since {since}, and no further one is allowed: {by_en}.",
            f"自 {since} 起已估算 {found.count} 次，不得再估：建议{by_zh}。",
        ),
    )


def limits(session: Session, *, district_id: str, at: dt.datetime) -> estimates.Limits:
    """Give what the policy set in force at an instant allows of estimates."""
    promised = promises.limits(session, district_id=district_id, at=at)
    return dataclasses.replace(
        estimates.Limits.of(thresholds.IN_FORCE.use),
        in_a_row=promised.estimates_in_row_max,
        in_12_months=promised.estimates_in_year_max,
    )


def _used_up(
    session: Session, act: Act, meter: Meter, read_at: dt.datetime
) -> estimates.UsedUp | None:
    known = histories.load(
        session, district_id=act.district_id, meter_ids=[meter.id], until=read_at
    )
    rows = [each for each in known.readings.get(meter.id, ()) if each.read_at < read_at]
    past = histories.past_of(known, meter.id)[: len(rows)]
    cycles = judging.cycles_of(past, histories.register_of(meter))
    return estimates.used_up(
        cycles,
        read_at.astimezone(known.zone).date(),
        limits(session, district_id=act.district_id, at=read_at),
    )
