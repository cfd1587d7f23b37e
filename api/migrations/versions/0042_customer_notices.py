"""What customers are told by text message, and which promise's danger is to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0042_customer_notices"
down_revision = "0041_receivers"
branch_labels = None
depends_on = None

_WAITS = sa.text("next_at IS NOT NULL")
_TO_TELL = sa.text("tell_at IS NOT NULL")


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "customer_notices",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("promise_id", sa.Text(), nullable=True),
        sa.Column("clock_id", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("made_at", columns.InstantType(), nullable=False),
        sa.Column("next_at", columns.InstantType(), nullable=True),
        sa.Column("use_until", columns.InstantType(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=True),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("handed_at", columns.InstantType(), nullable=True),
        sa.Column("out_until", columns.InstantType(), nullable=True),
        sa.Column("told_at", columns.InstantType(), nullable=True),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_customer_notices")),
        sa.UniqueConstraint("district_id", "who", "cause", name="uq_customer_notices_cause"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_customer_notices_next",
        "customer_notices",
        ["district_id", "next_at", "id"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    for name, fields in (
        ("state", ["state", "made_at"]),
        ("made", ["made_at"]),
        ("subject", ["subject_id"]),
        ("task", ["task_id"]),
    ):
        columns_ = ["district_id", *fields, "id"]
        op.create_index(f"ix_customer_notices_{name}", "customer_notices", columns_)
    op.add_column("clocks", sa.Column("tell_at", columns.InstantType(), nullable=True))
    op.create_index(
        "ix_clocks_tell",
        "clocks",
        ["district_id", "tell_at", "id"],
        sqlite_where=_TO_TELL,
        postgresql_where=_TO_TELL,
    )
    op.add_column("customer_tellings", sa.Column("notice_id", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("customer_tellings", "notice_id")
    op.drop_index("ix_clocks_tell", "clocks")
    op.drop_column("clocks", "tell_at")
    op.drop_table("customer_notices")
