from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import phone_numbers
from tests.schemas.rules import vectors

HOME = phone_numbers.Home("86", re.compile("1[3-9][0-9]{9}"), "0")
ABROAD = phone_numbers.Home("45", re.compile("[2-9][0-9]{7}"))


@pytest.mark.parametrize("case", vectors.cases("phone_numbers"))
def test_a_contact_has_the_number_that_the_vectors_say(case: vectors.Case) -> None:
    assert phone_numbers.reachable(case["contact"], HOME) == case["number"]


def test_a_country_without_a_trunk_needs_none() -> None:
    assert phone_numbers.reachable("20 12 34 56", ABROAD) == "+4520123456"
    assert phone_numbers.reachable("020123456", ABROAD) is None


@given(st.text(max_size=60))
def test_whatever_is_found_is_a_whole_number_and_is_found_again(contact: str) -> None:
    found = phone_numbers.reachable(contact, HOME)
    if found is not None:
        assert re.fullmatch(r"\+[1-9][0-9]{7,14}", found)
        assert phone_numbers.reachable(found, HOME) == found


@given(st.text("0123456789+", max_size=20))
def test_a_masked_number_shows_at_most_eight_of_it(number: str) -> None:
    masked = phone_numbers.masked(number)
    assert len(masked) == len(number)
    assert sum(each != "*" for each in masked) <= 8


def test_a_masked_number_is_known_again() -> None:
    assert phone_numbers.masked("+8613900000042") == "+86139******42"
