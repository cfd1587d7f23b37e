"""Quiet hours: over midnight, over daylight saving, and what is worth waking somebody for."""

from __future__ import annotations

import datetime as dt

import pytest

from api import db
from api.customer_promises import service
from api.sites.models import District
from schemas.customer_promises import PromiseDraft
from tests.api.customer_notices.conftest import CONTACT, Town
from tests.makers import sites
from tests.makers import tasks as work

HERE = {"fix": {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 5, "age_s": 1}}
NIGHT = 15.0
"""Hours from Monday 08:00 to 23:00."""


def when(town: Town) -> list[tuple[str, str, str | None]]:
    """Tell of each notice how it stands, and when it is looked at next, in Haikou."""
    haikou = dt.timezone(dt.timedelta(hours=8))
    return [
        (
            each["kind"],
            each["state"],
            each["next_at"]
            and f"{dt.datetime.fromisoformat(each['next_at']).astimezone(haikou):%d %H:%M}",
        )
        for each in town.notices()
    ]


def test_what_is_not_urgent_waits_until_the_morning(town: Town) -> None:
    town.at(NIGHT)
    town.desk.give(task_id="t1", ends=40)
    town.at(NIGHT + 1.5)
    assert when(town) == [("promise_made", "waiting", "24 07:00")]
    (notice,) = town.notices()
    assert notice["why"] == "quiet_hours"
    town.local(24, "06:59")
    assert not town.gateway.taken
    town.local(24, "07:00")
    assert len(town.gateway.taken) == 1


def test_light_that_is_back_is_worth_waking_somebody_for(town: Town) -> None:
    town.at(NIGHT)
    town.phone.sync(town.phone.operation("checkin.record", "t1", HERE))
    town.phone.sync(town.phone.operation("repair.restored", "t1"))
    town.at(NIGHT + 0.1)
    assert town.states() == [("restored", "sent")]


def test_what_comes_too_late_to_be_of_use_is_dropped_and_says_so(town: Town) -> None:
    town.at(NIGHT)
    town.desk.give(task_id="t1", ends=NIGHT + 3)
    (notice,) = town.notices()
    assert (notice["state"], notice["why"]) == ("dropped", "too_late")
    town.local(24, "07:00")
    assert not town.gateway.taken


def test_late_evidence_of_light_long_back_wakes_nobody(town: Town) -> None:
    town.at(1)
    arrived = town.phone.operation("checkin.record", "t1", HERE)
    restored = town.phone.operation("repair.restored", "t1")
    town.at(NIGHT)
    town.phone.sync(arrived, restored)
    (notice,) = [each for each in town.notices() if each["kind"] == "restored"]
    assert (notice["state"], notice["why"]) == ("dropped", "too_late")


def test_light_that_came_back_before_the_morning_is_told_and_not_the_danger(town: Town) -> None:
    town.at(14.2)
    town.desk.give(task_id="t1", ends=25, aim="restore")
    town.at(22.9)
    assert ("promise_at_risk", "waiting", "24 07:00") in when(town)
    town.phone.sync(town.phone.operation("checkin.record", "t1", HERE))
    town.phone.sync(town.phone.operation("repair.restored", "t1"))
    town.local(24, "06:58")
    town.local(24, "07:30")
    told = [kind for kind, state in town.states() if state == "sent"]
    assert told == ["restored"]
    assert {"promise_made", "promise_at_risk"} <= {
        kind for kind, state in town.states() if state == "dropped"
    }


def test_danger_that_comes_true_before_the_morning_wakes(town: Town) -> None:
    town.at(10)
    town.desk.give(task_id="t1", ends=20)
    town.at(10.1)
    town.gateway.taken.clear()
    town.at(18.1)
    at_risk = [each for each in town.notices() if each["kind"] == "promise_at_risk"]
    promised = [each for each in at_risk if each["promise_id"]]
    assert [(each["state"], each["urgent"]) for each in promised] == [("sent", True)]


def test_one_on_its_way_is_called_back_for_the_night(town: Town) -> None:
    town.at(13.5)
    town.gateway.down = True
    town.desk.give(task_id="t1", ends=30)
    town.at(13.6)
    assert town.states() == [("promise_made", "handed")]
    town.at(14)
    town.gateway.down = False
    town.at(14.5)
    assert when(town) == [("promise_made", "waiting", "24 07:00")]
    assert not town.gateway.taken
    town.local(24, "07:00")
    assert town.states() == [("promise_made", "sent")]
    assert len(town.gateway.taken) == 1


@pytest.mark.parametrize(
    ("given", "asleep", "awake"),
    [
        ("2026-10-24T23:00", "2026-10-25T05:59", "2026-10-25T06:00"),
        ("2027-03-27T23:00", "2027-03-28T04:59", "2027-03-28T05:00"),
    ],
    ids=["the hour comes twice", "an hour is left out"],
)
def test_a_night_of_daylight_saving_ends_by_the_wall_clock(
    town: Town, database: db.Database, given: str, asleep: str, awake: str
) -> None:
    with database.unit_of_work() as session:
        session.get_one(District, (work.DISTRICT, work.DISTRICT)).zone = "Europe/Berlin"
    instants = [dt.datetime.fromisoformat(f"{each}+00:00") for each in (given, asleep, awake)]
    draft = PromiseDraft(
        customer="Li Hua",
        contact=CONTACT,
        words="We come.",
        due_at=instants[0] + dt.timedelta(hours=20),
    )
    with database.unit_of_work() as session:
        service.give(session, act=work.of_office(at=instants[0]), draft=draft)
    for instant, count in zip(instants, (0, 0, 1), strict=True):
        town.clock.set(instant)
        town.run()
        assert len(town.gateway.taken) == count, instant
