"""When a job is to run: each schedule divides time into slots, and each slot is run once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo

from schemas.errors import Words

_MINUTE_SECONDS = 60
_HOUR_MINUTES = 60
_DAY_HOURS = 24
_MINUTE = dt.timedelta(minutes=1)
_MINUTE_FORM = "%Y-%m-%dT%H:%MZ"


@dataclasses.dataclass(frozen=True, slots=True)
class EverySeconds:
    """Run every so many seconds of the minute; `seconds` divides 60.

    For a job that says whether it is wanted: each slot that is run is a row of the ledger.
    """

    seconds: int

    def __post_init__(self) -> None:
        """Refuse a number by which the slots of two minutes would differ."""
        assert self.seconds > 0
        assert _MINUTE_SECONDS % self.seconds == 0

    def slot(self, now: dt.datetime, zone: str) -> str | None:
        """Name the slot that an instant falls in: its first second, UTC."""
        del zone  # seconds are the same everywhere
        utc = now.astimezone(dt.UTC)
        first = utc.replace(second=utc.second - utc.second % self.seconds)
        return first.strftime("%Y-%m-%dT%H:%M:%SZ")

    def next_at(self, now: dt.datetime, zone: str) -> dt.datetime:
        """Tell when the next slot begins."""
        del zone
        utc = now.astimezone(dt.UTC).replace(microsecond=0)
        return utc + dt.timedelta(seconds=self.seconds - utc.second % self.seconds)

    def between(self, earlier: str, later: str) -> int:
        """Count no slots between two: those that went by had nothing to do."""
        del earlier, later
        return 0

    @property
    def words(self) -> Words:
        """Say when it runs."""
        return Words(
            en=f"within {self.seconds} seconds, when there is something to do",
            zh=f"有待办事项时，{self.seconds} 秒内执行",
        )


@dataclasses.dataclass(frozen=True, slots=True)
class EveryMinutes:
    """Run every so many minutes of the hour; `minutes` divides 60."""

    minutes: int

    def __post_init__(self) -> None:
        """Refuse a number by which the slots of two hours would differ."""
        assert self.minutes > 0
        assert _HOUR_MINUTES % self.minutes == 0

    def slot(self, now: dt.datetime, zone: str) -> str | None:
        """Name the slot that an instant falls in: its first minute, UTC."""
        del zone  # minutes are the same everywhere
        utc = now.astimezone(dt.UTC)
        first = utc.replace(minute=utc.minute - utc.minute % self.minutes)
        return first.strftime(_MINUTE_FORM)

    def next_at(self, now: dt.datetime, zone: str) -> dt.datetime:
        """Tell when the next slot begins."""
        del zone
        utc = now.astimezone(dt.UTC).replace(second=0, microsecond=0)
        return utc + dt.timedelta(minutes=self.minutes - utc.minute % self.minutes)

    def between(self, earlier: str, later: str) -> int:
        """Count the slots between two."""
        passed = _read_minute(later) - _read_minute(earlier)
        return max(0, passed // dt.timedelta(minutes=self.minutes) - 1)

    @property
    def words(self) -> Words:
        """Say when it runs."""
        if self.minutes == 1:
            return Words(en="every minute", zh="每分钟")
        if self.minutes == _HOUR_MINUTES:
            return Words(en="every hour", zh="每小时")
        return Words(en=f"every {self.minutes} minutes", zh=f"每 {self.minutes} 分钟")


@dataclasses.dataclass(frozen=True, slots=True)
class Daily:
    """Run once a day, at a time of the district's own wall clock or as soon after as it can.

    The slot is the local date, so a time that daylight saving repeats or skips is run once.
    """

    hour: int
    minute: int

    def __post_init__(self) -> None:
        """Refuse a time that no day has."""
        assert 0 <= self.hour < _DAY_HOURS
        assert 0 <= self.minute < _HOUR_MINUTES

    def slot(self, now: dt.datetime, zone: str) -> str | None:
        """Name the day that an instant falls in, once the time of day has come."""
        local = now.astimezone(zoneinfo.ZoneInfo(zone))
        if (local.hour, local.minute) < (self.hour, self.minute):
            return None
        return local.date().isoformat()

    def next_at(self, now: dt.datetime, zone: str) -> dt.datetime:
        """Tell when the next slot begins; where daylight saving skips its time, right after."""
        local = now.astimezone(zoneinfo.ZoneInfo(zone))
        begun = self.slot(now, zone) is not None
        day = local.date() + dt.timedelta(days=1 if begun else 0)
        wall = dt.datetime.combine(day, dt.time(self.hour, self.minute), zoneinfo.ZoneInfo(zone))
        at = min(wall.astimezone(dt.UTC), wall.replace(fold=1).astimezone(dt.UTC))
        while self.slot(at, zone) != day.isoformat():
            at += _MINUTE
        return at

    def between(self, earlier: str, later: str) -> int:
        """Count the slots between two."""
        passed = dt.date.fromisoformat(later) - dt.date.fromisoformat(earlier)
        return max(0, passed.days - 1)

    @property
    def words(self) -> Words:
        """Say when it runs."""
        at = f"{self.hour:02}:{self.minute:02}"
        return Words(en=f"daily at {at}, local time", zh=f"每天当地时间 {at}")


Schedule = EverySeconds | EveryMinutes | Daily


def _read_minute(slot: str) -> dt.datetime:
    return dt.datetime.strptime(slot, _MINUTE_FORM).replace(tzinfo=dt.UTC)
