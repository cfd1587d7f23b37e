"""Receipts found by the order that they are about, and each signed head where it was signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_order_receipts"
down_revision = "0027_bound_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step; of what was signed before, only each device's newest head is known."""
    op.add_column("receipts", sa.Column("signature", sa.Text(), nullable=True))
    op.create_index("ix_receipts_subject", "receipts", ["district_id", "subject_id"])
    op.execute(
        "UPDATE receipts SET signature = (SELECT l.signature FROM device_ledgers l"
        " WHERE l.district_id = receipts.district_id AND l.id = receipts.device_id"
        " AND l.signed_n = receipts.n AND l.signed_sha256 = receipts.sha256)"
        " WHERE EXISTS (SELECT 1 FROM device_ledgers l"
        " WHERE l.district_id = receipts.district_id AND l.id = receipts.device_id"
        " AND l.signed_n = receipts.n)"
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_receipts_subject", table_name="receipts")
    op.drop_column("receipts", "signature")
