"""A customer's own value beside a reader's: what cannot both be true."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import customer_values, meter_reading, usage

REGISTER = meter_reading.Register(5)
DAY = usage.Usual(Decimal(4), Decimal(2), Decimal(8))


def contradicts(
    own: int, reader: int, *, later: bool, same_day: bool, usual: usage.Usual | None = DAY
) -> bool:
    rival = customer_values.Rival(Decimal(reader), is_later=later, same_day=same_day)
    return customer_values.contradicts(
        Decimal(own), rival, REGISTER, usual_of_day=usual, slack_units=2
    )


@pytest.mark.parametrize(
    ("own", "reader", "later", "same_day", "usual", "expected"),
    [
        (100, 110, True, True, DAY, False),  # 8 + 2 in a day at most
        (100, 111, True, True, DAY, True),
        (100, 111, True, True, None, False),  # nothing is known
        (100, 5_000, True, False, DAY, False),  # other days may have used it
        (100, 99, True, False, DAY, True),  # no register runs backwards
        (99, 100, False, True, DAY, True),
        (110, 100, False, True, DAY, False),
        (99_998, 3, True, True, DAY, False),  # it rolled over
    ],
)
def test_what_cannot_both_be_true(
    own: int, reader: int, usual: usage.Usual | None, *, later: bool, same_day: bool, expected: bool
) -> None:
    assert contradicts(own, reader, later=later, same_day=same_day, usual=usual) is expected


@given(st.integers(0, 99_999), st.booleans(), st.booleans())
def test_equal_values_agree(value: int, later: bool, same_day: bool) -> None:  # noqa: FBT001 - drawn
    assert not contradicts(value, value, later=later, same_day=same_day)


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_what_a_day_contradicts_another_day_may_explain_and_never_the_reverse(
    own: int, reader: int
) -> None:
    apart = contradicts(own, reader, later=True, same_day=False)
    assert not apart or contradicts(own, reader, later=True, same_day=True)
