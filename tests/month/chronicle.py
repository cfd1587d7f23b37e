"""What came of a month, from the ledgers: a line for each event, in the order of their minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import db
from api.insight.models import IssuedReport
from api.promises.models import Clock, ClockMoment
from api.scheduler.models import JobRun
from api.supervision.models import Case, CaseMoment
from tests.month.script import ZONE

_Line = tuple[str, str]


def told(database: db.Database) -> list[str]:
    """Tell every event of the ledgers: when it was heard, what it was about, what it was."""
    with database.reading() as session:
        lines = [*_promises(session), *_cases(session), *_reports(session), *_failures(session)]
    return [f"{at}  {what}" for at, what in sorted(lines)]


def _promises(session: Session) -> Iterator[_Line]:
    """Tell what became of promises; that they begin and change hands is in nobody's way."""
    question = select(ClockMoment, Clock.subject_id, Clock.kind).join(
        Clock, (Clock.district_id == ClockMoment.district_id) & (Clock.id == ClockMoment.clock_id)
    )
    for moment, subject_id, kind in session.execute(question):
        if moment.cause not in {"started", "handed_over"}:
            sure = "" if moment.sure else ", not sure"
            what = f"{subject_id} {kind}: {moment.cause} -> {moment.state}{sure}"
            yield _minute(moment.heard_at), what


def _cases(session: Session) -> Iterator[_Line]:
    question = select(CaseMoment, Case.subject_id, Case.kind).join(
        Case, (Case.district_id == CaseMoment.district_id) & (Case.id == CaseMoment.case_id)
    )
    for moment, subject_id, kind in session.execute(question):
        yield _minute(moment.heard_at), f"{subject_id} {kind}: case {moment.event}, {moment.level}"


def _reports(session: Session) -> Iterator[_Line]:
    for row in session.scalars(select(IssuedReport)):
        yield _minute(row.issued_at), f"{row.span} report of {row.first_day} to {row.last_day}"


def _failures(session: Session) -> Iterator[_Line]:
    """Tell of runs that did not end well; there should be none."""
    for run in session.scalars(select(JobRun).where(JobRun.state != "done")):
        yield _minute(run.claimed_at), f"job {run.job}: {run.state}, {run.error}"


def _minute(at: dt.datetime) -> str:
    return f"{at.astimezone(ZONE):%m-%d %H:%M}"
