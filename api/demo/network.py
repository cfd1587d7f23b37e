"""The network that the demo district is made from: SimBench's semi-urban net, where it lies.

Positions are WGS-84 degrees, lengths metres. Source and licence: `data/README.md`.
"""

from __future__ import annotations

import collections
import csv
import dataclasses
import gzip
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_DATA: Final = pathlib.Path(__file__).with_name("data")
_BUSBAR: Final = "BUSBAR"
_STATION_KV: Final = 110.0


@dataclasses.dataclass(frozen=True, slots=True)
class Bus:
    """A knot of the network; `feeder_id` is None at the station."""

    id: str
    kv: float
    lat_deg: float
    lon_deg: float
    feeder_id: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Transformer:
    """A transformer to 0.4 kV."""

    id: str
    name: str
    kva: float
    lv_bus: str
    feeder_id: str
    lat_deg: float
    lon_deg: float


@dataclasses.dataclass(frozen=True, slots=True)
class Switch:
    """A switch of the medium-voltage net."""

    id: str
    name: str
    feeder_id: str
    closed: bool
    lat_deg: float
    lon_deg: float


@dataclasses.dataclass(frozen=True, slots=True)
class Customer:
    """A customer: rated kW and SimBench's profile of use (H homes, G trade, L farms)."""

    id: int
    bus: str
    kw: float
    profile: str
    lat_deg: float
    lon_deg: float
    transformer_id: str | None
    feeder_id: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Network:
    """The whole net, by the buses at both ends of each line.

    `spans` are the lines; `ways` are the buses next to each bus along them, in a fixed order.
    """

    buses: Mapping[str, Bus]
    transformers: Sequence[Transformer]
    switches: Sequence[Switch]
    customers: Sequence[Customer]
    spans: Sequence[tuple[str, str]]
    ways: Mapping[str, Sequence[str]]

    @property
    def feeder_ids(self) -> list[str]:
        """The feeders, by id."""
        return sorted({transformer.feeder_id for transformer in self.transformers})

    @property
    def station(self) -> Bus:
        """The bus of the station that every feeder leaves from."""
        return min(
            (bus for bus in self.buses.values() if bus.kv == _STATION_KV), key=lambda bus: bus.id
        )


def read() -> Network:
    """Read the network from the package's own data."""
    buses = {row["bus_id"]: _bus(row) for row in _rows("bus")}
    lines = {row["line_id"]: (row["from_bus"], row["to_bus"]) for row in _rows("line")}
    return Network(
        buses=buses,
        transformers=[_transformer(row) for row in _rows("transformer")],
        switches=list(_switches(buses, lines)),
        customers=[_customer(row) for row in _rows("customer")],
        spans=list(lines.values()),
        ways=_ways(lines),
    )


def _bus(row: Mapping[str, str]) -> Bus:
    return Bus(
        id=row["bus_id"],
        kv=float(row["vn_kv"]),
        lat_deg=float(row["lat"]),
        lon_deg=float(row["lon"]),
        feeder_id=_feeder(row["feeder"]),
    )


def _transformer(row: Mapping[str, str]) -> Transformer:
    return Transformer(
        id=row["trafo_id"],
        name=row["name"],
        kva=float(row["kva"]),
        lv_bus=row["lv_bus"],
        feeder_id=row["feeder"],
        lat_deg=float(row["lat"]),
        lon_deg=float(row["lon"]),
    )


def _customer(row: Mapping[str, str]) -> Customer:
    return Customer(
        id=int(row["customer_id"]),
        bus=row["bus"],
        kw=float(row["p_mw"]) * 1_000,
        profile=row["profile"],
        lat_deg=float(row["lat"]),
        lon_deg=float(row["lon"]),
        transformer_id=row["transformer"] or None,
        feeder_id=_feeder(row["feeder"]),
    )


def _switches(buses: Mapping[str, Bus], lines: Mapping[str, tuple[str, str]]) -> Iterator[Switch]:
    """Keep the switches in medium-voltage lines; at the station the line tells the feeder."""
    for row in _rows("switch"):
        bus = buses[row["bus"]]
        if row["et"] != "l" or bus.kv in {0.4, _STATION_KV}:
            continue
        ends = (buses[end].feeder_id for end in lines[row["element"]])
        feeder_id = bus.feeder_id or next(end for end in ends if end is not None)
        yield Switch(
            id=f"S{row['switch_id']}",
            name=row["name"],
            feeder_id=feeder_id,
            closed=row["closed"] == "True",
            lat_deg=bus.lat_deg,
            lon_deg=bus.lon_deg,
        )


def _ways(lines: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    ways: dict[str, list[str]] = collections.defaultdict(list)
    for one, other in lines.values():
        ways[one].append(other)
        ways[other].append(one)
    return ways


def _feeder(text: str) -> str | None:
    return None if text in {"", _BUSBAR} else text


def _rows(name: str) -> Iterator[dict[str, str]]:
    path = _DATA / f"semiurb_{name}.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
