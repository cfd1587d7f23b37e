"""Questions about places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from api.prepared import Among, Prepared
from api.sites.models import (
    Area,
    AreaFeeder,
    District,
    Feeder,
    Meter,
    ServicePoint,
    Switch,
    Transformer,
)

Place = Area | Feeder | Meter | ServicePoint | Switch | Transformer
PlaceT = TypeVar("PlaceT", bound=Place)
PointT = TypeVar("PointT", ServicePoint, Switch, Transformer)
_KEYS_PER_QUERY: Final = 500
_REMOVALS: Final = Prepared(
    select(Meter.id, Meter.removed_at).where(
        Meter.district_id == bindparam("district_id"),
        Among(Meter.id, "ids"),
        Meter.removed_at.is_not(None),
    )
)


class Box(NamedTuple):
    """A rectangle of degrees in one datum; `west` beyond `east` runs over the antimeridian."""

    datum: str
    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float


class Filter(NamedTuple):
    """What to keep of a list; None keeps everything."""

    boxes: Sequence[Box] | None = None
    feeder_id: str | None = None
    transformer_id: str | None = None
    text: str | None = None


def find_district(session: Session, *, district_id: str) -> District | None:
    """Find a district by its id."""
    return session.get(District, (district_id, district_id))


def list_districts(session: Session) -> Sequence[District]:
    """List every district."""
    return session.scalars(select(District).order_by(District.id)).all()


def find(
    session: Session, model: type[PlaceT], *, district_id: str, place_id: str
) -> PlaceT | None:
    """Find one place by its id."""
    return session.get(model, (district_id, place_id))


def load(
    session: Session, model: type[PlaceT], *, district_id: str, ids: Iterable[str]
) -> dict[str, PlaceT]:
    """Load the places that exist among some ids."""
    found: dict[str, PlaceT] = {}
    for some in _chunks(ids):
        question = select(model).where(model.district_id == district_id, model.id.in_(some))
        found.update((row.id, row) for row in session.scalars(question))
    return found


def list_areas(session: Session, *, district_id: str) -> Sequence[Area]:
    """List every area of a district."""
    question = select(Area).where(Area.district_id == district_id).order_by(Area.id)
    return session.scalars(question).all()


def list_drawn_feeders(session: Session, *, district_id: str) -> Sequence[Feeder]:
    """List the feeders whose lines are known."""
    question = select(Feeder).where(Feeder.district_id == district_id, Feeder.geometry.is_not(None))
    return session.scalars(question.order_by(Feeder.id)).all()


def page_of_drawn_feeders(
    session: Session, *, district_id: str, after: str, limit: int
) -> Sequence[Feeder]:
    """List feeders whose lines are known, after an id."""
    question = select(Feeder).where(
        Feeder.district_id == district_id, Feeder.geometry.is_not(None), Feeder.id > after
    )
    return session.scalars(question.order_by(Feeder.id).limit(limit)).all()


def list_area_feeders(
    session: Session, *, district_id: str, area_ids: Iterable[str], feeder_ids: Iterable[str]
) -> list[AreaFeeder]:
    """List what is drawn of some feeders in some areas."""
    wanted = set(feeder_ids)
    found: list[AreaFeeder] = []
    for some in _chunks(area_ids):
        question = select(AreaFeeder).where(
            AreaFeeder.district_id == district_id, AreaFeeder.area_id.in_(some)
        )
        found += (row for row in session.scalars(question) if row.feeder_id in wanted)
    return found


def list_feeders(session: Session, *, district_id: str, after: str, limit: int) -> Sequence[Feeder]:
    """List feeders after an id."""
    question = select(Feeder).where(Feeder.district_id == district_id, Feeder.id > after)
    return session.scalars(question.order_by(Feeder.id).limit(limit)).all()


def list_transformers(
    session: Session, *, district_id: str, keep: Filter, after: str, limit: int
) -> Sequence[Transformer]:
    """List transformers after an id."""
    question = _points(Transformer, district_id=district_id, keep=keep, after=after)
    return session.scalars(question.limit(limit)).all()


def list_switches(
    session: Session, *, district_id: str, keep: Filter, after: str, limit: int
) -> Sequence[Switch]:
    """List switches after an id."""
    question = _points(Switch, district_id=district_id, keep=keep, after=after)
    return session.scalars(question.limit(limit)).all()


def list_service_points(
    session: Session, *, district_id: str, keep: Filter, after: str, limit: int
) -> Sequence[ServicePoint]:
    """List service points after an id; text is sought in number, address and standing serials."""
    question = _points(ServicePoint, district_id=district_id, keep=keep, after=after)
    if keep.transformer_id is not None:
        question = question.where(ServicePoint.transformer_id == keep.transformer_id)
    if keep.text is not None:
        standing = select(Meter.service_point_id).where(
            Meter.district_id == district_id,
            Meter.removed_at.is_(None),
            Meter.serial.istartswith(keep.text, autoescape=True),
        )
        question = question.where(
            or_(
                ServicePoint.number.istartswith(keep.text, autoescape=True),
                ServicePoint.address.icontains(keep.text, autoescape=True),
                ServicePoint.id.in_(standing),
            )
        )
    return session.scalars(question.limit(limit)).all()


def list_meters(
    session: Session,
    *,
    district_id: str,
    service_point_id: str | None,
    serial: str | None,
    after: str,
    limit: int,
) -> Sequence[Meter]:
    """List meters after an id, removed ones too."""
    question = select(Meter).where(Meter.district_id == district_id, Meter.id > after)
    if service_point_id is not None:
        question = question.where(Meter.service_point_id == service_point_id)
    if serial is not None:
        question = question.where(Meter.serial == serial)
    return session.scalars(question.order_by(Meter.id).limit(limit)).all()


def list_standing_meters(
    session: Session, *, district_id: str, service_point_ids: Iterable[str]
) -> list[Meter]:
    """List the meters that stand at some service points now."""
    found: list[Meter] = []
    for some in _chunks(service_point_ids):
        question = select(Meter).where(
            Meter.district_id == district_id,
            Meter.service_point_id.in_(some),
            Meter.removed_at.is_(None),
        )
        found += session.scalars(question.order_by(Meter.id))
    return found


def list_removals(
    session: Session, *, district_id: str, meter_ids: Iterable[str]
) -> dict[str, dt.datetime]:
    """Tell when meters were taken down, of those that were."""
    rows = _REMOVALS.rows(session, district_id=district_id, ids=list(meter_ids))
    return dict(rows)


def list_meter_ids_behind(session: Session, *, district_id: str, transformer_id: str) -> list[str]:
    """List the meters that stand behind a transformer, by id."""
    at_point = and_(
        ServicePoint.district_id == Meter.district_id, ServicePoint.id == Meter.service_point_id
    )
    question = (
        select(Meter.id)
        .join(ServicePoint, at_point)
        .where(
            Meter.district_id == district_id,
            Meter.removed_at.is_(None),
            ServicePoint.transformer_id == transformer_id,
        )
        .order_by(Meter.id)
    )
    return list(session.scalars(question))


def find_standing_serials(
    session: Session, *, district_id: str, serials: Iterable[str]
) -> dict[str, str]:
    """Tell which of some serials stand somewhere, and under which meter id."""
    found: dict[str, str] = {}
    for some in _chunks(serials):
        question = select(Meter.serial, Meter.id).where(
            Meter.district_id == district_id, Meter.serial.in_(some), Meter.removed_at.is_(None)
        )
        found.update((serial, meter_id) for serial, meter_id in session.execute(question))
    return found


def list_meters_by_serial(
    session: Session, *, district_id: str, serials: Iterable[str]
) -> list[Meter]:
    """List the meters with some serials, standing and removed, those installed first first."""
    found: list[Meter] = []
    for some in _chunks(serials):
        question = (
            select(Meter)
            .where(Meter.district_id == district_id, Meter.serial.in_(some))
            .order_by(Meter.installed_at, Meter.id)
        )
        found += session.scalars(question)
    return found


def find_numbers(session: Session, *, district_id: str, numbers: Iterable[str]) -> dict[str, str]:
    """Tell which of some customer numbers are known, and of which service point."""
    found: dict[str, str] = {}
    for some in _chunks(numbers):
        question = select(ServicePoint.number, ServicePoint.id).where(
            ServicePoint.district_id == district_id, ServicePoint.number.in_(some)
        )
        found.update((number, point_id) for number, point_id in session.execute(question))
    return found


def _points(model: type[PointT], *, district_id: str, keep: Filter, after: str) -> Select[PointT]:
    """Ask for places with a position, in the order of their ids."""
    question = select(model).where(model.district_id == district_id, model.id > after)
    if keep.feeder_id is not None:
        question = question.where(model.feeder_id == keep.feeder_id)
    if keep.boxes is not None:
        question = question.where(or_(*(_within(model, box) for box in keep.boxes)))
    return question.order_by(model.id)


def _within(model: type[PointT], box: Box) -> ColumnElement[bool]:
    """Keep what lies in a rectangle of its own datum."""
    east_of_west, west_of_east = model.lon_deg >= box.west_deg, model.lon_deg <= box.east_deg
    across = box.west_deg > box.east_deg
    return and_(
        model.datum == box.datum,
        model.lat_deg.between(box.south_deg, box.north_deg),
        or_(east_of_west, west_of_east) if across else and_(east_of_west, west_of_east),
    )


def _chunks(keys: Iterable[str]) -> Iterator[Sequence[str]]:
    """Cut keys into lists that every database takes as parameters."""
    every = list(dict.fromkeys(keys))
    for start in range(0, len(every), _KEYS_PER_QUERY):
        yield every[start : start + _KEYS_PER_QUERY]
