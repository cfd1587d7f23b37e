"""Devices: enrolled by their person, revoked by the office."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api import errors
from api.crews import store
from api.crews.models import Device
from schemas.errors import Refused


class DeviceRevoked(Refused):
    """The office has revoked this device: it must wipe what it holds of the district's work."""

    code = "device-revoked"
    status = 401
    en = "This device has been revoked; it must erase the work that it holds."
    zh = "此设备已被停用，必须清除所保存的工作数据。"


def get_own(session: Session, *, person_id: str, device_id: str) -> Device:
    """Find a person's own device.

    Raises:
        NotFound: there is none, or it is somebody else's.
        DeviceRevoked: the office has revoked it.
    """
    device = store.devices.find_device(session, device_id=device_id)
    if device is None or device.person_id != person_id:
        raise errors.NotFound(what="device", id=device_id)
    if device.revoked_at is not None:
        raise DeviceRevoked(device_id=device_id)
    return device
