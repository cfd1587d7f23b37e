"""What figures count: marks of orders, and lines of ledgers that say how their clock stood.

Marks of older orders are read from their timelines; a clock's older lines stay without crew and
time, but for the newest one, which says what the clock says now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0039_counted"
down_revision = "0038_requests"
branch_labels = None
depends_on = None

ROWS_PER_READ: Final = 5_000
_PROVISIONAL: Final = "state = 'provisional'"
_WORDS: Final = {
    "finish": "cause",
    "call_back": "result",
    "reopen": "cause",
    "return": "reason",
    "suspend": "reason",
    "cancel": "reason",
}
_MOVED: Final = {"", "work_counted", "others_on_site"}
"""Remarks of moments that moved their order."""


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "task_marks",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=True),
        sa.Column("happened_at", columns.InstantType(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "task_id"],
            ["tasks.district_id", "tasks.id"],
            name=op.f("fk_task_marks_district_id_task_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_task_marks")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_task_marks_task", "task_marks", ["district_id", "task_id", "event", "received_at", "id"]
    )
    op.create_index("ix_tasks_opened", "tasks", ["district_id", "opened_at", "kind", "id"])
    op.add_column("clocks", sa.Column("told_at", columns.InstantType(), nullable=True))
    op.add_column("clocks", sa.Column("took_ms", sa.BigInteger(), nullable=True))
    op.create_index("ix_clocks_opened", "clocks", ["district_id", "opened_at", "kind", "id"])
    op.add_column("clock_moments", sa.Column("crew_id", sa.Text(), nullable=True))
    op.add_column("clock_moments", sa.Column("took_ms", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_clock_moments_provisional",
        "clock_moments",
        ["district_id", "heard_at", "id"],
        sqlite_where=sa.text(_PROVISIONAL),
        postgresql_where=sa.text(_PROVISIONAL),
    )
    _fill_marks()
    _fill_clocks()


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_clock_moments_provisional", "clock_moments")
    op.drop_column("clock_moments", "took_ms")
    op.drop_column("clock_moments", "crew_id")
    op.drop_index("ix_clocks_opened", "clocks")
    op.drop_column("clocks", "took_ms")
    op.drop_column("clocks", "told_at")
    op.drop_index("ix_tasks_opened", "tasks")
    op.drop_table("task_marks")


def _fill_marks() -> None:
    """Mark what the timelines tell."""
    marks = sa.table(
        "task_marks",
        *(
            sa.column(name, kind)
            for name, kind in (
                ("district_id", sa.Text()),
                ("id", sa.Text()),
                ("task_id", sa.Text()),
                ("event", sa.Text()),
                ("crew_id", sa.Text()),
                ("happened_at", columns.InstantType()),
                ("received_at", columns.InstantType()),
                ("word", sa.Text()),
            )
        ),
    )
    for rows in _timelines():
        told = [(row, msgspec.json.decode(row.body)) for row in rows]
        if filled := [_mark(row, moment) for row, moment in told if _is_counted(moment)]:
            op.get_bind().execute(marks.insert(), filled)


def _timelines() -> Iterator[list[sa.Row[Any]]]:
    """Read every moment of every timeline, some at a time."""
    events = sa.table(
        "task_events",
        sa.column("district_id", sa.Text()),
        sa.column("id", sa.Text()),
        sa.column("task_id", sa.Text()),
        sa.column("body", sa.LargeBinary()),
    )
    key = sa.tuple_(events.c.district_id, events.c.id)
    after = ("", "")
    while True:
        question = sa.select(events).where(key > sa.tuple_(*map(sa.literal, after)))
        rows = list(
            op.get_bind().execute(
                question.order_by(events.c.district_id, events.c.id).limit(ROWS_PER_READ)
            )
        )
        if not rows:
            return
        yield rows
        after = (rows[-1].district_id, rows[-1].id)


def _is_counted(moment: dict[str, Any]) -> bool:
    return moment["event"] in _WORDS and moment["remark"] in _MOVED


def _mark(row: sa.Row[Any], moment: dict[str, Any]) -> dict[str, object]:
    return {
        "district_id": row.district_id,
        "id": row.id,
        "task_id": row.task_id,
        "event": moment["event"],
        "crew_id": moment["crew_id"],
        "happened_at": dt.datetime.fromisoformat(moment["happened_at"]),
        "received_at": dt.datetime.fromisoformat(moment["received_at"]),
        "word": str(moment["detail"].get(_WORDS[moment["event"]]) or "").strip(),
    }


def _fill_clocks() -> None:
    """Let each clock, and the newest line of its ledger, say what the clock says now."""
    bind = op.get_bind()
    took = (
        "CAST(round((julianday(stopped_at) - julianday(started_at)) * 86400000) AS INTEGER)"
        if bind.dialect.name == "sqlite"
        else "CAST(round(extract(epoch FROM stopped_at - started_at) * 1000) AS BIGINT)"
    )
    op.execute(
        f"UPDATE clocks SET took_ms = {took}, told_at = (SELECT max(m.heard_at) "  # noqa: S608 - ours
        "FROM clock_moments m WHERE m.district_id = clocks.district_id AND m.clock_id = clocks.id)"
    )
    op.execute(
        "UPDATE clock_moments SET crew_id = c.crew_id, took_ms = c.took_ms FROM clocks c "
        "WHERE c.district_id = clock_moments.district_id AND c.id = clock_moments.clock_id "
        "AND c.told_at = clock_moments.heard_at"
    )
