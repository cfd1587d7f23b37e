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

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]


def judge(window: use_windows.Window, use: suspicion.Use) -> list[flags.Flag]:
    """Judge the newest reading of one window by the exact rules, in the order of their codes."""
    limits = estimates.Limits(equal_units_min=use.equal_units_min)
    found = [*estimates.judge(window.case, limits), *abnormal.judge(window.case, use)]
    return sorted((flag for flag in found if flag.code in CODES), key=lambda flag: flag.code)


def sweep(records: use_windows.Records, use: suspicion.Use) -> Bits:
    """Judge the newest reading of each window; bit n of an answer is `CODES[n]`."""
    answers = np.zeros(len(records), np.uint8)
    judged = _Block.of(records)
    (live,) = np.nonzero(judged.is_judged)
    if not len(live):
        return answers
    block = judged if len(live) == len(records) else _Block.of(records[live])
    sure, unsure = np.zeros(len(live), np.uint8), np.zeros(len(live), bool)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = _Usual.of(block, before=_NEWEST)
        for code, certain, possible in (
            _stopped(block, usual),
            _still(block, use),
            _equal(block, use),
            *_out_of_the_usual(block, usual, use),
            _growing(block, use),
        ):
            loud = (block.explained & _silence(code)) == 0
            sure |= np.where(certain & loud, _BIT[code], 0).astype(np.uint8)
            unsure |= possible & ~certain & loud
    for at in np.nonzero(unsure)[0]:
        window = use_windows.unpack(block.records[at])
        sure[at] = sum(int(_BIT[flag.code]) for flag in judge(window, use))
    answers[live] = sure
    return answers


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
    """Windows taken apart: a row for each meter, a column for each cycle."""

    records: use_windows.Records
    used: npt.NDArray[np.int32]
    days: npt.NDArray[np.int32]
    worth: npt.NDArray[np.uint8]
    counts: Bools
    explained: npt.NDArray[np.uint8]
    units: Ints
    unit_kwh: Floats

    @classmethod
    def of(cls, records: use_windows.Records) -> _Block:
        marks = records["marks"]
        used = np.ascontiguousarray(records["used"])
        days = (marks >> use_windows.DAYS_SHIFT).astype(np.int32)
        worth = (marks & use_windows.WORTH_MASK).astype(np.uint8)
        units = 10 ** records["decimals"].astype(np.int64)
        return cls(
            records=records,
            used=used,
            days=days,
            worth=worth,
            counts=(worth == use_windows.ACTUAL) & (used >= 0) & (days > 0),
            explained=np.ascontiguousarray(records["explained"]),
            units=units,
            unit_kwh=records["multiplier"] / units,
        )

    @property
    def is_judged(self) -> Bools:
        """Whether the newest reading is actual, and another one before it."""
        actual = self.worth == use_windows.ACTUAL
        found: Bools = actual[:, _NEWEST] & actual[:, :_NEWEST].any(axis=1)
        return found

    @property
    def since_actual(self) -> tuple[Ints, Ints]:
        """Days and use, in steps, from the last actual reading to the newest."""
        actual = self.worth[:, :_NEWEST] == use_windows.ACTUAL
        last = _NEWEST - 1 - np.argmax(actual[:, ::-1], axis=1)
        later = np.arange(use_windows.CYCLES) > last[:, None]
        later &= self.worth != use_windows.DOUBTED
        used = np.where(later, self.used, 0).sum(axis=1, dtype=np.int64)
        return np.where(later, self.days, 0).sum(axis=1, dtype=np.int64), used

    def some(self, rows: npt.NDArray[np.intp]) -> _Block:
        """Choose rows."""
        return _Block.of(self.records[rows])


@dataclasses.dataclass(frozen=True, slots=True)
class _Usual:
    """The usual use of a day before a cycle, in steps; not a number where it is unknown."""

    middle: Floats
    deviation: Floats

    @classmethod
    def of(cls, block: _Block, *, before: int) -> _Usual:
        """Look at the cycles that `usage.usual` looks at."""
        seen = slice(max(before - usage.CYCLES_MAX, 0), before)
        counts = block.counts[:, seen]
        count = counts.sum(axis=1)
        per_day = np.where(counts, block.used[:, seen] / block.days[:, seen], np.inf)
        middle = _median(per_day, count)
        deviation = _median(np.abs(per_day - middle[:, None]), count)
        return cls(middle, deviation)


def _median(values: Floats, count: Ints) -> Floats:
    """Take the median of the `count` smallest of each row; the rest are infinite."""
    values.sort(axis=1)
    rows = np.arange(len(values))
    known = np.maximum(count, 1)
    found: Floats = (values[rows, (known - 1) // 2] + values[rows, known // 2]) / 2
    return np.where(count >= usage.CYCLES_MIN, found, np.nan)


def _stopped(block: _Block, usual: _Usual) -> Found:
    """ER12: nothing used, by a meter that has always used something worth a question."""
    days, moved = block.since_actual
    ranges = np.power(10, block.records["digits"].astype(np.int64)) * block.units
    seen = slice(_NEWEST - usage.CYCLES_MAX, _NEWEST)
    active = ~(block.counts[:, seen] & (block.used[:, seen] == 0)).any(axis=1)
    stopped = (moved % ranges == 0) & active
    typical = usual.middle * days
    least = float(meter_reading.ZERO_TYPICAL_MIN) * block.units
    slack = _slack(block, typical)
    return "ER12", stopped & (typical >= least + slack), stopped & (typical >= least - slack)


def _still(block: _Block, use: suspicion.Use) -> Found:
    """ER13: the meter stood still over exactly so many cycles, all of them read."""
    nothing = block.used[:, 1:] == 0
    nothing &= block.worth[:, :_NEWEST] == use_windows.ACTUAL
    moved = ~nothing[:, ::-1]
    run = np.where(moved.any(axis=1), np.argmax(moved, axis=1), _NEWEST)
    found = run == use.zero_cycles
    return "ER13", found, found


def _equal(block: _Block, use: suspicion.Use) -> Found:
    """ER14: exactly last month's use, or the mean of three, rounded or cut."""
    newest = block.used[:, _NEWEST].astype(np.int64)
    before = block.used[:, _NEWEST - 3 : _NEWEST].astype(np.int64)
    total = before.sum(axis=1)
    as_mean = ((2 * total + 3) // 6 == newest) | (total // 3 == newest)
    equal = (newest == before[:, -1]) | (as_mean & (before >= 0).all(axis=1))
    found = equal & (newest >= 0) & (newest >= use.equal_units_min * block.units)
    return "ER14", found, found


def _out_of_the_usual(block: _Block, usual: _Usual, use: suspicion.Use) -> list[Found]:
    """ER18 and ER19: beyond the usual of all months, and of the like month a year ago."""
    newest = block.used[:, _NEWEST].astype(np.float64)
    days, _ = block.since_actual
    typical = usual.middle * days
    slack = _slack(block, typical)
    off = np.abs(newest - typical) - use.abnormal_units_min * block.units
    scale = np.maximum(
        usual.deviation * float(usage.DEVIATION_PER_MEDIAN),
        np.maximum(usual.middle / 20, float(usage.STEP_KWH) / block.unit_kwh),
    )
    z = (newest / days - usual.middle) / scale
    z_slack = use.abnormal_z_min * _SLACK + _SLACK
    apart = (newest > 0) & (days > 0)
    possible = apart & (off >= -slack) & (np.abs(z) > use.abnormal_z_min - z_slack)
    certain = apart & (off >= slack) & (np.abs(z) > use.abnormal_z_min + z_slack)
    certain, possible = _unlike_a_year_ago(block, days, certain, possible)
    return [
        ("ER18", certain & (z > 0), possible & (z > 0)),
        ("ER19", certain & (z < 0), possible & (z < 0)),
    ]


def _growing(block: _Block, use: suspicion.Use) -> Found:
    """ER22: cycle after cycle far above the usual before them, and it was not so a year ago."""
    first = use_windows.CYCLES - use.growth_cycles
    per_day = np.where(block.counts, block.used / block.days, 0.0)
    least = per_day[:, first:].min(axis=1)
    certain, possible = np.zeros(len(least), bool), np.zeros(len(least), bool)
    seen = slice(max(first - usage.CYCLES_MAX, 0), first)
    below = block.counts[:, seen] & (
        per_day[:, seen] * use.growth_share < (least * (1 + _SLACK))[:, None]
    )
    half = 2 * below.sum(axis=1) >= block.counts[:, seen].sum(axis=1)
    (rows,) = np.nonzero((least > 0) & half)
    some = block.some(rows)
    usual = _Usual.of(some, before=first)
    before, slack = per_day[rows, first - 1], usual.middle * use.growth_share * _SLACK
    bound = usual.middle * use.growth_share
    days = some.days[:, first:].sum(axis=1)
    typical = usual.middle * days
    off = some.used[:, first:].sum(axis=1, dtype=np.int64) - typical
    off -= use.abnormal_units_min * some.units
    room = _slack(some, typical)
    surely = (least[rows] > bound + slack) & (before <= bound - slack) & (off >= room)
    maybe = (least[rows] > bound - slack) & (before <= bound + slack) & (off >= -room)
    surely, maybe = _unlike_a_year_ago(some, some.days[:, _NEWEST].astype(np.int64), surely, maybe)
    certain[rows], possible[rows] = surely, maybe
    return "ER22", certain, possible


def _unlike_a_year_ago(
    block: _Block, days: Ints, certain: Bools, possible: Bools
) -> tuple[Bools, Bools]:
    """Take out what the like month of the year before explains; look only where it matters."""
    (rows,) = np.nonzero(possible)
    some, newest = block.some(rows), block.used[rows, _NEWEST].astype(np.float64)
    steps = np.where(some.worth == use_windows.DOUBTED, 0, some.days)
    ages = np.cumsum(steps[:, :0:-1], axis=1, dtype=np.int64)[:, ::-1]
    counts = some.counts[:, :_NEWEST]
    off = np.where(counts, np.abs(ages - abnormal.LIKE_MONTH_DAYS), np.iinfo(np.int64).max)
    nearest = off.min(axis=1)
    scaled = some.used[:, :_NEWEST] * days[rows, None] / some.days[:, :_NEWEST]
    like = np.where(counts & (off == nearest[:, None]), scaled, np.inf).min(axis=1)
    near = nearest <= abnormal.LIKE_MONTH_SLACK_DAYS
    apart, slack = np.abs(newest - like) - like / 2, 2 * _slack(some, like)
    certain, possible = certain.copy(), possible.copy()
    certain[rows] &= ~near | (apart > slack)
    possible[rows] &= ~near | (apart > -slack)
    return certain, possible


def _slack(block: _Block, steps: Floats) -> Floats:
    """Tell within how many steps the exact rules may see it otherwise."""
    found: Floats = _ROUNDED_KWH / block.unit_kwh + (np.abs(steps) + 1) * _SLACK
    return found


def _silence(code: str) -> np.uint8:
    """Name the bits of what explains a finding away."""
    silenced = flags.RULES[code].silenced_by
    return np.uint8(sum(1 << use_windows.EXPLANATIONS.index(one) for one in silenced))
