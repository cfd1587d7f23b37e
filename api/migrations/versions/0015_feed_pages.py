"""Feed: pages and how far they reach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_feed_pages"
down_revision = "0014_held"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "feed_pages",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("through", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("tells_gone", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "audience", "through", name=op.f("pk_feed_pages")),
        sqlite_strict=True,
    )
    op.create_table(
        "feed_snapshots",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "audience", name=op.f("pk_feed_snapshots")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("feed_snapshots")
    op.drop_table("feed_pages")
