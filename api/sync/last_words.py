"""Last words: what a revoked device had not sent comes into quarantine, and its files wait there.

Its tokens are dead; the signature of its key is the proof of who speaks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api import http
from api.acts import Act, Happened
from api.crews import service as crews
from api.crews.identity import limits
from api.crews.models import Device
from api.errors import NotFound
from api.evidence import service as evidence
from api.sync import event_time, inbox, signing, store
from api.sync.quarantine import keeping
from api.sync.refusals import DeviceStands, LastWordsRefused, ProtocolUnknown
from schemas import evidence as files
from schemas import sync
from schemas.quarantine import Reason

PER_MINUTE_MAX: Final = 120
"""Contacts of one revoked device; a day's outbox takes one or two."""
_MINUTE_S: Final = 60
_DECLARES: Final = "evidence.declare"


def hear(
    session: Session, *, asked: sync.LastWords, grant_uploads: http.GrantUploads, now: dt.datetime
) -> sync.LastWordsHeard:
    """Keep what a revoked device had not sent; again changes nothing.

    Args:
        session: the unit of work; the caller commits.
        asked: what it says.
        grant_uploads: gives it the token for its files.
        now: the present instant.

    Raises:
        ProtocolUnknown: the phone speaks another version.
        LastWordsRefused: the key of no device has signed this.
        DeviceStands: the device is not revoked.
        TooMany: it speaks too often.
        Invalid: an operation has no id or number, or two have the same.
    """
    if asked.protocol != sync.PROTOCOL:
        raise ProtocolUnknown(asked=asked.protocol, spoken=sync.PROTOCOL)
    device = _proved(session, asked)
    limits.fill(
        session,
        name=f"last words of {device.id}",
        share=1 / PER_MINUTE_MAX,
        window_s=_MINUTE_S,
        now=now,
    )
    letters = inbox.open_letters(asked.operations)
    if letters and not signing.vouches(asked.head, letters):
        raise LastWordsRefused
    principal = crews.principal_of(
        session, district_id=device.district_id, person_id=device.person_id, device_id=device.id
    )
    act = Act(principal=principal, happened=Happened(now), received_at=now)
    late = _late(session, device, letters)
    _keep(session, act=act, device=device, contact=asked.contact, letters=late)
    expected = evidence.expect_files(session, act=act, declared=_declared(session, device))
    grant = grant_uploads(session, person_id=device.person_id, device_id=device.id, now=now)
    return sync.LastWordsHeard(
        server_at=now,
        safe_through=letters[-1].n if letters else 0,
        missing=expected.missing,
        more=expected.more,
        upload_token=grant.token,
        upload_expires_at=grant.expires_at,
    )


def _proved(session: Session, asked: sync.LastWords) -> Device:
    """Find the device whose key has signed the words."""
    try:
        device = crews.get_device(session, device_id=asked.device_id)
    except NotFound as error:
        raise LastWordsRefused from error
    if device.key is None or not signing.is_signed(asked.head, device_id=device.id, key=device.key):
        raise LastWordsRefused
    if device.revoked_at is None:
        raise DeviceStands(device_id=device.id)
    return device


def _late(session: Session, device: Device, letters: Sequence[inbox.Letter]) -> list[inbox.Letter]:
    """Leave out what was settled while the device was still good: it only never heard of it."""
    settled = store.receipts_by_n(
        session,
        district_id=device.district_id,
        device_id=device.id,
        numbers=[letter.n for letter in letters],
    )
    return [
        letter
        for letter in letters
        if letter.n not in settled or settled[letter.n].sha256 != letter.sha256
    ]


def _keep(
    session: Session,
    *,
    act: Act,
    device: Device,
    contact: sync.Contact,
    letters: Sequence[inbox.Letter],
) -> None:
    timeline = event_time.overhear(session, act=act, device=device, contact=contact)
    keeping.keep(
        session,
        act=act,
        origin=keeping.Origin(device.id, device.person_id, Reason.REVOKED),
        kept=timeline.place(letters, not_before=device.enrolled_at),
    )


def _declared(session: Session, device: Device) -> list[files.Declared]:
    """List the files that a device declared, now or before, and that wait for the office."""
    letters = keeping.list_waiting(
        session, district_id=device.district_id, device_id=device.id, type_=_DECLARES
    )
    return [letter.body for letter in letters if isinstance(letter.body, files.Declared)]
