"""Routes of other systems taken in: rows of one route become one route, in their walking order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api.acts import Act
from api.readings.service import planning
from api.readings.service.interchange import rows, tables
from api.sites import service as sites
from api.sites.models import Meter
from api.sites.service import files, rowchecks
from api.tasks import service as tasks
from schemas import reading_files, readings
from schemas.errors import Refused

KIND: Final = "route"
_Lines = list[rows.Line[reading_files.RouteRow]]
_Draft = tuple[str, readings.RouteDraft, _Lines]


class _Reading(NamedTuple):
    """A file while it is looked at: what its rows may name, and what has become of them."""

    meters: Mapping[str, Meter]
    sources: rows.Sources
    tally: rows.Tally


class SequenceTwice(Refused):
    """Two meters have the same place in the walk. Give one of them another."""

    code = "sequence-twice"
    status = 422
    en = "Place {sequence} of route {route} has a meter already."
    zh = "路线 {route} 的第 {sequence} 位已有电表。"


def take_routes(
    session: Session,
    *,
    act: Act,
    data: bytes,
    layout: reading_files.Layout,
    mode: reading_files.Mode,
) -> reading_files.FileReport:
    """Take in a table of routes; a route that came in before adds nothing.

    Args:
        session: the unit of work.
        act: who imports, into which district.
        data: the file.
        layout: CSV or XLSX.
        mode: whether one refused row keeps every other out; otherwise a route is walked without
            the meters whose rows were refused.

    Raises:
        BadFile: the file as a whole cannot be read.
    """
    if layout not in {reading_files.Layout.CSV, reading_files.Layout.XLSX}:
        raise files.BadFile(reason="routes come as CSV or XLSX")
    tally = rows.Tally()
    found = tables.read(data, layout=layout, columns=tables.ROUTE_COLUMNS)
    by_route: dict[str, _Lines] = {}
    for line in tally.shaped(found, tables.route_of):
        by_route.setdefault(line.row.route, []).append(line)
    sources = rows.Sources(session, act=act, kind=KIND, source_ids=by_route)
    serials = [line.row.serial for lines in by_route.values() for line in lines]
    file = _Reading(_standing(session, act, serials), sources, tally)
    drafts = [
        _draft(session, act, file, source_id=route, lines=lines)
        for route, lines in by_route.items()
    ]
    if not (mode is reading_files.Mode.ALL_OR_NOTHING and tally.has_refused):
        for route, draft, lines in filter(None, drafts):
            task = planning.plan_route(session, act=act, draft=draft)
            sources.note(route, *(line.row for line in lines))
            sources.keep(route, task.id)
            tally.taken += len(draft.meter_ids)
    report = tally.report()
    rows.audit(session, act, "routes.imported", report)
    return report


def _standing(session: Session, act: Act, serials: Sequence[str]) -> dict[str, Meter]:
    """Find the meter of each serial: the one that stands, or else the last that did."""
    by_serial = sites.list_meters_by_serial(session, district_id=act.district_id, serials=serials)
    return {
        serial: next((each for each in meters if each.removed_at is None), meters[-1])
        for serial, meters in by_serial.items()
    }


def _draft(
    session: Session, act: Act, file: _Reading, *, source_id: str, lines: _Lines
) -> _Draft | None:
    """Make a route out of its good rows; None where it is known, or nothing is left of it."""
    first = lines[0].row
    try:
        if file.sources.is_known(source_id, *(line.row for line in lines)):
            file.tally.known += len(lines)
            return None
        tasks.require_hands(session, act=act, crew_id=first.crew_id, person_id=first.person_id)
    except Refused as error:
        for line in lines:
            file.tally.refuse(line.number, error)
        return None
    walk: dict[int, str] = {}
    for line in lines:
        try:
            meter_id = _meter_id(line.row, file.meters, walk)
        except Refused as error:
            file.tally.refuse(line.number, error)
        else:
            walk[line.row.sequence] = meter_id
    if not walk:
        return None
    draft = readings.RouteDraft(
        name=first.name or source_id,
        meter_ids=[walk[sequence] for sequence in sorted(walk)],
        crew_id=first.crew_id,
        person_id=first.person_id,
        planned_at=first.planned_at,
    )
    return source_id, draft, lines


def _meter_id(
    row: reading_files.RouteRow, meters: Mapping[str, Meter], walk: Mapping[int, str]
) -> str:
    """Name the row's meter, if it can take its place in the walk.

    Raises:
        UnknownReference: no meter has the serial.
        MeterRemoved: none that stands has it.
        MeterTwice: it is on the route already.
        SequenceTwice: its place is taken.
    """
    meter = meters.get(row.serial)
    if meter is None:
        raise rowchecks.UnknownReference(what="meter", id=row.serial)
    if meter.removed_at is not None:
        raise planning.MeterRemoved(meter_id=meter.id)
    if meter.id in walk.values():
        raise planning.MeterTwice(meter_id=meter.id)
    if row.sequence in walk:
        raise SequenceTwice(sequence=row.sequence, route=row.route)
    return meter.id
