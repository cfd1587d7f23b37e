"""Readings of other systems taken in: remote, a customer's own, or estimated; never read by us.

Each row is refused or taken by itself, or one refused row keeps every other out.
"""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.errors import Invalid
from api.readings.models import Reading, Unjudged
from api.readings.service import entering, histories, values
from api.readings.service.interchange import meter_readings, rows, tables
from api.sites import service as sites
from api.sites.models import Meter
from api.sites.service import files, rowchecks
from schemas import reading_files, readings
from schemas.base import rfc3339
from schemas.errors import Refused
from schemas.rules import quality_codes
from schemas.sites import TOTAL

KIND: Final = "reading"
_METERS_PER_LOAD: Final = 500
_Checked = tuple[reading_files.ReadingRow, readings.ReadingEntered, Meter]


class MeterNotThere(Refused):
    """The meter was not installed yet, or was removed, when it is said to have been read.

    Mend the serial or the instant; a meter that was replaced has its last value at its removal.
    """

    code = "meter-not-there"
    status = 422
    en = "Meter {serial} did not stand anywhere at {read_at}."
    zh = "电表 {serial} 在 {read_at} 时未在任何用电点运行。"


class RegisterMissing(Refused):
    """Some of the meter's tariffs have a value and others none. Give all of them, or none."""

    code = "reading-register-missing"
    status = 422
    en = "The value of {missing} is missing; this meter has {registers}."
    zh = "缺少 {missing} 的示数；该电表有 {registers}。"


class QualityContradicts(Refused):
    """The quality code is none, or says another thing than the method. Mend one of the two."""

    code = "quality-contradicts"
    status = 422
    en = "Quality {quality} does not go with a value that is {method}."
    zh = "质量代码 {quality} 与获取方式 {method} 不符。"


def take_readings(
    session: Session,
    *,
    act: Act,
    data: bytes,
    layout: reading_files.Layout,
    mode: reading_files.Mode,
) -> reading_files.FileReport:
    """Take in a file of readings; what came in before adds nothing.

    Args:
        session: the unit of work.
        act: who imports, into which district.
        data: the file.
        layout: how it is laid out.
        mode: whether one refused row keeps every other out.

    Raises:
        BadFile: the file as a whole cannot be read.
    """
    tally = rows.Tally()
    lines = list(tally.shaped(_rows_of(data, layout), tables.reading_of))
    sources = rows.Sources(
        session, act=act, kind=KIND, source_ids=[source_id_of(line.row) for line in lines]
    )
    meters = sites.list_meters_by_serial(
        session, district_id=act.district_id, serials=[line.row.serial for line in lines]
    )
    good: list[_Checked] = []
    for line in lines:
        try:
            if sources.is_known(source_id_of(line.row), line.row):
                tally.known += 1
                continue
            good.append(_checked(line.row, meters, act))
            sources.note(source_id_of(line.row), line.row)
        except Refused as error:
            tally.refuse(line.number, error)
    if good and not (mode is reading_files.Mode.ALL_OR_NOTHING and tally.has_refused):
        _keep(session, act, good, sources)
        tally.taken = len(good)
    report = tally.report()
    rows.audit(session, act, "readings.imported", report)
    return report


def source_id_of(row: reading_files.ReadingRow) -> str:
    """Tell the other system's id of a reading; without one, its meter and instant are it."""
    return row.source_id or f"{row.serial}@{rfc3339(row.read_at)}"


def _rows_of(data: bytes, layout: reading_files.Layout) -> Iterator[files.Row]:
    if layout is reading_files.Layout.XML:
        found = meter_readings.read_xml(data)
    elif layout is reading_files.Layout.JSON:
        found = meter_readings.read_json(data)
    else:
        found = tables.read(data, layout=layout, columns=tables.READING_COLUMNS)
    for count, row in enumerate(found, start=1):
        if count > files.ROWS_MAX:
            raise files.BadFile(reason=f"it has more than {files.ROWS_MAX} readings")
        yield row


def _checked(
    row: reading_files.ReadingRow, meters: Mapping[str, Sequence[Meter]], act: Act
) -> _Checked:
    """Find the row's meter and hold the value against it, as a desk's value is held.

    Raises:
        Refused: it does not go in; why stands in the refusal.
    """
    meter = _meter(row, meters)
    tariffs = _tariffs(row, meter)
    body = readings.ReadingEntered(
        meter_id=meter.id,
        total=row.total,
        tariffs=tariffs,
        method=row.method,
        estimator=row.estimator,
        note=row.note,
    )
    entering.require_method(body)
    register = histories.register_of(meter)
    values.require_possible(body.total, tariffs, register=register, registers=meter.registers)
    missing = [name for name in meter.registers if name != TOTAL and name not in tariffs]
    if tariffs and missing:
        raise RegisterMissing(missing=", ".join(missing), registers=", ".join(meter.registers))
    if row.read_at > act.received_at:
        raise Invalid(reason="read_at is still to come")
    quality_of(row)
    return row, body, meter


def quality_of(row: reading_files.ReadingRow) -> readings.Quality:
    """Tell what a reading is worth: as its method goes, unless its code doubts it.

    Raises:
        QualityContradicts: the code is none, or does not go with the method.
    """
    worth = quality_codes.Worth.nothing
    if row.quality is not None:
        said = quality_codes.worth(row.quality)
        estimated = row.method is readings.Method.ESTIMATED
        if said is None or (said is quality_codes.Worth.estimated) != estimated:
            raise QualityContradicts(quality=row.quality, method=row.method)
        worth = said
    if worth is quality_codes.Worth.doubted:
        return readings.Quality.QUESTIONABLE
    return entering.QUALITY[row.method]


def _meter(row: reading_files.ReadingRow, meters: Mapping[str, Sequence[Meter]]) -> Meter:
    """Find the meter that had the serial at that instant: a serial may come to stand elsewhere."""
    if row.serial not in meters:
        raise rowchecks.UnknownReference(what="meter", id=row.serial)
    for meter in meters[row.serial]:
        removed_at = meter.removed_at or row.read_at
        if meter.installed_at <= row.read_at <= removed_at:
            return meter
    raise MeterNotThere(serial=row.serial, read_at=rfc3339(row.read_at))


def _tariffs(row: reading_files.ReadingRow, meter: Meter) -> dict[str, Decimal]:
    """Name tariffs as the meter does, where the file has their numbers."""
    names = [name for name in meter.registers if name != TOTAL]
    numbered = {str(number): name for number, name in enumerate(names, start=1)}
    return {numbered.get(name, name): value for name, value in row.tariffs.items()}


def _keep(session: Session, act: Act, good: Sequence[_Checked], sources: rows.Sources) -> None:
    """Keep readings meter by meter in the order of time, each with what was used since."""
    by_meter = sorted(good, key=lambda each: (each[2].id, each[0].read_at))
    groups = itertools.groupby(by_meter, key=lambda each: each[2].id)
    meters = [(meter_id, list(group)) for meter_id, group in groups]
    for start in range(0, len(meters), _METERS_PER_LOAD):
        some = meters[start : start + _METERS_PER_LOAD]
        known = histories.load(
            session,
            district_id=act.district_id,
            meter_ids=[meter_id for meter_id, _ in some],
            until=act.received_at,
        )
        for meter_id, group in some:
            past = [(each.read_at, each.total) for each in known.readings.get(meter_id, ())]
            for row, body, meter in group:
                reading_id = _keep_one(session, act, row, body, _used(past, row, meter))
                sources.keep(source_id_of(row), reading_id)
                bisect.insort(past, (row.read_at, row.total))


def _used(
    past: Iterable[tuple[dt.datetime, Decimal]], row: reading_files.ReadingRow, meter: Meter
) -> Decimal | None:
    before = [total for read_at, total in past if read_at < row.read_at]
    return entering.used_since(
        before[-1] if before else None, row.total, histories.register_of(meter)
    )


def _keep_one(
    session: Session,
    act: Act,
    row: reading_files.ReadingRow,
    body: readings.ReadingEntered,
    used_kwh: Decimal | None,
) -> str:
    laid = entering.row_of(
        act, body, read_at=row.read_at, used_kwh=used_kwh, quality=quality_of(row)
    )
    db.append(session, Reading, laid)
    unjudged = {name: laid[name] for name in ("district_id", "meter_id", "read_at")}
    db.append(session, Unjudged, unjudged | {"reading_id": laid["id"]})
    return str(laid["id"])
