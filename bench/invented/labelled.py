"""Labelled sets beside the project: registers of real use, some of them invented, numbers alone.

A set is a folder of `*.csv.gz` with a row for each reading: customer, route, reader, seq,
read_date, multiplier, digits, reading, kind (empty where honest) and after_fab (1 on the honest
reading after a bad one). No rule sees more than the server would.
"""

from __future__ import annotations

import collections
import csv
import dataclasses
import datetime as dt
import gzip
import itertools
import pathlib
from collections.abc import Mapping, Sequence
from decimal import Decimal

from bench.invented.score import Found, Truth
from schemas.rules import batches, estimates, judging, meter_reading, suspicion, usage

Row = Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """A set with what was found in it, and how many honest readings after a bad one were blamed."""

    truths: Sequence[Truth]
    found: Found
    blamed_after: int


def judge(path: pathlib.Path, policy: suspicion.Policy) -> Judged:
    """Judge every reading of one file."""
    with gzip.open(path, "rt", newline="") as opened:
        rows = [dict(row, id=str(number)) for number, row in enumerate(csv.DictReader(opened))]
    found: dict[str, set[str]] = {row["id"]: set() for row in rows}
    used: dict[str, Decimal | None] = {}
    for of_customer in _grouped(rows, "customer"):
        for finding in _by_numbers(of_customer, policy.use):
            found[finding.reading_id].add(finding.flag.code)
        used |= _used(of_customer)
    kinds = {
        row["id"]: batches.kinds_of(
            Decimal(row["reading"]), used[row["id"]], equals_estimate="ER14" in found[row["id"]]
        )
        for row in rows
    }
    rates = batches.rates_of(list(kinds.values()))
    for day in _grouped(rows, "reader", "read_date"):
        marks = [batches.Mark(row["id"], kinds[row["id"]]) for row in day]
        for charge in batches.judge(marks, rates, policy.batches):
            found[charge.reading_id].add(charge.flag.code)
    truths = [
        Truth(row["id"], bool(row["kind"]), (row["kind"],) if row["kind"] else ()) for row in rows
    ]
    blamed = sum(
        row["after_fab"] == "1" and not row["kind"] and "ER10" in found[row["id"]] for row in rows
    )
    return Judged(truths, found, blamed)


def _by_numbers(rows: Sequence[Row], use: suspicion.Use) -> Sequence[judging.Finding]:
    past = [
        judging.Past(
            row["id"],
            dt.date.fromisoformat(row["read_date"]),
            Decimal(row["reading"]),
            usage.Quality.actual,
        )
        for row in rows
    ]
    limits = estimates.Limits.of(use)
    register = meter_reading.Register(int(rows[0]["digits"]), 0, Decimal(rows[0]["multiplier"]))
    return list(
        judging.judge(
            past,
            register=register,
            since=0,
            doubted=(),
            policies=[judging.Policy(limits, use)] * len(past),
        )
    )


def _used(rows: Sequence[Row]) -> dict[str, Decimal | None]:
    """Tell what each reading says was used, in units shown."""
    used: dict[str, Decimal | None] = {rows[0]["id"]: None}
    for before, after in itertools.pairwise(rows):
        used[after["id"]] = Decimal(after["reading"]) - Decimal(before["reading"])
    return used


def _grouped(rows: Sequence[Row], *keys: str) -> list[list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = collections.defaultdict(list)
    for row in rows:
        groups[tuple(row[key] for key in keys)].append(row)
    return list(groups.values())
