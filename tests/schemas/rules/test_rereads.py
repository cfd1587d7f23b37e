"""Re-reads: what is called invented, what is drawn, and what a second reading says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import flags, meter_reading, rereads, usage

DAY = dt.date(2026, 11, 23)
REGISTER = meter_reading.Register(5)
USUAL = usage.Usual(Decimal(30), Decimal(15), Decimal(60))


@pytest.mark.parametrize(
    ("codes", "invented"),
    [
        ([], False),
        (["ER18"], False),
        (["ER18", "ER19"], False),
        (["ER10"], False),
        (["ER10", "ER18"], False),
        (["ER12", "ER31"], False),
        (["ER01", "ER13"], False),
        (["ER10", "ER12"], True),
        (["ER02", "ER16"], True),
        (["ER14"], True),
        (["ER15", "ER18"], True),
        (["ER35"], True),
        (["of a later version", "ER10"], False),
    ],
)
def test_what_is_called_invented(codes: Sequence[str], *, invented: bool) -> None:
    assert rereads.is_invented(codes) is invented


def test_every_telling_rule_is_one_that_a_person_reviews() -> None:
    for code in rereads.TELLING:
        assert flags.RULES[code].severity is flags.Severity.review


def seen(value: int, *, days: int = 0) -> rereads.Seen:
    return rereads.Seen(Decimal(value), DAY + dt.timedelta(days=days))


@pytest.mark.parametrize(
    ("first", "second", "usual", "outcome", "sentence"),
    [
        (
            18_390, 18_395, USUAL, "cleared",
            "18395 on 2026-11-26 fits 18390 on 2026-11-23: 5 kWh in 3 days.",
        ),
        (
            18_390, 18_470, USUAL, "upheld",
            "80 kWh in 3 days after 2026-11-23; usually at most 70.",
        ),
        (
            18_390, 18_300, USUAL, "upheld",
            "The meter showed 18300 on 2026-11-26, less than 18390 on 2026-11-23.",
        ),
        (
            99_990, 5, USUAL, "cleared",
            "5 on 2026-11-26 fits 99990 on 2026-11-23: 15 kWh in 3 days.",
        ),
        (
            18_390, 18_395, None, "open_question",
            "The meter showed 18395 on 2026-11-26; nothing is known of its usual use.",
        ),
        (
            18_390, 18_300, None, "upheld",
            "The meter showed 18300 on 2026-11-26, less than 18390 on 2026-11-23.",
        ),
    ],
)  # fmt: skip
def test_a_second_reading_says(
    first: int, second: int, usual: usage.Usual | None, outcome: str, sentence: str
) -> None:
    answer = rereads.answer(
        seen(first), seen(second, days=3), REGISTER, usual=usual, slack_units=10
    )
    assert (str(answer.outcome), answer.en) == (outcome, sentence)
    assert "{" not in answer.zh


@given(st.integers(0, 99_999), st.integers(0, 60))
def test_what_fits_the_usual_never_upholds(first: int, used: int) -> None:
    second = (first + used) % 100_000
    answer = rereads.answer(seen(first), seen(second, days=3), REGISTER, usual=USUAL, slack_units=0)
    assert answer.outcome is rereads.Outcome.cleared


@given(st.text(min_size=1, max_size=20))
def test_a_draw_is_the_same_whenever_it_is_asked(reading_id: str) -> None:
    small = rereads.is_sampled(reading_id, period="2026-11-23", share=0.1)
    assert small == rereads.is_sampled(reading_id, period="2026-11-23", share=0.1)
    assert rereads.is_sampled(reading_id, period="2026-11-23", share=1.0)
    assert not rereads.is_sampled(reading_id, period="2026-11-23", share=0.0)
    assert not small or rereads.is_sampled(reading_id, period="2026-11-23", share=0.2)


def test_about_so_many_are_drawn_and_other_ones_each_day() -> None:
    ids = [f"R{number}" for number in range(20_000)]
    first = {each for each in ids if rereads.is_sampled(each, period="2026-11-23", share=0.02)}
    other = {each for each in ids if rereads.is_sampled(each, period="2026-11-24", share=0.02)}
    assert 300 < len(first) < 500
    assert len(first & other) < 30
