from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import datums, geofence, presence
from tests.schemas.rules import vectors

DWELL_S = 180.0
AGE_MAX_S = 60.0


@dataclasses.dataclass(frozen=True)
class Sighting:
    after_s: float
    fix: geofence.Fix


def fence() -> geofence.Fence:
    drawn = vectors.load("presence")["fence"]
    return geofence.Fence(
        drawn["geometry"], radius_m=drawn["radius_m"], datum=datums.Datum(drawn["datum"])
    )


FENCE = fence()
SIGHTINGS = st.lists(
    st.builds(
        Sighting,
        after_s=st.floats(0, 400),
        fix=st.builds(
            geofence.Fix,
            lat_deg=st.floats(20.039, 20.041),
            lon_deg=st.floats(110.319, 110.321),
            accuracy_m=st.none() | st.floats(-1, 400),
            age_s=st.none() | st.floats(-1, 120),
            simulated=st.booleans(),
        ),
    ),
    max_size=30,
)


def sightings_of(case: vectors.Case) -> list[Sighting]:
    return [
        Sighting(
            each["after_s"],
            geofence.Fix(**{**each["fix"], "datum": datums.Datum(each["fix"]["datum"])}),
        )
        for each in case["sightings"]
    ]


@pytest.mark.parametrize("case", vectors.cases("presence"))
def test_a_stay_is_judged_as_the_vectors_say(case: vectors.Case) -> None:
    sightings = sightings_of(case)
    stay = presence.stay(sightings, FENCE, dwell_s=case["dwell_s"], age_max_s=case["age_max_s"])
    assert dataclasses.asdict(stay) == case["stay"]
    best = presence.best(sightings, at_s=case["at_s"], age_max_s=case["age_max_s"])
    assert best is (None if case["best"] is None else sightings[case["best"]])


@given(SIGHTINGS)
def test_one_look_elsewhere_ends_any_stay(sightings: list[Sighting]) -> None:
    far = Sighting(1.0, geofence.Fix(lat_deg=20.06, lon_deg=110.32, accuracy_m=5, age_s=0))
    stay = presence.stay([*sightings, far], FENCE, dwell_s=DWELL_S, age_max_s=AGE_MAX_S)
    assert stay.kind is presence.StayKind.left


@given(SIGHTINGS)
def test_a_stay_is_long_and_dense_enough(sightings: list[Sighting]) -> None:
    stay = presence.stay(sightings, FENCE, dwell_s=DWELL_S, age_max_s=AGE_MAX_S)
    assert stay.inside <= stay.positions <= len(sightings)
    if stay.kind is presence.StayKind.stayed:
        assert stay.stayed_s >= DWELL_S
        assert stay.positions > presence.GAPS_PER_STAY


@given(SIGHTINGS)
def test_the_order_of_looks_does_not_matter_to_a_stay(sightings: list[Sighting]) -> None:
    turned = presence.stay(sightings[::-1], FENCE, dwell_s=DWELL_S, age_max_s=AGE_MAX_S)
    stay = presence.stay(sightings, FENCE, dwell_s=DWELL_S, age_max_s=AGE_MAX_S)
    assert turned == stay


@given(SIGHTINGS, st.floats(-0.01, 0.01))
def test_the_best_fix_does_not_know_where_the_site_is(
    sightings: list[Sighting], moved_deg: float
) -> None:
    moved = [
        Sighting(
            each.after_s,
            dataclasses.replace(each.fix, lat_deg=each.fix.lat_deg + moved_deg),
        )
        for each in sightings
    ]
    here = presence.best(sightings, at_s=400, age_max_s=AGE_MAX_S)
    there = presence.best(moved, at_s=400, age_max_s=AGE_MAX_S)
    assert [each is here for each in sightings] == [each is there for each in moved]
