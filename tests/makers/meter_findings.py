"""Findings at meters for tests."""

from __future__ import annotations

from collections.abc import Mapping

from api.meter_findings.models import MeterFinding
from api.readings.brought import EvidenceGap
from api.readings.models import Stop
from tests.makers import tasks


def beside(names: Mapping[str, str], stop: Stop) -> tuple[MeterFinding, EvidenceGap]:
    """Find another meter at a stop, and miss a photo there, by the names of things."""
    gap = EvidenceGap(
        district_id=names["district"],
        id=f"gap-{names['meter_finding']}",
        kind="skip",
        meter_id=stop.meter_id,
        stop_id=stop.id,
        reader_id=names["person"],
        happened_at=tasks.NOW,
        codes=["dog"],
    )
    return finding(stop, finding_id=names["meter_finding"], reader_id=names["person"]), gap


def finding(stop: Stop, *, finding_id: str = "finding-1", reader_id: str = "li") -> MeterFinding:
    """Make what a reader found at a stop: another serial than is on record."""
    return MeterFinding(
        district_id=stop.district_id,
        id=finding_id,
        kind="mismatch",
        route_id=stop.route_id,
        stop_id=stop.id,
        meter_id=stop.meter_id,
        recorded_serial=stop.serial,
        serial=f"found-{finding_id}",
        place="",
        total=None,
        tariffs={},
        old_total=None,
        digits=stop.digits,
        decimals=stop.decimals,
        reader_id=reader_id,
        device_id=None,
        happened_at=tasks.NOW,
        error_s=0.0,
        clock_suspect=False,
        received_at=tasks.NOW,
        fix=None,
        photos=[],
        note="",
        resolution=None,
        settled_at=None,
        settled_by=None,
        settled_note="",
        new_meter_id=None,
    )
