"""Files from other systems, taken apart into rows; nothing here knows what a row means."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple

import msgspec

from schemas.errors import Refused

BYTES_MAX: Final = 16_000_000
ROWS_MAX: Final = 100_000
_NAMED_CHARS_MAX: Final = 200
_WORLD: Final = frozenset({"urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326"})


class BadFile(Refused):
    """The file as a whole cannot be read, so no row of it was looked at. Mend it as told."""

    code = "bad-file"
    status = 422
    en = "The file cannot be read: {reason}"
    zh = "文件无法读取：{reason}"


class Row(NamedTuple):
    """One row: its line in the file (or the feature's number) and its values by column."""

    line: int
    values: dict[str, Any]


def read_csv(data: bytes, *, columns: Collection[str]) -> Iterator[Row]:
    """Read the rows of a CSV file with a header line; empty cells are left out.

    Args:
        data: UTF-8 text, with or without a byte order mark.
        columns: the columns that may stand in the header.

    Raises:
        BadFile: it is not UTF-8 CSV with known columns, or has more than `ROWS_MAX` rows.
    """
    reader = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        check_header(header, columns)
        line = reader.line_num + 1
        for count, cells in enumerate(reader, start=1):
            if count > ROWS_MAX:
                raise BadFile(reason=f"it has more than {ROWS_MAX} rows")
            if cells:
                yield Row(line, named(header, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(reason=f"line {reader.line_num}: {error}") from error


def read_geojson(data: bytes) -> Iterator[Row]:
    """Read the features of a GeoJSON file: their properties, and `geometry`.

    Raises:
        BadFile: it is no FeatureCollection, has more than `ROWS_MAX` features, or names another
            coordinate system than WGS-84 by the old `crs` member (RFC 7946 has done away with it).
    """
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFile(reason=f"it is not JSON ({error})") from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise BadFile(reason="it is not a GeoJSON FeatureCollection")
    _check_crs(document.get("crs"))
    features = document.get("features")
    if not isinstance(features, list) or len(features) > ROWS_MAX:
        raise BadFile(reason=f"it needs a list of at most {ROWS_MAX} features")
    for number, feature in enumerate(features, start=1):
        yield Row(number, _flat(feature))


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(reason="it is not UTF-8; save it as `CSV UTF-8`") from error
    if "\x00" in text:
        raise BadFile(reason="it holds NUL characters")
    return text


def check_header(header: list[str], columns: Collection[str]) -> None:
    """Let pass a header of known columns, none of them twice.

    Raises:
        BadFile: it has others, or none.
    """
    strange = sorted(set(header) - set(columns))
    if not header or strange or len(set(header)) != len(header):
        named = ", ".join(strange)[:_NAMED_CHARS_MAX] or "none or doubled names"
        raise BadFile(reason=f"its header has {named}; known are {', '.join(sorted(columns))}")


def named(header: list[str], cells: list[str]) -> dict[str, Any]:
    """Give each cell its column's name; cells beyond the header keep a name that no row knows."""
    named = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
    if len(cells) > len(header):
        named["(beyond the header)"] = cells[len(header)]
    return named


def _check_crs(crs: object) -> None:
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if name not in _WORLD:
        raise BadFile(reason="its crs is not WGS-84; give positions in WGS-84 or name the datum")


def _flat(feature: object) -> dict[str, Any]:
    """Lay a feature's id, properties and geometry side by side."""
    if not isinstance(feature, dict):
        return {"(not a feature)": feature}
    properties = feature.get("properties")
    values = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature:
        values["id"] = str(feature["id"])
    values["geometry"] = feature.get("geometry")
    return values
