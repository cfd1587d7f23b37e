"""Readings and routes for other systems, in the columns that an import reads."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.readings import store
from api.readings.models import Reading
from api.readings.service import browsing
from api.readings.service.interchange import meter_readings, tables
from api.sites import service as sites
from schemas import reading_files, readings
from schemas.errors import Refused
from schemas.rules import estimators, quality_codes
from schemas.sites import TOTAL

READINGS_MAX: Final = 100_000
_PER_QUESTION: Final = 2_000
_CODES: Final = {
    readings.Quality.ACTUAL: quality_codes.VALID,
    readings.Quality.CUSTOMER: quality_codes.VALID,
    readings.Quality.ESTIMATED: quality_codes.ESTIMATED,
    readings.Quality.QUESTIONABLE: quality_codes.QUESTIONABLE,
}


class TooMuchToExport(Refused):
    """One file holds that many readings. Choose a day, a route or a meter."""

    code = "too-much-to-export"
    status = 422
    en = "More than {readings_max} readings were chosen; choose fewer at one time."
    zh = "所选示数超过 {readings_max} 条，请缩小范围。"


class NotATable(Refused):
    """A route is exported as a table. Ask for CSV or XLSX."""

    code = "not-a-table"
    status = 422
    en = "A route has no layout {layout}; it is csv or xlsx."
    zh = "抄表路线不支持 {layout} 格式，仅支持 csv 或 xlsx。"


def export_readings(
    session: Session,
    *,
    act: Act,
    chosen: store.ReadingFilter,
    layout: reading_files.Layout,
) -> bytes:
    """Write the chosen readings that count, the latest first.

    Raises:
        TooMuchToExport: more than `READINGS_MAX` were chosen.
    """
    rows: list[reading_files.ReadingRow] = []
    registers: dict[str, list[str]] = {}
    for some in _pages(session, act, chosen):
        meters = sites.load_meters(
            session, district_id=act.district_id, ids={row.meter_id for row in some}
        )
        for meter in meters.values():
            registers[meter.serial] = [name for name in meter.registers if name != TOTAL]
        rows += [_row(row, meters[row.meter_id].serial) for row in some]
        if len(rows) > READINGS_MAX:
            raise TooMuchToExport(readings_max=READINGS_MAX)
    match layout:
        case reading_files.Layout.XML:
            return meter_readings.write_xml(rows, registers)
        case reading_files.Layout.JSON:
            return meter_readings.write_json(rows, registers)
        case reading_files.Layout.CSV | reading_files.Layout.XLSX:
            cells = (tables.cells_of(row) for row in rows)
            return tables.write(cells, layout=layout, columns=tables.READING_COLUMNS)


def export_route(
    session: Session, *, act: Act, route_id: str, layout: reading_files.Layout
) -> bytes:
    """Write a route's meters in walking order.

    Raises:
        NotFound: there is no such route for this principal.
        NotATable: the layout is none of a table.
    """
    if layout not in {reading_files.Layout.CSV, reading_files.Layout.XLSX}:
        raise NotATable(layout=layout)
    route = browsing.get_route(session, act=act, route_id=route_id)
    stops = browsing.list_stops(
        session, act=act, route_id=route_id, after_sequence=0, limit=readings.STOPS_MAX
    )
    rows = [
        reading_files.RouteRow(
            route=route.id,
            sequence=stop.sequence,
            serial=stop.serial,
            name=route.name,
            crew_id=route.crew_id,
            person_id=route.person_id,
            planned_at=route.planned_at,
        )
        for stop in stops
    ]
    cells = (tables.cells_of(row) for row in rows)
    return tables.write(cells, layout=layout, columns=tables.ROUTE_COLUMNS)


def _pages(session: Session, act: Act, chosen: store.ReadingFilter) -> Iterator[list[Reading]]:
    """Ask for the chosen readings a page at a time; give those that count."""
    after: store.After = None
    while True:
        page = store.page_of_readings(
            session,
            district_id=act.district_id,
            chosen=chosen,
            after=after,
            limit=_PER_QUESTION,
        )
        yield [row.reading for row in page if row.counts]
        if len(page) < _PER_QUESTION:
            return
        after = (page[-1].reading.read_at, page[-1].reading.id)


def _row(row: Reading, serial: str) -> reading_files.ReadingRow:
    return reading_files.ReadingRow(
        source_id=row.id,
        serial=serial,
        read_at=row.read_at,
        total=row.total,
        tariffs=msgspec.convert(row.tariffs, dict[str, Decimal], strict=False),
        method=readings.Method(row.method),
        quality=_CODES[readings.Quality(row.quality)],
        estimator=estimators.Method(row.estimator) if row.estimator else None,
        note=row.note,
    )
