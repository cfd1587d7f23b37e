"""Evidence: declared files and uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0007_evidence"
down_revision = "0006_checkins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "evidence_blobs",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "sha256", name=op.f("pk_evidence_blobs")),
        sqlite_strict=True,
    )
    op.create_table(
        "uploads",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", columns.InstantType(), nullable=False),
        sa.Column("arrived_at", columns.InstantType(), nullable=True),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("district_id", "owner", "sha256", name="uq_uploads_owner_hash"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("uploads") as batch_op:
        batch_op.create_index(
            "ix_uploads_open", ["district_id", "owner", "arrived_at"], unique=False
        )

    op.create_table(
        "evidence_files",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("stop_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("happened_at", columns.InstantType(), nullable=False),
        sa.Column("error_s", sa.Float(precision=53), nullable=False),
        sa.Column("clock_suspect", sa.Boolean(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("arrived_at", columns.InstantType(), nullable=True),
        sa.Column("fix", columns.JsonType(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "task_id"],
            ["tasks.district_id", "tasks.id"],
            name=op.f("fk_evidence_files_district_id_task_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_evidence_files")),
        sa.UniqueConstraint(
            "district_id", "task_id", "sha256", "stop_id", name="uq_evidence_files_declared"
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("evidence_files") as batch_op:
        batch_op.create_index(
            "ix_evidence_files_device", ["district_id", "device_id", "arrived_at"], unique=False
        )
        batch_op.create_index("ix_evidence_files_hash", ["district_id", "sha256"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("evidence_files") as batch_op:
        batch_op.drop_index("ix_evidence_files_hash")
        batch_op.drop_index("ix_evidence_files_device")

    op.drop_table("evidence_files")
    with op.batch_alter_table("uploads") as batch_op:
        batch_op.drop_index("ix_uploads_open")

    op.drop_table("uploads")
    op.drop_table("evidence_blobs")
