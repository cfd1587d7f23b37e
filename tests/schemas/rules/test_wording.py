from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import wording
from tests.schemas.rules import vectors

ALWAYS, BESIDES = frozenset({"name", "time"}), frozenset({"due"})
KNOWN = {"name": "7", "time": "08:00"}


def _faults(template: str) -> list[str]:
    return list(wording.faults(template, always=ALWAYS, besides=BESIDES))


@pytest.mark.parametrize("case", vectors.cases("wording"))
def test_a_template_is_filled_or_faulty_as_the_vectors_say(case: vectors.Case) -> None:
    if "faults" in case:
        assert len(_faults(case["template"])) == case["faults"]
        return
    assert _faults(case["template"]) == []
    assert wording.fill(case["template"], case["known"]) == case["text"]


@given(st.text("ab {}[]duenamti", max_size=40))
def test_a_template_without_faults_can_be_filled_with_what_is_always_known(text: str) -> None:
    if not _faults(text):
        assert not set(wording.fill(text, KNOWN)) & set("{}[]")
