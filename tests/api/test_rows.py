"""Rows written in bulk are what row by row would have written, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import cast

import pytest
from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import rows
from api.feed.models import FeedEntry
from api.sync.models import Receipt
from schemas.sync import Status

AT = dt.datetime(2026, 11, 23, 4, 5, 6, 789_012, tzinfo=dt.UTC)
RECEIPTS = cast("Table", Receipt.__table__)
ENTRIES = cast("Table", FeedEntry.__table__)


def receipt(n: int, **changed: object) -> dict[str, object]:
    row: dict[str, object] = {
        "district_id": "d1",
        "device_id": "device-1",
        "n": n,
        "operation_id": f"operation-{n}",
        "type": "task.note",
        "subject_id": "",
        "sha256": "",
        "wire": b'{"n":%d}\x00\xff' % n,
        "status": "applied",
        "code": "applied",
        "fields": {"n": n, "zh": "停电"},
        "happened_at": AT,
        "error_s": 0.5,
        "clock_suspect": n % 2 == 0,
        "received_at": AT,
    }
    return {**row, **changed}


def entry(entity_id: str, number: int, *, wire: bytes = b"{}") -> dict[str, object]:
    return {
        "district_id": "d1",
        "audience": "crew:1",
        "entity": "task",
        "entity_id": entity_id,
        "number": number,
        "gone": False,
        "wire": wire,
    }


def test_every_type_comes_back_as_it_was_given(session: Session) -> None:
    rows.insert(session.connection(), RECEIPTS, [receipt(1), receipt(2)])
    back = session.get_one(Receipt, ("d1", "device-1", 2))
    assert {name: getattr(back, name) for name in receipt(2)} == receipt(2)


def test_values_of_one_column_may_differ_in_their_python_type(session: Session) -> None:
    mixed = [receipt(1, error_s=0, status=Status.HELD), receipt(2, error_s=0.25, status="applied")]
    rows.insert(session.connection(), RECEIPTS, mixed)
    back = [session.get_one(Receipt, ("d1", "device-1", n)) for n in (1, 2)]
    assert [(row.status, row.error_s) for row in back] == [("held", 0.0), ("applied", 0.25)]


def test_a_row_that_is_there_is_overwritten_only_in_the_columns_named(session: Session) -> None:
    rows.insert(session.connection(), ENTRIES, [entry("t1", 1, wire=b"old"), entry("t2", 2)])
    new = [entry("t1", 3, wire=b"new"), entry("t3", 4)]
    rows.insert(session.connection(), ENTRIES, new, replacing=("number",))
    found = session.query(FeedEntry).order_by(FeedEntry.number)
    assert [(row.entity_id, row.number, row.wire) for row in found] == [
        ("t2", 2, b"{}"),
        ("t1", 3, b"old"),
        ("t3", 4, b"{}"),
    ]


def test_a_row_that_is_there_is_an_error_when_none_may_be_overwritten(session: Session) -> None:
    connection = session.connection()
    rows.insert(connection, RECEIPTS, [receipt(1)])
    with pytest.raises(IntegrityError), connection.begin_nested():
        rows.insert(connection, RECEIPTS, [receipt(1)])


def test_rows_are_changed_only_in_the_columns_named(session: Session) -> None:
    rows.insert(session.connection(), RECEIPTS, [receipt(1), receipt(2), receipt(3)])
    key = {"district_id": "d1", "device_id": "device-1"}
    changed: list[dict[str, object]] = [
        {"status": "held", **key, "n": 1, "error_s": 1.5, "fields": {"a": [1]}},
        {"status": "merged", **key, "n": 3, "error_s": 0, "fields": {}},
    ]
    rows.update(session.connection(), RECEIPTS, changed)
    back = [session.get_one(Receipt, ("d1", "device-1", n)) for n in (1, 2, 3)]
    assert [(row.status, row.error_s, row.fields) for row in back] == [
        ("held", 1.5, {"a": [1]}),
        ("applied", 0.5, {"n": 2, "zh": "停电"}),
        ("merged", 0.0, {}),
    ]
    assert [row.code for row in back] == ["applied"] * 3
