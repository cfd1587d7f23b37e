"""A stop at which another meter was found, as its phone and the server see it meanwhile.

Until the office settles it, the stop shows what stands there: nothing of the meter on record is
asked or judged any more, and what is read waits.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from schemas import meter_findings, readings


def change(
    stop: readings.Stop,
    body: meter_findings.MeterChanged | meter_findings.MeterMismatch,
    *,
    finding_id: str,
    at: dt.datetime,
) -> readings.Stop:
    """Put what was found at a stop in the place of what is on record.

    Args:
        stop: as it was.
        body: what the crew found.
        finding_id: the operation's id.
        at: when.
    """
    if isinstance(body, meter_findings.MeterChanged):
        stop = msgspec.structs.replace(stop, digits=body.digits, decimals=body.decimals)
    if body.total is not None:
        stop = msgspec.structs.replace(stop, state=readings.StopState.READ, skip_code=None)
    return msgspec.structs.replace(
        stop,
        serial=body.serial,
        finding_id=finding_id,
        previous_value=body.total,
        previous_at=None if body.total is None else at,
        reported_value=None,
        reported_at=None,
        reported_quality=None,
        typical_kwh=None,
        low_kwh=None,
        high_kwh=None,
        active_history=False,
    )
