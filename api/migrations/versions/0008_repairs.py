"""Repairs: reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0008_repairs"
down_revision = "0007_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "repair_reports",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reporter_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=False),
        sa.Column("reported_at", columns.InstantType(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("placement", columns.JsonType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "task_id"],
            ["tasks.district_id", "tasks.id"],
            name=op.f("fk_repair_reports_district_id_task_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_repair_reports")),
        sa.UniqueConstraint("district_id", "reporter_id", "key", name="uq_repair_reports_key"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("repair_reports") as batch_op:
        batch_op.create_index(
            "ix_repair_reports_age", ["district_id", "received_at", "id"], unique=False
        )
        batch_op.create_index("ix_repair_reports_task", ["district_id", "task_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("repair_reports") as batch_op:
        batch_op.drop_index("ix_repair_reports_task")
        batch_op.drop_index("ix_repair_reports_age")

    op.drop_table("repair_reports")
