"""What a check-in brings beside a doubtful fix is kept, weighed and shown; it proves no more."""

from __future__ import annotations

import datetime as dt

import flask.testing
import pytest
from sqlalchemy.orm import Session

from api import db
from api.checkins import service
from api.tasks.models import Task
from schemas import checkins, places
from schemas.crews import Role
from schemas.rules.codes import Match
from schemas.rules.geofence import VerdictKind
from schemas.rules.presence import StayKind
from tests.makers import crews, sites
from tests.makers import tasks as make

AT_31 = make.NOW + dt.timedelta(minutes=31)
PHOTO = "a" * 64


def fix(*, north_m: float = 5, accuracy_m: float = 60) -> places.Fix:
    """Stand some metres north of the site; by default so that nobody can tell."""
    lat_deg, lon_deg = sites.north_east(north_m=north_m)
    return places.Fix(lat_deg=lat_deg, lon_deg=lon_deg, accuracy_m=accuracy_m, age_s=0)


def looks(*, minutes: float = 3, north_m: float = 5) -> list[checkins.Sighting]:
    return [
        checkins.Sighting(after_s=after_s, fix=fix(north_m=north_m))
        for after_s in range(0, int(minutes * 60) + 1, 30)
    ]


def check_in(session: Session, task: Task, body: checkins.CheckIn) -> checkins.RecordedCheckIn:
    act = make.of_crew(at=AT_31, operation_id="op-1")
    assert service.record(session, act=act, subject_id=task.id, body=body) is None
    rows = service.list_of_task(session, act=make.of_office(), task_id=task.id)
    return rows[-1].wire()


def remedies_of(recorded: checkins.RecordedCheckIn) -> checkins.Remedies:
    assert recorded.remedies is not None
    return recorded.remedies


def test_a_stay_stands_beside_the_doubt_and_does_not_take_it_away(session: Session) -> None:
    task = make.task(session)
    body = checkins.CheckIn(fix=fix(), sightings=looks(), photo_sha256=[PHOTO])
    recorded = check_in(session, task, body)
    assert recorded.verdict is VerdictKind.unsure
    remedies = remedies_of(recorded)
    assert remedies.stay == checkins.Stayed(
        kind=StayKind.stayed, stayed_s=180, positions=7, inside=0, accuracy_m=60
    )
    assert remedies.sightings == body.sightings
    assert remedies.photo_sha256 == [PHOTO]
    assert recorded.words.en.endswith(
        "Stayed 180 s, never found elsewhere: 7 positions, ± 60 m in the middle, 0 of them at the "
        "site for certain. 1 photo taken."
    )
    assert recorded.words.zh.endswith(
        "停留 180 秒，其间定位从未离开：定位 7 次，精度中位数 ± 60 米，"
        "其中 0 次确定在现场。拍照 1 张。"
    )


def test_a_stay_elsewhere_never_brings_anybody_in(session: Session) -> None:
    task = make.task(session)
    body = checkins.CheckIn(
        fix=fix(north_m=400, accuracy_m=8), sightings=looks(north_m=400), scanned="SNM0001"
    )
    recorded = check_in(session, task, body)
    assert recorded.verdict is VerdictKind.outside
    stay = remedies_of(recorded).stay
    assert stay is not None
    assert stay.kind is StayKind.left
    assert {clock.kind: clock.stopped_at for clock in task.task_clocks}["arrive"] is None


def test_how_long_a_stay_must_be_is_the_districts(session: Session) -> None:
    task = make.task(session)
    sites.district(session).dwell_s = 120
    body = checkins.CheckIn(sightings=looks(minutes=2))
    stay = remedies_of(check_in(session, task, body)).stay
    assert stay is not None
    assert (stay.kind, stay.stayed_s) == (StayKind.stayed, 120)


@pytest.mark.parametrize(
    ("scanned", "match"),
    [
        ("snm 0001", Match.matches),
        ("https://maker.example/SNM0001", Match.matches),
        ("46P0001", Match.matches),
        ("SNM0002", Match.differs),
    ],
)
def test_a_code_is_held_against_what_stands_at_the_address(
    session: Session, scanned: str, match: Match
) -> None:
    task = make.task(session)
    task.service_point_id = sites.service_point(session).id
    sites.meter(session, serial="SNM0001")
    recorded = check_in(session, task, checkins.CheckIn(scanned=scanned))
    assert remedies_of(recorded).match is match
    assert recorded.verdict is VerdictKind.unsure
    assert recorded.words.en.endswith(f"{scanned}.")


def test_a_code_at_a_place_without_any_is_kept_for_a_person(session: Session) -> None:
    recorded = check_in(session, make.task(session), checkins.CheckIn(scanned="SNM0001"))
    remedies = remedies_of(recorded)
    assert (remedies.scanned, remedies.match) == ("SNM0001", Match.unknown)


def test_without_a_site_there_is_no_stay_to_judge(session: Session) -> None:
    task = make.task(session)
    task.site = None
    remedies = remedies_of(check_in(session, task, checkins.CheckIn(sightings=looks())))
    assert (remedies.stay, len(remedies.sightings)) == (None, 7)


def test_a_bare_check_in_has_none(session: Session) -> None:
    assert check_in(session, make.task(session), checkins.CheckIn(fix=fix())).remedies is None


def test_the_office_asks_for_those_with_something_to_weigh(
    client: flask.testing.FlaskClient, database: db.Database, sign_in: crews.SignIn
) -> None:
    with database.unit_of_work() as session:
        make.task(session, task_id="ours")
    crew = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1")
    office = sign_in(Role.DISPATCHER)
    client.post("/v1/tasks/ours/check-ins", json={}, headers=crew)
    client.post("/v1/tasks/ours/check-ins", json={"scanned": "SNM0001"}, headers=crew)

    def codes(query: str) -> list[str]:
        page = client.get(f"/v1/check-ins?{query}", headers=office).get_json()
        return [(each["remedies"] or {}).get("scanned", "") for each in page["items"]]

    assert codes("remedied=true") == ["SNM0001"]
    assert codes("remedied=false") == [""]
    assert codes("") == ["", "SNM0001"]


@pytest.mark.parametrize(
    "body",
    [
        {"sightings": [{"after_s": -1, "fix": {"lat_deg": 20, "lon_deg": 110}}]},
        {"sightings": [{"after_s": 1}]},
        {"sightings": [{"after_s": 0, "fix": {"lat_deg": 20, "lon_deg": 110}}] * 41},
        {"photo_sha256": ["A" * 64]},
        {"photo_sha256": [PHOTO] * 11},
        {"scanned": "x" * 301},
        {"scanned": "\x00"},
    ],
)
def test_what_is_no_remedy_is_refused(
    client: flask.testing.FlaskClient,
    database: db.Database,
    sign_in: crews.SignIn,
    body: dict[str, object],
) -> None:
    with database.unit_of_work() as session:
        make.task(session, task_id="ours")
    crew = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1")
    answer = client.post("/v1/tasks/ours/check-ins", json=body, headers=crew)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")
