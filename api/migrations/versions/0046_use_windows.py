"""Windows of use, packed for the sweep, and the list of abnormal use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0046_use_windows"
down_revision = "0045_interchange"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "use_windows",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("touched_at", columns.InstantType(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        _at_a_meter("use_windows"),
        sa.PrimaryKeyConstraint("district_id", "meter_id", name=op.f("pk_use_windows")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_use_windows_touched", "use_windows", ["district_id", "touched_at", "meter_id"]
    )
    op.create_table(
        "abnormal_uses",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("read_on", sa.Text(), nullable=False),
        sa.Column("inputs", columns.JsonType(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("opened_at", columns.InstantType(), nullable=False),
        sa.Column("due_at", columns.InstantType(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("closed_at", columns.InstantType(), nullable=True),
        sa.Column("found", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        _at_a_meter("abnormal_uses"),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_abnormal_uses")),
        sa.UniqueConstraint(
            "district_id", "meter_id", "kind", "read_on", name="uq_abnormal_uses_reading"
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_abnormal_uses_open",
        "abnormal_uses",
        ["district_id", "meter_id", "kind"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_abnormal_uses_due", "abnormal_uses", ["district_id", "due_at", "id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("abnormal_uses")
    op.drop_table("use_windows")


def _at_a_meter(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["district_id", "meter_id"],
        ["meters.district_id", "meters.id"],
        name=op.f(f"fk_{table}_district_id_meter_id"),
    )
