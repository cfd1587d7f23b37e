"""A report as a workbook (XLSX): the figures, their days and their groups, a sheet each.

Text is written as text, so nothing in it can become a formula, whatever a name or cause says.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from api.insight.paper.lines import Line, headings, lines
from api.insight.paper.named import Named
from schemas.figures import By, Report

_WIDTH: Final = 16
_WIDE: Final = 30
_CHARS_MAX: Final = 32_767
"""The most that a cell holds."""
_SHEETS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "figure": frozenset({"whole", "before"}),
        "days": frozenset({"day"}),
        "place": frozenset(map(str, By)),
    }
)


def as_xlsx(report: Report, named: Named) -> bytes:
    """Write a report as a workbook; the same report gives the same bytes."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": _title(report, named), "created": report.as_of})
        bold = book.add_format({"bold": True})
        every = list(lines(report, named))
        for heading, parts in _SHEETS.items():
            sheet = book.add_worksheet(named.say(heading))
            _fill(sheet, bold, named, (line for line in every if line.part in parts))
    return file.getvalue()


def _title(report: Report, named: Named) -> str:
    return f"{named.unit} {named.span(report.span)} {report.first_day} – {report.last_day}"


def _fill(sheet: Worksheet, bold: Format, named: Named, shown: Iterable[Line]) -> None:
    """Write a sheet's lines beneath headings that stay in sight."""
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, _WIDE)
    sheet.set_column(1, len(headings(named)) - 1, _WIDTH)
    for column, heading in enumerate(headings(named)):
        sheet.write_string(0, column, heading, bold)
    for row, line in enumerate(shown, start=1):
        for column, cell in enumerate(line.cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell[:_CHARS_MAX])
            elif cell is not None:
                sheet.write_number(row, column, cell)
