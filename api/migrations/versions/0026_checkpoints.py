"""Checkpoints: the public keys that signed them, their statements and their leaves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0026_checkpoints"
down_revision = "0025_photos"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "checkpoint_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("since", columns.InstantType(), nullable=False),
        sa.Column("follows", sa.Text(), nullable=True),
        sa.Column("named_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_checkpoint_keys")),
        sqlite_strict=True,
    )
    op.create_table(
        "checkpoints",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", columns.InstantType(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("leaves", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "number", name=op.f("pk_checkpoints")),
        sqlite_strict=True,
    )
    op.create_table(
        "checkpoint_leaves",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "number"],
            ["checkpoints.district_id", "checkpoints.number"],
            name=op.f("fk_checkpoint_leaves_district_id_number"),
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "number", "place", name=op.f("pk_checkpoint_leaves")
        ),
        sa.UniqueConstraint(
            "district_id", "kind", "subject_id", "count", name="uq_checkpoint_leaves_subject"
        ),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("checkpoint_leaves")
    op.drop_table("checkpoints")
    op.drop_table("checkpoint_keys")
