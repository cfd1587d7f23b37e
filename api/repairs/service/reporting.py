"""Reporting: trouble as somebody told it becomes an order that somebody has, at once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api.acts import Act, Happened
from api.errors import NotFound
from api.repairs import store
from api.repairs.models import RepairReport
from api.repairs.service import drafting, placing
from api.tasks import service as tasks
from schemas import base, repairs
from schemas.errors import Refused

AHEAD_MAX_S: Final = 300.0
AGE_MAX_S: Final = 30 * 86_400.0
_log = structlog.get_logger()


class ReportedAtOdd(Refused):
    """Trouble cannot be reported from the future, nor months late. Check your system's clock."""

    code = "reported-at-odd"
    status = 422
    en = "The report says it was made at {reported_at}; it is {now} here."
    zh = "报修时间为 {reported_at}，而当前时间为 {now}；请检查系统时钟。"


def report(session: Session, *, act: Act, report: repairs.Report) -> repairs.Placed:
    """Open an order for a report, and give it to a crew at once; the same key opens only one.

    Its clocks run from the moment of the report; it is dispatched now.

    Raises:
        ReportedAtOdd: it was made in the future, or too long ago.
        OddPosition: its position can be no place of work.
        WrongDatum: its datum means nothing there.
        NotFound: there is no such service point.
    """
    reporter_id = act.principal.person_id
    known = store.find_by_key(
        session, district_id=act.district_id, reporter_id=reporter_id, key=report.key
    )
    if known is not None:
        return _again(session, act=act, known=known, report=report)
    reported_at = _check_reported_at(report, act=act)
    draft, spot = drafting.draft_of(session, act=act, report=report)
    placed = placing.place(session, act=act, spot=spot, skill=report.skill)
    if not store.claim(session, _row(act, draft, report, placed, reported_at)):
        known = store.find_by_key(
            session, district_id=act.district_id, reporter_id=reporter_id, key=report.key
        )
        assert known is not None, "a key that cannot be claimed is taken"
        return _again(session, act=act, known=known, report=report)
    told = act._replace(happened=Happened(at=reported_at))
    task = tasks.open_task(session, act=told, draft=draft)
    if placed.crew_id is not None:
        why = f"{placed.zh}\n{placed.en}"
        tasks.assign(session, act=act, task=task, crew_id=placed.crew_id, person_id=None, why=why)
    tasks.report_taken(session, act=told, task=task)
    _log.info("repair.reported", task_id=task.id, placed=placed.code, crew_id=placed.crew_id)
    return repairs.Placed(task=task.wire(), placement=placed)


def get_report(session: Session, *, act: Act, key: str) -> repairs.Placed:
    """Get what became of one's own report.

    Raises:
        NotFound: one never reported under this key.
    """
    known = store.find_by_key(
        session, district_id=act.district_id, reporter_id=act.principal.person_id, key=key
    )
    if known is None:
        raise NotFound(what="report", id=key)
    task = tasks.get_task(session, act=act, task_id=known.task_id)
    return repairs.Placed(task=task.wire(), placement=_placement(known), again=True)


def list_reports(
    session: Session,
    *,
    act: Act,
    wanted: repairs.ReportFilter,
    after_id: str | None,
    limit: int,
) -> Sequence[repairs.KnownReport]:
    """List reports in the order in which they were taken.

    Args:
        session: the unit of work.
        act: who asks.
        wanted: which reports.
        after_id: the last report of the page before.
        limit: how many at most.
    """
    rows = store.list_reports(
        session,
        district_id=act.district_id,
        task_id=wanted.task_id,
        channel=wanted.channel,
        after_id=after_id,
        limit=limit,
    )
    return [_view(row) for row in rows]


def _again(
    session: Session, *, act: Act, known: RepairReport, report: repairs.Report
) -> repairs.Placed:
    """Answer a key that came before with its order; new words go on the order's timeline."""
    words = _sha256(report)
    if words == known.sha256:
        task = tasks.get_task(session, act=act, task_id=known.task_id)
    else:
        known.sha256 = words
        task = next(iter(tasks.load(session, district_id=act.district_id, ids=[known.task_id])))
        detail = {"reported_again": msgspec.to_builtins(report)}
        tasks.write(session, act=act, task=task, event="note", detail=detail)
    return repairs.Placed(task=task.wire(), placement=_placement(known), again=True)


def _check_reported_at(report: repairs.Report, *, act: Act) -> dt.datetime:
    reported_at = report.reported_at or act.happened.at
    ahead_s = (reported_at - act.received_at).total_seconds()
    if not -AGE_MAX_S <= ahead_s <= AHEAD_MAX_S:
        raise ReportedAtOdd(
            reported_at=base.rfc3339(reported_at), now=base.rfc3339(act.received_at)
        )
    return min(reported_at, act.received_at)


def _row(
    act: Act,
    draft: tasks.TaskDraft,
    report: repairs.Report,
    placed: repairs.Placement,
    reported_at: dt.datetime,
) -> dict[str, object]:
    return {
        "district_id": act.district_id,
        "id": act.new_id(),
        "reporter_id": act.principal.person_id,
        "key": report.key,
        "sha256": _sha256(report),
        "task_id": draft.id,
        "channel": str(report.channel),
        "description": report.description,
        "skill": report.skill,
        "reported_at": reported_at,
        "received_at": act.received_at,
        "placement": msgspec.to_builtins(placed),
    }


def _view(row: RepairReport) -> repairs.KnownReport:
    return repairs.KnownReport(
        id=row.id,
        key=row.key,
        reporter_id=row.reporter_id,
        channel=repairs.Channel(row.channel),
        description=row.description,
        task_id=row.task_id,
        reported_at=row.reported_at,
        received_at=row.received_at,
        placement=_placement(row),
    )


def _placement(row: RepairReport) -> repairs.Placement:
    return msgspec.convert(row.placement, repairs.Placement)


def _sha256(report: repairs.Report) -> str:
    return hashlib.sha256(base.encode(report)).hexdigest()
