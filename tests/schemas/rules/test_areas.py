from __future__ import annotations

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import areas, datums, shapes
from tests.schemas.rules import vectors

INDEX = areas.Index(
    areas.Area(row["area_id"], row["geometry"], datums.Datum(row["datum"]))
    for row in vectors.load("areas")["areas"]
)
PLACES = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0]) | st.floats(-1, 4),
        st.sampled_from([0.0, 1.0, 2.0, 6.0, 6.5]) | st.floats(-1, 12),
    ),
    max_size=30,
)


@pytest.mark.parametrize("case", vectors.cases("areas"))
def test_a_position_lies_where_the_vectors_say(case: vectors.Case) -> None:
    assert INDEX.locate(case["lat_deg"], case["lon_deg"]) == case["expect"]


@given(PLACES)
def test_many_positions_are_located_as_each_alone(places: list[tuple[float, float]]) -> None:
    lat_deg = np.array([lat for lat, _ in places], dtype=np.float64)
    lon_deg = np.array([lon for _, lon in places], dtype=np.float64)
    found = [
        None if place == areas.NOWHERE else INDEX.area_ids[place]
        for place in INDEX.locate_many(lat_deg, lon_deg)
    ]
    assert found == [INDEX.locate(lat, lon) for lat, lon in places]


@given(st.permutations(vectors.load("areas")["areas"]), PLACES)
def test_the_order_of_areas_does_not_matter(
    rows: list[vectors.Case], places: list[tuple[float, float]]
) -> None:
    index = areas.Index(
        areas.Area(row["area_id"], row["geometry"], datums.Datum(row["datum"])) for row in rows
    )
    for lat, lon in places:
        assert index.locate(lat, lon) == INDEX.locate(lat, lon)


@given(st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_inside_an_area_it_is_the_nearest_at_no_distance(lat_deg: float, lon_deg: float) -> None:
    assert INDEX.near(lat_deg, lon_deg)[0] == areas.Near("a", 0.0)


def test_outside_every_area_the_nearest_comes_first_with_its_metres() -> None:
    near = INDEX.near(0.5, -0.01)
    truth_m = Geodesic.WGS84.Inverse(0.5, -0.01, 0.5, 0.0)["s12"]
    assert [one.area_id for one in near] == ["a", "b", "c", "hk"]
    assert near[0].distance_m == pytest.approx(truth_m, abs=0.05)


def test_an_area_must_be_a_polygon() -> None:
    with pytest.raises(shapes.BadGeometry):
        areas.Index([areas.Area("a", {"type": "Point", "coordinates": [0, 0]})])


def test_an_area_must_enclose_something() -> None:
    flat = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [2, 0], [0, 0]]]}
    with pytest.raises(shapes.BadGeometry):
        areas.Index([areas.Area("a", flat)])


def test_no_areas_hold_nothing() -> None:
    index = areas.Index([])
    assert index.locate(0.5, 0.5) is None
    assert index.near(0.5, 0.5) == ()
    assert index.locate_many(np.array([0.5]), np.array([0.5])).tolist() == [areas.NOWHERE]
