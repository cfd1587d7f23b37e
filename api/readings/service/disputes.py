"""Readings that customers dispute: one re-read by somebody else, and its outcome is the answer.

The request of the kind `reading_dispute` runs the clock and talks to the customer; here stands
which reading is meant, what the customer says instead, and what was found. A disputed reading
counts until it is corrected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy.exc
import structlog
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.errors import Invalid, NotFound
from api.readings import store
from api.readings.models import Reading, Reread
from api.readings.service import histories, rereads, values
from api.readings.standing import Dispute
from api.requests import service as requests
from api.sites import service as sites
from schemas import reading_standing as shapes
from schemas import readings
from schemas.errors import Refused
from schemas.requests import RequestAnswered, RequestDraft
from schemas.rules import disputes as rules
from schemas.rules import rereads as outcomes
from schemas.rules.requests import Kind

FOLLOWED_MAX: Final = 2_000
"""A run looks at so many open disputes, the oldest first."""
_log = structlog.get_logger()


class CountsNoMore(Refused):
    """The reading does not count: another stands in its place. Look up that one."""

    code = "reading-counts-no-more"
    status = 409
    en = "Reading {id} does not count any more; look up the meter's readings."
    zh = "示数 {id} 已不再有效；请查看该电表的示数记录。"


class AlreadyDisputed(Refused):
    """Somebody disputes the reading already. Follow that dispute; its answer is for both."""

    code = "reading-disputed-before"
    status = 409
    en = "Reading {id} is disputed already and waits for its answer."
    zh = "示数 {id} 已有异议正在处理。"


class KeyUsed(Refused):
    """The key was sent before, about something else. Give what is new a key of its own."""

    code = "key-used"
    status = 409
    en = "The key {key} was sent before, about something else."
    zh = "标识 {key} 此前已用于其他内容。"


def dispute(
    session: Session, *, act: Act, reading_id: str, draft: shapes.DisputeDraft
) -> shapes.Dispute:
    """Note that a customer says a reading is wrong, start its clock, and have it read again.

    The same key again answers the same dispute.

    Raises:
        NotFound: there is no such reading.
        KeyUsed: the key was sent before, about another reading.
        CountsNoMore: another reading stands in its place.
        AlreadyDisputed: it waits for an answer.
        TooManyDigits: the customer's own value has more digits than the meter shows.
        TooManyDecimals: or more decimals.
        NotOnRegister: or is negative, or no number.
        Invalid: the customer looked in the future.
        AskedAtOdd: it was asked in the future, or too long ago.
    """
    found = get_reading(session, act=act, reading_id=reading_id)
    request, again = requests.open_request(session, act=act, draft=_request(found.reading, draft))
    if again:
        there = store.find_dispute(session, district_id=act.district_id, dispute_id=request.id)
        if there is None or there.reading_id != reading_id:
            raise KeyUsed(key=draft.key)
        return _view(there, again=True)
    if not found.counts:
        raise CountsNoMore(id=reading_id)
    _require_possible(session, act, found.reading, draft)
    row = _row(act, found.reading, draft, request_id=request.id)
    try:
        with db.savepoint(session):
            session.add(row)
    except sqlalchemy.exc.IntegrityError as error:
        raise AlreadyDisputed(id=reading_id) from error
    _ask(session, act, [(row, found.reading.reader_id)])
    return _view(row)


def follow(session: Session, *, act: Act) -> dict[str, int]:
    """Answer what was read again, and have read again what could not be asked for; count both."""
    waiting = store.list_open_disputes(session, district_id=act.district_id, limit=FOLLOWED_MAX)
    by_hand = requests.list_answers(
        session, district_id=act.district_id, ids=[each.dispute.id for each in waiting]
    )
    answered = 0
    unasked: list[tuple[Dispute, str | None]] = []
    for row, reader_id, reread in waiting:
        if row.id in by_hand:
            _settle(act, row, outcome=None, words=(by_hand[row.id],) * 2)
        elif reread is None:
            unasked.append((row, reader_id))
        elif reread.outcome is not None:
            _answer(session, act, row, _found(reread))
            answered += 1
    return {"disputes_answered": answered, "disputes_asked": _ask(session, act, unasked)}


def answer_corrected(session: Session, *, act: Act, reading_id: str, reason: str) -> None:
    """Answer whoever disputes a reading that the office has corrected."""
    row = store.find_open_dispute(session, district_id=act.district_id, reading_id=reading_id)
    if row is not None:
        _tell(session, act, row, outcomes.Outcome.upheld, (reason, reason))


def list_disputes(
    session: Session, *, act: Act, chosen: store.DisputeFilter, after: store.After, limit: int
) -> list[shapes.Dispute]:
    """List disputes, the latest first."""
    rows = store.page_of_disputes(
        session, district_id=act.district_id, chosen=chosen, after=after, limit=limit
    )
    return [_view(row) for row in rows]


def get_reading(session: Session, *, act: Act, reading_id: str) -> store.ReadingRow:
    """Get a reading, and whether it counts.

    Raises:
        NotFound: there is none with this id.
    """
    found = store.find_reading(session, district_id=act.district_id, reading_id=reading_id)
    if found is None:
        raise NotFound(what="reading", id=reading_id)
    return found


def _request(reading: Reading, draft: shapes.DisputeDraft) -> RequestDraft:
    return RequestDraft(
        key=f"dispute:{draft.key}",
        kind=Kind.reading_dispute,
        description=draft.said,
        customer=draft.customer,
        contact=draft.contact,
        meter_id=reading.meter_id,
        asked_at=draft.asked_at,
    )


def _require_possible(
    session: Session, act: Act, reading: Reading, draft: shapes.DisputeDraft
) -> None:
    if draft.own_at is not None and draft.own_at > act.received_at:
        raise Invalid(reason="own_at is still to come")
    if draft.own_value is not None:
        meter = sites.get_meter(session, district_id=act.district_id, meter_id=reading.meter_id)
        register = histories.register_of(meter)
        values.require_possible(draft.own_value, {}, register=register, registers=meter.registers)


def _row(act: Act, reading: Reading, draft: shapes.DisputeDraft, *, request_id: str) -> Dispute:
    return Dispute(
        district_id=act.district_id,
        id=request_id,
        reading_id=reading.id,
        meter_id=reading.meter_id,
        said=draft.said,
        own_value=draft.own_value,
        own_at=draft.own_at,
        photos=draft.photo_sha256,
        opened_at=act.received_at,
        settled_at=None,
        outcome=None,
        en="",
        zh="",
    )


def _ask(session: Session, act: Act, rows: Sequence[tuple[Dispute, str | None]]) -> int:
    """Ask for re-reads of readings that have none yet; a meter waits for one at a time."""
    wanted = [
        (row.reading_id, row.meter_id, reader_id, ())
        for row, reader_id in rows
        if store.find_reread(session, district_id=act.district_id, reading_id=row.reading_id)
        is None
    ]
    return rereads.open_all(session, act=act, reason=readings.RereadReason.DISPUTED, wanted=wanted)


def _found(reread: Reread) -> outcomes.Answer:
    return outcomes.Answer(outcomes.Outcome(str(reread.outcome)), reread.en, reread.zh)


def _answer(session: Session, act: Act, row: Dispute, found: outcomes.Answer) -> None:
    _tell(session, act, row, found.outcome, rules.answer(found))


def _tell(
    session: Session, act: Act, row: Dispute, outcome: outcomes.Outcome, words: tuple[str, str]
) -> None:
    """Answer the request in both languages; its clock stops with that."""
    en, zh = words
    said = en if en == zh else f"{zh}\n{en}"
    requests.answer(session, act=act, request_id=row.id, body=RequestAnswered(words=said))
    _settle(act, row, outcome=outcome, words=words)


def _settle(
    act: Act, row: Dispute, *, outcome: outcomes.Outcome | None, words: tuple[str, ...]
) -> None:
    _log.info("dispute.settled", reading_id=row.reading_id, outcome=outcome)
    row.outcome = None if outcome is None else str(outcome)
    row.settled_at = act.received_at
    row.en, row.zh = words


def _view(row: Dispute, *, again: bool = False) -> shapes.Dispute:
    return shapes.Dispute(
        id=row.id,
        reading_id=row.reading_id,
        meter_id=row.meter_id,
        said=row.said,
        own_value=row.own_value,
        own_at=row.own_at,
        photo_sha256=row.photos,
        opened_at=row.opened_at,
        settled_at=row.settled_at,
        outcome=outcomes.Outcome(row.outcome) if row.outcome else None,
        en=row.en,
        zh=row.zh,
        again=again,
    )
