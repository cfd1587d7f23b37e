"""Walking order: customers along their lines, transformers after each other, walks for a day."""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import Final

from api.demo.network import Customer, Network, Transformer

METERS_MIN: Final = 100
METERS_ENOUGH: Final = 260
"""A walk ends at the first transformer with which it has this many."""


@dataclasses.dataclass(frozen=True, slots=True)
class Walk:
    """A day's walk of one reader: customers in the order in which they are met."""

    number: int
    feeder_id: str
    customers: Sequence[Customer]


def plan(network: Network) -> list[Walk]:
    """Cut every feeder into walks of some hundred meters."""
    behind: dict[str | None, list[Customer]] = collections.defaultdict(list)
    own: dict[str | None, list[Customer]] = collections.defaultdict(list)
    for customer in network.customers:
        if customer.transformer_id is None:
            own[customer.feeder_id].append(customer)
        else:
            behind[customer.transformer_id].append(customer)
    walks: list[Walk] = []
    for feeder_id in network.feeder_ids:
        stretches = [
            list(_along(network, transformer, behind[transformer.id]))
            for transformer in _chained(network, feeder_id)
        ]
        stretches[-1] += own[feeder_id]  # customers with a transformer of their own come last
        for customers in _cut(stretches):
            walks.append(Walk(len(walks) + 1, feeder_id, customers))
    at_station = own[None]
    last = walks[-1]
    walks[-1] = dataclasses.replace(last, customers=[*last.customers, *at_station])
    return walks


def _chained(network: Network, feeder_id: str) -> list[Transformer]:
    """Order a feeder's transformers by nearest neighbour, from the station on."""
    left = [each for each in network.transformers if each.feeder_id == feeder_id]
    here: tuple[float, float] = (network.station.lat_deg, network.station.lon_deg)
    chained: list[Transformer] = []
    while left:
        nearest = min(left, key=lambda each: (_apart(here, each), each.id))
        left.remove(nearest)
        chained.append(nearest)
        here = (nearest.lat_deg, nearest.lon_deg)
    return chained


def _apart(here: tuple[float, float], there: Transformer) -> float:
    """Measure in degrees of latitude; good enough to compare."""
    shrink = math.cos(math.radians(here[0]))
    return math.hypot(there.lat_deg - here[0], (there.lon_deg - here[1]) * shrink)


def _along(
    network: Network, transformer: Transformer, customers: Sequence[Customer]
) -> Iterator[Customer]:
    """Walk the lines from a transformer to their ends, and meet its customers on the way."""
    at_bus: dict[str, list[Customer]] = collections.defaultdict(list)
    for customer in customers:
        at_bus[customer.bus].append(customer)
    met: set[str] = set()
    stack = [transformer.lv_bus]
    while stack:
        bus = stack.pop()
        if bus in met:
            continue
        met.add(bus)
        yield from at_bus.pop(bus, ())
        stack += [other for other in reversed(network.ways[bus]) if other not in met]
    for left in at_bus.values():
        yield from left


def _cut(stretches: Sequence[Sequence[Customer]]) -> list[list[Customer]]:
    """Join stretches until there is enough for a day; a short rest goes to the walk before it."""
    walks: list[list[Customer]] = [[]]
    for stretch in stretches:
        if len(walks[-1]) >= METERS_ENOUGH:
            walks.append([])
        walks[-1] += stretch
    if len(walks) > 1 and len(walks[-1]) < METERS_MIN:
        rest = walks.pop()
        walks[-1] += rest
    return walks
