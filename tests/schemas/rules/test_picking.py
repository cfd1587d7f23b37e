from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import picking
from schemas.rules.picking import ReasonFor
from tests.schemas.rules import vectors

USES = st.sets(st.sampled_from(list(ReasonFor)))


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    code: str
    given_for: frozenset[ReasonFor]
    needs_until: bool


REASONS = st.builds(Reason, st.sampled_from(["a", "b", "c"]), USES.map(frozenset), st.booleans())


def known() -> list[Reason]:
    return [
        Reason(each["code"], frozenset(map(ReasonFor, each["given_for"])), each["needs_until"])
        for each in vectors.load("picking")["reasons"]
    ]


@pytest.mark.parametrize("case", vectors.cases("picking"))
def test_what_was_picked_is_judged_as_the_vectors_say(case: vectors.Case) -> None:
    found = picking.fault(
        known(),
        [ReasonFor(each) for each in case["own_words"]],
        code=case["code"],
        given_for=ReasonFor(case["given_for"]),
        has_until=case["has_until"],
    )
    assert found == case["fault"]


@given(st.lists(REASONS), USES, st.none() | st.sampled_from(["a", "b", "z"]))
def test_to_say_until_when_never_spoils_a_reason(
    reasons: list[Reason], own_words: set[ReasonFor], code: str | None
) -> None:
    for use in ReasonFor:
        without, with_ = (
            picking.fault(reasons, own_words, code=code, given_for=use, has_until=said)
            for said in (False, True)
        )
        assert with_ in {without, None}
