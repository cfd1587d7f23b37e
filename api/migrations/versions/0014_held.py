"""Sync: operations that are held, and their final outcomes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0014_held"
down_revision = "0013_suspended_until"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "held_operations",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("fields", columns.JsonType(), nullable=False),
        sa.Column("held_at", columns.InstantType(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("tried_by", sa.Text(), nullable=False),
        sa.Column("next_at", columns.InstantType(), nullable=True),
        sa.Column("settled_at", columns.InstantType(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("final_code", sa.Text(), nullable=True),
        sa.Column("final_fields", columns.JsonType(), nullable=True),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_held_operations")),
        sqlite_strict=True,
    )
    waiting = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_held_operations_waiting",
        "held_operations",
        ["district_id", "held_at", "device_id", "n"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(
        "ix_held_operations_age", "held_operations", ["district_id", "held_at", "id"], unique=False
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_held_operations_age", table_name="held_operations")
    op.drop_index("ix_held_operations_waiting", table_name="held_operations")
    op.drop_table("held_operations")
