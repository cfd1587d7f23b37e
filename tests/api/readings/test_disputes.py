"""Disputed readings: read again once by somebody else, answered, corrected, never overwritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from api import db
from api.readings import service
from api.readings.models import Flag, Reading, Reread
from api.readings.service import rereads as asking
from schemas.readings import ReadingTaken, RereadReason
from tests.conftest import HandClock
from tests.makers import readings as make
from tests.makers import tasks
from tests.makers.supervision import Desk

NOW, DAY, MONTH = make.NOW, dt.timedelta(days=1), make.MONTH
SAID = {"key": "portal-7", "said": "电表上是 11105，不是 11205", "own_value": "11105"}
RIGHT = {"total": "11105", "method": "customer", "reason": "the photo of the customer shows 11105"}
Night = Callable[..., dict[str, int]]
Answer = Mapping[str, str]


def read(
    session: Session, total: int, *, at: dt.datetime, by: str = "li", meter_id: str = "M0001"
) -> str:
    """Plan a route for somebody and read its meter; give the reading's id."""
    route = make.route(session, meter_ids=[meter_id], person_id=by)
    stop = make.stop_of(session, meter_id=meter_id, route_id=route.id)
    return take(session, route.id, stop.id, total, at=at, by=by)


def take(
    session: Session, route_id: str, stop_id: str, total: int, *, at: dt.datetime, by: str
) -> str:
    reading_id = f"R-{total}-{by}"
    crew_ids = ("crew-1",) if by == "li" else ("crew-2",)
    act = tasks.of_crew(person_id=by, crew_ids=crew_ids, at=at, operation_id=reading_id)
    body = ReadingTaken(stop_id=stop_id, total=Decimal(total))
    service.take(session, act=act, subject_id=route_id, body=body)
    session.flush()
    return reading_id


@pytest.fixture
def disputed(database: db.Database) -> str:
    """Have Li read 11205 where 11105 stood, and Chen read elsewhere."""
    with database.unit_of_work() as session:
        make.history(session)
        other = make.history(session, meter_id="M0002")
        read(session, int(other) + 107, at=NOW - DAY, by="chen", meter_id="M0002")
        return read(session, 11_205, at=NOW - DAY)


@pytest.fixture
def dispute(desk: Desk, disputed: str) -> Answer:
    answer: Answer = desk.done(f"/v1/readings/{disputed}/dispute", **SAID)
    return answer


def reread(database: db.Database, total: int) -> None:
    """Have whoever the second reading was planned for read the meter."""
    with database.unit_of_work() as session:
        row = session.query(Reread).filter_by(meter_id="M0001").one()
        stop = make.stop_of(session, route_id=row.route_id)
        take(session, stop.route_id, stop.id, total, at=NOW + 2 * DAY, by="chen")


def test_a_dispute_runs_its_clock_and_asks_for_one_second_reading(
    desk: Desk, dispute: Answer, disputed: str, night: Night
) -> None:
    request = desk.get(f"/v1/requests/{dispute['id']}")
    (clock,) = request["clocks"]
    assert (request["kind"], clock["kind"]) == ("reading_dispute", "reading_dispute")
    assert (request["meter_id"], request["description"]) == ("M0001", SAID["said"])
    (asked,) = desk.get("/v1/rereads", settled="false")["items"]
    assert (asked["reading_id"], asked["reason"]) == (disputed, "disputed")
    reading = desk.get(f"/v1/readings/{disputed}")
    assert (reading["disputed"], reading["counts"]) == (True, True)
    assert night()["reread_routes"] == 1
    assert "reread_routes" not in night(days=2)
    (asked,) = desk.get("/v1/rereads", settled="false")["items"]
    assert desk.get(f"/v1/routes/{asked['route_id']}")["person_id"] == "chen"


@pytest.mark.parametrize(
    ("total", "outcome", "words"),
    [
        (11_110, "upheld", "you are right: The meter showed 11110"),
        (11_210, "cleared", "the reading stands: 11210"),
    ],
)
def test_the_second_reading_answers_the_customer(
    desk: Desk,
    dispute: Answer,
    database: db.Database,
    night: Night,
    total: int,
    outcome: str,
    words: str,
) -> None:
    night()
    reread(database, total)
    assert night(days=3)["disputes_answered"] == 1
    (settled,) = desk.get("/v1/disputes", settled="true")["items"]
    assert (settled["id"], settled["outcome"]) == (dispute["id"], outcome)
    assert words in settled["en"]
    request = desk.get(f"/v1/requests/{dispute['id']}")
    assert request["state"] == "archived"
    assert settled["zh"] in request["answer"]
    assert request["clocks"][0]["stopped_at"] is not None
    assert desk.get(f"/v1/readings/{settled['reading_id']}")["disputed"] is False
    assert "disputes_answered" not in night(days=4)


def test_a_meter_that_was_taken_down_leaves_the_question_open(
    desk: Desk, dispute: Answer, database: db.Database, night: Night
) -> None:
    with database.unit_of_work() as session:
        make.meter(session).removed_at = NOW
    night()
    night(days=2)
    (settled,) = desk.get("/v1/disputes", meter_id=dispute["meter_id"])["items"]
    assert settled["outcome"] == "open_question"
    assert "The meter was removed before." in settled["en"]


def test_what_the_office_answers_by_itself_ends_the_dispute(
    desk: Desk, dispute: Answer, night: Night
) -> None:
    told = "the customer looked at the neighbour's meter"
    desk.done(f"/v1/requests/{dispute['id']}/answer", words=told)
    night()
    (settled,) = desk.get("/v1/disputes", settled="true")["items"]
    assert (settled["outcome"], settled["en"]) == (None, told)


def test_a_meter_that_waits_already_is_asked_for_the_night_after(
    desk: Desk, disputed: str, database: db.Database, night: Night
) -> None:
    with database.unit_of_work() as session:
        first = session.query(Reading).filter_by(meter_id="M0001").first()
        assert first is not None
        act = tasks.of_office()
        wanted = [(first.id, "M0001", "li", ())]
        reason = RereadReason.FLAGGED
        asking.open_all(session, act=act, reason=reason, wanted=wanted)
    desk.done(f"/v1/readings/{disputed}/dispute", **SAID)
    assert len(desk.get("/v1/rereads")["items"]) == 1
    with database.unit_of_work() as session:
        session.query(Reread).one().outcome = "cleared"
    assert night()["disputes_asked"] == 1
    assert len(desk.get("/v1/rereads")["items"]) == 2


def test_a_key_disputes_once_and_a_reading_is_disputed_once(
    desk: Desk, dispute: Answer, disputed: str, database: db.Database
) -> None:
    path = f"/v1/readings/{disputed}/dispute"
    status, again = desk.post(path, **SAID)
    assert (status, again["id"], again["again"]) == (200, dispute["id"], True)
    assert desk.refused(path, **SAID | {"key": "another"}) == (409, "reading-disputed-before")
    with database.reading() as session:
        other = session.query(Reading).filter_by(meter_id="M0002").first()
        assert other is not None
    path = f"/v1/readings/{other.id}/dispute"
    assert desk.refused(path, **SAID) == (409, "key-used")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"own_value": "123456"}, 422, "reading-too-many-digits"),
        ({"own_value": "0.5"}, 422, "reading-too-many-decimals"),
        ({"own_value": "-1"}, 422, "reading-not-a-value"),
        ({"own_value": "NaN"}, 422, "invalid"),
        ({"own_at": "2027-01-01T00:00:00Z"}, 422, "invalid"),
        ({"asked_at": "2027-01-01T00:00:00Z"}, 422, "asked-at-odd"),
        ({"said": ""}, 422, "invalid"),
        ({"photo_sha256": ["none"]}, 422, "invalid"),
    ],
)
def test_a_dispute_that_cannot_be_is_refused_and_leaves_nothing(
    desk: Desk, disputed: str, changed: dict[str, object], status: int, code: str
) -> None:
    assert desk.refused(f"/v1/readings/{disputed}/dispute", **SAID | changed) == (status, code)
    assert desk.get("/v1/disputes")["items"] == desk.get("/v1/requests")["items"] == []


def test_there_is_no_dispute_of_nothing(desk: Desk, disputed: str) -> None:
    assert desk.refused("/v1/readings/none/dispute", **SAID) == (404, "not-found")
    assert desk.refused("/v1/readings/none/correction", **RIGHT) == (404, "not-found")


def test_a_correction_takes_the_place_and_answers_the_dispute(
    desk: Desk, dispute: Answer, disputed: str
) -> None:
    made = desk.done(f"/v1/readings/{disputed}/correction", **RIGHT)
    wrong = desk.get(f"/v1/readings/{disputed}")
    assert (wrong["total"], wrong["counts"]) == ("11205.000", False)
    assert wrong["set_aside"]["why"] == "corrected"
    assert (wrong["set_aside"]["by_id"], wrong["set_aside"]["en"]) == (made["id"], RIGHT["reason"])
    assert (made["total"], made["counts"], made["quality"]) == ("11105", True, "customer")
    assert (made["read_at"], made["used_kwh"]) == (wrong["read_at"], "100.000")
    (settled,) = desk.get("/v1/disputes", settled="true")["items"]
    assert (settled["outcome"], settled["en"]) == ("upheld", RIGHT["reason"])
    assert desk.get(f"/v1/requests/{dispute['id']}")["state"] == "archived"


def test_what_was_corrected_is_neither_corrected_nor_disputed_again(
    desk: Desk, disputed: str
) -> None:
    made = desk.done(f"/v1/readings/{disputed}/correction", **RIGHT)
    path = f"/v1/readings/{disputed}"
    assert desk.refused(f"{path}/correction", **RIGHT) == (409, "reading-counts-no-more")
    assert desk.refused(f"{path}/dispute", **SAID) == (409, "reading-counts-no-more")
    desk.done(f"/v1/readings/{made['id']}/correction", **RIGHT | {"total": "11106"})
    counting = [each for each in desk.get("/v1/meters/M0001/readings")["items"] if each["counts"]]
    assert counting[0]["total"] == "11106.000"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"reason": "工作忙"}, "reason-not-concrete"),
        ({"method": "read"}, "not-corrected-so"),
        ({"method": "scanned"}, "not-corrected-so"),
        ({"method": "estimated"}, "estimator-unnamed"),
        ({"estimator": "agreed"}, "estimator-unnamed"),
        ({"total": "123456"}, "reading-too-many-digits"),
        ({"tariffs": {"night": "1"}}, "reading-unknown-register"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    desk: Desk, disputed: str, changed: dict[str, object], code: str
) -> None:
    path = f"/v1/readings/{disputed}/correction"
    assert desk.refused(path, **RIGHT | changed) == (422, code)
    assert desk.get(f"/v1/readings/{disputed}")["set_aside"] is None


def test_what_the_readings_own_photo_shows_counts_as_read(
    desk: Desk, disputed: str, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        session.query(Reading).filter_by(id=disputed).one().photos = ["0" * 64]
    made = desk.done(f"/v1/readings/{disputed}/correction", **RIGHT | {"method": "read"})
    assert made["quality"] == "actual"


def test_what_was_judged_after_a_wrong_reading_is_judged_anew(
    desk: Desk, database: db.Database, night: Night, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        last = make.history(session, used=make.USED[:1])  # too new to say which value is bad
        early = make.history(session, meter_id="M0002")
        wrong = make.value(session, total=last + 100, read_at=NOW - 20 * DAY)
        honest = make.value(session, total=last + 68, read_at=NOW - 10 * DAY)
        copied = make.value(session, total=early + 105, read_at=NOW - 5 * DAY, meter_id="M0002")
    clock.set(NOW + DAY)
    night()
    assert (honest, "ER10") in flags(database)
    reason = "the reader wrote down the neighbour's value"
    desk.done(
        f"/v1/readings/{wrong}/correction",
        total=str(last + 40),
        method="customer",
        reason=reason,
    )
    night(days=2)
    assert {code for reading, code in flags(database) if reading == honest} == set()
    assert (copied, "ER14") in flags(database)
    (reading,) = [
        each for each in desk.get("/v1/meters/M0001/readings")["items"] if each["id"] == honest
    ]
    assert reading["flags"] == []


def test_a_finding_that_is_found_again_stands_again_with_its_new_numbers(
    desk: Desk, database: db.Database, night: Night, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        last = make.history(session)
        first = make.value(session, total=last + 80, read_at=NOW - 10 * DAY)
        below = make.value(session, total=last - 50, read_at=NOW)
    clock.set(NOW + DAY)
    night()
    desk.done(
        f"/v1/readings/{first}/correction",
        total=str(last + 70),
        method="remote",
        reason="the head-end system kept the value of that day",
    )
    night(days=2)
    with database.reading() as session:
        rows = session.query(Flag).filter_by(reading_id=below, code="ER10").all()
    assert [row.outcome for row in rows] == [None]
    assert rows[0].en == f"{last - 50} is below {last + 70} (2026-11-13)"


def test_open_stops_get_what_their_checks_rest_on_now(
    desk: Desk, disputed: str, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        route = make.route(session)
        assert make.stop_of(session, route_id=route.id).previous_value == 11_205
    desk.done(f"/v1/readings/{disputed}/correction", **RIGHT | {"method": "remote"})
    with database.reading() as session:
        assert make.stop_of(session, route_id=route.id).previous_value == 11_105


def flags(database: db.Database) -> set[tuple[str, str]]:
    """List findings that stand, as (reading, code)."""
    with database.reading() as session:
        rows = session.query(Flag).filter(Flag.outcome.is_distinct_from("withdrawn"))
        return {(row.reading_id, row.code) for row in rows}
