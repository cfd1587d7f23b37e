"""What came in from other systems is known by their ids; stops remember their former routes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0045_interchange"
down_revision = "0044_rereads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "imported",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("own_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "kind", "source_id", name=op.f("pk_imported")),
        sqlite_strict=True,
    )
    op.add_column(
        "stops",
        sa.Column("former_route_ids", columns.JsonType(), nullable=False, server_default="[]"),
    )
    op.create_index("ix_meters_serial", "meters", ["district_id", "serial"])


def downgrade() -> None:
    """Take it back."""
    op.drop_column("stops", "former_route_ids")
    op.drop_index("ix_meters_serial", "meters")
    op.drop_table("imported")
