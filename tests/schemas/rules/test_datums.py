from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import datums, geodesy
from tests.schemas.rules import vectors

DATUMS = st.sampled_from(datums.Datum)
LAT_DEG = st.floats(-90, 90)
LON_DEG = st.floats(-180, 180)
MAINLAND_LAT_DEG = st.floats(3, 53)
MAINLAND_LON_DEG = st.floats(74, 135)


@pytest.mark.parametrize("case", vectors.cases("datums"))
def test_a_position_converts_as_published(case: vectors.Case) -> None:
    converted = datums.convert(
        case["lat_deg"],
        case["lon_deg"],
        source=datums.Datum(case["source"]),
        target=datums.Datum(case["target"]),
    )
    tolerance_deg = vectors.load("datums")["tolerance_deg"]
    assert converted == pytest.approx(tuple(case["expect"]), abs=tolerance_deg, rel=0)


@given(MAINLAND_LAT_DEG, MAINLAND_LON_DEG, DATUMS, DATUMS)
def test_there_and_back_is_the_same_place_to_a_millimetre(
    lat_deg: float, lon_deg: float, source: datums.Datum, target: datums.Datum
) -> None:
    there = datums.convert(lat_deg, lon_deg, source=source, target=target)
    back = datums.convert(*there, source=target, target=source)
    assert geodesy.distance_m(lat_deg, lon_deg, *back) < 0.001


@given(MAINLAND_LAT_DEG, MAINLAND_LON_DEG, DATUMS, DATUMS)
def test_no_two_datums_differ_by_more_than_two_kilometres(
    lat_deg: float, lon_deg: float, source: datums.Datum, target: datums.Datum
) -> None:
    there = datums.convert(lat_deg, lon_deg, source=source, target=target)
    moved_m = geodesy.distance_m(lat_deg, lon_deg, *there)
    assert (moved_m == 0) if source is target else (10 < moved_m < 2_000)


@given(LAT_DEG, LON_DEG, DATUMS, DATUMS)
def test_outside_the_box_nothing_moves(
    lat_deg: float, lon_deg: float, source: datums.Datum, target: datums.Datum
) -> None:
    converted = datums.convert(lat_deg, lon_deg, source=source, target=target)
    if not datums.in_china(lat_deg, lon_deg):
        assert converted == (lat_deg, lon_deg)


@given(st.floats(0.83, 55.82), st.floats(72.01, 137.83), DATUMS, DATUMS)
def test_at_the_edge_of_the_box_an_answer_still_comes(
    lat_deg: float, lon_deg: float, source: datums.Datum, target: datums.Datum
) -> None:
    there = datums.convert(lat_deg, lon_deg, source=source, target=target)
    assert geodesy.distance_m(lat_deg, lon_deg, *there) < 3_000
