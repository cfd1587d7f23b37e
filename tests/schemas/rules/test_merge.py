from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import merge
from schemas.rules.merge import Way
from tests.schemas.rules import vectors

CHARS_MAX = vectors.load("merge")["chars_max"]
WORD = st.text("abc ", max_size=6)
TEXT = st.lists(WORD, max_size=3).map(merge.SEPARATOR.join)


@pytest.mark.parametrize("case", vectors.cases("merge"))
def test_a_field_is_merged_as_the_story_says(case: vectors.Case) -> None:
    three = {"saw": case["saw"], "wanted": case["wanted"], "now": case["now"]}
    words = merge.words(**three, chars_max=CHARS_MAX)
    assert (words.way, words.value) == (case["way"], case["value"])
    one = merge.value(**three)
    assert (one.way, one.value) == (case["one_way"], case["one_value"])


@given(TEXT, TEXT)
def test_what_nobody_else_changed_is_set(saw: str, wanted: str) -> None:
    assert merge.words(saw=saw, wanted=wanted, now=saw, chars_max=100).value == wanted
    assert merge.value(saw=saw, wanted=wanted, now=saw).value == wanted


@given(TEXT, TEXT, TEXT)
def test_the_offices_words_are_never_lost(saw: str, wanted: str, now: str) -> None:
    merged = merge.words(saw=saw, wanted=wanted, now=now, chars_max=100)
    if now != saw:
        left = set(merged.value.split(merge.SEPARATOR))
        assert set(now.split(merge.SEPARATOR)) - {saw, ""} <= left
    if merged.way is Way.both:
        assert wanted in merged.value


@given(TEXT, TEXT, TEXT, st.integers(0, 30))
def test_a_merge_keeps_to_what_the_field_can_carry(
    saw: str, wanted: str, now: str, chars_max: int
) -> None:
    merged = merge.words(saw=saw, wanted=wanted, now=now, chars_max=chars_max)
    assert len(merged.value) <= max(chars_max, len(wanted), len(now))


@given(WORD, WORD, TEXT)
def test_the_same_correction_twice_is_one(saw: str, wanted: str, now: str) -> None:
    once = merge.words(saw=saw, wanted=wanted, now=now, chars_max=100)
    again = merge.words(saw=saw, wanted=wanted, now=once.value, chars_max=100)
    if once.way in {Way.same, Way.set}:
        assert again.value == once.value
