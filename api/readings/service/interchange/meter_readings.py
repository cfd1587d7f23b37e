"""MeterReadings as IEC 61968-9 lays them out, in XML and in JSON of the same names.

One MeterReading is one meter, named by its serial; its Readings are register values, each with an
instant, a reading type that tells the register, quality codes, and who supplied it.
Values of one meter at one instant are one reading here: the total and its tariffs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from api import plain_xml
from api.sites.service import files
from schemas import reading_files, readings
from schemas.base import rfc3339
from schemas.rules import quality_codes

NAMESPACE: Final = "http://iec.ch/TC57/2011/MeterReadings#"
VALUES_MAX: Final = 100_000
_METHOD_OF: Final = {"customer": "customer", "estimated": "estimated", "handheld": "read"}
_SOURCE_OF: Final = {
    readings.Method.READ: "handheld",
    readings.Method.SCANNED: "handheld",
    readings.Method.REMOTE: "remote",
    readings.Method.CUSTOMER: "customer",
    readings.Method.ESTIMATED: "estimated",
}


def read_xml(data: bytes) -> Iterator[files.Row]:
    """Read the readings of an XML document, each by the line where its meter begins.

    Raises:
        BadFile: it is no XML without a document type, or has too many values.
    """
    try:
        count = 0
        for element in plain_xml.elements(data, named="MeterReading"):
            count += 1
            yield from _readings(element.line, _plain(element))
    except plain_xml.UnreadableXmlError as error:
        raise files.BadFile(reason=f"it is no XML that is read here ({error})") from error
    if count == 0:
        raise files.BadFile(reason="it has no MeterReading")


def read_json(data: bytes) -> Iterator[files.Row]:
    """Read the readings of a JSON document, each by the number of its MeterReading.

    Raises:
        BadFile: it is no JSON with a list of MeterReading.
    """
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise files.BadFile(reason=f"it is not JSON ({error})") from error
    match document:
        case {"MeterReadings": {"MeterReading": [*meters]}}:
            for number, meter in enumerate(meters, start=1):
                yield from _readings(number, meter if isinstance(meter, dict) else {})
        case _:
            raise files.BadFile(reason="it has no MeterReadings with a list of MeterReading")


def write_json(
    rows: Iterable[reading_files.ReadingRow], registers: Mapping[str, list[str]]
) -> bytes:
    """Write readings as JSON.

    Args:
        rows: the readings.
        registers: the names of each meter's tariffs, in its order, by serial.
    """
    meters = [_meter_reading(row, registers.get(row.serial, [])) for row in rows]
    return msgspec.json.encode({"MeterReadings": {"MeterReading": meters}})


def write_xml(
    rows: Iterable[reading_files.ReadingRow], registers: Mapping[str, list[str]]
) -> bytes:
    """Write readings as XML; the arguments are those of `write_json`."""
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<MeterReadings xmlns="{NAMESPACE}">\n']
    for row in rows:
        meter = _meter_reading(row, registers.get(row.serial, []))
        parts.append(_written("MeterReading", meter) + "\n")
    return "".join([*parts, "</MeterReadings>\n"]).encode()


def _readings(line: int, meter: Mapping[str, Any]) -> Iterator[files.Row]:
    """Gather one meter's values into readings, by instant."""
    match meter.get("Meter"):
        case {"mRID": serial}:
            pass
        case _:
            serial = None
    values = meter.get("Readings")
    values = values if isinstance(values, list) else [values]
    if len(values) > VALUES_MAX:
        raise files.BadFile(reason=f"one MeterReading has more than {VALUES_MAX} values")
    gathered: dict[str, dict[str, Any]] = {}
    for value in values:
        one = value if isinstance(value, dict) else {}
        instant = str(one.get("timeStamp"))
        row = gathered.setdefault(instant, {"serial": serial, "read_at": instant, "tariffs": {}})
        _add(row, one)
    yield from (files.Row(line, row) for row in gathered.values())


def _add(row: dict[str, Any], one: Mapping[str, Any]) -> None:
    """Add one value of an instant to its reading; what cannot be said is left for the shape."""
    named = str(_ref(one.get("ReadingType")))
    tariff = quality_codes.tariff_of(named)
    if tariff is None:
        row[f"ReadingType {named}"] = one.get("value")
    elif tariff == 0:
        row["total"] = one.get("value")
    else:
        row["tariffs"][str(tariff)] = one.get("value")
    for quality in _listed(one.get("ReadingQualities")):
        row.setdefault("quality", _ref(quality.get("ReadingQualityType", quality)))
        if "comment" in quality:
            row["estimator"] = quality["comment"]
    source = one.get("source")
    row["method"] = _METHOD_OF.get(source, "remote") if isinstance(source, str) else "remote"


def _listed(value: object) -> list[Mapping[str, Any]]:
    each = value if isinstance(value, list) else [value]
    return [one for one in each if isinstance(one, dict)]


def _ref(value: object) -> object:
    return value.get("ref") if isinstance(value, dict) else value


def _plain(element: plain_xml.Element) -> dict[str, Any]:
    """Turn an element into what its JSON would be; `Readings` and qualities are lists."""
    plain: dict[str, Any] = dict(element.attributes)
    for child in element.children:
        value = _plain(child) if child.children or child.attributes else child.text
        if child.name in {"Readings", "ReadingQualities"}:
            plain.setdefault(child.name, []).append(value)
        else:
            plain.setdefault(child.name, value)
    return plain


def _meter_reading(row: reading_files.ReadingRow, registers: list[str]) -> dict[str, Any]:
    numbered = {name: number for number, name in enumerate(registers, start=1)}
    values = {0: row.total} | {
        numbered[name]: value for name, value in row.tariffs.items() if name in numbered
    }
    quality = {"ReadingQualityType": {"ref": row.quality}}
    if row.estimator is not None:
        quality["comment"] = str(row.estimator)  # type: ignore[assignment]  # plain JSON
    return {
        "Meter": {"mRID": row.serial},
        "Readings": [
            {
                "source": _SOURCE_OF[row.method],
                "timeStamp": rfc3339(row.read_at),
                "value": str(value),
                "ReadingQualities": [quality],
                "ReadingType": {"ref": quality_codes.reading_type(tariff)},
            }
            for tariff, value in sorted(values.items())
        ],
    }


def _written(name: str, value: object) -> str:
    """Write a value as an element of its name; a list is one element each."""
    match value:
        case list():
            return "".join(_written(name, each) for each in value)
        case {"ref": str(ref)}:
            return f'<{name} ref="{plain_xml.written(ref)}"/>'
        case dict():
            inner = "".join(_written(key, each) for key, each in value.items())
            return f"<{name}>{inner}</{name}>"
        case _:
            return f"<{name}>{plain_xml.written(str(value))}</{name}>"
