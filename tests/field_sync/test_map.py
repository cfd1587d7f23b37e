"""A handheld holds the ground of its areas, and writes it for any map program."""

from __future__ import annotations

import json
import pathlib

import pytest

from field_sync.testing.server import FakeServer
from schemas import sites
from schemas.rules import datums
from tests.field_sync.prompting import Prompt
from tests.makers import sites as make

AREA = sites.Area(
    id="area-1",
    name="灵山片区",
    area_class=sites.AreaClass.URBAN,
    geometry=make.square(),
    datum=datums.Datum.gcj02,
    version=1,
)
LINE = sites.AreaFeeder(
    id="drawn-1",
    name="灵山线",
    kv=10.0,
    station="灵山变电站",
    area_id="area-1",
    feeder_id="F01",
    geometry={"type": "MultiLineString", "coordinates": [[[110.31, 20.04], [110.33, 20.04]]]},
    datum=datums.Datum.wgs84,
    version=1,
)


@pytest.fixture
def on_ground(at_work: Prompt, server: FakeServer) -> Prompt:
    """Give the handheld an area and a feeder."""
    server.put("area:area-1", "area", AREA)
    server.put("area:area-1", "feeder", LINE)
    at_work("sync")
    return at_work


def test_the_ground_is_written_in_wgs84_and_never_over_a_file(
    on_ground: Prompt, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "map.geojson"

    assert "3" in on_ground("map", str(path)).output

    features = {each["id"]: each for each in json.loads(path.read_bytes())["features"]}
    assert features.keys() == {"area-1", "F01", "order-aaa111"}
    assert features["F01"]["geometry"] == LINE.geometry
    corner = features["area-1"]["geometry"]["coordinates"][0][0]
    ring = AREA.geometry["coordinates"]
    assert isinstance(ring, list)
    lat_deg, lon_deg = datums.convert(
        ring[0][0][1], ring[0][0][0], source=datums.Datum.gcj02, target=datums.Datum.wgs84
    )
    assert corner == pytest.approx([lon_deg, lat_deg], abs=1e-9)
    assert on_ground("map", str(path)).exit_code == 1


def test_an_area_that_is_held_no_more_is_off_the_map(
    on_ground: Prompt, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    server.drop("area:area-1")
    on_ground("sync")

    on_ground("map", str(tmp_path / "map.geojson"))

    features = json.loads((tmp_path / "map.geojson").read_bytes())["features"]
    assert [each["id"] for each in features] == ["order-aaa111"]
