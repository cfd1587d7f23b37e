"""Files that a supervisor has waived: who let their orders be archived without them, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0024_waived_files"
down_revision = "0023_scrubbed_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("evidence_files", sa.Column("waived_at", columns.InstantType(), nullable=True))
    op.add_column("evidence_files", sa.Column("waived_by", sa.Text(), nullable=True))
    op.add_column(
        "evidence_files",
        sa.Column("waived_reason", sa.Text(), nullable=False, server_default=""),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("evidence_files", "waived_reason")
    op.drop_column("evidence_files", "waived_by")
    op.drop_column("evidence_files", "waived_at")
