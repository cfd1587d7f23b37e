from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.rules import geodesy, shapes

SQUARE = [[0.0, 0.0], [0.001, 0.0], [0.001, 0.001], [0.0, 0.001], [0.0, 0.0]]
BOWTIE = [[0.0, 0.0], [0.001, 0.001], [0.001, 0.0], [0.0, 0.001], [0.0, 0.0]]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)
TYPES = st.sampled_from(
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
)


@pytest.mark.parametrize(
    ("kind", "coordinates", "fault"),
    [
        ("Circle", [0, 0], "unknown_type"),
        (None, [0, 0], "unknown_type"),
        (["Point"], [0, 0], "unknown_type"),
        ("Point", None, "malformed"),
        ("Point", "0,0", "malformed"),
        ("Point", [0], "malformed"),
        ("Point", [0, "0"], "malformed"),
        ("Point", [True, 0], "malformed"),
        ("Point", [0, 0, 0, 0], "malformed"),
        ("Point", [0, 91], "out_of_range"),
        ("Point", [361, 0], "out_of_range"),
        ("Point", [math.nan, 0], "out_of_range"),
        ("Point", [10**400, 0], "out_of_range"),
        ("MultiPoint", [], "too_short"),
        ("LineString", [[0, 0]], "too_short"),
        ("MultiLineString", [[]], "too_short"),
        ("Polygon", [], "too_short"),
        ("Polygon", [SQUARE[:3]], "too_short"),
        ("Polygon", [SQUARE[:4]], "not_closed"),
        ("MultiPolygon", [[SQUARE], []], "too_short"),
        ("LineString", [[0, 0]] * (shapes.VERTICES_MAX + 1), "too_many_points"),
        ("MultiPoint", [[0, 0]] * (shapes.VERTICES_MAX + 1), "too_many_points"),
    ],
)
def test_a_bad_geometry_is_named_for_its_fault(
    kind: object, coordinates: object, fault: str
) -> None:
    with pytest.raises(shapes.BadGeometry) as refused:
        shapes.parse({"type": kind, "coordinates": coordinates})
    assert refused.value.fault == fault


@given(TYPES, JSON)
def test_any_json_is_a_shape_or_a_named_fault(kind: str, coordinates: object) -> None:
    try:
        shape = shapes.parse({"type": kind, "coordinates": coordinates})
        laid = shapes.lay(shape, geodesy.Frame(*shapes.centre(shape)))
    except shapes.BadGeometry:
        return
    assert not laid.is_empty


@pytest.mark.parametrize(
    ("kind", "coordinates", "parts", "rings"),
    [
        ("Point", [0, 0], 1, 1),
        ("MultiPoint", [[0, 0], [1, 1, 99.0]], 2, 2),
        ("LineString", [[0, 0], [1, 1]], 1, 1),
        ("MultiLineString", [[[0, 0], [1, 1]], [[2, 2], [3, 3]]], 2, 2),
        ("Polygon", [SQUARE, SQUARE], 1, 2),
        ("MultiPolygon", [[SQUARE], [SQUARE, SQUARE]], 2, 3),
    ],
)
def test_every_type_comes_to_parts_of_rings(
    kind: str, coordinates: object, parts: int, rings: int
) -> None:
    shape = shapes.parse({"type": kind, "coordinates": coordinates})
    assert (len(shape.parts), len(shape.rings())) == (parts, rings)


def test_a_ring_over_the_antimeridian_has_its_centre_there() -> None:
    ring = [[179.0, 0.0], [-179.0, 0.0], [-179.0, 2.0], [179.0, 2.0], [179.0, 0.0]]
    lat_deg, lon_deg = shapes.centre(shapes.parse({"type": "Polygon", "coordinates": [ring]}))
    assert (lat_deg, lon_deg) == (1.0, 180.0)


def test_a_ring_that_crosses_itself_counts_as_what_it_encloses() -> None:
    frame = geodesy.Frame(0.0005, 0.0005)
    whole = shapes.lay(shapes.parse({"type": "Polygon", "coordinates": [SQUARE]}), frame)
    bowtie = shapes.lay(shapes.parse({"type": "Polygon", "coordinates": [BOWTIE]}), frame)
    assert bowtie.is_valid
    assert bowtie.area == pytest.approx(whole.area / 2, rel=0.01)


def test_a_long_edge_stays_straight_in_degrees() -> None:
    line = {"type": "LineString", "coordinates": [[110.0, 60.0], [110.2, 60.0]]}
    frame = geodesy.Frame(60.0, 110.1)
    laid = shapes.lay(shapes.parse(line), frame)
    east_m, north_m = frame.local(60.0, 110.05)
    assert laid.distance(shapes.lay(shapes.parse(_point(110.05, 60.0)), frame)) < 0.01
    assert abs(north_m) > 1
    assert east_m < 0


def _point(lon_deg: float, lat_deg: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [lon_deg, lat_deg]}


@pytest.mark.parametrize(
    "ring",
    [[[1.0, 1.0]] * 5, [[0.0, 0.0], [0.001, 0.001], [0.002, 0.002], [0.0, 0.0]]],
)
def test_a_polygon_that_encloses_nothing_is_refused(ring: list[list[float]]) -> None:
    shape = shapes.parse({"type": "Polygon", "coordinates": [ring]})
    with pytest.raises(shapes.BadGeometry) as refused:
        shapes.lay(shape, geodesy.Frame(0.0, 0.0))
    assert refused.value.fault is shapes.Fault.no_area


STAR = st.lists(st.floats(0.001, 0.01), min_size=5, max_size=12)
"""Radii in degrees, at equal turns around a middle: a ring that never crosses itself."""


@example([0.0078125, 0.0078125, 0.0078125, 0.00390625, 0.00390625, 0.00390625], 0.0, 11.0)
@given(STAR, st.sampled_from([0.0, 110.0, 180.0, -180.0, 359.0]), st.floats(-89, 89))
def test_a_ring_lies_the_same_wherever_its_longitudes_turn(
    radii_deg: list[float], lon_deg: float, lat_deg: float
) -> None:
    turn = 2 * math.pi / len(radii_deg)
    ring = [
        [lon_deg + radius * math.cos(turn * step), lat_deg + radius * math.sin(turn * step)]
        for step, radius in enumerate(radii_deg)
    ]
    turned = [[(x + 180) % 360 - 180, y] for x, y in ring]
    frame = geodesy.Frame(lat_deg, lon_deg)
    areas = [
        shapes.lay(
            shapes.parse({"type": "Polygon", "coordinates": [[*lonlat, lonlat[0]]]}), frame
        ).area
        for lonlat in (ring, turned)
    ]
    # An edge as long as a step may be walked in one step more on the one side than on the other.
    assert areas[0] == pytest.approx(areas[1], rel=1e-5)
