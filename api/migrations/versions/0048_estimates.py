"""What declared estimates rest on, and visits that are proposed to the office."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0048_estimates"
down_revision = "0047_disputes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "estimate_bases",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("reading_id", sa.Text(), nullable=False),
        sa.Column("since_value", columns.ExactType(), nullable=False),
        sa.Column("since_at", columns.InstantType(), nullable=False),
        sa.Column("used_kwh", columns.ExactType(), nullable=False),
        sa.Column("inputs", columns.JsonType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "reading_id"],
            ["readings.district_id", "readings.id"],
            name=op.f("fk_estimate_bases_district_id_reading_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "reading_id", name=op.f("pk_estimate_bases")),
        sqlite_strict=True,
    )
    op.create_table(
        "visit_proposals",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("inputs", columns.JsonType(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("opened_at", columns.InstantType(), nullable=False),
        sa.Column("decided_at", columns.InstantType(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "meter_id"],
            ["meters.district_id", "meters.id"],
            name=op.f("fk_visit_proposals_district_id_meter_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_visit_proposals")),
        sa.UniqueConstraint(
            "district_id", "meter_id", "reason", "about", name="uq_visit_proposals_about"
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_visit_proposals_opened", "visit_proposals", ["district_id", "opened_at", "id"]
    )
    op.create_index("ix_skips_meter", "skips", ["district_id", "meter_id", "happened_at"])
    op.create_index("ix_skips_heard", "skips", ["district_id", "received_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_skips_heard", "skips")
    op.drop_index("ix_skips_meter", "skips")
    op.drop_table("visit_proposals")
    op.drop_table("estimate_bases")
