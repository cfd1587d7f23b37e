"""The district's areas and grid as rows: what the network calls its parts, in the trade's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from api.demo import cells, names
from api.demo.network import Network
from schemas import sites as shapes
from schemas.rules.datums import Datum

_KV: Final = 20.0


def areas(net: Network) -> Iterator[dict[str, Any]]:
    """Make a service area around each feeder."""
    drawn = cells.draw(net)
    classes = cells.classes(net, drawn)
    for feeder_id, name in zip(net.feeder_ids, names.AREAS, strict=True):
        yield {
            "id": f"area-{feeder_id}",
            "name": name,
            "area_class": classes[feeder_id].value,
            "geometry": drawn[feeder_id],
            "datum": Datum.wgs84.value,
            "version": 1,
        }


def feeders(net: Network) -> Iterator[dict[str, Any]]:
    """Make the feeders, all from one station, with their medium-voltage lines."""
    for feeder_id, name in zip(net.feeder_ids, names.FEEDERS, strict=True):
        yield {
            "id": feeder_id,
            "name": name,
            "kv": _KV,
            "station": names.STATION,
            "geometry": {"type": "MultiLineString", "coordinates": _spans(net, feeder_id)},
            "datum": Datum.wgs84.value,
        }


def _spans(net: Network, feeder_id: str) -> list[list[list[float]]]:
    """Draw a feeder's lines from bus to bus."""
    return [
        [[bus.lon_deg, bus.lat_deg] for bus in (net.buses[one], net.buses[other])]
        for one, other in net.spans
        if feeder_id in {net.buses[one].feeder_id, net.buses[other].feeder_id}
        and net.buses[one].kv == net.buses[other].kv == _KV
    ]


def transformers(net: Network) -> Iterator[shapes.Transformer]:
    """Make the transformers, named after their streets."""
    for number, each in enumerate(net.transformers):
        yield shapes.Transformer(
            id=each.id,
            name=f"{names.street(number)} 公变",
            feeder_id=each.feeder_id,
            kva=each.kva,
            lat_deg=each.lat_deg,
            lon_deg=each.lon_deg,
        )


def switches(net: Network) -> Iterator[shapes.Switch]:
    """Make the switches of the medium-voltage net."""
    for each in net.switches:
        yield shapes.Switch(
            id=each.id,
            name=each.name,
            feeder_id=each.feeder_id,
            normally=shapes.Normally.CLOSED if each.closed else shapes.Normally.OPEN,
            lat_deg=each.lat_deg,
            lon_deg=each.lon_deg,
        )
