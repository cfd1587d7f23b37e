"""Time stamps of checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0029_checkpoint_stamps"
down_revision = "0028_order_receipts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "checkpoint_stamps",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", columns.InstantType(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("stamped_at", columns.InstantType(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "number"],
            ["checkpoints.district_id", "checkpoints.number"],
            name=op.f("fk_checkpoint_stamps_district_id_number"),
        ),
        sa.PrimaryKeyConstraint("district_id", "number", name=op.f("pk_checkpoint_stamps")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("checkpoint_stamps")
