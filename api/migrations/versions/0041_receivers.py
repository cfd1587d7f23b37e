"""Receivers of events; whither a notice goes, and what it says beyond its kind's sentence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0041_receivers"
down_revision = "0040_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "receivers",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("events", columns.JsonType(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("earlier_secret", sa.Text(), nullable=True),
        sa.Column("earlier_until", columns.InstantType(), nullable=True),
        sa.Column("made_at", columns.InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["units.id"], name=op.f("fk_receivers_district_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_receivers_unit_id")),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_receivers")),
        sqlite_strict=True,
    )
    op.add_column("notices", sa.Column("address", sa.Text(), nullable=False, server_default=""))
    op.add_column("notices", sa.Column("payload", columns.JsonType(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("notices", "payload")
    op.drop_column("notices", "address")
    op.drop_table("receivers")
