from __future__ import annotations

import datetime as dt
import zoneinfo

import flask.testing
import pytest

from api import db
from api.promises import service
from schemas.crews import Role
from schemas.rules import deadlines
from tests.makers import crews, promises, sites
from tests.makers.supervision import Desk

FIVE_DAYS = deadlines.Allowance(5, deadlines.Unit.working_days)


@pytest.fixture
def office(client: flask.testing.FlaskClient, sign_in: crews.SignIn, database: db.Database) -> Desk:
    with database.unit_of_work() as session:
        sites.district(session, zone="Europe/Warsaw")
    return Desk(client, sign_in, Role.SUPERVISOR)


def due(database: db.Database, start: str) -> tuple[str, bool]:
    """Tell on which day five working days from a local morning are over, and how surely."""
    local = dt.datetime.fromisoformat(start).replace(
        hour=9, tzinfo=zoneinfo.ZoneInfo("Europe/Warsaw")
    )
    with database.reading() as session:
        found = service.due(
            session, district_id=promises.DISTRICT, started_at=local, allowance=FIVE_DAYS
        )
    return found.day.isoformat(), found.provisional


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("2026-04-02", "2026-04-10"),  # Easter Monday, 6 April
        ("2026-04-30", "2026-05-08"),  # 1 May is a Friday, 3 May a Sunday
        ("2026-12-22", "2026-12-31"),  # Christmas Eve is off since 2025, 26 December a Saturday
    ],
)
def test_polish_working_days_follow_the_polish_calendar(
    office: Desk, database: db.Database, start: str, day: str
) -> None:
    office.done("/v1/calendar/holidays", country="PL", year=2026)
    assert due(database, start) == (day, False)


def test_a_country_with_another_weekend_brings_it(office: Desk) -> None:
    calendar = office.done("/v1/calendar/holidays", country="IL", year=2026)
    assert calendar["rest_weekdays"] == [4, 5]
    assert [year["year"] for year in calendar["years"] if year["published"]] == [2026]


@pytest.mark.parametrize(
    ("country", "year", "subdivision", "code"),
    [
        ("XX", 2026, None, "country-not-known"),
        ("DE", 2026, "ZZ", "country-not-known"),
        ("ID", 2027, None, "year-not-published"),  # holidays that follow the moon
        ("CN", 2027, None, "year-not-published"),  # the State Council has not traded days yet
        ("HU", 2027, None, "year-not-published"),
        ("PL", 2028, None, "year-not-published"),  # it is 2026
        ("PL", 2199, None, "year-not-published"),
    ],
)
def test_what_nobody_published_is_refused(
    office: Desk, country: str, year: int, subdivision: str | None, code: str
) -> None:
    body = {"country": country, "year": year, "subdivision": subdivision}
    assert office.refused("/v1/calendar/holidays", **body) == (422, code)
    assert office.get("/v1/calendar")["version"] == 0


def test_the_package_agrees_with_the_published_days_of_china(
    office: Desk, database: db.Database
) -> None:
    """Two packages, one table: what differs is named days on weekends, which both leave out."""
    for year in (2024, 2025, 2026):
        office.done("/v1/calendar/holidays", country="CN", year=year)
    ours = {year["year"]: _kinds(year) for year in office.get("/v1/calendar")["years"]}
    office.done("/v1/calendar/china")
    theirs = {year["year"]: _kinds(year) for year in office.get("/v1/calendar")["years"]}
    assert ours == theirs


def _kinds(year: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {each["day"]: each["kind"] for each in year["days"]}


def test_a_part_of_a_country_has_its_own_days(office: Desk) -> None:
    def days(**where: object) -> set[str]:
        calendar = office.done("/v1/calendar/holidays", country="DE", year=2026, **where)
        (year,) = calendar["years"]
        return {each["day"] for each in year["days"]}

    corpus_christi = "2026-06-04"
    assert corpus_christi not in days()
    assert corpus_christi in days(subdivision="BY")
