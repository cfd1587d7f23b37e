"""Sync: ledgers, receipts, strays, contacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0010_sync"
down_revision = "0009_readings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "device_contacts",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("server_at", columns.InstantType(), nullable=False),
        sa.Column("device_at", columns.InstantType(), nullable=False),
        sa.Column("mono_ms", sa.BigInteger(), nullable=False),
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("round_trip_s", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_id", "device_id", "server_at", name=op.f("pk_device_contacts")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "device_ledgers",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("acked_through", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("floor_at", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_device_ledgers")),
        sqlite_strict=True,
    )
    op.create_table(
        "receipts",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("fields", columns.JsonType(), nullable=False),
        sa.Column("happened_at", columns.InstantType(), nullable=False),
        sa.Column("error_s", sa.Float(precision=53), nullable=False),
        sa.Column("clock_suspect", sa.Boolean(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "device_id", "n", name=op.f("pk_receipts")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("receipts") as batch_op:
        batch_op.create_index(
            "ix_receipts_open", ["district_id", "status", "received_at"], unique=False
        )
        batch_op.create_index(
            "ix_receipts_operation", ["district_id", "operation_id"], unique=False
        )

    op.create_table(
        "stray_operations",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_id", "device_id", "sha256", name=op.f("pk_stray_operations")
        ),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("stray_operations")
    with op.batch_alter_table("receipts") as batch_op:
        batch_op.drop_index("ix_receipts_operation")
        batch_op.drop_index("ix_receipts_open")

    op.drop_table("receipts")
    op.drop_table("device_ledgers")
    op.drop_table("device_contacts")
