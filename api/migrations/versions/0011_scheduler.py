"""Jobs: the ledger of runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0011_scheduler"
down_revision = "0010_sync"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "job_runs",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", columns.InstantType(), nullable=False),
        sa.Column("lease_until", columns.InstantType(), nullable=False),
        sa.Column("finished_at", columns.InstantType(), nullable=True),
        sa.Column("counts", columns.JsonType(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "job", "slot", name=op.f("pk_job_runs")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("job_runs") as batch_op:
        batch_op.create_index(
            "ix_job_runs_claimed", ["district_id", "claimed_at", "job", "slot"], unique=False
        )
        batch_op.create_index("ix_job_runs_open", ["job", "state", "lease_until"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("job_runs") as batch_op:
        batch_op.drop_index("ix_job_runs_open")
        batch_op.drop_index("ix_job_runs_claimed")

    op.drop_table("job_runs")
