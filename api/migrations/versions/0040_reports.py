"""Reports as they were issued; an index from which a month of readings is counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0040_reports"
down_revision = "0039_counted"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "issued_reports",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("as_of", columns.InstantType(), nullable=False),
        sa.Column("issued_at", columns.InstantType(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_issued_reports")),
        sa.UniqueConstraint("district_id", "span", "first_day", name="uq_issued_reports_span"),
        sqlite_strict=True,
    )
    op.drop_index("ix_readings_day", "readings")
    op.create_index(
        "ix_readings_day",
        "readings",
        [
            "district_id",
            "read_at",
            "id",
            "received_at",
            "quality",
            "reader_id",
            "route_id",
        ],
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_readings_day", "readings")
    op.create_index("ix_readings_day", "readings", ["district_id", "read_at", "id"])
    op.drop_table("issued_reports")
