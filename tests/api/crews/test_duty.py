"""Who is on duty where, and what is known of their phones."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from flask.testing import FlaskClient as Client
from sqlalchemy.orm import Session

from api import acts, db, errors
from api.crews import service
from api.crews.models import Crew, Device, Person
from schemas import sync
from schemas.crews import Role
from schemas.places import Fix, KnownPosition
from schemas.rules import datums
from tests.conftest import NOW
from tests.makers import crews as make

HOUR = dt.timedelta(hours=1)


def _on_duty(session: Session, at: dt.datetime = NOW) -> list[str]:
    return [crew.crew_id for crew in service.on_duty(session, district_id="d1", at=at)]


def _contact(
    session: Session,
    device: Device,
    *,
    at: dt.datetime = NOW,
    covered_until: dt.datetime = NOW,
    status: sync.DeviceStatus,
) -> None:
    act = acts.system(district_id="d1", now=at, job="test")
    service.note_contact(
        session,
        device=device,
        act=act,
        status=status,
        covered_until=covered_until,
        clock=service.ClockSeen(fast_s=0.0, error_s=15.0, was_set=False),
    )


def test_a_crew_is_on_duty_from_the_start_of_a_shift_until_its_end(session: Session) -> None:
    make.crew(session, on_duty=False)
    make.shift(session, crew_id="crew-1", starts_at=NOW, ends_at=NOW + HOUR)
    instants = (NOW - HOUR, NOW, NOW + HOUR / 2, NOW + HOUR, NOW + 2 * HOUR)
    assert [bool(_on_duty(session, at)) for at in instants] == [False, True, True, False, False]


def test_a_shift_without_an_end_lasts_and_shifts_may_overlap(session: Session) -> None:
    make.crew(session)
    make.shift(session, crew_id="crew-1", shift_id="s2", starts_at=NOW - HOUR, ends_at=NOW + HOUR)
    assert _on_duty(session) == ["crew-1"]
    assert _on_duty(session, NOW + 1_000 * HOUR) == ["crew-1"]


def test_a_disbanded_crew_and_another_districts_are_not_on_duty(session: Session) -> None:
    make.crew(session, crew_id="here")
    make.crew(session, crew_id="there", district_id="d2")
    make.crew(session, crew_id="gone").disbanded_at = NOW
    session.flush()
    assert _on_duty(session) == ["here"]


def test_a_crew_on_duty_tells_its_areas_those_it_is_lent_to_and_its_skills(
    session: Session,
) -> None:
    make.crew(session, skills=["pole", "low_voltage"], area_ids=["a1"])
    make.area(session, crew_id="crew-1", area_id="a2", reason="倒杆", until=NOW + HOUR)
    make.area(session, crew_id="crew-1", area_id="a3", reason="倒杆", until=NOW)
    (crew,) = service.on_duty(session, district_id="d1", at=NOW)
    assert crew == service.CrewOnDuty(
        crew_id="crew-1",
        name="抢修一班",
        skills=frozenset({"low_voltage", "pole"}),
        area_ids=frozenset({"a1", "a2"}),
        lent=frozenset({"a2"}),
        fix=None,
    )


def test_areas_name_their_living_crews_on_duty_or_not(session: Session) -> None:
    make.crew(session, crew_id="c1", area_ids=["a1", "a2"])
    make.crew(session, crew_id="c2", area_ids=["a1"], on_duty=False)
    make.crew(session, crew_id="c3", area_ids=["a1"]).disbanded_at = NOW
    make.area(session, crew_id="c2", area_id="a3", reason="倒杆", until=NOW)
    served = service.crews_by_area(session, district_id="d1", at=NOW)
    assert served == {"a1": ["c1", "c2"], "a2": ["c1"]}


def test_a_person_names_their_living_crews(session: Session) -> None:
    make.person(session)
    for crew_id in ("c1", "c2", "c3"):
        make.crew(session, crew_id=crew_id, member_ids=["li"])
    session.get_one(Crew, ("d1", "c2")).disbanded_at = NOW
    crews = service.list_crews_of(session, person_id="li")
    assert [crew.id for crew in crews] == ["c1", "c3"]


def test_the_newest_position_of_a_members_device_is_the_crews(session: Session) -> None:
    for person_id, lat_deg, minutes in (("li", 20.1, 9), ("wu", 20.2, 3), ("zhao", 20.3, 5)):
        make.person(session, person_id=person_id)
        fix = Fix(lat_deg=lat_deg, lon_deg=110.3, accuracy_m=12, age_s=60)
        at = NOW - dt.timedelta(minutes=minutes)
        status = sync.DeviceStatus(fix=fix)
        _contact(session, make.device(session, person_id=person_id), at=at, status=status)
    make.crew(session, member_ids=["li", "wu", "zhao"])
    (crew,) = service.on_duty(session, district_id="d1", at=NOW)
    assert crew.fix == KnownPosition(
        lat_deg=20.2, lon_deg=110.3, accuracy_m=12, at=NOW - dt.timedelta(minutes=4)
    )


def test_a_position_that_is_older_than_the_known_one_changes_nothing(session: Session) -> None:
    make.person(session)
    device = make.device(session, person_id="li")
    new, old = Fix(lat_deg=20.1, lon_deg=110.3), Fix(lat_deg=20.9, lon_deg=110.3, age_s=3_600)
    _contact(session, device, status=sync.DeviceStatus(fix=new))
    _contact(session, device, at=NOW + HOUR / 2, status=sync.DeviceStatus(fix=old))
    assert (device.lat_deg, device.position_at) == (20.1, NOW)


def test_positions_are_kept_in_wgs84(session: Session) -> None:
    make.person(session)
    device = make.device(session, person_id="li")
    lat_deg, lon_deg = datums.convert(
        20.04, 110.32, source=datums.Datum.wgs84, target=datums.Datum.gcj02
    )
    fix = Fix(lat_deg=lat_deg, lon_deg=lon_deg, datum=datums.Datum.gcj02)
    _contact(session, device, status=sync.DeviceStatus(fix=fix))
    assert device.lat_deg == pytest.approx(20.04, abs=1e-7)
    assert device.lon_deg == pytest.approx(110.32, abs=1e-7)


def test_a_contact_without_a_position_keeps_the_last_and_counts_beyond_belief_are_cut(
    session: Session,
) -> None:
    make.person(session)
    device = make.device(session, person_id="li")
    _contact(session, device, status=sync.DeviceStatus(fix=Fix(lat_deg=20.1, lon_deg=110.3)))
    status = sync.DeviceStatus(queued=2**80, files_queued=2**80, app="field-sync 2")
    _contact(session, device, at=NOW + HOUR, status=status)
    session.flush()
    assert (device.lat_deg, device.app) == (20.1, "field-sync 2")
    assert device.last_seen_at == NOW + HOUR
    assert device.queued == device.files_queued == 1_000_000_000


def test_a_device_is_found_by_its_id_or_does_not_exist(session: Session) -> None:
    make.person(session)
    device = make.device(session, person_id="li", device_id="phone")
    assert service.get_device(session, device_id="phone") is device
    with pytest.raises(errors.NotFound):
        service.get_device(session, device_id="none")


@dataclasses.dataclass(frozen=True)
class Phone:
    """A phone of a story about coverage: covered for some hours, in an odd state or not."""

    hours: int
    person_id: str = "li"
    state: str = "active"


@pytest.mark.parametrize(
    ("phones", "hours"),
    [
        ([], None),
        ([Phone(3)], 3),
        ([Phone(3), Phone(2)], 2),
        ([Phone(3), Phone(2, person_id="wu")], 2),
        ([Phone(3), Phone(2, state="revoked")], 3),
        ([Phone(3), Phone(2, person_id="wu", state="left")], 3),
        ([Phone(2, state="revoked")], None),
        ([Phone(3), Phone(2, person_id="zhao")], 3),
    ],
)
def test_a_crew_is_covered_as_far_as_its_least_covered_active_device(
    session: Session, phones: list[Phone], hours: int | None
) -> None:
    for person_id in ("li", "wu", "zhao"):
        make.person(session, person_id=person_id)
    make.crew(session, member_ids=["li", "wu"])
    for number, phone in enumerate(phones):
        device = make.device(
            session,
            person_id=phone.person_id,
            device_id=str(number),
            covered_until=NOW + phone.hours * HOUR,
        )
        if phone.state == "revoked":
            device.revoked_at = NOW
        if phone.state == "left":
            session.get_one(Person, phone.person_id).left_at = NOW
    session.flush()
    told = service.covered_until(session, district_id="d1", crew_id="crew-1", person_id=None)
    assert told == (None if hours is None else NOW + hours * HOUR)


def test_a_person_is_covered_as_far_as_their_own_devices(session: Session) -> None:
    make.person(session, person_id="li")
    make.person(session, person_id="wu")
    make.device(session, person_id="li", covered_until=NOW + HOUR)
    make.device(session, person_id="wu", covered_until=NOW - HOUR)

    def told(person_id: str | None) -> dt.datetime | None:
        return service.covered_until(session, district_id="d1", crew_id=None, person_id=person_id)

    assert [told("li"), told("wu"), told("nobody"), told(None)] == [
        NOW + HOUR,
        NOW - HOUR,
        None,
        None,
    ]


def two_crews(database: db.Database) -> None:
    """Make one crew on duty with two phones that were heard, and one that sleeps."""
    with database.unit_of_work() as session:
        make.crew(session, crew_id="c1", area_ids=["a1"])
        make.crew(session, crew_id="c2", on_duty=False)
        for person_id, minutes in (("li", 7), ("wu", 2)):
            make.person(session, person_id=person_id, name=person_id)
            make.member(session, crew_id="c1", person_id=person_id)
            at = NOW - dt.timedelta(minutes=minutes)
            status = sync.DeviceStatus(
                queued=minutes,
                files_queued=1,
                unsent_since=at,
                fix=Fix(lat_deg=20.04, lon_deg=110.32, accuracy_m=8),
            )
            device = make.device(session, person_id=person_id)
            _contact(session, device, at=at, covered_until=at - HOUR, status=status)


def test_the_board_shows_age_of_position_and_unsynced_work(
    client: Client, database: db.Database, sign_in: make.SignIn
) -> None:
    two_crews(database)
    headers = sign_in(Role.DISPATCHER)
    listed = client.get("/v1/crews", headers=headers).json
    assert listed is not None
    first, second = listed["items"]
    assert first["on_duty"] is True
    assert first["position"] == {
        "device_id": "device-wu",
        "lat_deg": 20.04,
        "lon_deg": 110.32,
        "accuracy_m": 8.0,
        "at": "2026-11-22T23:58:00.000000Z",
        "age_s": 120.0,
    }
    assert first["unsynced"] == {
        "queued": 9,
        "files_queued": 2,
        "unsent_since": "2026-11-22T23:53:00.000000Z",
        "covered_until": "2026-11-22T22:53:00.000000Z",
    }
    assert (second["on_duty"], second["position"]) == (False, None)
    assert second["unsynced"]["covered_until"] is None


def test_the_board_is_drawn_on_a_map(
    client: Client, database: db.Database, sign_in: make.SignIn
) -> None:
    two_crews(database)
    headers = sign_in(Role.DISPATCHER)
    answer = client.get("/v1/crews/geojson", headers=headers)
    assert answer.mimetype == "application/geo+json"
    shown = answer.json
    assert shown is not None
    assert shown["type"] == "FeatureCollection"
    assert [feature["id"] for feature in shown["features"]] == ["c1", "c2"]
    assert shown["features"][0]["geometry"] == {"type": "Point", "coordinates": [110.32, 20.04]}
    assert shown["features"][1]["geometry"] is None
    assert shown["features"][0]["properties"]["position"]["age_s"] == 120
