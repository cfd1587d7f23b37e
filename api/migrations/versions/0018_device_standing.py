"""Devices: what waits in bytes, how right the clock is, and the oldest unsent work first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0018_device_standing"
down_revision = "0017_custody"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column(
        "devices", sa.Column("files_bytes", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column("devices", sa.Column("clock_fast_s", sa.Float(precision=53), nullable=True))
    op.add_column("devices", sa.Column("clock_error_s", sa.Float(precision=53), nullable=True))
    op.add_column("devices", sa.Column("clock_set_at", columns.InstantType(), nullable=True))
    op.create_index("ix_devices_covered", "devices", ["district_id", "covered_until", "id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_devices_covered", table_name="devices")
    for column in ("clock_set_at", "clock_error_s", "clock_fast_s", "files_bytes"):
        op.drop_column("devices", column)
