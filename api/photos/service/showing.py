"""Showing a photo: what it says beside what its operation says, and what it may be shown as.

Nothing here trusts a file, and nothing here judges a person: it states what agrees and what does
not.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import service as evidence
from api.evidence.models import EvidenceFile
from api.photos import derived, store
from api.photos.models import Picture
from api.sites import service as sites
from schemas import photos, places
from schemas.errors import Refused
from schemas.photos import PictureState, Why
from schemas.rules import pictures

LIKENESSES_SHOWN_MAX: Final = 100
_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/heif": "image/heic"}
)


class PictureNotReady(Refused):
    """Nobody has looked into the file yet, or what it is shown as is being made again. Ask later.

    A minute is usual.
    """

    code = "picture-not-ready"
    status = 409
    en = "The photo is not ready to be shown yet; ask again in a minute."
    zh = "照片尚未处理完成；请一分钟后再试。"


class PictureNotShown(Refused):
    """The file is none that is opened here, or it does not open. Download the original instead.

    `state` and `why` say which it is.
    """

    code = "picture-not-shown"
    status = 409
    en = "This file is not shown ({state}); download the original."
    zh = "该文件无法在此显示（{state}）；请下载原件。"


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A picture that may be shown: whose bytes, and as what."""

    district_id: str
    sha256: str
    shown: derived.Shown


def get_picture(session: Session, *, act: Act, file_id: str) -> photos.Picture:
    """Get what a file's bytes say beside what its operation says.

    Raises:
        NotFound: there is no such file for this principal.
    """
    file = evidence.get_file(session, act=act, file_id=file_id)
    district = sites.get_district(session, district_id=act.district_id)
    row = _picture_of(session, file)
    claims = photos.Claims() if row is None else row.said
    declared = _declared(file, zone=district.zone)
    claim = _claim(claims)
    likenesses = store.list_likenesses_of(
        session, district_id=act.district_id, file_id=file_id, limit=LIKENESSES_SHOWN_MAX
    )
    compared = () if row is None else pictures.compare(claim, declared)
    return photos.Picture(
        file_id=file.id,
        state=PictureState.WAITING if row is None else PictureState(row.state),
        why=None if row is None or row.why is None else Why(row.why),
        media_type=None if row is None else row.media_type,
        declared_media_type=file.media_type,
        media_type_agrees=None if row is None else _agrees(file.media_type, row.media_type),
        width_px=None if row is None else row.width_px,
        height_px=None if row is None else row.height_px,
        orientation=None if row is None else row.orientation,
        examined_at=None if row is None else row.examined_at,
        claims=claims,
        times=_times(file, claim, declared),
        comparisons=[_told(each) for each in compared],
        likenesses=[each.view() for each in likenesses],
    )


def find_shown(session: Session, *, act: Act, file_id: str, shown: derived.Shown) -> Shown:
    """Find what a file may be shown as.

    Raises:
        NotFound: there is no such file for this principal.
        FileMissing: its bytes have not arrived.
        PictureNotReady: nobody has looked into it yet.
        PictureNotShown: it is nothing that is opened here, or does not open.
    """
    file = evidence.get_file(session, act=act, file_id=file_id)
    row = _picture_of(session, file)
    if row is None:
        evidence.get_arrived(session, act=act, file_id=file_id)
        raise PictureNotReady
    if row.state != PictureState.READ:
        raise PictureNotShown(state=row.state, why=row.why)
    return Shown(district_id=file.district_id, sha256=file.sha256, shown=shown)


def _picture_of(session: Session, file: EvidenceFile) -> Picture | None:
    """Find what is known of a file's bytes, once they are here."""
    if file.arrived_at is None:
        return None
    return store.find_picture(session, district_id=file.district_id, sha256=file.sha256)


def _agrees(declared: str, sniffed: str) -> bool:
    """Compare what a phone calls a file with what it is; parameters and usual aliases aside."""
    plain = declared.partition(";")[0].strip().lower()
    return _ALIASES.get(plain, plain) == sniffed


def _claim(claims: photos.Claims) -> pictures.Claim:
    local = claims.camera_local
    return pictures.Claim(
        camera_local=None if local is None else dt.datetime.fromisoformat(local),
        camera_offset_s=claims.camera_offset_s,
        satellite_at=claims.satellite_at,
        lat_deg=claims.lat_deg,
        lon_deg=claims.lon_deg,
        accuracy_m=claims.accuracy_m,
    )


def _declared(file: EvidenceFile, *, zone: str) -> pictures.Declared:
    return pictures.Declared(
        fix=None if file.fix is None else msgspec.convert(file.fix, places.Fix),
        happened_at=file.happened_at,
        error_s=file.error_s,
        clock_suspect=file.clock_suspect,
        zone=zoneinfo.ZoneInfo(zone),
    )


def _times(file: EvidenceFile, claim: pictures.Claim, declared: pictures.Declared) -> photos.Times:
    return photos.Times(
        happened_at=file.happened_at,
        error_s=file.error_s,
        clock_suspect=file.clock_suspect,
        declared_at=file.received_at,
        arrived_at=file.arrived_at,
        camera_at=pictures.camera_at(claim, declared.zone),
        satellite_at=claim.satellite_at,
    )


def _told(comparison: pictures.Comparison) -> photos.Compared:
    words = photos.sentence(comparison)
    return photos.Compared(**dataclasses.asdict(comparison), words=words)
