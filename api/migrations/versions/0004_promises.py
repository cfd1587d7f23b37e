"""Promises: policies, clocks, supervision, calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0004_promises"
down_revision = "0003_sites"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "calendar_days",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "day", name=op.f("pk_calendar_days")),
        sqlite_strict=True,
    )
    op.create_table(
        "calendars",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("rest_weekdays", columns.JsonType(), nullable=False),
        sa.Column("published_years", columns.JsonType(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_calendars")),
        sqlite_strict=True,
    )
    op.create_table(
        "clocks",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("start_event", sa.Text(), nullable=False),
        sa.Column("stop_event", sa.Text(), nullable=False),
        sa.Column("amount", sa.Float(precision=53), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("grace_s", sa.Float(precision=53), nullable=False),
        sa.Column("opened_at", columns.InstantType(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("started_at", columns.InstantType(), nullable=False),
        sa.Column("due_at", columns.InstantType(), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("stopped_at", columns.InstantType(), nullable=True),
        sa.Column("stop_error_s", sa.Float(precision=53), nullable=False),
        sa.Column("stop_suspect", sa.Boolean(), nullable=False),
        sa.Column("voided_at", columns.InstantType(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("late_s", sa.Float(precision=53), nullable=False),
        sa.Column("next_at", columns.InstantType(), nullable=True),
        sa.Column("supervision_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_clocks")),
        sa.UniqueConstraint("district_id", "subject_id", "kind", "round", name="uq_clocks_subject"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("clocks") as batch_op:
        batch_op.create_index(
            "ix_clocks_next",
            ["district_id", "next_at", "id"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_clocks_state", ["district_id", "state", "due_at", "id"], unique=False
        )

    op.create_table(
        "district_policies",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("effective_from", columns.InstantType(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("chosen_at", columns.InstantType(), nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "effective_from", name=op.f("pk_district_policies")),
        sqlite_strict=True,
    )
    op.create_table(
        "clock_moments",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("at", columns.InstantType(), nullable=False),
        sa.Column("heard_at", columns.InstantType(), nullable=False),
        sa.Column("error_s", sa.Float(precision=53), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("late_s", sa.Float(precision=53), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "clock_id"],
            ["clocks.district_id", "clocks.id"],
            name=op.f("fk_clock_moments_district_id_clock_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_clock_moments")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("clock_moments") as batch_op:
        batch_op.create_index(
            "ix_clock_moments_clock", ["district_id", "clock_id", "heard_at", "id"], unique=False
        )

    op.create_table(
        "supervision_cases",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("opened_at", columns.InstantType(), nullable=False),
        sa.Column("due_at", columns.InstantType(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", columns.InstantType(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("cleared_at", columns.InstantType(), nullable=True),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "clock_id"],
            ["clocks.district_id", "clocks.id"],
            name=op.f("fk_supervision_cases_district_id_clock_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_supervision_cases")),
        sa.UniqueConstraint("district_id", "clock_id", name="uq_supervision_cases_clock"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("supervision_cases") as batch_op:
        batch_op.create_index(
            "ix_supervision_cases_state", ["district_id", "state", "opened_at", "id"], unique=False
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("supervision_cases") as batch_op:
        batch_op.drop_index("ix_supervision_cases_state")

    op.drop_table("supervision_cases")
    with op.batch_alter_table("clock_moments") as batch_op:
        batch_op.drop_index("ix_clock_moments_clock")

    op.drop_table("clock_moments")
    op.drop_table("district_policies")
    with op.batch_alter_table("clocks") as batch_op:
        batch_op.drop_index("ix_clocks_state")
        batch_op.drop_index(
            "ix_clocks_next",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("clocks")
    op.drop_table("calendars")
    op.drop_table("calendar_days")
