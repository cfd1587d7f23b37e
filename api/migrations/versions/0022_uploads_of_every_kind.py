"""Uploads: without a hash, without a length, in parts, and with an end.

What is under way is given two weeks from when it began; a file that arrived never expires.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0022_uploads_of_every_kind"
down_revision = "0021_told_moments"
branch_labels = None
depends_on = None

_LIFE = dt.timedelta(days=14)
_UPLOADS = sa.table(
    "uploads",
    sa.column("district_id", sa.Text()),
    sa.column("id", sa.Text()),
    sa.column("opened_at", columns.InstantType()),
    sa.column("arrived_at", columns.InstantType()),
    sa.column("expires_at", columns.InstantType()),
)


def upgrade() -> None:
    """Take the step."""
    with op.batch_alter_table("uploads") as batch_op:
        batch_op.alter_column("sha256", existing_type=sa.Text(), nullable=True)
        batch_op.alter_column("size_bytes", existing_type=sa.BigInteger(), nullable=True)
        batch_op.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="file"))
        batch_op.add_column(sa.Column("found_sha256", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("described", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("joins", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("expires_at", columns.InstantType(), nullable=True))
    with op.batch_alter_table("uploads") as batch_op:
        batch_op.create_index("ix_uploads_expires", ["district_id", "expires_at"], unique=False)
    _give_an_end()


def _give_an_end() -> None:
    """Let what is under way end some day."""
    connection = op.get_bind()
    begun = sa.select(_UPLOADS.c.district_id, _UPLOADS.c.id, _UPLOADS.c.opened_at).where(
        _UPLOADS.c.arrived_at.is_(None)
    )
    for district_id, upload_id, opened_at in connection.execute(begun).all():
        connection.execute(
            sa.update(_UPLOADS)
            .where(_UPLOADS.c.district_id == district_id, _UPLOADS.c.id == upload_id)
            .values(expires_at=opened_at + _LIFE)
        )


def downgrade() -> None:
    """Take it back; uploads that the older form cannot hold are forgotten, their files are not."""
    op.execute("DELETE FROM uploads WHERE sha256 IS NULL OR size_bytes IS NULL")
    with op.batch_alter_table("uploads") as batch_op:
        batch_op.drop_index("ix_uploads_expires")
    with op.batch_alter_table("uploads") as batch_op:
        for name in ("expires_at", "joins", "described", "found_sha256", "kind"):
            batch_op.drop_column(name)
        batch_op.alter_column("size_bytes", existing_type=sa.BigInteger(), nullable=False)
        batch_op.alter_column("sha256", existing_type=sa.Text(), nullable=False)
