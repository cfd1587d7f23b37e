"""A stop at which another meter was found, alike at both ends."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from schemas import changing, meter_findings, readings
from schemas.operations import OPERATIONS
from tests.schemas.rules import vectors

LOADED = vectors.load("changing")


@pytest.mark.parametrize("case", vectors.cases("changing"))
def test_a_stop_shows_what_was_found_as_the_vectors_say(case: vectors.Case) -> None:
    stop = msgspec.convert({**LOADED["stop"], **case.get("was", {})}, readings.Stop)
    body = msgspec.convert(case["body"], OPERATIONS[case["type"]])
    assert isinstance(body, meter_findings.MeterChanged | meter_findings.MeterMismatch)
    at = dt.datetime.fromisoformat(LOADED["at"])
    changed = changing.change(stop, body, finding_id=LOADED["finding_id"], at=at)
    shown = msgspec.to_builtins(changed)
    assert {name: shown[name] for name in case["shows"]} == case["shows"]
    assert (changed.typical_kwh, changed.low_kwh, changed.high_kwh) == (None, None, None)
    assert (changed.reported_value, changed.active_history) == (None, False)
    assert (changed.meter_id, changed.multiplier) == (stop.meter_id, stop.multiplier)
