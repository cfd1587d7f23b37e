"""Stories of the feed plan their questions anew: those of other stories are counted nowhere."""

from __future__ import annotations

import pytest

from api.feed import store


@pytest.fixture(autouse=True)
def plans() -> None:
    """Forget the questions that are planned once for a whole process."""
    for planned in (store._heads, store._joined):
        planned.cache_clear()
