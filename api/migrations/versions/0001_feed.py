"""Feed: heads, entries, lineage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_feed"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "feed_entries",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_id", "audience", "entity", "entity_id", name=op.f("pk_feed_entries")
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("feed_entries") as batch_op:
        batch_op.create_index(
            "ix_feed_entries_order", ["district_id", "audience", "number"], unique=True
        )

    op.create_table(
        "feed_heads",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "audience", name=op.f("pk_feed_heads")),
        sqlite_strict=True,
    )
    op.create_table(
        "feed_lineage",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_lineage")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("feed_lineage")
    op.drop_table("feed_heads")
    with op.batch_alter_table("feed_entries") as batch_op:
        batch_op.drop_index("ix_feed_entries_order")

    op.drop_table("feed_entries")
