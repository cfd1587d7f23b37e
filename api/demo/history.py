"""Two years of monthly readings: use by season and kind of customer, and what goes wrong in life.

Each meter's register is a true running sum; a month that nobody could read shows the estimate that
was reported instead, and the next honest reading puts it right.
Some homes stand empty for months, some meters are exchanged, some old registers roll over.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from api.demo.customers import Home
from schemas import readings
from schemas.rules import estimators
from schemas.sites import Meter

MONTHS: Final = 24
_PER_METER: Final = dt.timedelta(seconds=45)
_FIRST_HOUR: Final = dt.time(8)
_SYNCED_AFTER: Final = dt.timedelta(hours=4)
_LAST_DAY: Final = 28
_KWH_PER_KW: Final[Mapping[str, float]] = {"H": 75, "G": 130, "L": 95, "B": 260}
_SEASON: Final[Mapping[str, Sequence[float]]] = {
    "H": (0.86, 0.84, 0.85, 0.93, 1.06, 1.19, 1.27, 1.28, 1.17, 1.00, 0.88, 0.87),
    "G": (0.93, 0.85, 0.93, 0.97, 1.04, 1.10, 1.13, 1.13, 1.07, 1.00, 0.94, 0.91),
    "L": (0.80, 0.85, 1.10, 1.25, 1.15, 0.95, 0.90, 0.95, 1.15, 1.20, 0.95, 0.75),
    "B": (1.0,) * 12,
}
_EMPTY_SHARE: Final = 0.02
_ROLLING_SHARE: Final = 0.05
_ESTIMATED_SHARE: Final = 0.012
_START_KWH_MAX: Final = 30_000
_OLD_DIGITS: Final = 5

_READ: Final = readings.Method.READ.value
_ACTUAL: Final = readings.Quality.ACTUAL.value
_ESTIMATED: Final = readings.Quality.ESTIMATED.value
_ESTIMATOR: Final = estimators.Method.previous_scaled.value

Units = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, slots=True)
class Round:
    """When a walk was read: the latest day, and by whom."""

    last_day: dt.date
    reader_id: str


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """What happened at one home, by month, oldest first.

    Attributes:
        home: whose.
        units: the register's true value after each month, in its last place, run through.
        start: the value before the first month.
        estimated: the months in which nobody could read.
    """

    home: Home
    units: Units
    start: int
    estimated: Sequence[bool]


def month_before(day: dt.date) -> dt.date:
    """Give the same day a month ago, or the last one that every month has."""
    whole = day.year * 12 + day.month - 2
    return dt.date(whole // 12, whole % 12 + 1, min(day.day, _LAST_DAY))


def invent(
    homes: Sequence[Home], rounds: Mapping[int, Round], *, chance: np.random.Generator
) -> list[Past]:
    """Invent every home's use, month by month."""
    size = (len(homes), MONTHS)
    kinds = [home.customer.profile[0] for home in homes]
    base_kwh = np.array(
        [home.customer.kw * _KWH_PER_KW[kind] for home, kind in zip(homes, kinds, strict=True)]
    )
    months = np.array(
        [[day.month - 1 for day in _days(rounds[home.walk].last_day)] for home in homes]
    )
    seasons = np.array([_SEASON[kind] for kind in kinds])
    kwh = base_kwh[:, None] * np.take_along_axis(seasons, months, axis=1)
    kwh *= chance.lognormal(0.0, 0.25, size=(len(homes), 1)) * chance.lognormal(0.0, 0.1, size=size)
    kwh[_empty(chance, size)] = 0.0
    estimated = chance.random(size) < _ESTIMATED_SHARE
    estimated[:, :2] = False
    rolling = chance.random(len(homes)) < _ROLLING_SHARE
    starts = chance.random(len(homes))
    return [
        _past(home, kwh[row], estimated[row], at=float(starts[row]), rolls=bool(rolling[row]))
        for row, home in enumerate(homes)
    ]


def rows(
    pasts: Sequence[Past], rounds: Mapping[int, Round], *, zone: dt.tzinfo
) -> Iterator[dict[str, Any]]:
    """Write the readings as rows, in the order of their times, month by month."""
    in_time = sorted(pasts, key=lambda past: (rounds[past.home.walk].last_day, past.home.walk))
    accounts = [_account(past) for past in in_time]
    number = 0
    for month in range(MONTHS):
        for past, account in zip(in_time, accounts, strict=True):
            home, walk = past.home, rounds[past.home.walk]
            number += 1
            row = account.row(month)
            begun_at = _begun_at(walk.last_day, month, zone)
            row["id"] = f"R{number:06d}"
            row["read_at"] = begun_at + home.place * _PER_METER
            row["received_at"] = row["read_at"] + _SYNCED_AFTER
            row["reader_id"] = walk.reader_id if row["method"] == _READ else None
            yield row


def meters(
    pasts: Sequence[Past], rounds: Mapping[int, Round], *, zone: dt.tzinfo
) -> Iterator[Meter]:
    """Give every meter with its ends: when it came, when it went, and at which values."""
    for past in pasts:
        home = past.home
        if home.former is None:
            first = _decimal(past.start, home.meter)
            yield msgspec.structs.replace(home.meter, installed_value=first)
            continue
        cut = MONTHS - home.exchanged
        begun_at = _begun_at(rounds[home.walk].last_day, cut - 1, zone)
        moment = begun_at + home.place * _PER_METER
        gone = _shown(home.former, int(past.units[cut - 1]))
        yield msgspec.structs.replace(
            home.former,
            installed_value=_decimal(past.start, home.former),
            removed_at=moment,
            removed_value=gone,
        )
        yield msgspec.structs.replace(home.meter, installed_at=moment)


def _past(
    home: Home, kwh: npt.NDArray[np.float64], estimated: npt.NDArray[np.bool_], *, at: float,
    rolls: bool,
) -> Past:  # fmt: skip
    cut = MONTHS - home.exchanged if home.former else 0
    used = np.empty(MONTHS, dtype=np.int64)
    for meter, part in ((home.former or home.meter, slice(cut)), (home.meter, slice(cut, None))):
        used[part] = np.floor(kwh[part] / float(meter.multiplier) * 10**meter.decimals)
    first = home.former or home.meter
    full = 10 ** (first.digits + first.decimals)
    start = int(at * _START_KWH_MAX / float(first.multiplier) * 10**first.decimals)
    if rolls and first.digits == _OLD_DIGITS and home.former is None:
        start = max(full - int(used.sum() * (0.5 + at / 2)), 0)
    units = start + np.cumsum(used)
    if home.former:
        units[cut:] -= units[cut - 1]
        estimated = estimated.copy()
        estimated[cut - 1 : cut + 2] = False
    return Past(home, units, start, estimated.tolist())


@dataclasses.dataclass(frozen=True, slots=True)
class _Account:
    """A home's months as they were reported: registers, and use since the last true reading."""

    past: Past
    shown: Sequence[int]
    used: Sequence[int]

    def row(self, month: int) -> dict[str, Any]:
        """Give what one month's reading says."""
        home = self.past.home
        is_former = home.former is not None and month < MONTHS - home.exchanged
        meter = home.former if is_former and home.former is not None else home.meter
        guess = self.past.estimated[month]
        return {
            "id": "",
            "meter_id": meter.id,
            "read_at": None,
            "received_at": None,
            "reader_id": None,
            "total": _shown(meter, self.shown[month]),
            "used_kwh": _decimal(self.used[month], meter) * meter.multiplier,
            "method": _ESTIMATED if guess else _READ,
            "quality": _ESTIMATED if guess else _ACTUAL,
            "estimator": _ESTIMATOR if guess else None,
        }


def _account(past: Past) -> _Account:
    """Tell what was reported month by month; an estimate repeats the use before it."""
    shown: list[int] = []
    used: list[int] = []
    true = reported = past.start
    first_of_new = MONTHS - past.home.exchanged if past.home.former else None
    for month, units in enumerate(past.units.tolist()):
        if month == first_of_new:
            true = reported = 0
        if past.estimated[month]:
            used.append(used[-1])
            reported += used[-1]
        else:
            used.append(units - true)
            true = reported = units
        shown.append(reported)
    return _Account(past, shown, used)


def _shown(meter: Meter, units: int) -> Decimal:
    """Tell what the register shows, rolled over when it must."""
    return _decimal(units % 10 ** (meter.digits + meter.decimals), meter)


def _decimal(units: int, meter: Meter) -> Decimal:
    return Decimal(units).scaleb(-meter.decimals)


def _empty(chance: np.random.Generator, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Choose homes that stand empty, each for some months in a row."""
    homes, months = size
    stands = chance.random(homes) < _EMPTY_SHARE
    begins = chance.integers(0, months, size=homes)
    lasts = chance.integers(2, 7, size=homes)
    month = np.arange(months)
    within = (month >= begins[:, None]) & (month < (begins + lasts)[:, None])
    chosen: npt.NDArray[np.bool_] = within & stands[:, None]
    return chosen


def _days(last: dt.date) -> list[dt.date]:
    """Give the days of the monthly readings up to the last, oldest first."""
    whole = last.year * 12 + last.month - 1
    day = min(last.day, _LAST_DAY)
    back = range(MONTHS - 1, 0, -1)
    return [*(dt.date((whole - n) // 12, (whole - n) % 12 + 1, day) for n in back), last]


@functools.cache
def _begun_at(last: dt.date, month: int, zone: dt.tzinfo) -> dt.datetime:
    """Tell when the walk of a month began."""
    day = _days(last)[month]
    return dt.datetime.combine(day, _FIRST_HOUR, tzinfo=zone).astimezone(dt.UTC)
