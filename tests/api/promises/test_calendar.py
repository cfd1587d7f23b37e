from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from sqlalchemy.orm import Session

from api.errors import Stale
from api.promises import service
from api.promises.service import days
from schemas import promises as shapes
from schemas.rules import deadlines
from tests.makers import promises, sites

HAIKOU = zoneinfo.ZoneInfo("Asia/Shanghai")
FIVE_DAYS = deadlines.Allowance(5, deadlines.Unit.working_days)


@pytest.fixture(autouse=True)
def _district(session: Session) -> None:
    sites.district(session)


def due_after_five_days(session: Session, start: str) -> deadlines.Due:
    local = dt.datetime.fromisoformat(start).replace(hour=9, tzinfo=HAIKOU)
    return service.due(
        session, district_id=promises.DISTRICT, started_at=local, allowance=FIVE_DAYS
    )


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("2026-02-13", "2026-02-27"),
        ("2025-09-26", "2025-10-10"),
        ("2025-01-24", "2025-02-07"),
        ("2026-09-18", "2026-09-24"),
        ("2026-04-30", "2026-05-11"),
        ("2025-12-31", "2026-01-08"),
    ],
)
def test_five_working_days_follow_the_published_calendar(
    session: Session, start: str, day: str
) -> None:
    service.seed_china(session, act=promises.act())

    due = due_after_five_days(session, start)
    assert (due.day.isoformat(), due.provisional) == (day, False)


def test_a_year_not_yet_published_makes_it_provisional(session: Session) -> None:
    service.seed_china(session, act=promises.act())

    assert due_after_five_days(session, "2026-12-30").provisional


def test_an_office_that_set_nothing_has_weekends_and_provisional_dates(session: Session) -> None:
    due = due_after_five_days(session, "2026-11-23")
    assert (due.day.isoformat(), due.provisional) == ("2026-11-30", True)


def test_an_edited_year_counts_at_once(session: Session) -> None:
    assert due_after_five_days(session, "2026-11-23").day.isoformat() == "2026-11-30"
    holiday = shapes.CalendarDay(
        day=dt.date(2026, 11, 25), kind=shapes.DayKind.holiday, name="Typhoon"
    )
    year = shapes.CalendarYear(year=2026, published=True, days=[holiday])
    calendar = service.put_year(session, act=promises.act(), year=year)

    due = due_after_five_days(session, "2026-11-23")
    assert (due.day.isoformat(), due.provisional) == ("2026-12-01", False)
    assert calendar.years == [year]


def test_other_countries_rest_on_other_days(session: Session) -> None:
    service.set_weekend(session, act=promises.act(), weekend=shapes.Weekend(rest_weekdays=[4, 5]))

    assert due_after_five_days(session, "2026-11-23").day.isoformat() == "2026-11-30"
    assert due_after_five_days(session, "2026-11-25").day.isoformat() == "2026-12-02"


def test_seeding_again_changes_nothing_but_the_version(session: Session) -> None:
    first = service.seed_china(session, act=promises.act())
    second = service.seed_china(session, act=promises.act())

    assert [year.year for year in first.years] == [2024, 2025, 2026]
    assert (second.years, second.version) == (first.years, first.version + 1)


def test_a_day_of_another_year_is_refused(session: Session) -> None:
    day = shapes.CalendarDay(day=dt.date(2025, 1, 1), kind=shapes.DayKind.holiday)
    year = shapes.CalendarYear(year=2026, published=True, days=[day])
    with pytest.raises(days.DayNotInYear):
        service.put_year(session, act=promises.act(), year=year)


def test_a_day_listed_twice_is_refused(session: Session) -> None:
    day = shapes.CalendarDay(day=dt.date(2026, 1, 1), kind=shapes.DayKind.holiday)
    year = shapes.CalendarYear(year=2026, published=True, days=[day, day])
    with pytest.raises(days.DayTwice):
        service.put_year(session, act=promises.act(), year=year)


def test_an_edit_of_an_older_version_is_refused(session: Session) -> None:
    service.seed_china(session, act=promises.act())
    old = promises.act(based_on=0)
    with pytest.raises(Stale):
        service.set_weekend(session, act=old, weekend=shapes.Weekend(rest_weekdays=[6]))
