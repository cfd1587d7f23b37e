from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import reasons
from tests.schemas.rules import vectors


@pytest.mark.parametrize("case", vectors.cases("reasons"))
def test_a_reason_is_judged_as_the_vectors_say(case: vectors.Case) -> None:
    verdict = reasons.check(case["text"])
    assert verdict.fault == case["fault"]
    assert verdict.concrete is (case["fault"] is None)


def test_a_reason_longer_than_its_limit_is_refused() -> None:
    text = "pole down " * reasons.REASON_CHARS_MAX
    assert reasons.check(text).fault is reasons.Fault.too_long


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    assert reasons.check(text).fault in {None, *reasons.Fault}


@given(
    st.lists(st.sampled_from(["busy", "very", "工作", "忙", "我们", "太", "!", "。"]), max_size=20)
)
def test_words_that_say_nothing_stay_refused_in_any_order(words: list[str]) -> None:
    assert not reasons.check(" ".join(words)).concrete


@given(st.lists(st.sampled_from(["busy", "太忙", "!", "。"]), max_size=10))
def test_padding_does_not_spoil_a_concrete_reason(words: list[str]) -> None:
    assert reasons.check(" ".join([*words, "fallen pole, 电杆倒了"])).concrete
