"""Tables of readings and routes: CSV and XLSX, in and out, with the same columns both ways.

A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@` or a control for a formula; written
CSV puts an apostrophe before such a text, and what is read loses it again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from api import workbooks
from api.sites.service import files
from schemas import reading_files
from schemas.base import Shape

READING_COLUMNS: Final = reading_files.ReadingRow.__struct_fields__
ROUTE_COLUMNS: Final = reading_files.RouteRow.__struct_fields__
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_GUARD: Final = "'"
_LIST_MARK: Final = "|"
_PART_MARK: Final = ":"


def read(
    data: bytes, *, layout: reading_files.Layout, columns: Sequence[str]
) -> Iterator[files.Row]:
    """Read the rows of a table by its columns; empty cells are left out.

    Raises:
        BadFile: it cannot be read, has other columns, or more than `files.ROWS_MAX` rows.
    """
    if layout is reading_files.Layout.CSV:
        rows = files.read_csv(data, columns=columns)
    else:
        rows = _sheet_rows(data, columns)
    for row in rows:
        yield files.Row(row.line, {name: _unguarded(cell) for name, cell in row.values.items()})


def write(
    rows: Iterable[Mapping[str, str]], *, layout: reading_files.Layout, columns: Sequence[str]
) -> bytes:
    """Write rows under a header of their columns."""
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    if layout is reading_files.Layout.XLSX:
        return workbooks.write(lines)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[_guarded(cell) for cell in line] for line in lines])
    return text.getvalue().encode("utf-8-sig")


def reading_of(values: dict[str, Any]) -> reading_files.ReadingRow:
    """Shape a row as a reading; its tariffs are written `peak:10|valley:5`.

    Raises:
        ValueError: it has not the shape (`msgspec.ValidationError` is one).
    """
    if isinstance(values.get("tariffs"), str):
        values["tariffs"] = dict(_tariff(each) for each in values["tariffs"].split(_LIST_MARK))
    return msgspec.convert(values, reading_files.ReadingRow, strict=False)


def route_of(values: dict[str, Any]) -> reading_files.RouteRow:
    """Shape a row as a meter of a route.

    Raises:
        ValueError: it has not the shape (`msgspec.ValidationError` is one).
    """
    return msgspec.convert(values, reading_files.RouteRow, strict=False)


def cells_of(row: Shape) -> dict[str, str]:
    """Write a row's values as the texts of its cells; what is not there is left out."""
    plain = msgspec.to_builtins(row)
    return {
        name: _LIST_MARK.join(f"{key}{_PART_MARK}{part}" for key, part in value.items())
        if isinstance(value, dict)
        else str(value)
        for name, value in plain.items()
        if value not in (None, "", {})
    }


def _sheet_rows(data: bytes, columns: Sequence[str]) -> Iterator[files.Row]:
    """Read a sheet as the CSV that it would be, and keep its own row numbers."""
    try:
        sheet = workbooks.read(data)
        header = next(sheet, workbooks.SheetRow(1, []))
        names = [name.strip() for name in header.cells]
        files.check_header(names, columns)
        for count, row in enumerate(sheet, start=1):
            if count > files.ROWS_MAX:
                raise files.BadFile(reason=f"it has more than {files.ROWS_MAX} rows")
            if any(cell.strip() for cell in row.cells):
                yield files.Row(row.number, files.named(names, row.cells))
    except workbooks.UnreadableWorkbookError as error:
        raise files.BadFile(reason=f"it is no XLSX workbook ({error})") from error


def _tariff(text: str) -> tuple[str, str]:
    name, mark, value = text.partition(_PART_MARK)
    if not mark:
        message = f"tariffs are written `peak:10|valley:5`, and not `{text[:40]}`"
        raise ValueError(message)
    return name.strip(), value.strip()


def _guarded(text: str) -> str:
    return _GUARD + text if text.startswith(_FORMULA) else text


def _unguarded(cell: Any) -> Any:  # noqa: ANN401 - a cell beyond the header keeps what it is
    if isinstance(cell, str) and cell.startswith(_GUARD) and cell[1:].startswith(_FORMULA):
        return cell[1:]
    return cell
