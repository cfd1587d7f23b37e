"""Files of readings and of routes: their rows, and what became of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import Exact, Id, Instant, Name, Shape, Text, require_exact
from schemas.readings import STOPS_MAX, Method
from schemas.rules import estimators
from schemas.sites import RefusedRow


class Mode(StrEnum):
    """What becomes of the good rows of a file that has bad ones."""

    GOOD_ROWS = "good_rows"
    ALL_OR_NOTHING = "all_or_nothing"


class Layout(StrEnum):
    """How a file is laid out."""

    CSV = "csv"
    XLSX = "xlsx"
    XML = "xml"
    JSON = "json"


class ReadingRow(Shape):
    """One reading of another system.

    `source_id` is that system's own id of it; without one, the meter and the instant are.
    `tariffs` are named as the meter's registers are, or by their number among its tariffs.
    `quality` is an IEC 61968-9 code.
    """

    source_id: Name | None = None
    serial: Name
    read_at: Instant
    total: Exact
    tariffs: dict[str, Exact] = {}
    method: Method = Method.REMOTE
    quality: Name | None = None
    estimator: estimators.Method | None = None
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse numbers that nothing could keep."""
        require_exact(self.total, *self.tariffs.values())


class RouteRow(Shape):
    """One meter of a route of another system; rows with the same `route` are one route.

    `route` is that system's own id of it; its name and hands are those of its first row.
    """

    route: Id
    sequence: Annotated[int, Meta(ge=1, le=STOPS_MAX)]
    serial: Name
    name: Name | None = None
    crew_id: Id | None = None
    person_id: Id | None = None
    planned_at: Instant | None = None


class FileReport(Shape):
    """What became of an imported file of readings or routes.

    `taken` counts the rows that went in, `known` those that were there already and add nothing.
    `refused` lists the first refused rows; `refused_count` counts all of them.
    """

    rows: int
    taken: int
    known: int
    refused_count: int
    refused: list[RefusedRow]
