"""Questions about devices."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.crews.models import Device


def find_device(session: Session, *, device_id: str) -> Device | None:
    """Find a device by id."""
    return session.get(Device, device_id)
