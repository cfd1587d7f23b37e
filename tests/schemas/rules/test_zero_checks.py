"""Zero for long: which meters are looked at, by what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import suspicion, zero_checks

SHARES = suspicion.ZeroChecks(high_voltage=1.0, non_residential=0.8, residential=0.2)


@pytest.mark.parametrize(
    ("on_feeder", "residential", "group"),
    [
        (True, True, "high_voltage"),
        (True, False, "high_voltage"),
        (False, True, "residential"),
        (False, False, "non_residential"),
    ],
)
def test_a_meter_is_in_one_group(group: str, *, on_feeder: bool, residential: bool) -> None:
    assert zero_checks.group_of(on_feeder=on_feeder, residential=residential) == group


@pytest.mark.parametrize(
    ("group", "least", "most"),
    [("high_voltage", 1_000, 1_000), ("non_residential", 760, 840), ("residential", 160, 240)],
)
def test_about_its_share_of_a_group_is_drawn(group: str, least: int, most: int) -> None:
    drawn = [
        zero_checks.draw(f"M{number}", zero_checks.Group(group), period="2026-11-23", shares=SHARES)
        for number in range(1_000)
    ]
    assert least <= len([each for each in drawn if each is not None]) <= most


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(zero_checks.Group))
def test_the_same_meter_and_period_are_drawn_alike(
    meter_id: str, period: str, group: zero_checks.Group
) -> None:
    once = zero_checks.draw(meter_id, group, period=period, shares=SHARES)
    assert once == zero_checks.draw(meter_id, group, period=period, shares=SHARES)
