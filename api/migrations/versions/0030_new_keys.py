"""A device may be allowed another key; the one before still proves what it signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0030_new_keys"
down_revision = "0029_checkpoint_stamps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("devices", sa.Column("new_key_until", columns.InstantType(), nullable=True))
    op.create_table(
        "former_keys",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("jkt", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ended_at", columns.InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_former_keys_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", "jkt", name=op.f("pk_former_keys")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("former_keys")
    op.drop_column("devices", "new_key_until")
