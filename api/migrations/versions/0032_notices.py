"""The outbox of notices, where devices hear them, and the house's key for push services."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0032_notices"
down_revision = "0031_witnesses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "notices",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", columns.InstantType(), nullable=False),
        sa.Column("expires_at", columns.InstantType(), nullable=False),
        sa.Column("next_at", columns.InstantType(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", columns.InstantType(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_notices")),
        sa.UniqueConstraint("district_id", "channel", "receiver", "cause", name="uq_notices_cause"),
        sqlite_strict=True,
    )
    op.create_index("ix_notices_due", "notices", ["district_id", "state", "next_at", "id"])
    op.create_index(
        "ix_notices_receiver", "notices", ["district_id", "state", "channel", "receiver", "id"]
    )
    op.create_index("ix_notices_made", "notices", ["district_id", "made_at", "id"])
    op.create_table(
        "push_subscriptions",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("since", columns.InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_push_subscriptions_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_subscriptions_endpoint")),
        sqlite_strict=True,
    )
    op.create_table(
        "push_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("private_pem", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_push_keys")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("push_keys")
    op.drop_table("push_subscriptions")
    op.drop_table("notices")
