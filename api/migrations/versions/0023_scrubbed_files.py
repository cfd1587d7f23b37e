"""Whole files: when each was looked at last, what was found, and whether nobody wants it.

A file that is there already was looked at when it arrived.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0023_scrubbed_files"
down_revision = "0022_uploads_of_every_kind"
branch_labels = None
depends_on = None

_NEVER = "1970-01-01T00:00:00.000000Z"
"""When a file was looked at that the older code notes meanwhile."""
_INDEXES = {
    "ix_evidence_blobs_scrubbed": ["district_id", "scrubbed_at"],
    "ix_evidence_blobs_fault": ["district_id", "fault", "sha256"],
    "ix_evidence_blobs_condemned": ["district_id", "condemned_at"],
}


def upgrade() -> None:
    """Take the step."""
    op.add_column(
        "evidence_blobs",
        sa.Column("scrubbed_at", columns.InstantType(), nullable=False, server_default=_NEVER),
    )
    op.add_column(
        "evidence_blobs", sa.Column("fault", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("evidence_blobs", sa.Column("condemned_at", columns.InstantType(), nullable=True))
    op.execute("UPDATE evidence_blobs SET scrubbed_at = arrived_at")
    for name, indexed in _INDEXES.items():
        op.create_index(name, "evidence_blobs", indexed)


def downgrade() -> None:
    """Take it back; what was found of files is forgotten."""
    for name in _INDEXES:
        op.drop_index(name, "evidence_blobs")
    for name in ("condemned_at", "fault", "scrubbed_at"):
        op.drop_column("evidence_blobs", name)
