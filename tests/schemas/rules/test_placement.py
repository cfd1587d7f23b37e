from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import placement
from tests.schemas.rules import vectors

CANDIDATES = st.lists(
    st.builds(
        placement.Candidate,
        crew_id=st.text("abc", min_size=1, max_size=3),
        on_duty=st.booleans(),
        skills=st.frozensets(st.sampled_from(["repair", "read"])),
        open_tasks=st.integers(0, 5),
        area_ids=st.frozensets(st.sampled_from(["a1", "a2"])),
        distance_m=st.none() | st.floats(0, 10_000),
    ),
    max_size=8,
    unique_by=lambda crew: crew.crew_id,
)


def candidate(fields: vectors.Case) -> placement.Candidate:
    sets = {"skills": frozenset(fields["skills"]), "area_ids": frozenset(fields["area_ids"])}
    return placement.Candidate(**{**fields, **sets})


@pytest.mark.parametrize("case", vectors.cases("placement"))
def test_an_order_goes_where_the_vectors_say(case: vectors.Case) -> None:
    limit_m = case["neighbour_distance_max_m"]
    choice = placement.choose(
        [candidate(fields) for fields in case["candidates"]],
        area_id=case["area_id"],
        skill=case["skill"],
        neighbour_distance_max_m=math.inf if limit_m is None else limit_m,
    )
    expected = placement.Choice(area_id=case["area_id"], skill=case["skill"], **case["expect"])
    assert choice == expected


@given(CANDIDATES, st.sampled_from(["a1", None]), st.randoms(use_true_random=False))
def test_the_choice_does_not_hang_on_the_order_of_candidates(
    crews: list[placement.Candidate], area_id: str | None, chance: random.Random
) -> None:
    shuffled = list(crews)
    chance.shuffle(shuffled)
    first = placement.choose(crews, area_id=area_id, skill="repair")
    assert placement.choose(shuffled, area_id=area_id, skill="repair") == first


@given(CANDIDATES)
def test_whoever_is_chosen_is_on_duty_and_able(crews: list[placement.Candidate]) -> None:
    choice = placement.choose(crews, area_id="a1", skill="repair")
    chosen = [crew for crew in crews if crew.crew_id == choice.crew_id]
    assert all(crew.on_duty and "repair" in crew.skills for crew in chosen)
    assert (choice.why is placement.Why.duty_office) == (not chosen)
    assert (choice.why is placement.Why.area) == (choice.gap is None)


@given(CANDIDATES)
def test_no_able_crew_of_the_area_has_less_to_do(crews: list[placement.Candidate]) -> None:
    choice = placement.choose(crews, area_id="a1", skill="repair")
    if choice.why is placement.Why.area:
        able = [c for c in crews if c.on_duty and "repair" in c.skills and "a1" in c.area_ids]
        assert choice.open_tasks == min(crew.open_tasks for crew in able)
