"""What came of a month, from the ledgers: a line for each event, in the order of their minutes.

A line says when the server heard of it, what it is about, and what it was; where that happened more
than a minute before, it says when. Promises on one thing that go the same way share a line.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import db
from api.customer_promises.models import CustomerPromise
from api.insight.models import IssuedReport
from api.promises.models import Clock, ClockMoment
from api.requests.models import ServiceRequest
from api.scheduler.models import JobRun
from api.supervision.models import Case, CaseMoment
from tests.month.deeds import MINUTE, ZONE

_UNTOLD: Final = frozenset({"started", "handed_over"})
"""That promises begin and change hands is in nobody's way."""
_Line = tuple[dt.datetime, str]


def told(database: db.Database, *, zone: dt.tzinfo = ZONE) -> list[str]:
    """Tell every event of the ledgers: when it was heard, what it was about, what it was."""
    with database.reading() as session:
        names = _names(session)
        lines = [
            *_promises(session, names, zone),
            *_cases(session, names, zone),
            *_reports(session),
            *_runs(session),
        ]
    return [f"{_minute(at, zone)}  {what}" for at, what in sorted(lines)]


def _names(session: Session) -> Mapping[str, str]:
    """Name what has an id that nobody chose."""
    asked = session.scalars(select(ServiceRequest))
    requests = {row.id: f"meter-{row.meter_id}" if row.meter_id else row.key for row in asked}
    promises = {row.id: row.customer for row in session.scalars(select(CustomerPromise))}
    return requests | promises


def _promises(session: Session, names: Mapping[str, str], zone: dt.tzinfo) -> Iterator[_Line]:
    question = (
        select(ClockMoment, Clock.subject_id, Clock.kind)
        .join(
            Clock,
            (Clock.district_id == ClockMoment.district_id) & (Clock.id == ClockMoment.clock_id),
        )
        .where(ClockMoment.cause.not_in(_UNTOLD))
    )
    kinds: dict[tuple[dt.datetime, str, str], list[str]] = defaultdict(list)
    for moment, subject_id, kind in session.execute(question):
        sure = "" if moment.sure else ", not sure"
        what = f"{moment.cause} -> {moment.state}{sure}{_before(moment, zone)}"
        name = names.get(subject_id, subject_id)
        kinds[_whole(moment.heard_at), name, what].append(kind)
    for (at, name, what), shared in kinds.items():
        yield at, f"{name} {'+'.join(sorted(shared))}: {what}"


def _cases(session: Session, names: Mapping[str, str], zone: dt.tzinfo) -> Iterator[_Line]:
    question = select(CaseMoment, Case.subject_id, Case.kind).join(
        Case, (Case.district_id == CaseMoment.district_id) & (Case.id == CaseMoment.case_id)
    )
    for moment, subject_id, kind in session.execute(question):
        name = names.get(subject_id, subject_id)
        what = f"case {moment.event}, {moment.level}{_before(moment, zone)}"
        yield _whole(moment.heard_at), f"{name} {kind}: {what}"


def _reports(session: Session) -> Iterator[_Line]:
    for row in session.scalars(select(IssuedReport)):
        yield _whole(row.issued_at), f"{row.span} report of {row.first_day} to {row.last_day}"


def _runs(session: Session) -> Iterator[_Line]:
    """Tell of runs that did not end well at the first attempt."""
    for run in session.scalars(select(JobRun)):
        if run.state != "done":
            yield _whole(run.claimed_at), f"job {run.job}: {run.state}, {run.error}"
        elif run.attempts > 1:
            yield _whole(run.claimed_at), f"job {run.job} done at attempt {run.attempts}"


def _before(moment: ClockMoment | CaseMoment, zone: dt.tzinfo) -> str:
    """Say when something happened, where it was heard of later."""
    late = moment.heard_at - moment.at > MINUTE
    return f", of {_minute(moment.at, zone)}" if late else ""


def _whole(at: dt.datetime) -> dt.datetime:
    return at.replace(second=0, microsecond=0)


def _minute(at: dt.datetime, zone: dt.tzinfo) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M}"
