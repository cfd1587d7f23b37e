"""What check-ins bring beside a fix, what photos were made smaller from, and both policies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0034_remedies"
down_revision = "0033_area_feeders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    dwell = sa.Column(
        "dwell_s", sa.Float(precision=53), server_default=sa.text("180"), nullable=False
    )
    op.add_column("districts", dwell)
    originals = sa.Column("originals", sa.Text(), server_default="hash", nullable=False)
    op.add_column("districts", originals)
    op.add_column("check_ins", sa.Column("remedies", columns.JsonType(), nullable=True))
    op.add_column("evidence_files", sa.Column("original", columns.JsonType(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("evidence_files", "original")
    op.drop_column("check_ins", "remedies")
    op.drop_column("districts", "originals")
    op.drop_column("districts", "dwell_s")
