"""Supervision climbs: levels, points, a record, appeals and corrective actions.

A case of before stands at its district, costs no points and climbs no more: nobody was told then
that it would.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0037_supervision"
down_revision = "0036_appointments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column(
        "clocks", sa.Column("major", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("clocks", sa.Column("paused_at", columns.InstantType(), nullable=True))
    op.add_column("clocks", sa.Column("paused_s", sa.Float(53), nullable=False, server_default="0"))
    op.add_column(
        "tasks", sa.Column("customers_out", sa.BigInteger(), nullable=False, server_default="0")
    )
    for column in _case_columns():
        op.add_column("supervision_cases", column)
    op.execute(
        "UPDATE supervision_cases SET ended_at = (SELECT coalesce(c.stopped_at, c.voided_at) "
        "FROM clocks c WHERE c.district_id = supervision_cases.district_id "
        "AND c.id = supervision_cases.clock_id)"
    )
    op.create_index(
        "ix_supervision_cases_subject", "supervision_cases", ["district_id", "subject_id"]
    )
    op.create_index("ix_supervision_cases_due", "supervision_cases", ["district_id", "due_at"])
    _index_where(
        "ix_supervision_cases_climbs", "supervision_cases", "climbs_at", "climbs_at IS NOT NULL"
    )
    _create_moments()
    _create_appeals()
    _create_actions()


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("corrective_actions")
    op.drop_table("supervision_appeals")
    op.drop_table("supervision_moments")
    for index in ("climbs", "due", "subject"):
        op.drop_index(f"ix_supervision_cases_{index}", "supervision_cases")
    for column in reversed(_case_columns()):
        op.drop_column("supervision_cases", column.name)
    op.drop_column("tasks", "customers_out")
    op.drop_column("clocks", "paused_s")
    op.drop_column("clocks", "paused_at")
    op.drop_column("clocks", "major")


def _case_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False, server_default="district"),
        sa.Column("rungs", columns.JsonType(), nullable=False, server_default="[]"),
        sa.Column("begun", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("points", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("major", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("climbs_at", columns.InstantType(), nullable=True),
        sa.Column("ended_at", columns.InstantType(), nullable=True),
        sa.Column("closed_at", columns.InstantType(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("done", sa.Text(), nullable=False, server_default=""),
    ]


def _index_where(name: str, table: str, column: str, where: str) -> None:
    op.create_index(
        name,
        table,
        ["district_id", column, "id"],
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _create_moments() -> None:
    op.create_table(
        "supervision_moments",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("at", columns.InstantType(), nullable=False),
        sa.Column("heard_at", columns.InstantType(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("reached", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        _of_district("supervision_moments", "case_id", "supervision_cases"),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_supervision_moments")),
        sa.UniqueConstraint(
            "district_id", "case_id", "reached", name="uq_supervision_moments_reached"
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_supervision_moments_case",
        "supervision_moments",
        ["district_id", "case_id", "heard_at", "id"],
    )


def _create_appeals() -> None:
    op.create_table(
        "supervision_appeals",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("evidence_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", columns.InstantType(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("decided_at", columns.InstantType(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        _of_district("supervision_appeals", "case_id", "supervision_cases"),
        _of_district("supervision_appeals", "evidence_id", "evidence_files"),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_supervision_appeals")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_supervision_appeals_pending",
        "supervision_appeals",
        ["district_id", "case_id"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_supervision_appeals_case",
        "supervision_appeals",
        ["district_id", "case_id", "made_at", "id"],
    )


def _create_actions() -> None:
    op.create_table(
        "corrective_actions",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("due_at", columns.InstantType(), nullable=False),
        sa.Column("set_at", columns.InstantType(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("done_at", columns.InstantType(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("evidence_id", sa.Text(), nullable=True),
        _of_district("corrective_actions", "case_id", "supervision_cases"),
        _of_district("corrective_actions", "evidence_id", "evidence_files"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["people.id"], name=op.f("fk_corrective_actions_owner_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_corrective_actions")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_corrective_actions_subject", "corrective_actions", ["district_id", "subject_id"]
    )
    op.create_index(
        "ix_corrective_actions_due", "corrective_actions", ["district_id", "due_at", "id"]
    )
    _index_where("ix_corrective_actions_open", "corrective_actions", "due_at", "done_at IS NULL")


def _of_district(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["district_id", column],
        [f"{target}.district_id", f"{target}.id"],
        name=op.f(f"fk_{table}_district_id_{column}"),
    )
