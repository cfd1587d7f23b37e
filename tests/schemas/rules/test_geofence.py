from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import datums, geodesy, geofence
from tests.schemas.rules import vectors

SITE = (20.04, 110.32)
RADIUS_M = 50.0
AGE_MAX_S = 60.0
POINT = geofence.Fence(
    {"type": "Point", "coordinates": [SITE[1], SITE[0]]},
    radius_m=RADIUS_M,
    datum=datums.Datum.wgs84,
)
FIXES = st.builds(
    geofence.Fix,
    lat_deg=st.floats(20.03, 20.05),
    lon_deg=st.floats(110.31, 110.33),
    accuracy_m=st.none() | st.floats(-1, 300),
    age_s=st.none() | st.floats(-1, 120),
    datum=st.sampled_from(datums.Datum),
    simulated=st.booleans(),
)
ODD = st.floats(allow_nan=False, allow_infinity=False)
ODD_FIXES = st.builds(
    geofence.Fix,
    lat_deg=st.floats(-90, 90),
    lon_deg=st.floats(-180, 180),
    accuracy_m=st.none() | st.floats(),
    age_s=st.none() | st.floats(),
    datum=st.sampled_from(datums.Datum),
    simulated=st.booleans(),
)


@pytest.mark.parametrize("case", vectors.cases("geofence"))
def test_a_fix_is_judged_as_the_vectors_say(case: vectors.Case) -> None:
    fields, fence, expected = case["fix"], case["fence"], case["expect"]
    fix = fields and geofence.Fix(**{**fields, "datum": datums.Datum(fields["datum"])})
    verdict = geofence.verdict(
        fix,
        geofence.Fence(
            fence["geometry"], radius_m=fence["radius_m"], datum=datums.Datum(fence["datum"])
        ),
        age_max_s=case["age_max_s"],
    )
    assert verdict.kind == expected["kind"]
    assert list(verdict.reasons) == expected["reasons"]
    assert verdict.datum_suspect is expected["datum_suspect"]
    assert verdict.edge_m == pytest.approx(expected["edge_m"], abs=case["tolerance_m"])


@given(FIXES)
def test_inside_needs_the_whole_circle_within_the_fence(fix: geofence.Fix) -> None:
    verdict = geofence.verdict(fix, POINT, age_max_s=AGE_MAX_S)
    if verdict.kind is geofence.VerdictKind.inside:
        here = datums.convert(fix.lat_deg, fix.lon_deg, source=fix.datum, target=datums.Datum.wgs84)
        assert fix.accuracy_m is not None
        assert geodesy.distance_m(*SITE, *here) + fix.accuracy_m <= RADIUS_M + 0.01
        assert fix.accuracy_m > 0
        assert not fix.simulated
        assert fix.age_s is None or fix.age_s <= AGE_MAX_S


@given(FIXES)
def test_only_a_sound_fix_can_put_a_crew_outside(fix: geofence.Fix) -> None:
    verdict = geofence.verdict(fix, POINT, age_max_s=AGE_MAX_S)
    if verdict.kind is geofence.VerdictKind.outside:
        assert verdict.edge_m is not None
        assert fix.accuracy_m is not None
        assert verdict.edge_m > RADIUS_M + 1.621 * fix.accuracy_m
        assert not fix.simulated


@given(FIXES, st.floats(1, 3))
def test_less_accuracy_never_makes_a_verdict_surer(fix: geofence.Fix, worse: float) -> None:
    accuracy_m = None if fix.accuracy_m is None else fix.accuracy_m * worse
    blurred = geofence.Fix(
        fix.lat_deg, fix.lon_deg, accuracy_m, fix.age_s, fix.datum, fix.simulated
    )
    before = geofence.verdict(fix, POINT, age_max_s=AGE_MAX_S).kind
    after = geofence.verdict(blurred, POINT, age_max_s=AGE_MAX_S).kind
    assert after in {before, geofence.VerdictKind.unsure}


@given(ODD_FIXES, st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 1e7))
def test_any_fix_against_any_place_gets_a_verdict(
    fix: geofence.Fix, lat_deg: float, lon_deg: float, radius_m: float
) -> None:
    fence = geofence.Fence(
        {"type": "Point", "coordinates": [lon_deg, lat_deg]},
        radius_m=radius_m,
        datum=datums.Datum.gcj02,
    )
    verdict = geofence.verdict(fix, fence, age_max_s=AGE_MAX_S)
    assert verdict.reasons
    assert verdict.distance_m is not None
    assert verdict.distance_m >= 0


@given(st.floats(-89, 89), st.floats(-180, 180), st.integers(3, 40), st.floats(0, 360))
def test_the_middle_of_a_regular_polygon_is_as_deep_as_its_apothem(
    lat_deg: float, lon_deg: float, corners: int, turn_deg: float
) -> None:
    frame = geodesy.Frame(lat_deg, lon_deg)
    one_east, one_north = frame.local(lat_deg + 0.001, lon_deg), 0.001
    metres_per_deg = math.hypot(*one_east) / one_north
    stretch = math.cos(math.radians(lat_deg))
    ring = [
        [
            lon_deg + 100 / metres_per_deg / stretch * math.cos(angle),
            lat_deg + 100 / metres_per_deg * math.sin(angle),
        ]
        for angle in (
            math.radians(turn_deg) + 2 * math.pi * step / corners for step in range(corners)
        )
    ]
    fence = geofence.Fence(
        {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        radius_m=0.0,
        datum=datums.Datum.wgs84,
    )
    apothem_m = 100 * math.cos(math.pi / corners)
    assert fence.edge_m(lat_deg, lon_deg) == pytest.approx(-apothem_m, rel=0.02)
