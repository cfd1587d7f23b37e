"""Telling other systems of findings about readings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from api.acts import Act
from api.notices import service as notices
from schemas.events import EventType, FlagEvent
from schemas.rules import flags


def flagged(session: Session, *, act: Act, row: Mapping[str, Any]) -> None:
    """Tell of a finding, as its row keeps it; what it rests on, the API says."""
    notices.publish(
        session,
        act=act,
        event=EventType.READING_FLAGGED,
        subject=f"meters/{row['meter_id']}/readings",
        cause=row["id"],
        at=row["found_at"],
        data=FlagEvent(
            flag_id=row["id"],
            reading_id=row["reading_id"],
            meter_id=row["meter_id"],
            code=row["code"],
            severity=flags.Severity(row["severity"]),
            cim=row["cim"],
            heard_at=act.received_at,
        ),
    )
