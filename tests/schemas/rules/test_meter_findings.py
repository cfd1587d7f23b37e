"""What the office is told to do about a finding, and how it may settle it."""

from __future__ import annotations

import itertools

import pytest

from schemas.rules import meter_findings as rules
from schemas.rules.meter_findings import Advice, Kind, Resolution, Serial
from tests.schemas.rules import vectors


@pytest.mark.parametrize("case", vectors.cases("meter_findings"))
def test_what_is_to_be_done_is_what_the_vectors_say(case: vectors.Case) -> None:
    kind, serial = Kind(case["kind"]), Serial(case["serial"])
    assert rules.advise(kind, serial, is_settled=case["settled"]) == case["advice"]


def test_every_finding_can_be_dismissed_and_only_one_at_a_stop_was_changed() -> None:
    for kind in Kind:
        assert rules.may_settle(kind, Resolution.dismissed)
        assert rules.may_settle(kind, Resolution.changed) is (kind is not Kind.found)
        assert rules.may_settle(kind, Resolution.registered) is (kind is Kind.found)


def test_every_advice_is_given_and_has_words_in_both_languages() -> None:
    given = {
        rules.advise(kind, serial, is_settled=is_settled)
        for kind, serial, is_settled in itertools.product(Kind, Serial, (True, False))
    }
    assert given == set(Advice) == rules.WORDS.keys()
    assert all(en.strip() and zh.strip() for en, zh in rules.WORDS.values())
