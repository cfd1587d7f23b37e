"""Readings that are read again by somebody else, at most once each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0044_rereads"
down_revision = "0043_reasons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "rereads",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("reading_id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("codes", columns.JsonType(), nullable=False),
        sa.Column("opened_at", columns.InstantType(), nullable=False),
        sa.Column("due_at", columns.InstantType(), nullable=False),
        sa.Column("route_id", sa.Text(), nullable=True),
        sa.Column("second_id", sa.Text(), nullable=True),
        sa.Column("settled_at", columns.InstantType(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "reading_id"],
            ["readings.district_id", "readings.id"],
            name=op.f("fk_rereads_district_id_reading_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "reading_id", name=op.f("pk_rereads")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_rereads_open", "rereads", ["district_id", "outcome", "due_at", "reading_id"]
    )
    op.create_index("ix_rereads_meter", "rereads", ["district_id", "meter_id"])
    # A photo used again was ER31 before a missing position had that code.
    op.execute("UPDATE flags SET code = 'ER35' WHERE code = 'ER31'")


def downgrade() -> None:
    """Take it back."""
    op.execute("UPDATE flags SET code = 'ER31' WHERE code = 'ER35'")
    op.drop_table("rereads")
