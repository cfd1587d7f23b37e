"""Photos: files to be looked into, what was found, and questions about files that are alike.

What arrived before is looked into like what arrives now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0025_photos"
down_revision = "0024_waived_files"
branch_labels = None
depends_on = None

_FILES = sa.table(
    "evidence_files",
    sa.column("district_id", sa.Text()),
    sa.column("id", sa.Text()),
    sa.column("arrived_at", columns.InstantType()),
)
_UNEXAMINED = sa.table(
    "evidence_unexamined",
    sa.column("district_id", sa.Text()),
    sa.column("file_id", sa.Text()),
    sa.column("due_at", columns.InstantType()),
    sa.column("attempts", sa.BigInteger()),
)


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "evidence_unexamined",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("due_at", columns.InstantType(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "file_id", name=op.f("pk_evidence_unexamined")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_evidence_unexamined_due", "evidence_unexamined", ["district_id", "due_at", "file_id"]
    )
    arrived = sa.select(
        _FILES.c.district_id, _FILES.c.id, _FILES.c.arrived_at, sa.literal(0)
    ).where(_FILES.c.arrived_at.is_not(None))
    op.execute(
        sa.insert(_UNEXAMINED).from_select(
            ["district_id", "file_id", "due_at", "attempts"], arrived
        )
    )
    op.create_table(
        "pictures",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width_px", sa.BigInteger(), nullable=True),
        sa.Column("height_px", sa.BigInteger(), nullable=True),
        sa.Column("orientation", sa.BigInteger(), nullable=True),
        sa.Column("claims", columns.JsonType(), nullable=False),
        sa.Column("marks", columns.JsonType(), nullable=False),
        sa.Column("band_0", sa.BigInteger(), nullable=True),
        sa.Column("band_1", sa.BigInteger(), nullable=True),
        sa.Column("band_2", sa.BigInteger(), nullable=True),
        sa.Column("band_3", sa.BigInteger(), nullable=True),
        sa.Column("examined_at", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "sha256", name=op.f("pk_pictures")),
        sqlite_strict=True,
    )
    for band in range(4):
        op.create_index(f"ix_pictures_band_{band}", "pictures", ["district_id", f"band_{band}"])
    _create_likenesses()


def _create_likenesses() -> None:
    op.create_table(
        "likenesses",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("file_task_id", sa.Text(), nullable=False),
        sa.Column("file_stop_id", sa.Text(), nullable=True),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.Column("other_task_id", sa.Text(), nullable=False),
        sa.Column("other_stop_id", sa.Text(), nullable=True),
        sa.Column("same_bytes", sa.Boolean(), nullable=False),
        sa.Column("dhash_distance", sa.BigInteger(), nullable=False),
        sa.Column("phash_distance", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", columns.InstantType(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", columns.InstantType(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "file_id"],
            ["evidence_files.district_id", "evidence_files.id"],
            name=op.f("fk_likenesses_district_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "other_id"],
            ["evidence_files.district_id", "evidence_files.id"],
            name=op.f("fk_likenesses_district_id_other_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_likenesses")),
        sa.UniqueConstraint("district_id", "file_id", "other_id", name="uq_likenesses_pair"),
        sqlite_strict=True,
    )
    op.create_index("ix_likenesses_state", "likenesses", ["district_id", "state", "id"])
    op.create_index("ix_likenesses_other", "likenesses", ["district_id", "other_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("likenesses")
    op.drop_table("pictures")
    op.drop_table("evidence_unexamined")
