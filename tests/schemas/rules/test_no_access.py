"""No access: after how many months the customer is written to."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import no_access

DAYS = st.lists(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)))


@pytest.mark.parametrize(
    ("has_phone", "step", "en", "zh"),
    [
        (True, "appointment", "agree an appointment", "预约上门"),
        (False, "letter", "write a letter", "告知函"),
    ],
)
def test_a_phone_decides_between_letter_and_appointment(
    step: str, en: str, zh: str, *, has_phone: bool
) -> None:
    days = [dt.date(2026, month, 3) for month in (9, 10, 11)]
    found = no_access.propose(days, cycles_min=3, has_phone=has_phone)
    assert found is not None
    assert (found.step, found.about) == (step, "2026-11")
    assert en in found.en
    assert zh in found.zh
    assert "3 months (2026-09, 2026-10, 2026-11)" in found.en


def test_two_visits_of_a_month_are_one_cycle() -> None:
    days = [dt.date(2026, 10, 3), dt.date(2026, 10, 9), dt.date(2026, 11, 3)]
    assert no_access.propose(days, cycles_min=3, has_phone=True) is None
    assert no_access.propose(days, cycles_min=2, has_phone=True) is not None


@given(DAYS, st.integers(1, 5))
def test_more_visits_never_take_a_proposal_back(days: list[dt.date], least: int) -> None:
    found = no_access.propose(days, cycles_min=least, has_phone=True)
    months = {(day.year, day.month) for day in days}
    assert (found is not None) is (len(months) >= least)
