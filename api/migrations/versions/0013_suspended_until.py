"""Tasks: until when suspended work waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0013_suspended_until"
down_revision = "0012_stories"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("tasks", sa.Column("suspended_until", columns.InstantType(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("tasks", "suspended_until")
