"""Check-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0006_checkins"
down_revision = "0005_tasks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "check_ins",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("happened_at", columns.InstantType(), nullable=False),
        sa.Column("error_s", sa.Float(precision=53), nullable=False),
        sa.Column("clock_suspect", sa.Boolean(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("fix", columns.JsonType(), nullable=True),
        sa.Column("radius_m", sa.Float(precision=53), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("verdict_on_phone", sa.Text(), nullable=True),
        sa.Column("distance_m", sa.Float(precision=53), nullable=True),
        sa.Column("reasons", columns.JsonType(), nullable=False),
        sa.Column("datum_suspect", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "task_id"],
            ["tasks.district_id", "tasks.id"],
            name=op.f("fk_check_ins_district_id_task_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_check_ins")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("check_ins") as batch_op:
        batch_op.create_index(
            "ix_check_ins_day", ["district_id", "happened_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_check_ins_task", ["district_id", "task_id", "happened_at", "id"], unique=False
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("check_ins") as batch_op:
        batch_op.drop_index("ix_check_ins_task")
        batch_op.drop_index("ix_check_ins_day")

    op.drop_table("check_ins")
