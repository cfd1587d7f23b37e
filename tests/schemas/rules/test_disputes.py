"""Disputes: what a second reading answers the customer."""

from __future__ import annotations

import pytest

from schemas.rules import disputes, rereads


@pytest.mark.parametrize(
    ("outcome", "en", "zh"),
    [
        ("upheld", "you are right", "异议成立"),
        ("cleared", "the reading stands", "原示数无误"),
        ("open_question", "could not be decided", "尚不能判定"),
    ],
)
def test_each_outcome_is_said_with_what_it_rests_on(outcome: str, en: str, zh: str) -> None:
    found = rereads.Answer(rereads.Outcome(outcome), "7 kWh in 3 days.", "3 天用电 7 千瓦时。")
    told = disputes.answer(found)
    assert en in told[0]
    assert "7 kWh in 3 days." in told[0]
    assert zh in told[1]
    assert "3 天用电 7 千瓦时。" in told[1]
