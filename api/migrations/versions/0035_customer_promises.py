"""Promises to customers: windows that somebody gave, how they were agreed anew, who was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0035_customer_promises"
down_revision = "0034_remedies"
branch_labels = None
depends_on = None

_ON_CLOCKS = ("promise_id", "from_at", "words", "notice_at", "risk_at", "risk_en", "risk_zh")


def upgrade() -> None:
    """Take the step."""
    op.add_column("clocks", sa.Column("promise_id", sa.Text(), nullable=True))
    op.add_column("clocks", sa.Column("from_at", columns.InstantType(), nullable=True))
    op.add_column("clocks", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    op.add_column("clocks", sa.Column("notice_at", columns.InstantType(), nullable=True))
    op.add_column("clocks", sa.Column("risk_at", columns.InstantType(), nullable=True))
    op.add_column("clocks", sa.Column("risk_en", sa.Text(), nullable=False, server_default=""))
    op.add_column("clocks", sa.Column("risk_zh", sa.Text(), nullable=False, server_default=""))
    _create_promises()
    _create_windows()
    _create_tellings()


def _create_promises() -> None:
    op.create_table(
        "customer_promises",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("service_point_id", sa.Text(), nullable=True),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("aim", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", columns.InstantType(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("due_at", columns.InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "task_id"],
            ["tasks.district_id", "tasks.id"],
            name=op.f("fk_customer_promises_district_id_task_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "service_point_id"],
            ["service_points.district_id", "service_points.id"],
            name=op.f("fk_customer_promises_district_id_service_point_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_customer_promises")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_customer_promises_due", "customer_promises", ["district_id", "due_at", "id"]
    )
    op.create_index("ix_customer_promises_task", "customer_promises", ["district_id", "task_id"])


def _create_windows() -> None:
    op.create_table(
        "promise_windows",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("promise_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("from_at", columns.InstantType(), nullable=True),
        sa.Column("due_at", columns.InstantType(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", columns.InstantType(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("consent", columns.JsonType(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("clock_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "promise_id"],
            ["customer_promises.district_id", "customer_promises.id"],
            name=op.f("fk_promise_windows_district_id_promise_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "clock_id"],
            ["clocks.district_id", "clocks.id"],
            name=op.f("fk_promise_windows_district_id_clock_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_promise_windows")),
        sa.UniqueConstraint(
            "district_id", "promise_id", "number", name="uq_promise_windows_number"
        ),
        sqlite_strict=True,
    )


def _create_tellings() -> None:
    op.create_table(
        "customer_tellings",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("promise_id", sa.Text(), nullable=False),
        sa.Column("at", columns.InstantType(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("before_due", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "promise_id"],
            ["customer_promises.district_id", "customer_promises.id"],
            name=op.f("fk_customer_tellings_district_id_promise_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_customer_tellings")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_customer_tellings_promise", "customer_tellings", ["district_id", "promise_id", "at"]
    )


def downgrade() -> None:
    """Take it back; clocks of promises to customers have nobody who knows them then."""
    op.drop_table("customer_tellings")
    op.drop_table("promise_windows")
    op.drop_table("customer_promises")
    op.execute(
        "UPDATE clocks SET next_at = NULL, kind = 'promise-' || id WHERE promise_id IS NOT NULL"
    )
    for name in reversed(_ON_CLOCKS):
        op.drop_column("clocks", name)
