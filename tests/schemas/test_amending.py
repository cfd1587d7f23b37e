"""What a crew may correct on an order, merged alike at both ends."""

from __future__ import annotations

import msgspec
import pytest

from schemas import amending, tasks
from tests.schemas.rules import vectors


@pytest.mark.parametrize("case", vectors.cases("amending"))
def test_an_order_says_after_a_correction_what_the_vectors_say(case: vectors.Case) -> None:
    now, expected = case["now"], case["expect"]
    amended = amending.amend(
        amending.Facts(now["contact"], now["note"], _site(now["site"])),
        msgspec.convert(case["body"], tasks.Amended),
        radius_m=vectors.load("amending")["radius_m"],
    )
    assert amended.facts == amending.Facts(
        expected["contact"], expected["note"], _site(expected["site"])
    )
    assert sorted(amended.overtaken) == expected["overtaken"]


def _site(fields: vectors.Case | None) -> tasks.WorkSite | None:
    return None if fields is None else msgspec.convert(fields, tasks.WorkSite)
