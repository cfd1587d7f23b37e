"""What a phone handed out as a file, because nothing else would do, comes into quarantine.

Nobody has signed it, so none of it counts before the office has looked at it. What the phone
brought by itself, before or afterwards, is not decided again.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import Invalid
from api.sync import event_time, inbox, store
from api.sync.quarantine import keeping
from schemas.errors import Refused
from schemas.quarantine import Reason

OUTBOX_BYTES_MAX: Final = 64_000_000
"""Of a file; a phone keeps 20,000 operations, of some hundreds of bytes each."""


class OutboxUnreadable(Refused):
    """The file is not an outbox as a phone hands it out. Ask for it anew, unopened and unedited."""

    code = "outbox-unreadable"
    status = 422
    en = "This is not an outbox as a phone hands it out: {reason}."
    zh = "该文件不是手机导出的待发记录：{reason}。"


@dataclasses.dataclass(frozen=True, slots=True)
class TakenIn:
    """What a file held: operations that were settled here already, and those that wait now."""

    settled: int
    waiting: int


def take_in(session: Session, *, act: Act, device_id: str, content: bytes) -> TakenIn:
    """Keep what a phone handed out and never brought; again changes nothing.

    Args:
        session: the unit of work; the caller commits.
        act: of whoever takes it in.
        device_id: the phone that it comes from.
        content: the file: one operation a line, each byte for byte as the phone kept it.

    Raises:
        NotFound: the district has no such device.
        OutboxUnreadable: a line is no operation, two have the same number, or nothing is in it.
    """
    device = crews.get_device_of_district(session, act=act, device_id=device_id)
    letters = _opened(content)
    settled = store.receipts_by_n(
        session,
        district_id=act.district_id,
        device_id=device.id,
        numbers=[letter.n for letter in letters],
    )
    late = [
        letter
        for letter in letters
        if letter.n not in settled or settled[letter.n].sha256 != letter.sha256
    ]
    keeping.keep(
        session,
        act=act,
        origin=keeping.Origin(device.id, device.person_id, Reason.EXPORTED),
        kept=event_time.recall(session, act=act, device=device, letters=late),
    )
    return TakenIn(settled=len(letters) - len(late), waiting=len(late))


def _opened(content: bytes) -> list[inbox.Letter]:
    """Read a file's lines.

    Raises:
        OutboxUnreadable: it is too long, empty, or not what a phone hands out.
    """
    if len(content) > OUTBOX_BYTES_MAX:
        raise OutboxUnreadable(reason=f"it has more than {OUTBOX_BYTES_MAX} bytes")
    lines = [line for line in content.splitlines() if line.strip()]
    if not lines:
        raise OutboxUnreadable(reason="it is empty")
    try:
        return inbox.open_letters([msgspec.Raw(line) for line in lines])
    except Invalid as error:
        raise OutboxUnreadable(reason=error.fields["reason"]) from error
