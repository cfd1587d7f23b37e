from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import standing
from schemas.rules.standing import Better, Score

SCORES = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.builds(Score, st.integers(0, 40), st.integers(0, 40)),
    max_size=12,
)


def test_equals_share_a_place_and_the_next_counts_both() -> None:
    scores = {
        "a": Score(18, 20),
        "b": Score(9, 10),
        "c": Score(10, 10),
        "d": Score(5, 20),
        "e": Score(1, 1),
    }
    assert standing.places(scores, better=Better.high) == {"c": 1, "a": 2, "b": 2, "d": 4}
    assert standing.places(scores, better=Better.low) == {"d": 1, "a": 2, "b": 2, "c": 4}
    assert standing.places(scores, better=Better.neither) == {}


def test_a_third_is_a_third_however_it_is_counted() -> None:
    scores = {"a": Score(1_000_000_007, 3_000_000_021), "b": Score(4, 12)}
    assert standing.places(scores, better=Better.high) == {"a": 1, "b": 1}


@given(SCORES, st.sampled_from([Better.high, Better.low]))
def test_who_is_better_stands_before(scores: dict[str, Score], better: Better) -> None:
    places = standing.places(scores, better=better)

    assert places.keys() == {name for name, score in scores.items() if score.below >= standing.FEW}
    for one, mine in places.items():
        for other, theirs in places.items():
            mine_x = scores[one].above * scores[other].below
            theirs_x = scores[other].above * scores[one].below
            ahead = mine_x > theirs_x if better is Better.high else mine_x < theirs_x
            assert (mine < theirs) == ahead
            assert (mine == theirs) == (mine_x == theirs_x)
    counted = sorted(places.values())
    assert all(place == 1 + counted.index(place) for place in counted)
