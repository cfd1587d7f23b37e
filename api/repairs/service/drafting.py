"""Drafting: what was told and what is known about the place make an order's draft."""

from __future__ import annotations

import dataclasses
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.repairs.service import placing
from api.sites import service as sites
from api.tasks import service as tasks
from schemas import places, repairs
from schemas import tasks as shapes
from schemas.rules import transitions
from schemas.rules.datums import Datum
from schemas.sites import Care

_TITLE_CHARS_MAX: Final = 80
_MOST_URGENT: Final = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """What is known about a service point; nothing when none was named."""

    position: places.Position | None = None
    address: str = ""
    access_note: str = ""
    contact: str = ""
    care: str | None = None


def draft_of(
    session: Session, *, act: Act, report: repairs.Report
) -> tuple[tasks.TaskDraft, placing.Spot]:
    """Make the draft of an order, and say where it is.

    Raises:
        OddPosition: the report's position can be no place of work.
        WrongDatum: its datum means nothing there.
        NotFound: there is no such service point.
    """
    known = _known(session, act=act, service_point_id=report.service_point_id)
    position = report.position or known.position
    if position is not None:
        sites.ground.check_position(
            lat_deg=position.lat_deg, lon_deg=position.lon_deg, datum=position.datum
        )
    spot = placing.locate(session, district_id=act.district_id, position=position)
    site = None
    if position is not None:
        district = sites.get_district(session, district_id=act.district_id)
        site = _site(position, report=report, known=known, radius_m=district.radius_m)
    draft = tasks.TaskDraft(
        id=act.new_id(),
        kind=transitions.Kind.repair,
        title=_title(report),
        note=report.description,
        urgency=_urgency(report.urgency, care=known.care),
        area_id=spot.located.area_id,
        area_class=spot.located.area_class,
        site=site,
        service_point_id=report.service_point_id,
        care=known.care is not None,
        customers_out=report.customers_out,
        contact=report.contact or known.contact,
    )
    return draft, spot


def _known(session: Session, *, act: Act, service_point_id: str | None) -> Place:
    """Look up what is known about a service point."""
    if service_point_id is None:
        return Place()
    point = sites.get_service_point(
        session, district_id=act.district_id, service_point_id=service_point_id
    )
    return Place(
        position=places.Position(
            lat_deg=point.lat_deg, lon_deg=point.lon_deg, datum=Datum(point.datum)
        ),
        address=point.address,
        access_note=point.access_note,
        contact=f"{point.customer_name} {point.customer_phone}".strip(),
        care=point.care,
    )


def _urgency(told: int, *, care: str | None) -> int:
    """Raise what was told by a step where somebody must not wait, to the top for life support."""
    if care is None:
        return told
    return _MOST_URGENT if care == Care.LIFE_SUPPORT else max(_MOST_URGENT, told - 1)


def _site(
    position: places.Position, *, report: repairs.Report, known: Place, radius_m: float
) -> shapes.WorkSite:
    return shapes.WorkSite(
        geometry={"type": "Point", "coordinates": [position.lon_deg, position.lat_deg]},
        datum=position.datum,
        radius_m=radius_m,
        address=report.address or known.address,
        access_note=known.access_note,
    )


def _title(report: repairs.Report) -> str:
    """Take the first line of the words, or the place."""
    lines = report.description.strip().splitlines() or [report.address or report.key]
    return lines[0][:_TITLE_CHARS_MAX]
