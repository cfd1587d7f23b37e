from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import codes
from tests.schemas.rules import vectors

SERIALS = st.from_regex(r"\A[A-Za-z0-9-]{1,20}\Z")


@pytest.mark.parametrize("case", vectors.cases("codes"))
def test_a_code_is_held_as_the_vectors_say(case: vectors.Case) -> None:
    assert codes.match(case["code"], case["known"]) == case["match"]


@given(SERIALS)
def test_a_serial_names_itself_in_any_case(serial: str) -> None:
    assert codes.names(serial.upper(), serial)
    assert codes.names(f" {serial}\n", serial)


@given(SERIALS, st.text(max_size=20))
def test_only_what_holds_the_whole_serial_names_it(serial: str, code: str) -> None:
    if codes.names(code, serial):
        assert codes.fold(serial) in codes.fold(code)
