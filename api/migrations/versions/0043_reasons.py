"""What work may be returned or suspended for, with the district, for its phones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0043_reasons"
down_revision = "0042_customer_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column(
        "districts",
        sa.Column("reasons", columns.JsonType(), nullable=False, server_default="[]"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_column("districts", "reasons")
