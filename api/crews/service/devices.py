"""Devices: enrolled by their person, revoked by the office, heard of at every contact."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api import errors
from api.acts import Act
from api.crews import store
from api.crews.models import Device
from api.crews.service import device_keys, trail, units
from schemas import crews as shapes
from schemas import sync
from schemas.errors import Refused
from schemas.places import Fix
from schemas.rules import datums, reasons

DEVICES_PER_PERSON_MAX: Final = 20
COUNT_MAX: Final = 1_000_000_000
"""Where a count that a device gave stops being believed, and kept."""
BYTES_MAX: Final = 10**15
NEW_KEY_WITHIN: Final = dt.timedelta(hours=24)
"""How long a device may be given another key, once the office has allowed it."""
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class ClockSeen:
    """What a contact told of a device's wall clock.

    Attributes:
        fast_s: how far it is ahead of ours; negative when it is slow.
        error_s: the truth lies within this.
        was_set: it moved by itself since the contact before.
    """

    fast_s: float
    error_s: float
    was_set: bool


class DeviceRevoked(Refused):
    """The office has revoked this device: it must wipe what it holds of the district's work."""

    code = "device-revoked"
    status = 401
    en = "This device has been revoked; it must erase the work that it holds."
    zh = "此设备已被停用，必须清除所保存的工作数据。"


class TooManyDevices(Refused):
    """You have as many devices as one person may. Let the office revoke those not used any more."""

    code = "too-many-devices"
    status = 409
    en = "One person may have {devices_max} devices; have an old one revoked first."
    zh = "每人最多可登记 {devices_max} 台设备，请先停用旧设备。"


class NewKeyReasonVague(Refused):
    """Letting a device have another key needs a concrete reason. Write what became of its key."""

    code = "new-key-reason-vague"
    status = 422
    en = "The reason for another key must be concrete ({fault})."
    zh = "更换设备密钥必须写明具体原因（{fault}）。"


def enrol(session: Session, *, act: Act, asked: shapes.Enrolment) -> Device:
    """Enrol a device for the actor; the same id and key again give the same device.

    Where the office has allowed it, another key takes the place of the one before.

    Raises:
        NotFound: the id is another person's device.
        DeviceRevoked: the device was enrolled before and revoked.
        DeviceKeyWrong: the key is no point on P-256.
        DeviceKeyDiffers: the device was enrolled with another key.
        TooManyDevices: the person has too many.
    """
    person_id = act.principal.person_id
    device_id = asked.id or act.new_id()
    key = device_keys.text_of(asked.key)
    if store.devices.find_device(session, device_id=device_id) is not None:
        return _enrolled_before(session, act=act, device_id=device_id, key=key)
    if store.devices.count_active_of(session, person_id=person_id) >= DEVICES_PER_PERSON_MAX:
        raise TooManyDevices(devices_max=DEVICES_PER_PERSON_MAX)
    device = Device(
        id=device_id,
        district_id=act.district_id,
        person_id=person_id,
        name=asked.name,
        app=asked.app,
        enrolled_at=act.received_at,
        covered_until=act.received_at,
        queued=0,
        files_queued=0,
        key=key,
    )
    session.add(device)
    session.flush()
    trail.audit(session, act=act, what="device.enrolled", subject_id=device.id)
    return device


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


def get_device(session: Session, *, device_id: str) -> Device:
    """Find the device that speaks, by the id that its token is bound to.

    Raises:
        NotFound: there is none.
    """
    device = store.devices.find_device(session, device_id=device_id)
    if device is None:
        raise errors.NotFound(what="device", id=device_id)
    return device


def get_device_of_district(session: Session, *, act: Act, device_id: str) -> Device:
    """Find a device of the actor's district.

    Raises:
        NotFound: there is none.
    """
    device = store.devices.find_in_district(
        session, district_id=act.district_id, device_id=device_id
    )
    if device is None:
        raise errors.NotFound(what="device", id=device_id)
    return device


def list_devices(
    session: Session, *, act: Act, person_id: str | None, after_id: str | None, limit: int
) -> Sequence[Device]:
    """List a page of the district's devices, of one person if named."""
    return store.devices.page_of_district(
        session,
        district_id=act.district_id,
        person_id=person_id,
        after_id=after_id,
        limit=limit,
    )


def list_active_ids(
    session: Session, *, district_id: str, crew_id: str | None, person_id: str | None
) -> Sequence[str]:
    """List the active devices of a person, else of a crew's members; none of nobody's."""
    if person_id is not None:
        return store.devices.list_active_ids_of_person(
            session, district_id=district_id, person_id=person_id
        )
    if crew_id is not None:
        return store.devices.list_active_ids_of_crew(
            session, district_id=district_id, crew_id=crew_id
        )
    return []


def active_among(session: Session, *, device_ids: Collection[str]) -> frozenset[str]:
    """Tell which of some devices are there, not revoked, and of somebody who has not left."""
    return frozenset(store.devices.list_active_ids_among(session, device_ids=device_ids))


def list_unsynced(
    session: Session,
    *,
    act: Act,
    unit_id: str | None,
    after: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[Device]:
    """List a page of the devices that said they had work unsent, the longest unheard first.

    Args:
        session: the unit of work.
        act: who looks.
        unit_id: only devices of people of this unit, or of one beneath it.
        after: `covered_until` and id of the device that the page before ended with.
        limit: rows of a page.

    Raises:
        NotFound: the actor has no such unit.
    """
    path = None if unit_id is None else units.get_unit(session, act=act, unit_id=unit_id).path
    return store.devices.page_of_unsynced(
        session, district_id=act.district_id, path=path, after=after, limit=limit
    )


def revoke(session: Session, *, act: Act, device_id: str) -> Device:
    """Revoke a device: at its next contact it is told to wipe.

    Raises:
        NotFound: there is no such device in the district.
    """
    device = get_device_of_district(session, act=act, device_id=device_id)
    if device.revoked_at is None:
        device.revoked_at = act.received_at
        trail.audit(session, act=act, what="device.revoked", subject_id=device.id)
    return device


def allow_new_key(session: Session, *, act: Act, device_id: str, reason: str) -> Device:
    """Let a device's person give it another key, once, within `NEW_KEY_WITHIN`.

    The key that it has stands until then; afterwards it opens nothing and proves what it signed.

    Raises:
        NotFound: there is no such device in the district.
        DeviceRevoked: it was revoked.
        NewKeyReasonVague: the reason says nothing.
    """
    device = get_device_of_district(session, act=act, device_id=device_id)
    if device.revoked_at is not None:
        raise DeviceRevoked(device_id=device_id)
    fault = reasons.check(reason).fault
    if fault is not None:
        raise NewKeyReasonVague(fault=fault)
    device.new_key_until = act.received_at + NEW_KEY_WITHIN
    trail.audit(
        session,
        act=act,
        what="device.new-key-allowed",
        subject_id=device.id,
        detail={"reason": reason},
    )
    return device


def keys_of(session: Session, *, device: Device) -> list[str]:
    """List every key that a device has or had, as they are kept, the present one first."""
    former = store.devices.list_former_keys(session, device_id=device.id)
    return [*([device.key] if device.key else []), *(row.key for row in former)]


def note_contact(
    session: Session,
    *,
    device: Device,
    act: Act,
    status: sync.DeviceStatus,
    covered_until: dt.datetime,
    clock: ClockSeen,
) -> None:
    """Note what a device said of itself at a contact.

    Args:
        session: the unit of work.
        device: the device, in the unit of work.
        act: the contact.
        status: what it said.
        covered_until: the instant until which all that it did is now known.
        clock: how right its clock is.
    """
    assert device in session
    said = {
        "last_seen_at": act.received_at,
        "covered_until": covered_until,
        "queued": min(status.queued, COUNT_MAX),
        "files_queued": min(status.files_queued, COUNT_MAX),
        "unsent_since": status.unsent_since,
        "app": status.app,
        "files_bytes": min(status.files_bytes, BYTES_MAX),
        "clock_fast_s": clock.fast_s,
        "clock_error_s": clock.error_s,
        "clock_set_at": act.received_at if clock.was_set else device.clock_set_at,
    }
    store.devices.note(session, device, said)
    if status.fix is not None:
        _note_position(device, status.fix, received_at=act.received_at)


def note_checkpoint(session: Session, *, device: Device, seen: sync.CheckpointMark) -> None:
    """Note the newest checkpoint that a device says it was shown."""
    known = (device.checkpoint_number or 0, device.checkpoint_sha256)
    if seen.number < known[0] or known == (seen.number, seen.sha256):
        return
    said = {"checkpoint_number": seen.number, "checkpoint_sha256": seen.sha256}
    store.devices.note_checkpoint(session, device, said)


def note_copied(device: Device, *, at: dt.datetime) -> None:
    """Note that two phones work under a device's name, and say so once."""
    if device.copied_at is None:
        device.copied_at = at
        _log.warning("device.copied", device_id=device.id)


def view(device: Device) -> shapes.DeviceView:
    """Shape a device."""
    return shapes.DeviceView(
        id=device.id,
        person_id=device.person_id,
        name=device.name,
        app=device.app,
        enrolled_at=device.enrolled_at,
        revoked_at=device.revoked_at,
        last_seen_at=device.last_seen_at,
        covered_until=device.covered_until,
        queued=device.queued,
        files_queued=device.files_queued,
        unsent_since=device.unsent_since,
        copied_at=device.copied_at,
        key=device_keys.view(device.key),
        files_bytes=device.files_bytes,
        clock_fast_s=device.clock_fast_s,
        clock_error_s=device.clock_error_s,
        clock_set_at=device.clock_set_at,
        new_key_until=device.new_key_until,
    )


def _enrolled_before(session: Session, *, act: Act, device_id: str, key: str) -> Device:
    """Give a person's device again, to the device that holds its key or is allowed a new one."""
    device = get_own(session, person_id=act.principal.person_id, device_id=device_id)
    if device.key == key:
        return device
    if device.new_key_until is None or act.received_at >= device.new_key_until:
        raise device_keys.DeviceKeyDiffers(device_id=device_id)
    if device.key is not None:
        store.devices.keep_former_key(
            session,
            device_id=device_id,
            jkt=device_keys.thumbprint(device.key),
            key=device.key,
            ended_at=act.received_at,
        )
    device.key, device.new_key_until = key, None
    trail.audit(session, act=act, what="device.key-changed", subject_id=device_id)
    _log.info("device.key_changed", device_id=device_id)
    return device


def _note_position(device: Device, fix: Fix, *, received_at: dt.datetime) -> None:
    """Keep a device's newest position, in WGS-84."""
    position_at = received_at - dt.timedelta(seconds=fix.age_s or 0)
    if device.position_at is not None and device.position_at > position_at:
        return
    device.lat_deg, device.lon_deg = datums.convert(
        fix.lat_deg, fix.lon_deg, source=fix.datum, target=datums.Datum.wgs84
    )
    device.accuracy_m = fix.accuracy_m
    device.position_at = position_at
