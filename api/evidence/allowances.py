"""Allowances: how large a file somebody may send, how many at once, how many bytes in an hour.

The bytes are counted in the database, the same for every worker, when an upload begins; a file that
is here already costs nothing.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act, Principal
from api.crews.identity import limits
from api.evidence import store
from api.settings import Settings
from schemas.crews import Role
from schemas.errors import Refused
from schemas.evidence import FILE_BYTES_MAX

OPEN_MAX: Final = 2_000
"""The most uploads that one device may have begun and not finished."""
HOUR_S: Final = 3_600


class TooManyUploads(Refused):
    """Too many uploads are open on this device. Finish those that have begun, then begin others."""

    code = "too-many-uploads"
    status = 409
    en = "{open} uploads of this device are not finished; finish those first."
    zh = "该设备有 {open} 个上传尚未完成；请先完成它们。"


@dataclasses.dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may send: files of up to so many bytes, and so many bytes begun in an hour."""

    file_bytes_max: int
    hour_bytes_max: int


def allowance_of(principal: Principal, *, settings: Settings) -> Allowance:
    """Tell what somebody may send; of several roles the most generous counts.

    A revoked device has no role any more; what is expected of it is bounded by what was declared.
    """
    each = (_bytes_max(role, settings) for role in principal.roles)
    largest = max(each, default=FILE_BYTES_MAX)
    return Allowance(largest, settings.upload_bytes_per_hour)


def check_may_send(principal: Principal, *, settings: Settings) -> Allowance:
    """Let pass who may send files at all, and tell what they may send.

    Raises:
        NotAllowed: the settings let none of their roles send any.
    """
    allowance = allowance_of(principal, settings=settings)
    if allowance.file_bytes_max == 0:
        principal.require(*(role for role in Role if _bytes_max(role, settings) > 0))
    return allowance


def check_count(session: Session, *, act: Act, owner: str) -> None:
    """Let pass who has not begun too many uploads.

    Raises:
        TooManyUploads: they have.
    """
    count = store.count_open_uploads(session, district_id=act.district_id, owner=owner)
    if count >= OPEN_MAX:
        raise TooManyUploads(open=count)


def charge(
    session: Session, *, act: Act, owner: str, allowance: Allowance, size_bytes: int | None
) -> None:
    """Count the bytes of an upload that begins; of a deferred length the most that it may have.

    Raises:
        TooMany: its owner has begun too many in an hour.
    """
    share = _share(allowance, size_bytes)
    limits.fill(session, name=_of(owner), share=share, window_s=HOUR_S, now=act.received_at)


def check_room(
    session: Session, *, act: Act, owner: str, allowance: Allowance, size_bytes: int | None
) -> None:
    """Let pass what `charge` would count now; nothing is counted.

    Raises:
        TooMany: its owner has begun too many in an hour.
    """
    share = _share(allowance, size_bytes)
    limits.check_room(session, name=_of(owner), share=share, window_s=HOUR_S, now=act.received_at)


def _of(owner: str) -> str:
    return f"uploads of {owner}"


def _share(allowance: Allowance, size_bytes: int | None) -> float:
    """Tell how much of an hour's bytes an upload takes."""
    cost_bytes = allowance.file_bytes_max if size_bytes is None else size_bytes
    return cost_bytes / allowance.hour_bytes_max


def _bytes_max(role: Role, settings: Settings) -> int:
    match role:
        case Role.READER:
            return settings.reader_file_bytes_max
        case Role.LINEMAN:
            return settings.lineman_file_bytes_max
        case Role.DISPATCHER | Role.SUPERVISOR | Role.ADMINISTRATOR | Role.INTEGRATION:
            return settings.office_file_bytes_max
