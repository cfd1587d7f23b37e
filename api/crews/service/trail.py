"""The audit: one line for each act of the office, written with the act itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import store
from schemas import crews as shapes
from schemas.errors import FieldValue

_log = structlog.get_logger()


def audit(
    session: Session,
    *,
    act: Act,
    what: str,
    subject_id: str,
    detail: Mapping[str, FieldValue] | None = None,
) -> None:
    """Write down an act of the office.

    Args:
        session: the unit of work that does it.
        act: who does it, and when.
        what: the event's name, as `noun.verb`.
        subject_id: what it is done to.
        detail: ids and words that tell it; no personal data.
    """
    line = {
        "district_id": act.district_id,
        "id": act.new_id(),
        "at": act.received_at,
        "person_id": act.principal.person_id,
        "what": what,
        "subject_id": subject_id,
        "detail": dict(detail or {}),
    }
    store.audit.append(session, line=line)
    _log.info(what, subject_id=subject_id, by=act.principal.person_id)


def list_audit(
    session: Session, *, act: Act, before: tuple[dt.datetime, str] | None, limit: int
) -> Sequence[shapes.AuditView]:
    """List a page of the district's audit, newest first."""
    lines = store.audit.page_before(
        session, district_id=act.district_id, before=before, limit=limit
    )
    return [
        shapes.AuditView(
            id=line.id,
            at=line.at,
            person_id=line.person_id,
            what=line.what,
            subject_id=line.subject_id,
            detail=line.detail,
        )
        for line in lines
    ]
