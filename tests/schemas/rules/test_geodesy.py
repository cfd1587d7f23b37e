from __future__ import annotations

import math

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import geodesy
from tests.schemas.rules import vectors

LAT_DEG = st.floats(-90, 90)
LON_DEG = st.floats(-180, 180)
AZIMUTH_DEG = st.floats(0, 360)


def walk(lat_deg: float, lon_deg: float, azimuth_deg: float, far_m: float) -> tuple[float, float]:
    end = Geodesic.WGS84.Direct(lat_deg, lon_deg, azimuth_deg, far_m)
    return end["lat2"], end["lon2"]


@pytest.mark.parametrize("case", vectors.cases("geodesy"))
def test_two_places_are_as_far_apart_as_the_oracle_says(case: vectors.Case) -> None:
    measured_m = geodesy.distance_m(*case["a"], *case["b"])
    assert measured_m == pytest.approx(case["expect_m"], abs=case["tolerance_m"])


@given(LAT_DEG, LON_DEG, AZIMUTH_DEG, st.floats(0, 5_000))
def test_five_kilometres_hold_to_five_centimetres(
    lat_deg: float, lon_deg: float, azimuth_deg: float, far_m: float
) -> None:
    end = walk(lat_deg, lon_deg, azimuth_deg, far_m)
    assert abs(geodesy.distance_m(lat_deg, lon_deg, *end) - far_m) < 0.05
    assert abs(math.hypot(*geodesy.Frame(lat_deg, lon_deg).local(*end)) - far_m) < 0.05


@given(LAT_DEG, LON_DEG, st.tuples(AZIMUTH_DEG, st.floats(0, 5_000)))
def test_the_plane_keeps_directions(
    lat_deg: float, lon_deg: float, way: tuple[float, float]
) -> None:
    azimuth_deg, far_m = way
    end = walk(lat_deg, lon_deg, azimuth_deg, far_m)
    east_m, north_m = geodesy.Frame(lat_deg, lon_deg).local(*end)
    assert east_m == pytest.approx(far_m * math.sin(math.radians(azimuth_deg)), abs=0.05)
    assert north_m == pytest.approx(far_m * math.cos(math.radians(azimuth_deg)), abs=0.05)


@given(
    st.floats(-85, 85),
    LON_DEG,
    st.lists(st.tuples(AZIMUTH_DEG, st.floats(0, 5_000)), min_size=2, max_size=2),
)
def test_two_places_in_one_plane_hold_to_five_centimetres(
    lat_deg: float, lon_deg: float, ways: list[tuple[float, float]]
) -> None:
    frame = geodesy.Frame(lat_deg, lon_deg)
    one, two = (walk(lat_deg, lon_deg, *way) for way in ways)
    truth_m = Geodesic.WGS84.Inverse(*one, *two)["s12"]
    assert abs(math.dist(frame.local(*one), frame.local(*two)) - truth_m) < 0.05


@given(LAT_DEG, LON_DEG, LAT_DEG, LON_DEG)
def test_anywhere_on_earth_distances_hold_to_a_twentieth(
    lat_a: float, lon_a: float, lat_b: float, lon_b: float
) -> None:
    truth_m = Geodesic.WGS84.Inverse(lat_a, lon_a, lat_b, lon_b)["s12"]
    measured_m = geodesy.distance_m(lat_a, lon_a, lat_b, lon_b)
    assert measured_m == pytest.approx(truth_m, rel=0.05, abs=0.05)
    assert measured_m == geodesy.distance_m(lat_b, lon_b, lat_a, lon_a)


@given(LAT_DEG, LON_DEG, st.lists(st.tuples(LON_DEG, LAT_DEG), min_size=1, max_size=5))
def test_rows_are_placed_as_single_positions_are(
    lat_deg: float, lon_deg: float, places: list[tuple[float, float]]
) -> None:
    frame = geodesy.Frame(lat_deg, lon_deg)
    rows = frame.project(np.array([*places, (lon_deg, lat_deg)]))
    singles = [frame.local(lat, lon) for lon, lat in [*places, (lon_deg, lat_deg)]]
    assert np.hypot(*rows.T) == pytest.approx([math.hypot(*one) for one in singles], abs=1e-3)


def test_the_other_end_of_the_earth_is_not_here() -> None:
    frame = geodesy.Frame(0.0, 0.0)
    far_m = math.hypot(*frame.local(0.0, 180.0))
    assert far_m > 19_000_000
    assert math.hypot(*frame.project(np.array([[180.0, 0.0]]))[0]) == pytest.approx(far_m)


@given(LAT_DEG, LON_DEG)
def test_the_origin_is_nowhere_else(lat_deg: float, lon_deg: float) -> None:
    assert geodesy.Frame(lat_deg, lon_deg).local(lat_deg, lon_deg) == (0.0, 0.0)
