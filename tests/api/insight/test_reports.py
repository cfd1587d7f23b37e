"""Reports: the same bytes for the same instant, issued once, in every form."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from typing import Any

import flask.testing
import pytest
import werkzeug.test

from api import db
from api.insight.models import IssuedReport
from api.promises import jobs as watching
from api.scheduler import catalogue, service
from schemas.crews import Role
from tests.conftest import NOW, HandClock
from tests.makers import crews, jobs, orders, promises, sites
from tests.makers.orders import Life

SUNDAY_NIGHT = dt.datetime(2026, 11, 29, 22, 0, tzinfo=dt.UTC)
"""Monday 06:00 in Haikou: the week is over."""
WEEK = "/v1/reports/weekly/2026-11-25"
EVIL = '=HYPERLINK("http://evil.example","熔丝")'


@pytest.fixture
def office(sign_in: crews.SignIn, database: db.Database, clock: HandClock) -> dict[str, str]:
    """Sign a supervisor in on the Monday after a week with twelve orders, one of them late."""
    clock.set(SUNDAY_NIGHT)
    headers = sign_in(Role.SUPERVISOR)
    with database.unit_of_work() as session:
        sites.district(session)
        for number in range(12):
            at = NOW + dt.timedelta(hours=12 * number)
            life = Life(arrived=50 if number == 3 else 20, cause=EVIL if number == 5 else "树障")
            orders.lived(session, f"order-{number}", at=at, life=life)
        watching.run(session, act=promises.job(at=SUNDAY_NIGHT - dt.timedelta(hours=8)))
    return headers


def got(
    client: flask.testing.FlaskClient, path: str, headers: dict[str, str], **query: str
) -> werkzeug.test.TestResponse:
    answer = client.get(path, query_string=query, headers=headers)
    assert answer.status_code == 200, answer.json
    return answer


def figure(report: dict[str, Any], code: str) -> dict[str, Any]:
    return next(each for each in report["figures"] if each["code"] == code)


def issue(database: db.Database, clock: HandClock) -> int:
    worker = jobs.worker(database, clock)
    return service.run_due(worker, job=catalogue.BY_NAME["issue_reports"])


def test_a_report_says_the_week_that_fingers_count(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    report = json.loads(got(client, WEEK, office).data)

    assert (report["first_day"], report["last_day"]) == ("2026-11-23", "2026-11-29")
    assert (report["unit_id"], report["zone"]) == ("d1", "Asia/Shanghai")
    arrived = figure(report, "arrive_in_time")
    assert (arrived["whole"]["numerator"], arrived["whole"]["denominator"]) == (11, 12)
    assert arrived["before"]["denominator"] == 0
    days = [day["count"]["denominator"] for day in arrived["days"]]
    assert days == [2, 2, 2, 2, 2, 2, 0]
    assert [group["place"] for group in arrived["groups"]["crew"]] == [1]
    assert figure(report, "supervision_opened")["whole"]["value"] == 1
    assert "unsynced_phones" not in {each["code"] for each in report["figures"]}


def test_the_same_instant_gives_the_same_bytes_whatever_is_heard_since(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    database: db.Database,
    clock: HandClock,
) -> None:
    first = got(client, WEEK, office)
    as_of = json.loads(first.data)["as_of"]
    with database.unit_of_work() as session:
        friday = SUNDAY_NIGHT - dt.timedelta(days=2)
        orders.lived(session, "late-word", at=friday, heard_at=clock.now())
    clock.advance(minutes=3)
    again = got(client, WEEK, office, as_of=as_of)
    now = got(client, WEEK, office)

    assert again.data == first.data
    assert again.headers["ETag"] == f'"{hashlib.sha256(first.data).hexdigest()}"'
    whole = figure(json.loads(now.data), "dispatch_in_time")["whole"]
    assert whole["denominator"] == 13


def test_the_job_issues_each_report_once(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    database: db.Database,
    clock: HandClock,
) -> None:
    assert issue(database, clock) == 1
    issued = got(client, "/v1/reports", office).json
    assert issued is not None
    (week,) = issued["items"]
    assert (week["span"], week["first_day"], week["last_day"]) == (
        "weekly",
        "2026-11-23",
        "2026-11-29",
    )
    kept = got(client, WEEK, office)
    assert hashlib.sha256(kept.data).hexdigest() == week["sha256"]

    clock.advance(hours=24)
    assert issue(database, clock) == 1
    clock.advance(hours=24)
    issue(database, clock)
    with database.reading() as session:
        rows = session.query(IssuedReport).order_by(IssuedReport.issued_at).all()
    assert [(row.span, row.first_day) for row in rows] == [
        ("weekly", "2026-11-23"),
        ("monthly", "2026-11-01"),
    ]


def test_what_was_issued_stays_as_it_was_issued(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    database: db.Database,
    clock: HandClock,
) -> None:
    issue(database, clock)
    issued = got(client, WEEK, office)
    with database.unit_of_work() as session:
        friday = SUNDAY_NIGHT - dt.timedelta(days=2)
        orders.lived(session, "late-word", at=friday, heard_at=clock.now())
    clock.advance(minutes=3)

    assert got(client, WEEK, office).data == issued.data
    later = (clock.now() - dt.timedelta(minutes=1)).isoformat()
    assert got(client, WEEK, office, as_of=later).data != issued.data
    with database.unit_of_work() as session:
        row = session.query(IssuedReport).one()
        session.delete(row)
    as_of = json.loads(issued.data)["as_of"]
    assert got(client, WEEK, office, as_of=as_of).data == issued.data


def test_a_table_disarms_what_a_spreadsheet_would_run(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    answer = got(client, WEEK, office, format="csv", lang="zh")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))

    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="d1-weekly-2026-11-23.csv"'
    )
    whole = next(row for row in rows if row["代码"] == "arrive_in_time" and row["口径"] == "全部")
    assert (whole["分子"], whole["分母"]) == ("11", "12")
    assert f"'{EVIL}" in {row["编号"] for row in rows}
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


def test_a_workbook_holds_text_and_numbers_and_no_formula(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    answers = [got(client, WEEK, office, format="xlsx", lang="en") for _ in range(2)]
    with zipfile.ZipFile(io.BytesIO(answers[0].data)) as book:
        sheets = [book.read(name) for name in book.namelist() if "worksheets/sheet" in name]
        texts = book.read("xl/sharedStrings.xml").decode()

    assert answers[0].data == answers[1].data
    assert len(sheets) == 3
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)
    assert "=HYPERLINK(" in texts
    assert "Arrived in time" in texts


@pytest.mark.parametrize(
    ("lang", "words", "html_lang"),
    [("en", "Weekly report of service", "en"), ("zh", "供电服务周报", "zh-CN")],
)
def test_a_page_is_readable_without_scripts_in_both_languages(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    lang: str,
    words: str,
    html_lang: str,
) -> None:
    answer = got(client, WEEK, office, format="html", lang=lang)
    page = answer.data.decode()

    assert f'<html lang="{html_lang}">' in page
    assert words in page
    assert "91.7%" in page
    assert "<script" not in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert page.count("<svg") == page.count('role="img" aria-label="')


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/v1/reports/weekly/2026-11-31", {}, 422, "invalid"),
        ("/v1/reports/weekly/monday", {}, 422, "invalid"),
        ("/v1/reports/weekly/1999-01-01", {}, 422, "period-odd"),
        ("/v1/reports/weekly/2026-12-24", {}, 422, "report-too-soon"),
        (WEEK, {"as_of": SUNDAY_NIGHT.isoformat()}, 422, "report-too-soon"),
        (WEEK, {"as_of": "2020-01-01T00:00:00Z"}, 422, "report-too-soon"),
        (WEEK, {"format": "docx"}, 422, "invalid"),
        (WEEK, {"unit_id": "haikou"}, 404, "not-found"),
        ("/v1/reports/daily/2026-11-25", {}, 404, "http"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    path: str,
    query: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = client.get(path, query_string=query, headers=office)
    assert (answer.status_code, (answer.json or {}).get("code")) == (status, code)


def test_a_city_has_its_report_with_its_districts_side_by_side(
    client: flask.testing.FlaskClient, office: dict[str, str], sign_in: crews.SignIn
) -> None:
    above = sign_in(Role.SUPERVISOR, unit_id="haikou", person_id="above")
    report = json.loads(got(client, WEEK, above, unit_id="haikou").data)
    page = got(client, WEEK, above, unit_id="haikou", format="html").data.decode()

    assert (report["unit_id"], report["level"]) == ("haikou", "city")
    groups = figure(report, "arrive_in_time")["groups"]
    assert [group["id"] for group in groups["unit"]] == ["d1"]
    assert "haikou" in page
