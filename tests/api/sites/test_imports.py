"""Files from other systems: good rows go in, refused rows are told, nothing breaks."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import acts
from api.sites import service
from api.sites.models import Area, Meter, ServicePoint
from api.sites.service import files, intake
from schemas import sites as shapes
from schemas.rules import datums
from schemas.sites import Importable
from tests.makers import sites as make

ACT = acts.system(
    district_id=make.DISTRICT, now=dt.datetime(2026, 11, 23, tzinfo=dt.UTC), job="test"
)
METERS = "id,service_point_id,serial,digits,multiplier,registers,installed_at,installed_value"


def take(
    session: Session,
    what: Importable,
    text: str | bytes,
    *,
    all_or_nothing: bool = False,
    datum: datums.Datum = datums.Datum.wgs84,
) -> shapes.ImportReport:
    data = text.encode() if isinstance(text, str) else text
    way = intake.take_csv if not data.lstrip().startswith(b"{") else intake.take_geojson
    report = way(session, act=ACT, what=what, data=data, datum=datum, all_or_nothing=all_or_nothing)
    session.flush()
    return report


def told(report: shapes.ImportReport) -> list[tuple[int, str]]:
    return [(row.line, row.code) for row in report.refused]


def a_grid(session: Session) -> None:
    make.district(session)
    make.feeder(session, feeder_id="F01")
    make.feeder(session, feeder_id="F02")
    make.transformer(session, transformer_id="T1", feeder_id="F01")


def test_good_rows_go_in_and_each_refused_row_is_told(session: Session) -> None:
    a_grid(session)

    report = take(
        session,
        Importable.SERVICE_POINTS,
        "id,number,address,lat_deg,lon_deg,transformer_id,feeder_id,care\n"
        "P1,46001,新市街 1 号,20.04,110.32,T1,,life_support\n"
        "P2,46002,a,95,110.32,,,\n"
        "P3,46003,a,0,0,,,\n"
        "P4,46004,a,20,110,T9,,\n"
        "P5,46005,a,20,110,T1,F02,\n"
        "P6,46001,a,20,110,,,\n"
        "P7,46007,a,nan,110,,,\n"
        "P1,46008,a,20,110,,,\n"
        "P9,46009,a,20,110,,,,beyond\n"
        ",46010,a,20,110,,,\n"
        "P11,46011,a,20,110,,F09,\n"
        "P12,46012,a,20,110,,,sometimes\n",
    )

    assert (report.rows, report.taken, report.refused_count) == (12, 1, 11)
    assert told(report) == [
        (3, "bad-row"),
        (4, "odd-position"),
        (5, "unknown-reference"),
        (6, "feeder-mismatch"),
        (7, "number-taken"),
        (8, "bad-row"),
        (9, "doubled-row"),
        (10, "bad-row"),
        (11, "bad-row"),
        (12, "unknown-reference"),
        (13, "bad-row"),
    ]
    assert "T9" in report.refused[2].detail.en
    assert "T9" in report.refused[2].detail.zh
    point = service.get_service_point(session, district_id=make.DISTRICT, service_point_id="P1")
    assert (point.feeder_id, point.care) == ("F01", "life_support")


def test_all_or_nothing_takes_nothing_when_one_row_is_refused(session: Session) -> None:
    make.district(session)
    text = "id,name,kv,station\nF1,Lingshan,10,Lingshan\nF2,,10,Lingshan\n"

    report = take(session, Importable.FEEDERS, text, all_or_nothing=True)

    assert (report.taken, told(report)) == (0, [(3, "bad-row")])
    assert take(session, Importable.FEEDERS, text).taken == 1


def test_the_same_file_again_changes_nothing(session: Session) -> None:
    a_grid(session)
    text = "id,number,address,lat_deg,lon_deg\nP1,46001,a,20,110\nP2,46002,b,20,110\n"
    take(session, Importable.SERVICE_POINTS, text)

    again = take(session, Importable.SERVICE_POINTS, text)

    assert (again.taken, again.refused_count) == (2, 0)
    assert session.scalar(select(func.count()).select_from(ServicePoint)) == 2


def test_a_known_id_is_replaced(session: Session) -> None:
    make.district(session)
    make.service_point(session, service_point_id="P1", address="before")

    take(
        session,
        Importable.SERVICE_POINTS,
        "id,number,address,lat_deg,lon_deg\nP1,46P1,after,20,110\n",
    )

    point = service.get_service_point(session, district_id=make.DISTRICT, service_point_id="P1")
    assert point.address == "after"


def test_a_meter_is_exchanged_by_two_rows(session: Session) -> None:
    make.district(session)
    make.service_point(session, service_point_id="P1")
    make.service_point(session, service_point_id="P2")
    make.meter(session, meter_id="M1", service_point_id="P1", serial="SN1")

    report = take(
        session,
        Importable.METERS,
        f"{METERS},removed_at,removed_value\n"
        "M1,P1,SN1,5,1,total,2020-01-01T00:00:00Z,0,2026-11-20T02:00:00Z,48211\n"
        "M2,P1,SN2,6,40,total|peak|valley,2026-11-20T02:00:00Z,0,,\n"
        "M3,P2,SN1,5,1,total,2026-11-21T02:00:00Z,48211,,\n",
    )

    assert told(report) == []
    history = session.scalars(select(Meter).order_by(Meter.id)).all()
    assert [(row.id, row.removed_at is None) for row in history] == [
        ("M1", False),
        ("M2", True),
        ("M3", True),
    ]
    assert history[1].registers == ["total", "peak", "valley"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("M2,P1,SN1,5,1,total,2026-01-01T00:00:00Z,0", "serial-taken"),
        ("M2,P9,SN2,5,1,total,2026-01-01T00:00:00Z,0", "unknown-reference"),
        ("M2,P1,SN2,5,0,total,2026-01-01T00:00:00Z,0", "impossible-meter"),
        ("M2,P1,SN2,5,NaN,total,2026-01-01T00:00:00Z,0", "impossible-meter"),
        ("M2,P1,SN2,5,1,total,2026-01-01T00:00:00Z,100000", "impossible-meter"),
        ("M2,P1,SN2,5,1,total,2026-01-01T00:00:00Z,1.2345", "impossible-meter"),
        ("M2,P1,SN2,5,1,peak,2026-01-01T00:00:00Z,0", "impossible-meter"),
        ("M2,P1,SN2,5,1,total|total,2026-01-01T00:00:00Z,0", "impossible-meter"),
        ("M2,P1,SN2,5,1,total,0001-01-01T00:00:00+14:00,0", "impossible-meter"),
        ("M2,P1,SN2,99,1,total,2026-01-01T00:00:00Z,0", "bad-row"),
        ("M2,P1,SN2,5,1,total,2026-01-01,0", "bad-row"),
        ("M2,P1,SN2,5,1,total,2026-01-01T00:00:00,0", "bad-row"),
    ],
)
def test_an_impossible_meter_is_refused(session: Session, cells: str, code: str) -> None:
    make.district(session)
    make.service_point(session, service_point_id="P1")
    make.meter(session, meter_id="M1", service_point_id="P1", serial="SN1")

    report = take(session, Importable.METERS, f"{METERS}\n{cells}\n")

    assert told(report) == [(2, code)]


def test_a_meter_removed_before_it_was_installed_is_refused(session: Session) -> None:
    make.district(session)
    make.service_point(session, service_point_id="P1")
    row = "M1,P1,S1,5,1,total,2026-01-02T00:00:00Z,0"

    report = take(
        session,
        Importable.METERS,
        f"{METERS},removed_at,removed_value\n"
        f"{row},2026-01-01T00:00:00Z,5\n"
        f"{row.replace('M1', 'M2')},2026-01-03T00:00:00Z,\n",
    )

    assert told(report) == [(2, "impossible-meter"), (3, "impossible-meter")]


def test_areas_come_as_geojson_and_the_index_follows(session: Session) -> None:
    district = make.district(session)
    before = district.revision
    crossed = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    features = [
        {"type": "Feature", "id": "A1", "geometry": make.square(),
         "properties": {"name": "灵山", "area_class": "rural"}},
        {"type": "Feature", "id": 2, "geometry": crossed,
         "properties": {"name": "crossed", "area_class": "rural"}},
        {"type": "Feature", "id": "A3", "geometry": None,
         "properties": {"name": "none", "area_class": "rural"}},
        {"type": "Feature", "id": "A4", "geometry": make.square(),
         "properties": {"name": "x", "area_class": "rural", "datum": "gcj03"}},
        "what",
    ]  # fmt: skip

    report = take(
        session,
        Importable.AREAS,
        json.dumps({"type": "FeatureCollection", "features": features}),
    )

    assert (report.taken, told(report)) == (
        1,
        [(2, "bad-shape"), (3, "bad-row"), (4, "bad-row"), (5, "bad-row")],
    )
    assert district.revision != before


def test_an_imported_area_is_redrawn_by_its_id(session: Session) -> None:
    make.district(session)
    make.area(session, area_id="A1", name="before")
    feature = {
        "type": "Feature",
        "id": "A1",
        "geometry": make.square(),
        "properties": {"name": "after", "area_class": "rural"},
    }

    take(
        session, Importable.AREAS, json.dumps({"type": "FeatureCollection", "features": [feature]})
    )

    row = session.get(Area, (make.DISTRICT, "A1"))
    assert row is not None
    assert (row.name, row.version) == ("after", 2)


def test_service_points_come_as_geojson_too(session: Session) -> None:
    make.district(session)
    good = {
        "type": "Feature",
        "id": "P1",
        "geometry": {"type": "Point", "coordinates": [110.32, 20.04]},
        "properties": {"number": "46001", "address": "新市街"},
    }
    line = {**good, "id": "P2", "geometry": {"type": "LineString", "coordinates": []}}

    report = take(
        session,
        Importable.SERVICE_POINTS,
        json.dumps({"type": "FeatureCollection", "features": [good, line]}),
        datum=datums.Datum.gcj02,
    )

    assert (report.taken, told(report)) == (1, [(2, "bad-row")])
    point = service.get_service_point(session, district_id=make.DISTRICT, service_point_id="P1")
    assert (point.lon_deg, point.datum) == (110.32, "gcj02")


def test_a_chinese_datum_on_european_points_is_refused(session: Session) -> None:
    make.district(session)

    report = take(
        session,
        Importable.SERVICE_POINTS,
        "id,number,address,lat_deg,lon_deg,datum\nP1,1,a,53.4,11.8,bd09\n",
    )

    assert told(report) == [(2, "wrong-datum")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"id,name,kv,station,colour\n",
        b"id,id\n",
        "id,name\nF1,灵山".encode("gb18030"),
        b'id,name,kv,station\nF1,"open',
        b"id,name\nF1,\x00",
        b'{"type": "FeatureCollection", "features": [',
        b'{"type": "FeatureCollection"}',
        b'{"type": "Feature"}',
        b'{"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "4490"}}}',
        b'{"type": "FeatureCollection", "features": []' + b"[" * 50_000,
    ],
)
@pytest.mark.parametrize("what", [Importable.FEEDERS, Importable.AREAS])
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    session: Session, data: bytes, what: Importable
) -> None:
    make.district(session)

    with pytest.raises(files.BadFile):
        take(session, what, data)


@pytest.mark.slow
def test_a_file_of_too_many_rows_is_refused(session: Session) -> None:
    make.district(session)
    rows = "x\n" * (files.ROWS_MAX + 1)

    with pytest.raises(files.BadFile, match="rows"):
        take(session, Importable.FEEDERS, "id,name,kv,station\n" + rows)


def test_a_file_that_excel_saved_is_read(session: Session) -> None:
    make.district(session)
    text = '\ufeffid, name ,kv,station\r\nF1,"灵山,\r\n线",10,灵山\r\n\r\nF2,x,0,y\r\n'

    report = take(session, Importable.FEEDERS, text)

    assert (report.taken, told(report)) == (1, [(5, "bad-row")])


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    header = "id,name,kv,station\n"
    try:
        rows = list(
            files.read_csv(
                (header + text).encode("utf-8", "replace"), columns=("id", "name", "kv", "station")
            )
        )
    except files.BadFile:
        return
    assert all(row.line > 1 for row in rows)
