"""A customer's own reading: kept always, held against the same checks, and judged apart.

It never counts as read. Where the checks ask and the customer has not confirmed, or where a reader
read something that cannot be true beside it, it is kept and set aside: a reader's chain of readings
is changed by the office alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

import sqlalchemy.exc
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.errors import Invalid
from api.readings import store
from api.readings.models import Imported, Reading, Unjudged
from api.readings.service import correcting, disputes, entering, histories, thresholds, values
from api.readings.service.interchange import rows
from api.requests import service as requests
from api.sites import service as sites
from api.sites.models import Meter
from schemas import reading_values as shapes
from schemas import readings
from schemas.reading_standing import Why
from schemas.rules import customer_values, flags, judging, meter_reading, usage

KIND: Final = "customer"
_QUESTIONED: Final = (
    "The checks asked about it, and the customer has not confirmed it: {codes}.",
    "校验有疑问且客户未确认：{codes}。",
)
_CONFLICT: Final = (
    "A reader read {value} on {date}; both cannot be true.",
    "抄表员于 {date} 实抄 {value}，两者不能同时成立。",
)


class Taken(NamedTuple):
    """A customer's reading, what was asked about it, and whether it was there before."""

    reading: Reading
    prompts: Sequence[flags.Prompt]
    again: bool


def take(session: Session, *, act: Act, body: shapes.CustomerValue) -> Taken:
    """Keep a customer's own reading; say what the checks ask, and set aside what cannot count.

    The same key again answers what was kept.

    Raises:
        NotFound: there is no such meter.
        KeyUsed: the key was sent before, with something else.
        UnknownRegister: a tariff that the meter does not have.
        TooManyDigits: more digits than the meter shows.
        TooManyDecimals: more decimals than the meter shows.
        NotOnRegister: the value is negative, or no number.
        Invalid: they looked in the future, or when the meter did not stand.
    """
    meter = sites.get_meter(session, district_id=act.district_id, meter_id=body.meter_id)
    register = histories.register_of(meter)
    values.require_possible(body.total, body.tariffs, register=register, registers=meter.registers)
    read_at = body.read_at or act.happened.at
    if not meter.installed_at <= read_at <= min(act.received_at, meter.removed_at or read_at):
        raise Invalid(reason="read_at is still to come, or the meter did not stand then")
    known = histories.load(
        session, district_id=act.district_id, meter_ids=[meter.id], until=act.received_at
    )
    prompts = _prompts(known, meter, body, read_at)
    there = _known_before(session, act, body)
    if there is not None:
        return Taken(there, prompts, again=True)
    reading = _row(session, act, body, read_at, prompts)
    try:
        with db.savepoint(session):
            session.add_all([reading, _source_row(act, body, reading)])
    except sqlalchemy.exc.IntegrityError:  # sent twice at once: the other one is kept
        there = _known_before(session, act, body)
        if there is None:
            raise
        return Taken(there, prompts, again=True)
    _place(session, act, reading, known, body.confirmed)
    return Taken(reading, prompts, again=False)


def set_aside_conflicts(session: Session, *, act: Act, unjudged: Sequence[Unjudged]) -> int:
    """Set aside customers' own readings that a reader's new one contradicts; count them."""
    if not unjudged:
        return 0
    meter_ids = sorted({each.meter_id for each in unjudged})
    own = store.list_own_values(
        session,
        district_id=act.district_id,
        meter_ids=meter_ids,
        since=min(each.read_at for each in unjudged) - dt.timedelta(days=1),
    )
    if not own:
        return 0
    known = histories.load(
        session,
        district_id=act.district_id,
        meter_ids=sorted({row.meter_id for row in own}),
        until=act.received_at,
    )
    found = 0
    for row in own:
        rival = _rival(known, known.meters[row.meter_id], row)
        if rival is not None:
            _set_in_conflict(session, act, known, row.id, rival)
            found += 1
    return found


def _prompts(
    known: histories.Known, meter: Meter, body: shapes.CustomerValue, read_at: dt.datetime
) -> tuple[flags.Prompt, ...]:
    """Ask what a reader would be asked at the meter."""
    before = [each for each in known.readings.get(meter.id, ()) if each.read_at < read_at]
    past = histories.past_of(known, meter.id)[: len(before)]
    cycles = judging.cycles_of(past, histories.register_of(meter))
    last = next((row for row in reversed(before) if row.quality == usage.Quality.actual), None)
    since_at = last.read_at if last else meter.installed_at
    usual = usage.usual(cycles, days=max((read_at - since_at).days, 1)) if last else None
    return meter_reading.check(
        body.total,
        body.tariffs,
        meter_reading.Known(
            previous=last.total if last else meter.installed_value,
            previous_on=since_at.astimezone(known.zone).date(),
            typical_kwh=usual.typical_kwh if usual else None,
            low_kwh=usual.low_kwh if usual else None,
            high_kwh=usual.high_kwh if usual else None,
            active=usage.is_active(cycles),
            explained=histories.explained(
                known.events.get(meter.id, ()), after=since_at, until=read_at
            ),
        ),
        histories.register_of(meter),
    )


def _known_before(session: Session, act: Act, body: shapes.CustomerValue) -> Reading | None:
    """Find what was kept under a key.

    Raises:
        KeyUsed: it was something else.
    """
    there = store.get_imported(
        session, district_id=act.district_id, kind=KIND, source_id=_source(act, body)
    )
    if there is None:
        return None
    if there.digest != rows.digest([body]):
        raise disputes.KeyUsed(key=body.key)
    return disputes.get_reading(session, act=act, reading_id=there.own_id).reading


def _source(act: Act, body: shapes.CustomerValue) -> str:
    """Tell keys of one portal from those of another."""
    return f"{act.principal.person_id}:{body.key}"


def _source_row(act: Act, body: shapes.CustomerValue, reading: Reading) -> Imported:
    return Imported(
        district_id=act.district_id,
        kind=KIND,
        source_id=_source(act, body),
        own_id=reading.id,
        digest=rows.digest([body]),
    )


def _row(
    session: Session,
    act: Act,
    body: shapes.CustomerValue,
    read_at: dt.datetime,
    prompts: Sequence[flags.Prompt],
) -> Reading:
    entered = readings.ReadingEntered(
        meter_id=body.meter_id,
        total=body.total,
        tariffs=body.tariffs,
        method=readings.Method.CUSTOMER,
        note=body.note,
    )
    used_kwh = entering.used_before(
        session, act=act, meter_id=body.meter_id, read_at=read_at, total=body.total
    )
    quality = readings.Quality.CUSTOMER
    row = entering.row_of(act, entered, read_at=read_at, used_kwh=used_kwh, quality=quality)
    row["prompts"] = [prompt.code for prompt in prompts]
    row["confirmed"], row["photos"] = body.confirmed, body.photo_sha256
    return Reading(**row)


def _place(
    session: Session,
    act: Act,
    reading: Reading,
    known: histories.Known,
    confirmed: Sequence[str],
) -> None:
    """Let it count, or set it aside; only what counts ends the wait for a visit."""
    row = store.PastReading(
        reading.id,
        reading.meter_id,
        None,
        reading.read_at,
        reading.total,
        reading.quality,
        None,
    )
    rival = _rival(known, known.meters[reading.meter_id], row)
    open_codes = [code for code in reading.prompts if code not in confirmed]
    if rival is not None:
        _set_in_conflict(session, act, known, reading.id, rival)
    elif open_codes:
        codes = ", ".join(open_codes)
        correcting.set_aside(
            session,
            act=act,
            reading_id=reading.id,
            why=Why.QUESTIONED,
            by_id=None,
            words=(_QUESTIONED[0].format(codes=codes), _QUESTIONED[1].format(codes=codes)),
        )
    else:
        _let_count(session, act, reading)


def _let_count(session: Session, act: Act, reading: Reading) -> None:
    """Have it judged with what comes after it, and end what waits for a reading."""
    session.add(
        Unjudged(
            district_id=act.district_id,
            reading_id=reading.id,
            meter_id=reading.meter_id,
            read_at=reading.read_at,
        )
    )
    read = act._replace(happened=act.happened._replace(at=reading.read_at))
    requests.meter_read(session, act=read, meter_id=reading.meter_id)


def _rival(
    known: histories.Known, meter: Meter, own: store.PastReading
) -> store.PastReading | None:
    """Find what a reader read on the same day, or next, that cannot be true beside it."""
    own_on = own.read_at.astimezone(known.zone).date()
    register = histories.register_of(meter)
    past = histories.past_of(known, meter.id)
    usual = usage.usual(judging.cycles_of(past, register), days=1)
    for row in known.readings.get(meter.id, ()):
        is_later = row.read_at >= own.read_at
        same_day = row.read_at.astimezone(known.zone).date() == own_on
        if row.quality != usage.Quality.actual or not (is_later or same_day):
            continue
        against = customer_values.Rival(row.total, is_later=is_later, same_day=same_day)
        if customer_values.contradicts(
            own.total,
            against,
            register,
            usual_of_day=usual,
            slack_units=thresholds.IN_FORCE.office.own_slack_units,
        ):
            return row
        if is_later:
            return None
    return None


def _set_in_conflict(
    session: Session, act: Act, known: histories.Known, reading_id: str, rival: store.PastReading
) -> None:
    """Set a customer's own reading aside, and say what a reader read."""
    numbers = {
        "value": flags.shown(rival.total),
        "date": flags.day(rival.read_at.astimezone(known.zone).date()),
    }
    en, zh = (words.format(**numbers) for words in _CONFLICT)
    correcting.set_aside(
        session,
        act=act,
        reading_id=reading_id,
        why=Why.CONFLICT,
        by_id=rival.id,
        words=(en, zh),
    )
