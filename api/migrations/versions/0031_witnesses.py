"""Phones as witnesses: the checkpoint that each saw last, and findings where the books differ."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0031_witnesses"
down_revision = "0030_new_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("devices", sa.Column("checkpoint_number", sa.BigInteger(), nullable=True))
    op.add_column("devices", sa.Column("checkpoint_sha256", sa.Text(), nullable=True))
    op.create_table(
        "custody_findings",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("said_sha256", sa.Text(), nullable=False),
        sa.Column("our_sha256", sa.Text(), nullable=True),
        sa.Column("restored_after", sa.BigInteger(), nullable=True),
        sa.Column("found_at", columns.InstantType(), nullable=False),
        sa.Column("explained_at", columns.InstantType(), nullable=True),
        sa.Column("explained_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_custody_findings")),
        sa.UniqueConstraint(
            "district_id", "device_id", "number", "said_sha256", name="uq_custody_findings_said"
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_custody_findings_found", "custody_findings", ["district_id", "found_at", "id"]
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("custody_findings")
    op.drop_column("devices", "checkpoint_sha256")
    op.drop_column("devices", "checkpoint_number")
