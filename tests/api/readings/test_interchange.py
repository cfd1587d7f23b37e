"""Files of readings and routes: in by line, out as they come in, and never twice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import flask
import pytest
from werkzeug.test import TestResponse

from api import db, workbooks
from api.readings.models import Imported, Reading, Unjudged
from api.sites.models import Meter
from schemas.crews import Role
from tests.makers import readings as make
from tests.makers.crews import SignIn

HEADER = "source_id,serial,read_at,total,tariffs,method,quality,estimator,note"
AT = "2026-11-20T08:00:00Z"
XML = "application/xml"
Send = Callable[..., Any]
Get = Callable[..., TestResponse]


@pytest.fixture
def headers(database: db.Database, sign_in: SignIn) -> dict[str, str]:
    """Sign a dispatcher in; M0001 has a history, M0002 three registers, M0003 was removed."""
    headers = sign_in(Role.DISPATCHER)
    with database.unit_of_work() as session:
        make.history(session)
        for meter_id in ("M0002", "M0003"):
            make.meter(session, meter_id=meter_id)
        three = session.get(Meter, (make.DISTRICT, "M0002"))
        gone = session.get(Meter, (make.DISTRICT, "M0003"))
        assert three is not None
        assert gone is not None
        three.registers = ["total", "peak", "valley"]
        gone.removed_at, gone.removed_value = make.NOW - make.MONTH, make.USED[0]
    return headers


@pytest.fixture
def serials(database: db.Database, headers: dict[str, str]) -> dict[str, str]:
    assert headers
    with database.unit_of_work() as session:
        return {meter.id: meter.serial for meter in session.query(Meter)}


@pytest.fixture
def send(client: flask.testing.FlaskClient, headers: dict[str, str]) -> Send:
    def send(
        body: str | bytes, *, to: str = "readings", kind: str = "text/csv", status: int = 200
    ) -> Any:  # noqa: ANN401 - plain JSON
        answer = client.post(
            f"/v1/imports/{to}", headers=headers | {"Content-Type": kind}, data=body
        )
        assert answer.status_code == status, answer.text
        return answer.get_json(force=True)

    return send


@pytest.fixture
def get(client: flask.testing.FlaskClient, headers: dict[str, str]) -> Get:
    def get(path: str, *, status: int = 200) -> TestResponse:
        answer = client.get(path, headers=headers)
        assert answer.status_code == status, answer.text
        return answer

    return get


def told(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["line"], row["code"]) for row in report["refused"]]


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return report["rows"], report["taken"], report["known"], report["refused_count"]


GOOD = (
    "a1,{one},2026-11-20T08:00:00Z,11100,,remote,3.0.0,,",
    "a2,{one},2026-11-21T08:00:00Z,11103,,customer,,,by phone",
    "a3,{one},2026-11-22T08:00:00Z,11106,,estimated,3.8.0,mean_of_three,",
    "a4,{one},2026-11-10T08:00:00Z,11070,,remote,3.10.1,,late and out of order",
    "a5,{three},2026-11-20T08:00:00Z,20,peak:12|valley:8,remote,,,",
)
REFUSED = (
    ("b1,{one},2026-11-20T08:00:00Z,-5,,remote,,,", "reading-not-a-value"),
    ("b2,{one},2026-11-20T08:00:00Z,123456,,remote,,,", "reading-too-many-digits"),
    ("b3,{gone},2026-11-20T08:00:00Z,20,,remote,,,", "meter-not-there"),
    ("b4,{one},1999-01-01T00:00:00Z,20,,remote,,,", "meter-not-there"),
    ("b5,{three},2026-11-20T08:00:00Z,20,peak:12,remote,,,", "reading-register-missing"),
    ("b6,{three},2026-11-20T08:00:00Z,20,peak:-1|valley:8,remote,,,", "reading-not-a-value"),
    ("b7,nobody,2026-11-20T08:00:00Z,20,,remote,,,", "unknown-reference"),
    ("b8,{one},2026-11-20T08:00:00Z,20,,read,,,", "not-read-at-desk"),
    ("b9,{one},2026-11-20T08:00:00Z,20,,estimated,3.8.0,,", "estimator-unnamed"),
    ("c1,{one},2026-11-20T08:00:00Z,20,,remote,3.8.0,,", "quality-contradicts"),
    ("c2,{one},2026-11-20T08:00:00Z,20,,remote,good,,", "quality-contradicts"),
    ("c3,{one},2030-01-01T00:00:00Z,20,,remote,,,", "invalid"),
    ("c4,{one},yesterday,20,,remote,,,", "bad-row"),
    ("c5,{three},2026-11-20T08:00:00Z,20,night:12,remote,,,", "reading-unknown-register"),
    ("c6,{one},2026-11-20T08:00:00Z,NaN,,remote,,,", "bad-row"),
    ("c7,{one},2026-11-20T08:00:00Z,20,peak,remote,,,", "bad-row"),
    ("a1,{one},2026-11-20T08:00:00Z,11101,,remote,,,", "source-differs"),
)


def test_good_rows_go_in_and_each_other_is_refused_by_its_line(
    send: Send, serials: dict[str, str], database: db.Database
) -> None:
    named = {"one": serials["M0001"], "three": serials["M0002"], "gone": serials["M0003"]}
    rows = [row.format(**named) for row in (*GOOD, *(row for row, _ in REFUSED))]
    report = send("\n".join([HEADER, *rows]))
    assert counts(report) == (len(rows), len(GOOD), 0, len(REFUSED))
    first = len(GOOD) + 2
    assert told(report) == [(first + at, code) for at, (_, code) in enumerate(REFUSED)]
    with database.unit_of_work() as session:
        kept = session.query(Reading).filter(Reading.method != "read").order_by(Reading.read_at)
        of_one = [row for row in kept if row.meter_id == "M0001"]
        assert [row.quality for row in of_one] == [
            "questionable",
            "actual",
            "customer",
            "estimated",
        ]
        assert [row.used_kwh for row in of_one] == [65, 30, 3, 3]
        assert session.query(Unjudged).count() == len(GOOD)


def test_the_same_file_again_adds_nothing(
    send: Send, serials: dict[str, str], database: db.Database
) -> None:
    with_id = f"a1,{serials['M0001']},{AT},11100,,remote,,,"
    without = f",{serials['M0002']},{AT},30,,remote,,,"
    file = f"{HEADER}\n{with_id}\n{without}\n{without}"
    assert counts(send(file)) == (3, 2, 1, 0)
    assert counts(send(file)) == (3, 0, 3, 0)
    changed = send("\n".join([HEADER, with_id.replace("11100", "11101")]))
    assert told(changed) == [(2, "source-differs")]
    with database.unit_of_work() as session:
        assert session.query(Reading).filter_by(method="remote").count() == 2


def test_one_refused_row_keeps_all_out_where_that_was_asked(
    send: Send, serials: dict[str, str]
) -> None:
    good, bad = (f"{total},{serials['M0001']},{AT},{total},,remote,,," for total in (11_100, -1))
    file = f"{HEADER}\n{good}\n{bad}"
    whole = send(file, to="readings?mode=all_or_nothing")
    assert (counts(whole), told(whole)) == ((2, 0, 0, 1), [(3, "reading-not-a-value")])
    assert counts(send(file)) == (2, 1, 0, 1)


def test_an_xlsx_file_is_read_as_its_csv_would_be(send: Send, serials: dict[str, str]) -> None:
    rows = [
        HEADER.split(","),
        ["", serials["M0001"], AT, "11100"],
        [],
        ["-1", serials["M0001"], AT, "-1"],
    ]
    report = send(workbooks.write(rows), kind=workbooks.MIMETYPE)
    assert (counts(report), told(report)) == ((2, 1, 0, 1), [(4, "reading-not-a-value")])


MESSAGE = """<?xml version="1.0"?>
<m:MeterReadings xmlns:m="http://iec.ch/TC57/2011/MeterReadings#">
  <m:MeterReading>
    <m:Meter><m:mRID>{three}</m:mRID></m:Meter>
    {values}
  </m:MeterReading>
  <m:MeterReading><m:Meter><m:mRID>nobody</m:mRID></m:Meter></m:MeterReading>
</m:MeterReadings>"""
VALUE = """<m:Readings><m:source>{source}</m:source><m:timeStamp>{at}</m:timeStamp>
  <m:value>{value}</m:value>
  <m:ReadingQualities><m:ReadingQualityType ref="3.0.0"/></m:ReadingQualities>
  <m:ReadingType ref="0.0.0.1.1.1.12.0.0.0.0.{tariff}.0.0.0.3.72.0"/></m:Readings>"""


def test_meter_readings_in_xml_are_one_reading_for_each_instant(
    send: Send, serials: dict[str, str], database: db.Database
) -> None:
    values = "".join(
        VALUE.format(source="remote", at=AT, value=value, tariff=tariff)
        for tariff, value in enumerate((20, 12, 8))
    )
    report = send(MESSAGE.format(three=serials["M0002"], values=values), kind=XML)
    assert (counts(report), told(report)) == ((2, 1, 0, 1), [(16, "bad-row")])
    with database.unit_of_work() as session:
        kept = session.query(Reading).filter_by(meter_id="M0002").one()
        assert (str(kept.total), kept.tariffs) == ("20.000", {"peak": "12", "valley": "8"})


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (XML, '<!DOCTYPE a [<!ENTITY b "c">]><MeterReadings>&b;</MeterReadings>'),
        (XML, "<MeterReadings><MeterReading></MeterReadings>"),
        (XML, "<a/>"),
        (XML, "<MeterReading>" + "<a>" * 50),
        (XML, '<?xml version="1.0" encoding="klingon"?><a/>'),
        (XML, b"\xff\xfe\x00"),
        ("application/json", "{"),
        ("application/json", "[" * 100_000),
        ("application/json", '{"MeterReadings": []}'),
        ("text/csv", "serial,colour\n1,red\n"),
        ("text/csv", b"\xff\xff"),
        (workbooks.MIMETYPE, b"PK\x03\x04 broken"),
        (workbooks.MIMETYPE, b"serial"),
        ("text/plain", "serial\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    send: Send, kind: str, body: str | bytes
) -> None:
    assert send(body, kind=kind, status=422)["code"] == "bad-file"


def test_odd_json_is_refused_row_by_row(send: Send) -> None:
    odd = [1, {}, {"Meter": 3}, {"Meter": {"mRID": [1]}, "Readings": [{"value": {"a": 1}}, 7]}]
    report = send(json.dumps({"MeterReadings": {"MeterReading": odd}}), kind="application/json")
    assert [code for _, code in told(report)] == ["bad-row"] * 4


@pytest.mark.parametrize("layout", ["csv", "xlsx", "xml", "json"])
def test_what_goes_out_comes_in_again_elsewhere(
    layout: str,
    send: Send,
    get: Get,
    serials: dict[str, str],
    database: db.Database,
) -> None:
    rows = [
        f"a1,{serials['M0002']},{AT},20,peak:12|valley:8,remote,,,",
        f"a2,{serials['M0001']},{AT},11100,,estimated,3.8.0,mean_of_three,",
        f"a3,{serials['M0001']},2026-11-21T08:00:00Z,11103,,customer,,,",
    ]
    send("\n".join([HEADER, *rows]))
    out = get(f"/v1/exports/readings?layout={layout}&day=2026-11-20")
    with database.unit_of_work() as session:
        for table in (Unjudged, Imported, Reading):
            session.query(table).delete()
    assert counts(send(out.data, kind=out.mimetype))[1:] == (2, 0, 0)
    with database.unit_of_work() as session:
        kept = {row.meter_id: row for row in session.query(Reading)}
        assert kept["M0002"].tariffs == {"peak": "12", "valley": "8"}
        assert (kept["M0001"].quality, kept["M0001"].estimator) == ("estimated", "mean_of_three")


def test_a_cell_is_never_a_formula(send: Send, get: Get, serials: dict[str, str]) -> None:
    bad = "=HYPERLINK(1)"
    rows = [HEADER.split(","), ["a1", serials["M0001"], AT, "11100", "", "remote", "", "", bad]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    send(text.getvalue())
    out = get("/v1/exports/readings?day=2026-11-20").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(out, newline=""))
    assert row["note"] == "'" + bad
    sheet = get("/v1/exports/readings?day=2026-11-20&layout=xlsx").data
    assert [row.cells[-1] for row in workbooks.read(sheet)] == ["note", bad]


ROUTES = "route,sequence,serial,name,person_id"


def test_routes_come_in_and_go_out_in_walking_order(
    send: Send, get: Get, serials: dict[str, str]
) -> None:
    one, two, gone = serials["M0001"], serials["M0002"], serials["M0003"]
    rows = [
        f"R1,20,{one},Pier,li",
        f"R1,10,{two},,",
        f"R1,30,{gone},,",
        f"R1,40,{one},,",
        f"R1,10,{one},,",
        "R1,50,nobody,,",
        f"R2,0,{one},,",
        f"R3,1,{one},,nobody",
    ]
    report = send("\n".join([ROUTES, *rows]), to="routes")
    assert counts(report) == (8, 2, 0, 6)
    assert told(report) == [
        (4, "meter-removed"),
        (5, "meter-twice"),
        (6, "meter-twice"),
        (7, "unknown-reference"),
        (8, "bad-row"),
        (9, "not-found"),
    ]
    (route,) = get("/v1/routes").get_json()["items"]
    assert (route["name"], route["person_id"], route["stops_open"]) == ("Pier", "li", 2)
    out = get(f"/v1/exports/routes/{route['id']}").data.decode("utf-8-sig")
    walk = [row["serial"] for row in csv.DictReader(io.StringIO(out, newline=""))]
    assert walk == [two, one]
    refused = get(f"/v1/exports/routes/{route['id']}?layout=xml", status=422).get_json(force=True)
    assert refused["code"] == "not-a-table"


def test_a_route_comes_in_once(send: Send, get: Get, serials: dict[str, str]) -> None:
    rows = [f"R1,1,{serials['M0001']},Pier,li", f"R1,2,{serials['M0002']},,"]
    file = "\n".join([ROUTES, *rows])
    refused = send(f"{file}\nR1,2,{serials['M0003']},,", to="routes?mode=all_or_nothing")
    assert counts(refused) == (3, 0, 0, 1)
    assert counts(send(file, to="routes")) == (2, 2, 0, 0)
    assert counts(send(file, to="routes")) == (2, 0, 2, 0)
    other = send("\n".join([ROUTES, rows[0]]), to="routes")
    assert told(other) == [(2, "source-differs")]
    assert len(get("/v1/routes").get_json()["items"]) == 1
