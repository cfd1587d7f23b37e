"""Sweeping: what numbers alone say of the newest reading of millions of meters at once.

The same answers as `estimates` and `abnormal` give for one window, for whole blocks of them: ER12,
ER13, ER14, ER18, ER19 and ER22. Uses are compared as whole steps. Where a quotient decides, it is
worked out in floats with a margin, and what falls into the margin is asked of the exact rules; so
no answer hangs on how a float was rounded.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
import numpy.typing as npt

from schemas.rules import abnormal, estimates, flags, meter_reading, suspicion, usage, use_windows

CODES: Final = ("ER12", "ER13", "ER14", "ER18", "ER19", "ER22")
"""What a sweep finds; the answer has a bit for each."""
_BIT: Final = {code: np.uint8(1 << at) for at, code in enumerate(CODES)}
_SLACK: Final = 1e-9
"""A float's share of doubt, far more than rounding makes."""
_ROUNDED_KWH: Final = 0.001
"""The exact rules round kWh to a thousandth; half of it each way."""
_NEWEST: Final = use_windows.CYCLES - 1
_TENS: Final = 10 ** np.arange(19, dtype=np.int64)

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]
Since = tuple[Ints, Ints]
"""Days and use, in steps, from the last actual reading to the newest."""


def judge(window: use_windows.Window, use: suspicion.Use) -> list[flags.Flag]:
    """Judge the newest reading of one window by the exact rules, in the order of their codes."""
    found = [
        *estimates.judge(window.case, estimates.Limits.of(use)),
        *abnormal.judge(window.case, use),
    ]
    return sorted((flag for flag in found if flag.code in CODES), key=lambda flag: flag.code)


def sweep(records: use_windows.Records, use: suspicion.Use) -> Bits:
    """Judge the newest reading of each window; bit n of an answer is `CODES[n]`."""
    block = _Block.of(records)
    sure, unsure = np.zeros(len(records), np.uint8), np.zeros(len(records), bool)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual, since = _Usual.of(block, before=_NEWEST), block.since_actual()
        for code, certain, possible in (
            _stopped(block, since, usual),
            _still(block, use),
            _equal(block, use),
            *_out_of_the_usual(block, since, usual, use),
            _growing(block, use),
        ):
            asked = block.is_judged & ((block.explained & _silence(code)) == 0)
            sure |= np.where(certain & asked, _BIT[code], 0).astype(np.uint8)
            unsure |= possible & ~certain & asked
    for at in np.nonzero(unsure)[0]:
        window = use_windows.unpack(records[at])
        sure[at] = sum(int(_BIT[flag.code]) for flag in judge(window, use))
    return sure


def codes_of(answer: int) -> list[str]:
    """Name what an answer found."""
    return [code for code in CODES if answer & int(_BIT[code])]


def bit_of(code: str) -> np.uint8:
    """Give the bit of an answer that says a rule fired."""
    return _BIT[code]


Found = tuple[str, Bools, Bools]
"""A rule: where it fires for certain, and where it may."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Block:
    """Windows taken apart: a row for each cycle, oldest first, a column for each meter.

    So that what is asked of a cycle is asked of all meters in one go along the memory. `is_judged`
    where the newest reading is actual, and another one before it.
    """

    records: use_windows.Records
    used: npt.NDArray[np.int32]
    days: npt.NDArray[np.int32]
    worth: npt.NDArray[np.uint8]
    counts: Bools
    explained: npt.NDArray[np.uint8]
    units: Ints
    unit_kwh: Floats
    is_judged: Bools

    @classmethod
    def of(cls, records: use_windows.Records) -> _Block:
        marks = np.ascontiguousarray(records["marks"].T)
        used = np.ascontiguousarray(records["used"].T)
        days = (marks >> use_windows.DAYS_SHIFT).astype(np.int32)
        worth = (marks & use_windows.WORTH_MASK).astype(np.uint8)
        actual = worth == use_windows.ACTUAL
        units = _TENS[records["decimals"]]
        return cls(
            records=records,
            used=used,
            days=days,
            worth=worth,
            counts=actual & (used >= 0) & (days > 0),
            explained=np.ascontiguousarray(records["explained"]),
            units=units,
            unit_kwh=records["multiplier"] / units,
            is_judged=actual[_NEWEST] & actual[:_NEWEST].any(axis=0),
        )

    def since_actual(self) -> tuple[Ints, Ints]:
        """Count days and use, in steps, from the last actual reading to the newest.

        Mostly that is one cycle; only where it is not, the others are looked at.
        """
        days, used = (each[_NEWEST].astype(np.int64) for each in (self.days, self.used))
        (rows,) = np.nonzero(self.worth[_NEWEST - 1] != use_windows.ACTUAL)
        worth = self.worth[:, rows]
        last = _NEWEST - 1 - np.argmax(worth[_NEWEST - 1 :: -1] == use_windows.ACTUAL, axis=0)
        later = np.arange(use_windows.CYCLES)[:, None] > last
        later &= worth != use_windows.DOUBTED
        days[rows] = (self.days[:, rows] * later).sum(axis=0, dtype=np.int64)
        used[rows] = (self.used[:, rows] * later).sum(axis=0, dtype=np.int64)
        return days, used

    def some(self, rows: npt.NDArray[np.intp]) -> _Block:
        """Choose meters."""
        return _Block.of(self.records[rows])


@dataclasses.dataclass(frozen=True, slots=True)
class _Usual:
    """The usual use of a day before a cycle, in steps; not a number where it is unknown."""

    per_day: Floats
    count: Ints
    middle: Floats

    @classmethod
    def of(cls, block: _Block, *, before: int) -> _Usual:
        """Look at the cycles that `usage.usual` looks at."""
        seen = slice(max(before - usage.CYCLES_MAX, 0), before)
        counts = block.counts[seen]
        per_day = np.full(counts.shape, np.inf)
        np.divide(block.used[seen], block.days[seen], out=per_day, where=counts)
        count = counts.sum(axis=0)
        return cls(per_day, count, _median(per_day, count))

    def deviation(self, rows: npt.NDArray[np.intp]) -> Floats:
        """Take the median of how far the days of some meters lie off their middle."""
        off = np.abs(self.per_day[:, rows] - self.middle[rows])
        return _median(off, self.count[rows])


def _median(values: Floats, count: Ints) -> Floats:
    """Take the median of the `count` smallest of each column; the rest are infinite."""
    ordered = np.sort(values.T, axis=1)
    rows = np.arange(len(ordered))
    known = np.maximum(count, 1)
    found: Floats = (ordered[rows, (known - 1) // 2] + ordered[rows, known // 2]) / 2
    return np.where(count >= usage.CYCLES_MIN, found, np.nan)


def _stopped(block: _Block, since: Since, usual: _Usual) -> Found:
    """ER12: nothing used, by a meter that has always used something worth a question."""
    days, moved = since
    ranges = _TENS[block.records["digits"]] * block.units
    (rows,) = np.nonzero(moved % ranges == 0)
    some = slice(_NEWEST - usage.CYCLES_MAX, _NEWEST)
    idle = block.counts[some, rows] & (block.used[some, rows] == 0)
    typical = usual.middle[rows] * days[rows]
    least = float(meter_reading.ZERO_TYPICAL_MIN) * block.units[rows]
    slack = _slack(typical, block.unit_kwh[rows])
    active = ~idle.any(axis=0)
    certain, possible = active & (typical >= least + slack), active & (typical >= least - slack)
    return "ER12", _spread(block, rows, certain), _spread(block, rows, possible)


def _still(block: _Block, use: suspicion.Use) -> Found:
    """ER13: the meter stood still over exactly so many cycles, all of them read."""
    (rows,) = np.nonzero(block.used[_NEWEST] == 0)
    moved = block.used[:0:-1, rows] != 0
    moved |= block.worth[_NEWEST - 1 :: -1, rows] != use_windows.ACTUAL
    run = np.where(moved.any(axis=0), np.argmax(moved, axis=0), _NEWEST)
    found = _spread(block, rows, run == use.zero_cycles)
    return "ER13", found, found


def _equal(block: _Block, use: suspicion.Use) -> Found:
    """ER14: exactly last month's use, or the mean of three, rounded or cut."""
    newest, last = block.used[_NEWEST], block.used[_NEWEST - 1]
    before = block.used[_NEWEST - 3 : _NEWEST]
    total, thrice = before.sum(axis=0, dtype=np.int64), 3 * newest.astype(np.int64)
    rest = total - thrice  # cut: 0, 1 or 2 steps are left over; rounded: 1 step at most is missing
    as_mean = (rest >= -1) & (rest <= 2) & (before >= 0).all(axis=0)  # noqa: PLR2004
    found = ((newest == last) | as_mean) & (newest >= 0)
    found &= newest >= np.maximum(use.equal_units_min * block.units, use.equal_steps_min)
    return "ER14", found, found


def _out_of_the_usual(
    block: _Block, since: Since, usual: _Usual, use: suspicion.Use
) -> list[Found]:
    """ER18 and ER19: beyond the usual of all months, and of the like month a year ago.

    How far the months lie apart is only asked where it could matter: a spread has a least size.
    """
    days, newest = since[0], block.used[_NEWEST].astype(np.float64)
    typical = usual.middle * days
    slack = _slack(typical, block.unit_kwh)
    off = np.abs(newest - typical) - use.abnormal_units_min * block.units
    least = np.maximum(usual.middle / 20, float(usage.STEP_KWH) / block.unit_kwh)
    far = newest / days - usual.middle
    z_slack = use.abnormal_z_min * _SLACK + _SLACK
    wide = np.abs(far) > (use.abnormal_z_min - z_slack) * least
    (rows,) = np.nonzero(wide & (newest > 0) & (days > 0) & (off >= -slack))
    deviation = usual.deviation(rows) * float(usage.DEVIATION_PER_MEDIAN)
    z = far[rows] / np.maximum(deviation, least[rows])
    possible = np.abs(z) > use.abnormal_z_min - z_slack
    certain = (np.abs(z) > use.abnormal_z_min + z_slack) & (off >= slack)[rows]
    some = block.some(rows)
    certain, possible = _unlike_a_year_ago(some, days[rows], certain, possible)
    return [
        (code, _spread(block, rows, certain & side), _spread(block, rows, possible & side))
        for code, side in (("ER18", z > 0), ("ER19", z < 0))
    ]


def _growing(block: _Block, use: suspicion.Use) -> Found:
    """ER22: cycle after cycle far above the usual before them, and it was not so a year ago.

    Each of them has to lie above the one before the first, which is asked before all else.
    """
    first = use_windows.CYCLES - use.growth_cycles
    newest = slice(first - 1, None)
    per_day = np.zeros((use.growth_cycles + 1, len(block.units)))
    np.divide(block.used[newest], block.days[newest], out=per_day, where=block.counts[newest])
    before, least = per_day[0], per_day[1:].min(axis=0)
    (rows,) = np.nonzero((least > 0) & (before <= least * (1 + 4 * _SLACK)))
    some, before, least = block.some(rows), before[rows], least[rows]
    usual = _Usual.of(some, before=first)
    bound = usual.middle * use.growth_share
    slack = bound * _SLACK
    typical = usual.middle * some.days[first:].sum(axis=0)
    off = some.used[first:].sum(axis=0, dtype=np.int64) - typical
    off -= use.abnormal_units_min * some.units
    room = _slack(typical, some.unit_kwh)
    certain = (least > bound + slack) & (before <= bound - slack) & (off >= room)
    possible = (least > bound - slack) & (before <= bound + slack) & (off >= -room)
    days = some.days[_NEWEST].astype(np.int64)
    certain, possible = _unlike_a_year_ago(some, days, certain, possible)
    return "ER22", _spread(block, rows, certain), _spread(block, rows, possible)


def _unlike_a_year_ago(
    block: _Block, days: Ints, certain: Bools, possible: Bools
) -> tuple[Bools, Bools]:
    """Take out what the like month of the year before explains; look only where it matters."""
    (rows,) = np.nonzero(possible)
    some, newest = block.some(rows), block.used[_NEWEST, rows].astype(np.float64)
    steps = np.where(some.worth == use_windows.DOUBTED, 0, some.days)
    ages = np.cumsum(steps[:0:-1], axis=0, dtype=np.int64)[::-1]
    counts = some.counts[:_NEWEST]
    off = np.where(counts, np.abs(ages - abnormal.LIKE_MONTH_DAYS), np.iinfo(np.int64).max)
    nearest = off.min(axis=0)
    scaled = some.used[:_NEWEST] * days[rows] / some.days[:_NEWEST]
    like = np.where(counts & (off == nearest), scaled, np.inf).min(axis=0)
    near = nearest <= abnormal.LIKE_MONTH_SLACK_DAYS
    apart, slack = np.abs(newest - like) - like / 2, 2 * _slack(like, some.unit_kwh)
    certain, possible = certain.copy(), possible.copy()
    certain[rows] &= ~near | (apart > slack)
    possible[rows] &= ~near | (apart > -slack)
    return certain, possible


def _slack(steps: Floats, unit_kwh: Floats) -> Floats:
    """Tell within how many steps the exact rules may see it otherwise."""
    found: Floats = _ROUNDED_KWH / unit_kwh + (np.abs(steps) + 1) * _SLACK
    return found


def _spread(block: _Block, rows: npt.NDArray[np.intp], found: Bools) -> Bools:
    """Say of all meters what was asked of some; of the others it is not so."""
    spread = np.zeros(len(block.units), bool)
    spread[rows] = found
    return spread


def _silence(code: str) -> np.uint8:
    """Name the bits of what explains a finding away."""
    silenced = flags.RULES[code].silenced_by
    return np.uint8(sum(1 << use_windows.EXPLANATIONS.index(one) for one in silenced))
