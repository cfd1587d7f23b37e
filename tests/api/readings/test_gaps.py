"""Photos that policy asks for: what happened is kept without, and the office sees what lacks."""

from __future__ import annotations

from decimal import Decimal

import flask.testing
import pytest

from api import db, ids
from api.evidence import service as evidence
from api.feed import store as feed
from api.readings import service
from api.sites import service as sites
from schemas import readings as shapes
from schemas.crews import Role
from schemas.evidence import Declared, EvidenceKind
from schemas.sites import DistrictSettings
from tests.conftest import HandClock
from tests.makers import crews, tasks
from tests.makers import readings as make
from tests.makers.sync import Phone

METERS = ("M0001", "M0002", "M0003")
PHOTO = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]


@pytest.fixture
def office(database: db.Database, sign_in: crews.SignIn) -> dict[str, str]:
    """Sign a dispatcher of a district in that asks for photos; a route of three is planned."""
    headers = sign_in(Role.DISPATCHER)
    with database.unit_of_work() as session:
        make.route(session, meter_ids=METERS)
        policy = DistrictSettings(
            name="美兰",
            photo_on_skip=[shapes.SkipCode.DOG, shapes.SkipCode.LOCKED],
            photo_on_confirm=True,
        )
        sites.set_district(session, act=tasks.of_office(), settings=policy)
    return headers


def take(database: db.Database, meter_id: str, **more: object) -> None:
    with database.unit_of_work() as session:
        stop = make.stop_of(session, meter_id=meter_id)
        body = shapes.ReadingTaken(stop_id=stop.id, total=Decimal(5), **more)  # type: ignore[arg-type]  # a story's own words
        act = tasks.of_crew(operation_id=f"take-{meter_id}")
        assert service.take(session, act=act, subject_id=stop.route_id, body=body) is None


def declare(database: db.Database, meter_id: str, kind: EvidenceKind) -> None:
    """Let a file of a meter be declared by itself, as an act names no photo that comes later."""
    with database.unit_of_work() as session:
        stop = make.stop_of(session, meter_id=meter_id)
        body = Declared(
            sha256=PHOTO[0], size_bytes=9, media_type="image/jpeg", kind=kind, stop_id=stop.id
        )
        act = tasks.of_crew(operation_id=f"declare-{meter_id}")
        evidence.load(session, district_id=tasks.DISTRICT, hashes=PHOTO)
        evidence.declare(session, act=act, subject_id=stop.route_id, body=body)


def skip(database: db.Database, meter_id: str, code: shapes.SkipCode, photos: list[str]) -> None:
    with database.unit_of_work() as session:
        stop = make.stop_of(session, meter_id=meter_id)
        body = shapes.ReadingSkipped(stop_id=stop.id, code=code, photo_sha256=photos)
        act = tasks.of_crew(operation_id=f"skip-{meter_id}")
        assert service.skip(session, act=act, subject_id=stop.route_id, body=body) is None


@pytest.mark.rule("S50")
def test_what_lacks_its_photo_is_on_a_list_with_a_sentence(
    database: db.Database, client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    take(database, "M0001", confirmed=["ER12"])
    skip(database, "M0002", shapes.SkipCode.DOG, [])
    (confirmed, skipped) = client.get("/v1/evidence-gaps", headers=office).get_json()["items"]
    assert (skipped["id"], skipped["kind"], skipped["codes"]) == ("skip-M0002", "skip", ["dog"])
    assert (confirmed["id"], confirmed["kind"]) == ("take-M0001", "prompt")
    assert confirmed["told"]["en"] == "Confirmed against ER12 without a photo of the display."
    for query in ("kind=skip", "meter_id=M0002"):
        (only,) = client.get(f"/v1/evidence-gaps?{query}", headers=office).get_json()["items"]
        assert only["id"] == "skip-M0002"
    first = client.get("/v1/evidence-gaps?limit=1", headers=office).get_json()
    rest = client.get(f"/v1/evidence-gaps?after={first['next']}", headers=office).get_json()
    assert [each["id"] for each in first["items"] + rest["items"]] == ["take-M0001", "skip-M0002"]


def test_what_has_its_photo_or_needs_none_is_on_no_list(
    database: db.Database, client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    take(database, "M0001", confirmed=["ER12"], photo_sha256=PHOTO)
    skip(database, "M0002", shapes.SkipCode.LOCKED, PHOTO)
    skip(database, "M0003", shapes.SkipCode.REFUSED, [])
    assert client.get("/v1/evidence-gaps", headers=office).get_json()["items"] == []


@pytest.mark.rule("S50")
@pytest.mark.parametrize("first", ["photo", "skip"])
def test_a_photo_of_the_meter_that_comes_by_itself_closes_the_gap(
    database: db.Database,
    client: flask.testing.FlaskClient,
    office: dict[str, str],
    first: str,
) -> None:
    if first == "photo":
        declare(database, "M0002", EvidenceKind.METER)
    skip(database, "M0001", shapes.SkipCode.DOG, [])
    skip(database, "M0002", shapes.SkipCode.DOG, [])
    take(database, "M0003", confirmed=["ER12"])
    declare(database, "M0001", EvidenceKind.OTHER)
    if first == "skip":
        declare(database, "M0002", EvidenceKind.METER)
    items = client.get("/v1/evidence-gaps?limit=2", headers=office).get_json()["items"]
    assert [each["id"] for each in items] == ["take-M0003", "skip-M0001"]


@pytest.mark.rule("S8", "S50")
def test_a_skip_of_an_older_phone_counts_and_says_what_lacks(
    database: db.Database,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
    office: dict[str, str],
) -> None:
    with database.unit_of_work() as session:
        feed.start_lineage(session, name=ids.new_id())
        stop = make.stop_of(session, meter_id="M0001")
        route_id, body = stop.route_id, {"stop_id": stop.id, "code": "dog"}
    phone = Phone(client, sign_in(Role.READER, person_id="li"), clock)
    assert phone.sync(phone.operation("reading.skip", route_id, body, v=1))["outcomes"] == []
    (gap,) = client.get("/v1/evidence-gaps", headers=office).get_json()["items"]
    assert (gap["meter_id"], gap["codes"]) == ("M0001", ["dog"])


def test_phones_hear_what_their_district_asks_for(
    client: flask.testing.FlaskClient, office: dict[str, str]
) -> None:
    shown = client.get("/v1/districts/current", headers=office).get_json()
    assert shown["photo_on_skip"] == ["dog", "locked"]
    assert shown["photo_on_confirm"] is True
