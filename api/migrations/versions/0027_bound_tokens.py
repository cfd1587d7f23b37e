"""Tokens bound to a key: what a sign-in proved, and the proofs that were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0027_bound_tokens"
down_revision = "0026_checkpoints"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("token_families", sa.Column("jkt", sa.Text(), nullable=True))
    op.create_table(
        "used_proofs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("until", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_proofs")),
        sqlite_strict=True,
    )
    op.create_index("ix_used_proofs_until", "used_proofs", ["until"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("used_proofs")
    op.drop_column("token_families", "jkt")
