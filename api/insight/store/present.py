"""Rows that are not about orders: readings, and phones as they are now."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, case, literal, or_, select

from api.crews.models import Device
from api.insight.store.ledgers import Asked, no_time
from api.readings.models import Reading

SYNCED: Final = "synced"
UNSYNCED: Final = "unsynced"


def readings(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Ask for the readings that were taken in a period and had come by the instant."""
    return select(
        Reading.id.label("id"),
        literal("").label("subject_id"),
        Reading.read_at.label("at"),
        literal("").label("kind"),
        Reading.quality.label("outcome"),
        Reading.reader_id.label("reader_id"),
        Reading.route_id.label("route_id"),
        no_time(),
    ).where(
        Reading.district_id == asked.district_id,
        Reading.read_at >= asked.from_at,
        Reading.read_at < asked.to_at,
        Reading.received_at <= asked.as_of,
    )


def devices(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Ask for the phones that are in use, and whether they hold what is not sent."""
    unsent = or_(Device.queued > 0, Device.files_queued > 0)
    return select(
        Device.id.label("id"),
        literal("").label("subject_id"),
        Device.covered_until.label("at"),
        literal("").label("kind"),
        case((unsent, UNSYNCED), else_=SYNCED).label("outcome"),
        Device.person_id.label("reader_id"),
        no_time(),
    ).where(Device.district_id == asked.district_id, Device.revoked_at.is_(None))
