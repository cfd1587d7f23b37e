"""What a meter usually uses travels to handhelds, and only the checks of a reading look at it."""

from __future__ import annotations

import pathlib
import re

import pytest

HOUSE = pathlib.Path(__file__).parents[2]
BOUND = re.compile(r"\b(typical|low|high)(_kwh|Kwh)\b")
MAY = {
    "field_sync/checks.py",
    "field_sync/pwa/src/field/checks.ts",
    "field_sync/pwa/src/rules/changing.ts",
    "field_sync/pwa/src/rules/meter_reading.ts",
    "field_sync/pwa/src/wire.ts",
}
"""The shape, its reading for the checks, the checks, and what takes another meter's bounds away.

No screen, command, export or log.
"""


def naming(*patterns: str) -> set[str]:
    found = (path for pattern in patterns for path in HOUSE.glob(pattern))
    return {
        path.relative_to(HOUSE).as_posix()
        for path in found
        if BOUND.search(path.read_text(encoding="utf-8"))
    }


def test_nothing_on_a_handheld_but_the_checks_names_the_bounds() -> None:
    named = naming("field_sync/*.py", "field_sync/*/*.py", "field_sync/pwa/src/**/*.ts*")
    assert named == MAY


@pytest.mark.parametrize(
    ("text", "names"),
    [("stop.typical_kwh", True), ("{ lowKwh }", True), ("slow_kwh", False), ("high", False)],
)
def test_a_name_of_a_bound_is_known(text: str, names: bool) -> None:  # noqa: FBT001 - a case's answer
    assert (BOUND.search(text) is not None) is names
