"""Photos that policy asks for."""

from __future__ import annotations

import pytest

from schemas.rules import photo_wanted
from tests.schemas.rules import vectors


@pytest.mark.parametrize("case", vectors.cases("photo_wanted"))
def test_a_photo_is_missing_where_the_vectors_say(case: vectors.Case) -> None:
    photos = case["photos"]
    if case["act"] == "skip":
        missing = photo_wanted.of_skip(case["code"], photos=photos, on_skip=case["on_skip"])
    else:
        missing = photo_wanted.of_reading(
            case["confirmed"], photos=photos, on_confirm=case["on_confirm"]
        )
    assert missing is case["missing"]
