"""Readings that are set aside, and readings that customers dispute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0047_disputes"
down_revision = "0046_use_windows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "readings_set_aside",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("reading_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=True),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", columns.InstantType(), nullable=False),
        _tied("readings_set_aside", "reading_id", "readings"),
        _tied("readings_set_aside", "by_id", "readings"),
        sa.PrimaryKeyConstraint("district_id", "reading_id", name=op.f("pk_readings_set_aside")),
        sqlite_strict=True,
    )
    op.create_table(
        "reading_disputes",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reading_id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("own_value", columns.ExactType(), nullable=True),
        sa.Column("own_at", columns.InstantType(), nullable=True),
        sa.Column("photos", columns.JsonType(), nullable=False),
        sa.Column("opened_at", columns.InstantType(), nullable=False),
        sa.Column("settled_at", columns.InstantType(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        _tied("reading_disputes", "id", "service_requests"),
        _tied("reading_disputes", "reading_id", "readings"),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_reading_disputes")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_reading_disputes_open",
        "reading_disputes",
        ["district_id", "reading_id"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(
        "ix_reading_disputes_opened", "reading_disputes", ["district_id", "opened_at", "id"]
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("reading_disputes")
    op.drop_table("readings_set_aside")


def _tied(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["district_id", column],
        [f"{target}.district_id", f"{target}.id"],
        name=op.f(f"fk_{table}_district_id_{column}"),
    )
