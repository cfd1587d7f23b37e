"""Crews: when a device was first seen to be two phones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0016_copied"
down_revision = "0015_feed_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("devices", sa.Column("copied_at", columns.InstantType(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("devices", "copied_at")
