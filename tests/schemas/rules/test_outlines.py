from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import base

from schemas.rules import datums, geodesy, outlines, shapes
from tests.schemas.rules import vectors

AREA = vectors.load("outlines")["area"]
LAT_DEG, LON_DEG = 20.0, 110.3
WALKS = st.lists(
    st.tuples(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02)), min_size=2, max_size=40, unique=True
)


def laid(geometry: dict[str, Any]) -> base.BaseGeometry:
    """Lay a geometry into the plane around the place of these tests, in metres."""
    return shapes.lay(shapes.parse(geometry), geodesy.Frame(LAT_DEG, LON_DEG))


def line(steps: list[tuple[float, float]]) -> dict[str, Any]:
    """Draw a line through places around the middle."""
    places = [[LON_DEG + east, LAT_DEG + north] for north, east in steps]
    return {"type": "LineString", "coordinates": places}


@pytest.mark.parametrize("case", vectors.cases("outlines"))
def test_a_shape_is_made_small_as_the_vectors_say(case: vectors.Case) -> None:
    assert outlines.thin(case["geometry"]) == case["expect"]


@pytest.mark.parametrize("case", vectors.cases("outlines", "near"))
def test_near_is_what_the_vectors_say(case: vectors.Case) -> None:
    lines = outlines.Lines([outlines.Line("F", case["geometry"], datums.Datum(case["datum"]))])

    found = dict(lines.near(AREA, datum=datums.Datum.wgs84))

    expect = case["expect"]
    drawn = {} if expect is None else {"F": {"type": "MultiLineString", "coordinates": expect}}
    assert found == drawn


@given(WALKS)
def test_a_thinned_line_stays_within_its_tolerance_and_grows_no_vertices(
    steps: list[tuple[float, float]],
) -> None:
    drawn = line(steps)

    thin = outlines.thin(drawn)

    distance_m = shapely.hausdorff_distance(laid(drawn), laid(thin), densify=0.1)
    assert distance_m <= outlines.TOLERANCE_M + outlines.ROUNDED_M
    assert sum(map(len, thin["coordinates"])) <= len(steps)


@given(WALKS)
def test_what_is_near_lies_on_the_line_and_around_the_area(
    steps: list[tuple[float, float]],
) -> None:
    drawn = line(steps)
    around = laid(AREA).buffer(outlines.MARGIN_M)
    off_m = outlines.TOLERANCE_M + outlines.ROUNDED_M

    for _, near in outlines.Lines([outlines.Line("F", drawn)]).near(AREA, datum=datums.Datum.wgs84):
        ends = np.concatenate([np.array(part) for part in near["coordinates"]])
        for place in geodesy.Frame(LAT_DEG, LON_DEG).project(ends):
            assert shapely.distance(laid(drawn), shapely.Point(place)) <= off_m
            assert shapely.distance(around, shapely.Point(place)) <= off_m


def test_many_lines_are_asked_at_once_and_each_is_named() -> None:
    lines = outlines.Lines(
        outlines.Line(case["name"], case["geometry"], datums.Datum(case["datum"]))
        for case in vectors.load("outlines")["near"]
    )

    found = {name for name, _ in lines.near(AREA, datum=datums.Datum.wgs84)}

    wanted = {case["name"] for case in vectors.load("outlines")["near"] if case["expect"]}
    assert found == wanted


def test_an_area_on_another_map_finds_the_lines_of_the_true_ground() -> None:
    def shifted(lon_lat: list[float]) -> list[float]:
        lat_deg, lon_deg = datums.convert(
            lon_lat[1], lon_lat[0], source=datums.Datum.wgs84, target=datums.Datum.gcj02
        )
        return [lon_deg, lat_deg]

    (ring,) = AREA["coordinates"]
    drawn = {"type": "Polygon", "coordinates": [[shifted(corner) for corner in ring]]}
    along = {"type": "LineString", "coordinates": [[110.3, 20.0217], [110.32, 20.0217]]}
    lines = outlines.Lines([outlines.Line("F", along)])

    assert [name for name, _ in lines.near(drawn, datum=datums.Datum.gcj02)] == ["F"]
    assert list(lines.near(drawn, datum=datums.Datum.wgs84)) == []


def test_across_the_antimeridian_both_counts_of_longitude_meet() -> None:
    area = {
        "type": "Polygon",
        "coordinates": [[[179.9, 0], [180.1, 0], [180.1, 0.1], [179.9, 0.1], [179.9, 0]]],
    }
    lines = outlines.Lines(
        [
            outlines.Line(
                "west", {"type": "LineString", "coordinates": [[-179.95, 0.05], [-179.92, 0.05]]}
            )
        ]
    )

    assert [name for name, _ in lines.near(area, datum=datums.Datum.wgs84)] == ["west"]


def test_where_a_line_only_touches_there_is_none() -> None:
    edge_deg = 20.02 + outlines.MARGIN_M / 111_195.0
    tip = [[110.305, 20.03], [110.31, edge_deg], [110.315, 20.03]]
    lines = outlines.Lines([outlines.Line("F", {"type": "LineString", "coordinates": tip})])

    for _, near in lines.near(AREA, datum=datums.Datum.wgs84):
        assert all(len(part) > 1 for part in near["coordinates"])


def test_points_are_no_outline() -> None:
    with pytest.raises(shapes.BadGeometry):
        outlines.thin({"type": "Point", "coordinates": [110.3, 20.0]})
