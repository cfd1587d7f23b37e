"""What an imported row must satisfy besides its shape: the ground, and what it refers to."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.sites import store
from api.sites.models import Feeder, ServicePoint, Transformer
from api.sites.service import ground
from schemas import sites as shapes
from schemas.base import Shape
from schemas.errors import Refused
from schemas.sites import Importable

_PLACES: Final = -3
"""Exponent of the smallest step that the database keeps: thousandths."""
_MULTIPLIER_MAX: Final = Decimal(1_000_000)
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2200


class UnknownReference(Refused):
    """The row hangs on something that is not here. Import that first, or mend the id."""

    code = "unknown-reference"
    status = 422
    en = "There is no {what} {id} in this district."
    zh = "本供电区县没有{what} {id}。"


class FeederMismatch(Refused):
    """The transformer hangs on another feeder. Mend one of the two, or leave the feeder out."""

    code = "feeder-mismatch"
    status = 422
    en = "Transformer {transformer_id} hangs on feeder {feeder_id}, not on {named}."
    zh = "配变 {transformer_id} 属于馈线 {feeder_id}，而不是 {named}。"


class NumberTaken(Refused):
    """Another service point has this customer number. Mend the number, or the id."""

    code = "number-taken"
    status = 422
    en = "The customer number {number} belongs to service point {id}."
    zh = "户号 {number} 已属于用电点 {id}。"


class SerialTaken(Refused):
    """A meter with this serial stands elsewhere. Record its removal there first."""

    code = "serial-taken"
    status = 422
    en = "The serial {serial} is installed as meter {id}; record its removal first."
    zh = "表号 {serial} 已装为电表 {id}；请先登记拆除。"


class ImpossibleMeter(Refused):
    """The meter's numbers contradict each other. Mend what `reason` names."""

    code = "impossible-meter"
    status = 422
    en = "The meter cannot be as written: {reason}."
    zh = "电表资料自相矛盾：{reason}。"


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What the rows of one file refer to or may clash with, looked up once.

    Attributes:
        feeders: ids that exist.
        transformers: the feeder of each transformer.
        points: service points that exist.
        holders: who has a customer number or a standing meter's serial; grows row by row.
    """

    feeders: Collection[str]
    transformers: Mapping[str, str]
    points: Collection[str]
    holders: dict[str, str]

    @classmethod
    def of(
        cls, session: Session, *, district_id: str, what: Importable, rows: Iterable[Shape]
    ) -> Known:
        """Look up what the rows name."""
        every = list(rows)
        feeders = store.load(
            session, Feeder, district_id=district_id, ids=_named(every, "feeder_id")
        )
        transformers = store.load(
            session, Transformer, district_id=district_id, ids=_named(every, "transformer_id")
        )
        points = store.load(
            session, ServicePoint, district_id=district_id, ids=_named(every, "service_point_id")
        )
        holders: dict[str, str] = {}
        if what is Importable.SERVICE_POINTS:
            numbers = _named(every, "number")
            holders = store.find_numbers(session, district_id=district_id, numbers=numbers)
        elif what is Importable.METERS:
            serials = _named(every, "serial")
            holders = store.find_standing_serials(session, district_id=district_id, serials=serials)
        return cls(
            feeders=feeders.keys(),
            transformers={row.id: row.feeder_id for row in transformers.values()},
            points=points.keys(),
            holders=holders,
        )


def _area(row: Shape, _: Known) -> Shape:
    assert isinstance(row, shapes.ImportedArea)
    geometry = ground.clean_polygon(row.geometry, datum=row.datum)
    return msgspec.structs.replace(row, geometry=geometry)


def _feeder(row: Shape, _: Known) -> Shape:
    assert isinstance(row, shapes.ImportedFeeder)
    if row.geometry is None:
        return row
    return msgspec.structs.replace(row, geometry=ground.clean_lines(row.geometry, datum=row.datum))


def _on_feeder(row: Shape, known: Known) -> Shape:
    assert isinstance(row, shapes.Transformer | shapes.Switch)
    ground.check_position(lat_deg=row.lat_deg, lon_deg=row.lon_deg, datum=row.datum)
    if row.feeder_id not in known.feeders:
        raise UnknownReference(what="feeder", id=row.feeder_id)
    return row


def _service_point(row: Shape, known: Known) -> Shape:
    assert isinstance(row, shapes.ServicePoint)
    ground.check_position(lat_deg=row.lat_deg, lon_deg=row.lon_deg, datum=row.datum)
    hung = _hung(row, known)
    holder = known.holders.get(row.number, row.id)
    if holder != row.id:
        raise NumberTaken(number=row.number, id=holder)
    known.holders[row.number] = row.id
    return hung


def _hung(row: shapes.ServicePoint, known: Known) -> shapes.ServicePoint:
    """Check what a service point hangs on; its transformer tells the feeder."""
    if row.feeder_id is not None and row.feeder_id not in known.feeders:
        raise UnknownReference(what="feeder", id=row.feeder_id)
    if row.transformer_id is None:
        return row
    feeder_id = known.transformers.get(row.transformer_id)
    if feeder_id is None:
        raise UnknownReference(what="transformer", id=row.transformer_id)
    if row.feeder_id not in {None, feeder_id}:
        raise FeederMismatch(
            transformer_id=row.transformer_id, feeder_id=feeder_id, named=row.feeder_id
        )
    return msgspec.structs.replace(row, feeder_id=feeder_id)


def _meter(row: Shape, known: Known) -> Shape:
    assert isinstance(row, shapes.Meter)
    if row.service_point_id not in known.points:
        raise UnknownReference(what="service point", id=row.service_point_id)
    _check_numbers(row)
    _check_history(row)
    holder = known.holders.get(row.serial, row.id)
    if row.removed_at is None:
        if holder != row.id:
            raise SerialTaken(serial=row.serial, id=holder)
        known.holders[row.serial] = row.id
    elif holder == row.id:
        known.holders.pop(row.serial, None)
    return row


def _check_numbers(row: shapes.Meter) -> None:
    if not _fits(row.multiplier) or not 0 < row.multiplier <= _MULTIPLIER_MAX:
        raise ImpossibleMeter(reason=f"multiplier {row.multiplier}")
    full = Decimal(10) ** row.digits
    values = [row.installed_value] + ([] if row.removed_value is None else [row.removed_value])
    for value in values:
        if not _fits(value) or not 0 <= value < full:
            raise ImpossibleMeter(reason=f"a register of {row.digits} digits at {value}")
    if shapes.TOTAL not in row.registers or len(set(row.registers)) != len(row.registers):
        raise ImpossibleMeter(reason="registers need `total` and no name twice")


def _check_history(row: shapes.Meter) -> None:
    if (row.removed_at is None) != (row.removed_value is None):
        raise ImpossibleMeter(reason="a removal has both a moment and a last value")
    moments = [row.installed_at] + ([] if row.removed_at is None else [row.removed_at])
    if not all(_FIRST_YEAR <= moment.year <= _LAST_YEAR for moment in moments):
        raise ImpossibleMeter(reason=f"a moment outside {_FIRST_YEAR} to {_LAST_YEAR}")
    if moments[-1] < row.installed_at:
        raise ImpossibleMeter(reason="removed before it was installed")


def _fits(value: Decimal) -> bool:
    """Tell whether the database keeps the number exactly."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= _PLACES


def _named(rows: Iterable[Shape], field: str) -> set[str]:
    named = (getattr(row, field, None) for row in rows)
    return {name for name in named if isinstance(name, str)}


CHECKS: Final[Mapping[Importable, Callable[[Shape, Known], Shape]]] = {
    Importable.AREAS: _area,
    Importable.FEEDERS: _feeder,
    Importable.TRANSFORMERS: _on_feeder,
    Importable.SWITCHES: _on_feeder,
    Importable.SERVICE_POINTS: _service_point,
    Importable.METERS: _meter,
}
"""Each gives the row as it goes in, or raises why it does not."""
