"""What the office does to places, promises and readings has a line in the audit, once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import flask.testing
import pytest

from api import acts, db
from api.promises import jobs, service
from api.readings import service as readings
from schemas import readings as shapes
from schemas.crews import Role
from schemas.rules.flags import Explanation
from tests.conftest import HandClock
from tests.makers import promises, sites
from tests.makers import readings as make
from tests.makers.crews import SignIn

Client = flask.testing.FlaskClient
Headers = dict[str, str]

AREA: Final = {"name": "新片区", "area_class": "rural", "geometry": sites.square()}
DISTRICT: Final = {"name": "美兰供电局", "zone": "Asia/Shanghai", "radius_m": 80}
CHOICE: Final = {"policy": "sgcc-2011", "effective_from": "2026-12-01T00:00:00.000000Z"}
YEAR: Final = {"published": True, "days": [{"day": "2027-01-01", "kind": "holiday"}]}
MINE: Final = object()
"""Stands for the id that the answer tells."""


@dataclasses.dataclass(frozen=True, slots=True)
class Story:
    """One act at a door, and the line that it leaves."""

    method: str
    path: str
    body: object
    what: str
    subject_id: object
    detail: Mapping[str, object]


STORIES: Final = [
    Story("POST", "/v1/areas", AREA, "area.drawn", MINE, {"area_class": "rural", "version": 1}),
    Story(
        "PUT",
        "/v1/areas/area-1",
        AREA,
        "area.redrawn",
        "area-1",
        {"area_class": "rural", "version": 2},
    ),
    Story(
        "PUT",
        "/v1/districts/current",
        DISTRICT,
        "district.changed",
        "d1",
        {
            "zone": "Asia/Shanghai",
            "datum": "wgs84",
            "radius_m": 80.0,
            "dwell_s": 180.0,
            "originals": "hash",
            "photo_on_skip": [],
            "photo_on_confirm": True,
        },
    ),
    Story("PUT", "/v1/district-policies", CHOICE, "policy.chosen", "d1", CHOICE),
    Story(
        "PUT",
        "/v1/calendar/years/2027",
        YEAR,
        "calendar.year_put",
        "d1",
        {"year": 2027, "days": 1, "published": True},
    ),
    Story(
        "PUT",
        "/v1/calendar/weekend",
        {"rest_weekdays": [5, 4]},
        "calendar.weekend_set",
        "d1",
        {"rest_weekdays": ["4", "5"]},
    ),
    Story(
        "POST",
        "/v1/calendar/china",
        None,
        "calendar.china_seeded",
        "d1",
        {"years": ["2024", "2025", "2026"]},
    ),
    Story(
        "POST",
        "/v1/routes",
        {"name": "灵山 3 号线", "meter_ids": ["M0001"]},
        "route.planned",
        MINE,
        {"crew_id": None, "person_id": None, "meters": 1},
    ),
    Story(
        "POST",
        "/v1/readings",
        {"meter_id": "M0001", "total": "120", "method": "customer", "note": "王秀英 called"},
        "reading.entered",
        MINE,
        {"meter_id": "M0001", "method": "customer"},
    ),
    Story(
        "POST",
        "/v1/meter-events",
        {"kind": "vacancy", "meter_id": "M0001", "from_at": "2026-11-01T00:00:00.000000Z"},
        "meter_event.recorded",
        MINE,
        {"kind": "vacancy", "meter_id": "M0001", "transformer_id": None},
    ),
]


@pytest.fixture
def boss(database: db.Database, sign_in: SignIn) -> Headers:
    """Sign an administrator in, in a district with an area, a feeder and a meter."""
    headers = sign_in(Role.ADMINISTRATOR)
    with database.unit_of_work() as session:
        make.meter(session)
        sites.area(session)
        sites.feeder(session)
    return headers


def lines(client: Client, headers: Headers) -> list[dict[str, Any]]:
    """Read the district's audit."""
    answer = client.get("/v1/audit", headers=headers).get_json()
    items: list[dict[str, Any]] = answer["items"]
    return items


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.what)
def test_an_act_of_the_office_leaves_its_line(client: Client, boss: Headers, story: Story) -> None:
    answer = client.open(story.path, method=story.method, json=story.body, headers=boss)
    assert answer.status_code in {200, 201}, answer.text
    (line,) = lines(client, boss)
    subject_id = answer.get_json()["id"] if story.subject_id is MINE else story.subject_id
    assert (line["what"], line["subject_id"]) == (story.what, subject_id)
    assert line["person_id"] == "administrator-d1"
    assert line["detail"] == story.detail


@pytest.mark.parametrize(("all_or_nothing", "taken"), [("false", 1), ("true", 0)])
def test_a_whole_file_leaves_one_line_with_its_counts(
    client: Client, boss: Headers, all_or_nothing: str, taken: int
) -> None:
    client.post(
        f"/v1/imports/transformers?all_or_nothing={all_or_nothing}",
        data="id,name,feeder_id,kva,lat_deg,lon_deg\n"
        "T1,灵山 1 号,F01,400,20.04,110.32\n"
        "T2,灵山 2 号,F99,400,20.04,110.32\n",
        content_type="text/csv",
        headers=boss,
    )
    (line,) = lines(client, boss)
    assert (line["what"], line["subject_id"]) == ("places.imported", "d1")
    assert line["detail"] == {"what": "transformers", "rows": 2, "taken": taken, "refused": 1}


def test_whoever_takes_up_a_case_is_on_record(
    client: Client, boss: Headers, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        work = promises.opened(session)
        sent = promises.act(at=promises.minute(1))
        service.note(session, act=sent, subject=work, event="dispatch")
        jobs.run(session, act=promises.job(at=promises.minute(400)))
        case = promises.cases(session)[0]
        case_id, clock_id = case.id, case.clock_id
    client.post(
        f"/v1/supervision/{case_id}/acknowledge", json={"remark": "Van sent."}, headers=boss
    )
    (line,) = lines(client, boss)
    assert (line["what"], line["subject_id"]) == ("supervision.acknowledged", case_id)
    assert line["detail"] == {"clock_id": clock_id}


def test_a_refused_act_leaves_no_line(client: Client, boss: Headers) -> None:
    nowhere = {**CHOICE, "policy": "nowhere"}
    assert client.put("/v1/district-policies", json=nowhere, headers=boss).status_code == 404
    assert client.post("/v1/readings", json={"meter_id": "M0001"}, headers=boss).status_code == 422
    assert lines(client, boss) == []


def test_what_the_server_does_by_itself_is_on_record_as_its_job(
    client: Client, boss: Headers, database: db.Database, clock: HandClock
) -> None:
    act = acts.system(district_id="d1", now=clock.now(), job="demo")
    draft = shapes.MeterEventDraft(kind=Explanation.vacancy, meter_id="M0001", from_at=clock.now())
    with database.unit_of_work() as session:
        readings.record_event(session, act=act, draft=draft)
    (line,) = lines(client, boss)
    assert line["person_id"] == "job:demo"
