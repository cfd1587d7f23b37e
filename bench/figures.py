"""Figures: what was measured, its floor or limit, its target, and whether that was met."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable, Sequence
from typing import Final

import rich.table

_NINETY_NINE: Final = 0.99


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure.

    Attributes:
        what: what was measured.
        value: the figure, in `unit`.
        unit: of the value, as it is printed; may be empty.
        floor: the floor's figure in the same unit; None where there is none.
        at_most: the most that the target allows, of the ratio where there is a floor.
        at_least: the least that the target allows.
    """

    what: str
    value: float
    unit: str
    floor: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float | None:
        """How often the floor goes into the figure."""
        return self.value / self.floor if self.floor else None

    @property
    def target(self) -> str:
        """The target in words."""
        times = "x" if self.floor else f" {self.unit}".rstrip()
        if self.at_most is not None:
            return f"<= {_short(self.at_most)}{times}"
        return "" if self.at_least is None else f">= {_short(self.at_least)}{times}"

    @property
    def verdict(self) -> str:
        """Whether the target is met; empty where there is none."""
        judged = self.value if self.ratio is None else self.ratio
        if self.at_most is None and self.at_least is None:
            return ""
        high = self.at_most is not None and judged > self.at_most
        low = self.at_least is not None and judged < self.at_least
        if not (high or low):
            return "met"
        return "short"

    @property
    def cells(self) -> Sequence[str]:
        """The figure as cells of a row: what, value, floor, ratio, target, verdict."""
        return (
            self.what,
            f"{_short(self.value)} {self.unit}".rstrip(),
            "" if self.floor is None else f"{_short(self.floor)} {self.unit}".rstrip(),
            "" if self.ratio is None else f"{self.ratio:.1f}x",
            self.target,
            self.verdict,
        )


HEADINGS: Final = ("What", "Measured", "Floor", "Ratio", "Target", "")


def median_ms(times_s: Iterable[float]) -> float:
    """Give the median of some times, in milliseconds."""
    return statistics.median(times_s) * 1_000


def p99_ms(times_s: Sequence[float]) -> float:
    """Give the time that all but one in a hundred stay under, in milliseconds."""
    ordered = sorted(times_s)
    return ordered[min(int(len(ordered) * _NINETY_NINE), len(ordered) - 1)] * 1_000


def table(title: str, figures: Iterable[Figure]) -> rich.table.Table:
    """Lay figures out for a terminal."""
    shown = rich.table.Table(*HEADINGS, title=title, title_justify="left")
    for figure in figures:
        shown.add_row(*figure.cells)
    return shown


def markdown(title: str, figures: Iterable[Figure]) -> str:
    """Lay figures out for the documentation."""
    rows = [HEADINGS, ("---", *["---:"] * 3, "---", "---"), *(each.cells for each in figures)]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"### {title}\n\n{lines}\n"


def _short(value: float) -> str:
    """Write a number with three digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
