"""The doors of places: who enters, what filters keep, what a map gets."""

from __future__ import annotations

import json
from typing import Any

import flask.testing
import pytest

from api import db, http
from schemas.crews import Role
from schemas.rules import datums
from tests.makers import sites as make
from tests.makers.crews import SignIn

Client = flask.testing.FlaskClient


LINE: dict[str, object] = {
    "type": "LineString",
    "coordinates": [[make.LON_DEG, make.LAT_DEG], [make.LON_DEG + 0.01, make.LAT_DEG]],
}


@pytest.fixture
def grid(database: db.Database) -> None:
    """Two feeders, three points: near, north and drawn on a Chinese map."""
    with database.unit_of_work() as session:
        make.district(session)
        make.area(session)
        make.feeder(session, feeder_id="F01", geometry=LINE)
        make.feeder(session, feeder_id="F02")
        make.transformer(session, transformer_id="T1", feeder_id="F01")
        make.switch(session)
        make.service_point(
            session, service_point_id="P1", feeder_id="F01", transformer_id="T1", address="新市街 1"
        )
        make.meter(session, meter_id="M1", service_point_id="P1", serial="AB100")
        lat_deg, lon_deg = make.north_east(north_m=5_000)
        make.service_point(
            session,
            service_point_id="P2",
            feeder_id="F02",
            address="老市街 2",
            lat_deg=lat_deg,
            lon_deg=lon_deg,
        )
        lat_deg, lon_deg = datums.convert(
            make.LAT_DEG, make.LON_DEG, source=datums.Datum.wgs84, target=datums.Datum.gcj02
        )
        make.service_point(
            session,
            service_point_id="P3",
            address="100% 路",
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            datum=datums.Datum.gcj02,
        )


def listed(client: Client, headers: dict[str, str], url: str) -> list[str]:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"]]  # type: ignore[index]  # it is an object


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["P1", "P2", "P3"]),
        ("?feeder_id=F02", ["P2"]),
        ("?transformer_id=T1", ["P1"]),
        ("?q=新市", ["P1"]),
        ("?q=ab10", ["P1"]),
        ("?q=0%25", ["P3"]),
        ("?q=46P2", ["P2"]),
        ("?bbox=110.319,20.039,110.321,20.041", ["P1", "P3"]),
        ("?bbox=110.319,20.039,110.321,20.2", ["P1", "P2", "P3"]),
        ("?bbox=170,-10,-170,10", []),
        ("?feeder_id=F09", []),
    ],
)
def test_service_points_are_found_by_place_grid_and_words(
    client: Client, grid: None, sign_in: SignIn, query: str, ids: list[str]
) -> None:
    assert listed(client, sign_in(Role.DISPATCHER), f"/v1/service-points{query}") == ids


def test_pages_follow_each_other_by_key(client: Client, grid: None, sign_in: SignIn) -> None:
    headers = sign_in(Role.DISPATCHER)

    first = client.get("/v1/service-points?limit=2", headers=headers).json
    assert first is not None
    second = client.get(f"/v1/service-points?limit=2&after={first['next']}", headers=headers).json

    assert second is not None
    assert [item["id"] for item in first["items"] + second["items"]] == ["P1", "P2", "P3"]
    assert second["next"] is None


@pytest.mark.parametrize(
    "url",
    [
        "/v1/service-points?bbox=1,2,3",
        "/v1/service-points?bbox=a,b,c,d",
        "/v1/service-points?bbox=110,91,111,92",
        "/v1/service-points?bbox=nan,nan,nan,nan",
        "/v1/service-points?limit=100000",
        "/v1/service-points?after=zzz",
        "/v1/service-points?q=x%00y",
        "/v1/areas/located?lat_deg=95&lon_deg=0",
        "/v1/areas/located?lat_deg=nan&lon_deg=0",
    ],
)
def test_an_odd_question_is_refused(client: Client, grid: None, sign_in: SignIn, url: str) -> None:
    answer = client.get(url, headers=sign_in(Role.DISPATCHER))

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "invalid"


def test_a_map_is_in_wgs84_and_names_no_customer(
    client: Client, grid: None, sign_in: SignIn
) -> None:
    answer = client.get("/v1/service-points/geojson", headers=sign_in(Role.SUPERVISOR))

    drawn = json.loads(answer.data)
    assert answer.mimetype == "application/geo+json"
    lon_deg, lat_deg = drawn["features"][2]["geometry"]["coordinates"]
    assert (lat_deg, lon_deg) == pytest.approx((make.LAT_DEG, make.LON_DEG), abs=1e-7)
    assert "王秀英" not in answer.text


@pytest.mark.parametrize("what", ["areas", "feeders", "transformers", "switches"])
def test_every_place_is_drawn(client: Client, grid: None, sign_in: SignIn, what: str) -> None:
    answer = client.get(f"/v1/{what}/geojson", headers=sign_in(Role.DISPATCHER))

    assert json.loads(answer.data)["features"][0]["type"] == "Feature"


@pytest.mark.parametrize(
    "url",
    [
        "/v1/feeders",
        "/v1/transformers?feeder_id=F01",
        "/v1/switches?feeder_id=F01",
        "/v1/meters?serial=AB100",
        "/v1/meters?service_point_id=P1",
        "/v1/areas",
    ],
)
def test_the_grid_is_listed(client: Client, grid: None, sign_in: SignIn, url: str) -> None:
    assert listed(client, sign_in(Role.INTEGRATION), url)


@pytest.mark.parametrize(
    "url",
    ["/v1/service-points/P1", "/v1/meters/M1", "/v1/transformers/T1", "/v1/areas/area-1"],
)
def test_one_place_is_shown(client: Client, grid: None, sign_in: SignIn, url: str) -> None:
    answer = client.get(url, headers=sign_in(Role.DISPATCHER))

    assert answer.json is not None
    assert answer.json["id"] == url.rpartition("/")[2]
    assert client.get(f"{url}x", headers=sign_in(Role.DISPATCHER)).status_code == 404


def test_only_feeders_whose_lines_are_known_are_drawn(
    client: Client, grid: None, sign_in: SignIn
) -> None:
    answer = client.get("/v1/feeders/geojson", headers=sign_in(Role.DISPATCHER))

    (feature,) = json.loads(answer.data)["features"]
    assert (feature["id"], feature["geometry"]) == ("F01", LINE)
    assert feature["properties"]["station"] == "灵山变电站"


def test_a_lineman_does_not_list_customers(client: Client, grid: None, sign_in: SignIn) -> None:
    answer = client.get("/v1/service-points", headers=sign_in(Role.LINEMAN))

    assert answer.status_code == 403


def test_a_position_is_located(client: Client, grid: None, sign_in: SignIn) -> None:
    answer = client.get(
        f"/v1/areas/located?lat_deg={make.LAT_DEG}&lon_deg={make.LON_DEG}",
        headers=sign_in(Role.LINEMAN),
    )

    assert answer.json is not None
    assert (answer.json["area_id"], answer.json["area_class"]) == ("area-1", "urban")


def draft(**more: object) -> dict[str, Any]:
    return {"name": "新区", "area_class": "rural", "geometry": make.square(), **more}


def test_an_area_is_drawn_and_redrawn_by_version(
    client: Client, grid: None, sign_in: SignIn
) -> None:
    headers = sign_in(Role.ADMINISTRATOR)
    made = client.post("/v1/areas", json=draft(), headers=headers)
    assert made.status_code == 201
    assert made.json is not None
    url = f"/v1/areas/{made.json['id']}"

    redrawn = client.put(
        url, json=draft(name="b"), headers={**headers, "If-Match": made.headers["ETag"]}
    )
    stale = client.put(
        url, json=draft(name="c"), headers={**headers, "If-Match": made.headers["ETag"]}
    )

    assert (redrawn.status_code, redrawn.headers["ETag"]) == (200, '"2"')
    assert (stale.status_code, stale.json and stale.json["code"]) == (412, "stale")


def test_a_bad_area_is_refused_with_both_languages(
    client: Client, grid: None, sign_in: SignIn
) -> None:
    answer = client.post(
        "/v1/areas",
        json=draft(geometry={"type": "Point", "coordinates": [1, 2]}),
        headers=sign_in(Role.ADMINISTRATOR),
    )

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "bad-shape"
    assert set(answer.json["detail"]) == {"en", "zh"}


def test_a_dispatcher_draws_no_areas(client: Client, grid: None, sign_in: SignIn) -> None:
    answer = client.post("/v1/areas", json=draft(), headers=sign_in(Role.DISPATCHER))

    assert answer.status_code == 403


def test_the_district_is_shown_and_set(client: Client, grid: None, sign_in: SignIn) -> None:
    headers = sign_in(Role.ADMINISTRATOR)
    shown = client.get("/v1/districts/current", headers=headers)
    assert shown.json is not None

    put = client.put(
        "/v1/districts/current",
        json={"name": "美兰", "radius_m": 75},
        headers={**headers, "If-Match": shown.headers["ETag"]},
    )

    assert put.status_code == 200
    assert put.json is not None
    assert (put.json["radius_m"], put.json["version"]) == (75, 2)


def test_a_file_is_imported_through_the_door(client: Client, grid: None, sign_in: SignIn) -> None:
    answer = client.post(
        "/v1/imports/feeders",
        data="id,name,kv,station\nF03,南线,10,灵山\nF04,,10,灵山\n".encode(),
        content_type="text/csv",
        headers=sign_in(Role.ADMINISTRATOR),
    )

    assert answer.json is not None
    assert (answer.json["taken"], answer.json["refused"][0]["line"]) == (1, 3)
    assert answer.json["refused"][0]["detail"]["zh"]


def test_a_huge_file_is_refused(client: Client, grid: None, sign_in: SignIn) -> None:
    answer = client.post(
        "/v1/imports/feeders",
        data=b"x" * 16_000_001,
        content_type="text/csv",
        headers=sign_in(Role.ADMINISTRATOR),
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("parts", [["\x00"], [None], [7], [["x"]], [{}], ["x", "y"]])
def test_a_forged_page_key_is_refused(
    client: Client, grid: None, sign_in: SignIn, parts: list[object]
) -> None:
    key = http.page_key(*parts)

    answer = client.get(f"/v1/service-points?after={key}", headers=sign_in(Role.DISPATCHER))

    assert answer.status_code == 422
