from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import sms
from tests.schemas.rules import vectors


@pytest.mark.parametrize("case", vectors.cases("sms"))
def test_a_message_takes_the_parts_that_the_vectors_say(case: vectors.Case) -> None:
    found = sms.length(case["text"] * case["times"] + case.get("tail", ""))
    assert (found.alphabet, found.units, found.parts) == (
        case["alphabet"],
        case["units"],
        case["parts"],
    )


@given(st.text(max_size=400), st.text(max_size=40))
def test_a_longer_message_never_takes_fewer_parts(text: str, more: str) -> None:
    assert sms.length(text + more).parts >= sms.length(text).parts


@given(st.text(max_size=700))
def test_parts_have_room_for_every_unit(text: str) -> None:
    found = sms.length(text)
    room = sms.GSM_JOINED if found.alphabet is sms.Alphabet.gsm else sms.UNICODE_JOINED
    assert found.parts == 1 or (found.parts - 1) * (room - 1) < found.units <= found.parts * room
