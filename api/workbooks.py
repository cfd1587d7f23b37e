"""Workbooks (XLSX): one sheet of texts written, the first sheet of somebody's read.

Written cells are texts and nothing else, so no cell is ever a formula.
Of a workbook that is read only values count; a formula counts by the value it had.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from api import plain_xml

MIMETYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PART_BYTES_MAX: Final = 64_000_000
"""The most that one part of a workbook may unpack to."""
COLUMNS_MAX: Final = 200
_SHEET: Final = "xl/worksheets/sheet1.xml"
_STRINGS: Final = "xl/sharedStrings.xml"
_BEGUN: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}
_WRITTEN_AT: Final = (2000, 1, 1, 0, 0, 0)
"""The date inside the archive, so that the same rows make the same bytes."""
_ADDRESS: Final = re.compile(r"([A-Z]{1,3})\d+")


class UnreadableWorkbookError(ValueError):
    """The bytes are no workbook that can be read."""


class SheetRow(NamedTuple):
    """A row of a sheet: its number there, and its cells from the first column on."""

    number: int
    cells: list[str]


def write(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows of texts as a workbook with one sheet."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in _PARTS.items():
            archive.writestr(_entry(name), _BEGUN + body)
        with archive.open(_entry(_SHEET), "w") as sheet:
            sheet.write(f'{_BEGUN}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for row in rows:
                cells = "".join(_cell(text) for text in row)
                sheet.write(f"<row>{cells}</row>\n".encode())
            sheet.write(b"</sheetData></worksheet>")
    return written.getvalue()


def read(data: bytes) -> Iterator[SheetRow]:
    """Read the rows of a workbook's first sheet.

    Raises:
        UnreadableWorkbookError: it is no workbook, or unpacks to more than it should.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            strings = _strings(archive)
            sheet = _part(archive, _first_sheet(archive))
        numbered = enumerate(plain_xml.elements(sheet, named="row"), start=1)
        for number, row in numbered:
            said = row.attributes.get("r", "")
            yield SheetRow(int(said) if said.isdecimal() else number, _cells(row, strings))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise UnreadableWorkbookError(str(error)) from error
    except plain_xml.UnreadableXmlError as error:
        raise UnreadableWorkbookError(str(error)) from error


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_WRITTEN_AT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{plain_xml.written(text)}</t></is></c>'


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as part:
            unpacked = part.read(PART_BYTES_MAX + 1)
    except (KeyError, zlib.error) as error:
        message = f"{name} is not in it, or is damaged"
        raise UnreadableWorkbookError(message) from error
    if len(unpacked) > PART_BYTES_MAX:
        message = f"{name} unpacks to more than {PART_BYTES_MAX} bytes"
        raise UnreadableWorkbookError(message)
    return unpacked


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """Name the part of the first sheet; a workbook tells it by way of its relationships."""
    sheets = plain_xml.elements(_part(archive, "xl/workbook.xml"), named="sheet")
    wanted = next((sheet.attributes.get("id") for sheet in sheets), None)
    ties = plain_xml.elements(_part(archive, "xl/_rels/workbook.xml.rels"), named="Relationship")
    targets = {tie.attributes.get("Id"): tie.attributes.get("Target", "") for tie in ties}
    target = targets.get(wanted, "worksheets/sheet1.xml")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _strings(archive: zipfile.ZipFile) -> list[str]:
    """Read the texts that cells refer to by number."""
    if _STRINGS not in archive.namelist():
        return []
    return [_texts(item) for item in plain_xml.elements(_part(archive, _STRINGS), named="si")]


def _cells(row: plain_xml.Element, strings: Sequence[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.all("c"):
        column = _column(cell.attributes.get("r", ""), len(cells))
        if column >= COLUMNS_MAX:
            message = f"a row has more than {COLUMNS_MAX} columns"
            raise UnreadableWorkbookError(message)
        cells += [""] * (column + 1 - len(cells))
        cells[column] = _value(cell, strings)
    return cells


def _column(address: str, after: int) -> int:
    """Tell a cell's column from 0 on; one without an address stands after the one before."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return after
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _value(cell: plain_xml.Element, strings: Sequence[str]) -> str:
    kind = cell.attributes.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find("is")
        return "" if inline is None else _texts(inline)
    value = cell.find("v")
    text = "" if value is None else value.text
    if kind == "s":
        at = (
            int(text) if text.isdecimal() and len(text) < len(str(PART_BYTES_MAX)) else len(strings)
        )
        return strings[at] if at < len(strings) else ""
    return _number(text) if kind == "n" else text


def _number(text: str) -> str:
    """Write a number as its shortest decimal: a sheet keeps 18231.3 as 18231.299999999999."""
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{number:.0f}" if number.is_integer() else repr(number)


def _texts(element: plain_xml.Element) -> str:
    """Join an element's texts, through its runs of other looks."""
    runs = [*element.all("t"), *(t for run in element.all("r") for t in run.all("t"))]
    return "".join("".join(run.pieces) for run in runs)
