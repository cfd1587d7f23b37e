"""A report as the lines of one flat table, for spreadsheets and other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from api.insight.paper.named import Named
from schemas.figures import Count, Report, ReportFigure

_COLUMNS: Final = (
    "figure",
    "code",
    "part",
    "id",
    "name",
    "from",
    "to",
    "value",
    "numerator",
    "denominator",
    "undecided",
    "provisional",
    "place",
    "small",
)
_BOM: Final = "\ufeff"
"""Without it, spreadsheets take the file for another encoding."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | None


class Line(NamedTuple):
    """A line, and which part of the report it is of: `whole`, `before`, `day` or a dimension."""

    part: str
    cells: Sequence[Cell]


def headings(named: Named) -> list[str]:
    """Give the headings of the columns."""
    return [named.say(column) for column in _COLUMNS]


def lines(report: Report, named: Named) -> Iterator[Line]:
    """Write every count of a report as a line."""
    first, last = report.first_day.isoformat(), report.last_day.isoformat()
    for figure in report.figures:
        yield _line(figure, named, "whole", figure.whole, between=(first, last))
        if figure.before is not None:
            yield _line(figure, named, "before", figure.before)
        for day in figure.days:
            between = (day.first_day.isoformat(), day.last_day.isoformat())
            yield _line(figure, named, "day", day.count, between=between)
        for by, groups in figure.groups.items():
            for group in groups:
                called = (group.id or "", named.group(by, group.id))
                yield _line(
                    figure,
                    named,
                    by,
                    group.count,
                    between=(first, last),
                    called=called,
                    place=group.place,
                )


def as_csv(report: Report, named: Named) -> bytes:
    """Write a report as a table of comma-separated values, UTF-8 with its mark."""
    text = io.StringIO(newline="")
    written = csv.writer(text)
    written.writerow(headings(named))
    for line in lines(report, named):
        written.writerow([_unarmed(cell) for cell in line.cells])
    return (_BOM + text.getvalue()).encode()


def _line(
    figure: ReportFigure,
    named: Named,
    part: str,
    count: Count,
    *,
    between: tuple[str, str] = ("", ""),
    called: tuple[str, str] = ("", ""),
    place: int | None = None,
) -> Line:
    return Line(
        part,
        (
            named.title(figure.code),
            figure.code,
            named.say(part),
            *called,
            *between,
            count.value,
            count.numerator,
            count.denominator,
            count.undecided,
            count.provisional,
            place,
            named.say("yes") if count.small else "",
        ),
    )


def _unarmed(cell: Cell) -> Cell:
    """Write text so that no spreadsheet takes it for a formula."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
