"""Whatever the nightly job says of the demo district, a person can work out from the readings.

Each sentence is taken apart into its numbers, in both languages, and each number is worked out
anew from the meter's registers alone, by sums that share nothing with the rules.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
import statistics
import zoneinfo
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import acts
from api.demo import people
from api.readings import service
from api.readings.models import AbnormalUse, Flag, Reading
from api.sites import service as sites
from api.sites.models import Meter
from tests.api.demo.conftest import Loaded
from tests.conftest import NOW

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]
ACT: Final = acts.system(district_id=people.DISTRICT, now=NOW, job="test")
_NUMBER: Final = r"(-?[\d.]+)"
_DAY: Final = r"([\d-]{10})"
_DRAWN: Final = r"(?:[;；].+)?"
"""On the list of abnormal use it also says from which share the meter was drawn."""
SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "ER01": (rf"System estimate by .+; last actual {_DAY}", rf"系统按.+估算；上次实抄 {_DAY}"),
    "ER12": (rf"No consumption; usually {_NUMBER}", rf"用电量为零；平常 {_NUMBER}"),
    "ER13": (
        rf"Nothing used in {_NUMBER} cycles since {_DAY}: field check due{_DRAWN}",
        rf"自 {_DAY} 起连续 {_NUMBER} 个周期用电量为零，应现场核查{_DRAWN}",
    ),
    "ER14": (rf"Exactly equals .+ = {_NUMBER}", rf"与.+完全相等 = {_NUMBER}"),
    "ER18": (rf"{_NUMBER} against usual {_NUMBER}", rf"用电量 {_NUMBER}，平常 {_NUMBER}"),
    "ER19": (rf"{_NUMBER} against usual {_NUMBER}", rf"用电量 {_NUMBER}，平常 {_NUMBER}"),
    "ER22": (
        rf"{_NUMBER} over {_NUMBER} cycles against usual {_NUMBER}",
        rf"连续 {_NUMBER} 个周期共 {_NUMBER}，平常 {_NUMBER}",
    ),
}


@dataclasses.dataclass(frozen=True)
class Month:
    """A reading, and what was used since the one before it, in kWh; None for the first."""

    id: str
    on: dt.date
    total: Fraction
    actual: bool
    days: int
    used: Fraction | None


@dataclasses.dataclass(frozen=True)
class Told:
    """A finding: whose, on which day, and what is said of it."""

    code: str
    meter_id: str
    on: dt.date
    en: str
    zh: str


class TakenBackError(Exception):
    """What was judged is not kept, for the other tests of the district."""


@pytest.fixture(scope="module")
def judged(loaded: Loaded) -> Iterator[Session]:
    with contextlib.suppress(TakenBackError), loaded.database.unit_of_work() as session:
        service.flag_readings(session, act=ACT)
        service.find_abnormal(session, act=ACT, touched_at=NOW)
        session.flush()
        yield session
        raise TakenBackError


def test_every_sentence_can_be_worked_out_from_the_registers(judged: Session) -> None:
    every = list(told(judged))
    assert {"ER01", "ER13", "ER19"} <= {each.code for each in every}
    for each in every:
        for language, pattern in zip((each.en, each.zh), SENTENCES[each.code], strict=True):
            match = re.fullmatch(pattern, language)
            assert match is not None, each
            past = months(judged, each.meter_id, until=each.on)
            expected = sorted(map(str, WORKED_OUT[each.code](past)))
            said = sorted(str(number(part)) for part in match.groups())
            assert said == expected, each


def test_judging_again_in_the_same_night_changes_nothing(judged: Session) -> None:
    before = sorted(map(repr, told(judged)))
    assert service.flag_readings(judged, act=ACT) == {"readings": 0}
    assert service.find_abnormal(judged, act=ACT, touched_at=NOW) == 0
    assert sorted(map(repr, told(judged))) == before


def told(session: Session) -> Iterator[Told]:
    """List what was found, in flags and on the list of abnormal use."""
    zone = zone_of(session)
    rows = select(Flag, Reading.read_at).where(Reading.id == Flag.reading_id)
    for flag, read_at in session.execute(rows):
        on = read_at.astimezone(zone).date()
        yield Told(flag.code, flag.meter_id, on, flag.en, flag.zh)
    for row in session.scalars(select(AbnormalUse)):
        yield Told(row.code, row.meter_id, dt.date.fromisoformat(row.read_on), row.en, row.zh)


def zone_of(session: Session) -> zoneinfo.ZoneInfo:
    """Find where the district's days begin."""
    return zoneinfo.ZoneInfo(sites.get_district(session, district_id=people.DISTRICT).zone)


def months(session: Session, meter_id: str, *, until: dt.date) -> list[Month]:
    """Count what a meter ran through from reading to reading, up to a day."""
    meter = session.get_one(Meter, (people.DISTRICT, meter_id))
    rows = session.scalars(
        select(Reading).where(Reading.meter_id == meter_id).order_by(Reading.read_at)
    )
    found: list[Month] = []
    for row in rows:
        on, total = row.read_at.astimezone(zone_of(session)).date(), Fraction(row.total)
        if on > until:
            break
        used, days = None, 0
        if found:
            moved = (total - found[-1].total) % 10**meter.digits
            used, days = moved * Fraction(meter.multiplier), (on - found[-1].on).days
        found.append(Month(row.id, on, total, row.quality == "actual", days, used))
    return found


def number(text: str) -> object:
    """Read a number of a sentence, or a day."""
    return dt.date.fromisoformat(text) if re.fullmatch(_DAY, text) else Fraction(text)


def used(past: Sequence[Month]) -> Fraction:
    """Tell what the newest reading says was used."""
    assert past[-1].used is not None
    return past[-1].used


def usual(past: Sequence[Month], days: int) -> Fraction:
    """Take the middle day of the last thirteen months that were read, so many times."""
    daily = [
        month.used / month.days
        for month in past[-13:]
        if month.actual and month.days and month.used is not None
    ]
    return Fraction(round(statistics.median(daily) * days * 1_000), 1_000)


def since_read(past: Sequence[Month]) -> int:
    """Count the days since somebody read the meter."""
    return (past[-1].on - last_read(past)).days


def last_read(past: Sequence[Month]) -> dt.date:
    """Find the day when somebody read the meter last, before the newest reading."""
    return max(month.on for month in past[:-1] if month.actual)


def _estimated(past: Sequence[Month]) -> list[object]:
    return [last_read(past)]


def _stopped(past: Sequence[Month]) -> list[object]:
    assert used(past) == 0
    return [usual(past[:-1], since_read(past))]


def _still(past: Sequence[Month]) -> list[object]:
    first = next(at for at, month in enumerate(past) if month.total == past[-1].total)
    assert all(month.total == past[-1].total for month in past[first:])
    return [Fraction(len(past) - 1 - first), past[first].on]


def _equal(past: Sequence[Month]) -> list[object]:
    before = [month.used for month in past[-4:-1] if month.used is not None]
    mean = sum(before, Fraction(0)) / 3
    assert used(past) == before[-1] or abs(used(past) - mean) < 1
    return [used(past)]


def _against_usual(past: Sequence[Month]) -> list[object]:
    return [used(past), usual(past[:-1], since_read(past))]


def _growing(past: Sequence[Month]) -> list[object]:
    newest = past[-3:]
    total = sum((month.used or Fraction(0) for month in newest), Fraction(0))
    return [total, Fraction(3), usual(past[:-3], sum(month.days for month in newest))]


WORKED_OUT: Final[Mapping[str, Callable[[Sequence[Month]], list[object]]]] = {
    "ER01": _estimated,
    "ER12": _stopped,
    "ER13": _still,
    "ER14": _equal,
    "ER18": _against_usual,
    "ER19": _against_usual,
    "ER22": _growing,
}
