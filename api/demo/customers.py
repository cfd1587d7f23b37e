"""Customers of the demo district: service points along the walks, and their meters."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from api.demo import names
from api.demo.network import Customer, Network
from api.demo.walks import Walk
from schemas.rules.datums import Datum
from schemas.sites import TOTAL, Care, CustomerClass, Meter, ServicePoint

_CARE_SHARE: Final = 0.004
_ACCESS_SHARE: Final = 0.03
_OLD_METER_SHARE: Final = 0.12
_EXCHANGED_SHARE: Final = 0.01
_CARES: Final = (Care.LIFE_SUPPORT, Care.ELDERLY, Care.ELDERLY, Care.DISABLED)
_CLASSES: Final[Mapping[str, CustomerClass]] = {
    "H": CustomerClass.RESIDENTIAL,
    "G": CustomerClass.COMMERCIAL,
    "L": CustomerClass.FARM,
    "B": CustomerClass.INDUSTRIAL,
}
_BY_TRANSFORMER_KW: Final = 50.0
"""Above this a meter measures through current transformers."""
_CT_MULTIPLIER: Final = Decimal(40)
_PLAIN: Final = names.WayIn()
_TARIFFS: Final = ["peak", "flat", "valley"]


@dataclasses.dataclass(frozen=True, slots=True)
class Home:
    """A customer with service point and meters.

    Attributes:
        walk: number of the walk it lies on.
        place: its place on the walk, from 0.
        customer: as the network has it.
        point: its service point.
        meter: the meter that stands there.
        former: the meter before it, when one was exchanged within the history.
        exchanged: how many months ago that was.
    """

    walk: int
    place: int
    customer: Customer
    point: ServicePoint
    meter: Meter
    former: Meter | None
    exchanged: int


def settle(
    network: Network,
    walks: Sequence[Walk],
    *,
    chance: np.random.Generator,
    installed_at: dt.datetime,
    months: int,
) -> list[Home]:
    """Give every customer an address, a service point and a meter, in walking order."""
    streets = {each.id: number for number, each in enumerate(network.transformers)}
    numbers: dict[int, int] = collections.defaultdict(int)
    walls = collections.Counter((each.lat_deg, each.lon_deg) for each in network.customers)
    homes: list[Home] = []
    for walk in walks:
        for place, customer in enumerate(walk.customers):
            street = streets.get(customer.transformer_id or "", len(streets))
            numbers[street] += 1
            address = f"{names.street(street)} {numbers[street]} 号"
            shared = walls[customer.lat_deg, customer.lon_deg] > 1
            point = _point(customer, address=address, chance=chance)
            meter = _meter(customer, shared=shared, chance=chance, installed_at=installed_at)
            exchanged = 0
            if chance.random() < _EXCHANGED_SHARE:
                exchanged = int(chance.integers(3, months - 3))
            former = _former(meter) if exchanged else None
            homes.append(Home(walk.number, place, customer, point, meter, former, exchanged))
    return homes


def _point(customer: Customer, *, address: str, chance: np.random.Generator) -> ServicePoint:
    cared, noted = chance.random(2)
    way = _PLAIN if noted >= _ACCESS_SHARE else names.WAYS_IN[chance.integers(len(names.WAYS_IN))]
    return ServicePoint(
        id=f"P{customer.id:05d}",
        number=f"4601{customer.id:08d}",
        address=address,
        access_note=way.access_note,
        keys=way.keys,
        dogs=way.dogs,
        care=_CARES[chance.integers(len(_CARES))] if cared < _CARE_SHARE else None,
        customer_name=names.person(chance),
        customer_phone=names.phone(customer.id),
        customer_class=_CLASSES[customer.profile[0]],
        lat_deg=customer.lat_deg,
        lon_deg=customer.lon_deg,
        datum=Datum.wgs84,
        feeder_id=customer.feeder_id,
        transformer_id=customer.transformer_id,
    )


def _meter(
    customer: Customer, *, shared: bool, chance: np.random.Generator, installed_at: dt.datetime
) -> Meter:
    """Choose a meter: old ones count whole kWh in five digits, new ones hundredths in six."""
    large = customer.kw > _BY_TRANSFORMER_KW
    old = not large and chance.random() < _OLD_METER_SHARE
    return Meter(
        id=f"M{customer.id:05d}",
        service_point_id=f"P{customer.id:05d}",
        serial=f"{'31' if old else '46'}{customer.id * 7_919 % 100_000_007:010d}",
        digits=5 if old else 6,
        decimals=0 if old else 2,
        multiplier=_CT_MULTIPLIER if large else Decimal(1),
        registers=[TOTAL, *_TARIFFS] if large else [TOTAL],
        box=f"box-{customer.lat_deg:.4f}-{customer.lon_deg:.4f}" if shared else None,
        installed_at=installed_at,
        installed_value=Decimal(0),
    )


def _former(meter: Meter) -> Meter:
    """Make the old meter that stood there before; its end is written with its last reading."""
    return Meter(
        id=f"{meter.id}-1",
        service_point_id=meter.service_point_id,
        serial=f"29{meter.serial[2:]}",
        digits=5,
        decimals=0,
        multiplier=meter.multiplier,
        registers=[TOTAL],
        box=meter.box,
        installed_at=meter.installed_at,
        installed_value=Decimal(0),
    )
