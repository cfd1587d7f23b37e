"""What the day must tell: the crew that arrived in time unheard, and the reader who invented."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from schemas import checkins, promises, readings, supervision
from schemas.rules import clocks
from tests.day.plan import ARRIVE_MINUTE, HEARD_MINUTE
from tests.day.proof import Check

TOLERANCE_S: Final = 10.0
"""How far the derived arrival may be from the true one on a clock that stands still in flight."""
EQUAL_TO_ESTIMATOR: Final = "ER14"


def arrival(
    *,
    reported_at: dt.datetime,
    clock: promises.Clock,
    check_ins: Sequence[checkins.RecordedCheckIn],
) -> Check:
    """Tell whether the arrival stands where it happened, and the promise is kept for sure."""
    true_at = reported_at + dt.timedelta(minutes=ARRIVE_MINUTE)
    heard_at = reported_at + dt.timedelta(minutes=HEARD_MINUTE)
    mine = [check_in for check_in in check_ins if check_in.task_id == clock.subject_id]
    holds = (
        clock.state is clocks.State.kept
        and clock.sure
        and clock.stopped_at is not None
        and _near(clock.stopped_at, true_at)
        and any(_near(one.happened_at, true_at) and not one.clock_suspect for one in mine)
        and all(_near(one.received_at, heard_at) for one in mine)
    )
    stopped = "never"
    if clock.stopped_at is not None:
        stopped = f"minute {(clock.stopped_at - reported_at).total_seconds() / 60:.2f}"
    heard = min((one.received_at for one in mine), default=None)
    heard_minute = "never" if heard is None else f"{(heard - reported_at).total_seconds() / 60:.0f}"
    return Check(
        says=f"arrived at minute {ARRIVE_MINUTE}, heard at {HEARD_MINUTE}, two hours slow: kept",
        holds=holds,
        detail=f"arrival at {stopped}, heard at minute {heard_minute}, {clock.state}"
        + ("" if clock.sure else ", unsure"),
    )


def provisional(
    *,
    reported_at: dt.datetime,
    clock: promises.Clock,
    seen: Mapping[int, clocks.State],
    grace_s: float,
) -> Check:
    """Tell whether the promise was provisional from its deadline on while nobody could know.

    If the policy's grace ends before the phone is heard, silence is a breach from then on, and the
    case that it opened is cleared.
    """
    due = (clock.due_at - reported_at).total_seconds() / 60
    until = min(due + grace_s / 60, HEARD_MINUTE)
    dark = {minute: state for minute, state in seen.items() if due < minute < until}
    faults = {m: s for m, s in dark.items() if s is not clocks.State.provisional}
    told = ", ".join(f"{state} from {minute}" for minute, state in _changes(seen))
    return Check(
        says=f"its clock of {due:.0f} minutes was provisional until {until:.0f}",
        holds=bool(dark) and not faults,
        detail=told,
    )


def no_case(cases: Sequence[supervision.Supervision], *, clock: promises.Clock) -> Check:
    """Tell whether nobody is blamed for it in the end."""
    mine = [case for case in cases if case.clock_id == clock.id]
    blamed = [case for case in mine if case.state is not supervision.CaseState.cleared]
    detail = "no case" if not mine else ", ".join(f"one case, {case.state}" for case in mine)
    return Check(says="no supervision case stands against it", holds=not blamed, detail=detail)


def arrival_unstepped(
    *,
    acted_at: dt.datetime,
    check_ins: Sequence[checkins.RecordedCheckIn],
    operation_id: str,
) -> Check:
    """Tell, where the server keeps its own time, whether the arrival stands where it happened.

    Args:
        acted_at: when the phone was told to check in, by this machine's clock.
        check_ins: what the server has.
        operation_id: the check-in's operation.
    """
    mine = next(check_in for check_in in check_ins if check_in.id == operation_id)
    off_s = (mine.happened_at - acted_at).total_seconds()
    late_s = (mine.received_at - mine.happened_at).total_seconds()
    return Check(
        says="the arrival of the slow phone stands at its own time",
        holds=abs(off_s) <= TOLERANCE_S and not mine.clock_suspect,
        detail=f"{off_s:+.1f} s off, heard {late_s:.0f} s later",
    )


def invented(
    *, flags: Sequence[readings.Flag], invented_ids: Collection[str], again: Counter[str]
) -> list[Check]:
    """Tell whether every invented reading was flagged, and that looking again finds nothing new.

    Args:
        flags: the flags of the day's readings.
        invented_ids: the readings that were written at a desk.
        again: what the job counted when it ran a second time.
    """
    equal = {flag.reading_id for flag in flags if flag.code == EQUAL_TO_ESTIMATOR}
    missed = set(invented_ids) - equal
    honest = equal - set(invented_ids)
    new = sum(count for code, count in again.items() if code.startswith("ER"))
    return [
        Check(
            says="every invented reading that equals an estimator is flagged",
            holds=bool(invented_ids) and not missed,
            detail=f"{len(invented_ids) - len(missed)} of {len(invented_ids)};"
            f" {len(honest)} honest ones are equal by chance",
        ),
        Check(says="the job finds nothing new the second time", holds=new == 0, detail=str(new)),
    ]


def _near(one: dt.datetime, other: dt.datetime) -> bool:
    return abs((one - other).total_seconds()) <= TOLERANCE_S


def _changes(seen: Mapping[int, clocks.State]) -> list[tuple[int, clocks.State]]:
    changes: list[tuple[int, clocks.State]] = []
    for minute, state in sorted(seen.items()):
        if not changes or changes[-1][1] is not state:
            changes.append((minute, state))
    return changes
