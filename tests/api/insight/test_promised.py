"""What was promised to customers, and the cases of what was broken, as the figures tell it."""

from __future__ import annotations

import datetime as dt

import flask.testing
import pytest

from api import db
from api.promises import jobs as watching
from api.supervision import service as supervision
from api.supervision.models import Case
from schemas.crews import Role
from schemas.supervision import CaseTaken
from tests.conftest import HandClock
from tests.makers import crews, promises, sites, tasks
from tests.makers.customer_promises import NOW as EIGHT
from tests.makers.customer_promises import Desk, anew

DAY = {"first_day": "2026-11-23", "last_day": "2026-11-23"}


@pytest.fixture
def desk(
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    database: db.Database,
    clock: HandClock,
) -> Desk:
    """Promise four customers something by noon: one is told, one agrees anew, two hear nothing."""
    with database.unit_of_work() as session:
        sites.district(session)
        tasks.district(session)
    office = Desk(client, sign_in(Role.SUPERVISOR))
    told, agreed, *_ = [office.give(customer=name) for name in ("a", "b", "c", "d")]
    clock.advance(minutes=10)
    heard = {"customer": "a", "words": "not today, sorry"}
    office.post(f"/v1/customer-promises/{told['id']}/tellings", heard, status=201)
    office.post(f"/v1/customer-promises/{agreed['id']}/agree", anew(ends=90))
    clock.advance(hours=5)
    with database.unit_of_work() as session:
        watching.run(session, act=promises.job(at=clock.now()))
    return Desk(client, sign_in(Role.SUPERVISOR, person_id="later"))


def test_a_promise_ends_in_one_of_the_ways_that_are_told_apart(desk: Desk) -> None:
    kept = desk.get("/v1/figures/promises_kept", **DAY)["whole"]
    assert kept["outcomes"] == {
        "broken_told": 1,
        "broken_untold": 2,
        "reagreed": 1,
        "running": 1,
    }
    assert (kept["numerator"], kept["denominator"], kept["undecided"]) == (0, 4, 1)
    assert desk.get("/v1/figures/promises_broken", **DAY)["whole"]["value"] == 0.75
    assert desk.get("/v1/figures/promises_reagreed", **DAY)["whole"]["value"] == 0.25
    told = desk.get("/v1/figures/told_before_due", **DAY)["whole"]
    assert (told["numerator"], told["denominator"]) == (1, 3)


def test_before_it_was_due_nothing_was_broken(desk: Desk) -> None:
    as_of = (EIGHT + dt.timedelta(hours=3)).isoformat()
    then = desk.get("/v1/figures/promises_kept", as_of=as_of, **DAY)["whole"]
    assert then["outcomes"] == {"reagreed": 1, "running": 4}


def test_open_cases_have_an_age_and_stood_as_their_record_says(
    desk: Desk, database: db.Database, clock: HandClock
) -> None:
    opened_at = clock.now()
    clock.advance(minutes=10)
    assert desk.get("/v1/figures/supervision_opened", **DAY)["whole"]["value"] == 3
    assert desk.get("/v1/figures/supervision_open", **DAY)["whole"]["value"] == 3
    age = desk.get("/v1/figures/supervision_age", **DAY)["whole"]
    assert (age["value"], age["denominator"]) == (600, 3)

    with database.unit_of_work() as session:
        case = session.query(Case).first()
        assert case is not None
        act = tasks.of_office(role=Role.SUPERVISOR, at=clock.now())
        taken = CaseTaken(remark="the depot sends its second crane at four")
        supervision.acknowledge(session, act=act, case_id=case.id, body=taken)
    clock.advance(minutes=1)

    now = desk.get("/v1/figures/supervision_open", **DAY)["whole"]
    assert (now["value"], now["outcomes"]) == (3, {"acknowledged": 1, "open": 2})
    before = opened_at.isoformat()
    then = desk.get("/v1/figures/supervision_open", as_of=before, **DAY)["whole"]
    assert then["outcomes"] == {"open": 3}
