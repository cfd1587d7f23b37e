"""Tasks: work, timelines, holders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0005_tasks"
down_revision = "0004_promises"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "tasks",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("urgency", sa.BigInteger(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("area_id", sa.Text(), nullable=True),
        sa.Column("area_class", sa.Text(), nullable=True),
        sa.Column("site", columns.JsonType(), nullable=True),
        sa.Column("service_point_id", sa.Text(), nullable=True),
        sa.Column("care", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("opened_at", columns.InstantType(), nullable=False),
        sa.Column("state_at", columns.InstantType(), nullable=False),
        sa.Column("suspended_reason", sa.Text(), nullable=False),
        sa.Column("evidence_declared", sa.BigInteger(), nullable=False),
        sa.Column("evidence_missing", sa.BigInteger(), nullable=False),
        sa.Column("clocks", columns.JsonType(), nullable=False),
        sa.Column("due_at", columns.InstantType(), nullable=True),
        sa.Column("timeline_count", sa.BigInteger(), nullable=False),
        sa.Column("timeline_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "area_id"],
            ["areas.district_id", "areas.id"],
            name=op.f("fk_tasks_district_id_area_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "crew_id"],
            ["crews.district_id", "crews.id"],
            name=op.f("fk_tasks_district_id_crew_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "service_point_id"],
            ["service_points.district_id", "service_points.id"],
            name=op.f("fk_tasks_district_id_service_point_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_tasks")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("tasks") as batch_op:
        batch_op.create_index(
            "ix_tasks_age", ["district_id", "urgency", "opened_at", "id"], unique=False
        )
        batch_op.create_index("ix_tasks_crew", ["district_id", "crew_id", "state"], unique=False)
        batch_op.create_index(
            "ix_tasks_open",
            ["district_id", "urgency", "opened_at", "id"],
            unique=False,
            sqlite_where=sa.text("state NOT IN ('archived', 'cancelled')"),
            postgresql_where=sa.text("state NOT IN ('archived', 'cancelled')"),
        )
        batch_op.create_index(
            "ix_tasks_person", ["district_id", "person_id", "state"], unique=False
        )

    op.create_table(
        "task_events",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "task_id"],
            ["tasks.district_id", "tasks.id"],
            name=op.f("fk_task_events_district_id_task_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_task_events")),
        sa.UniqueConstraint("district_id", "task_id", "number", name="uq_task_events_number"),
        sqlite_strict=True,
    )
    op.create_table(
        "task_holders",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("held_from", columns.InstantType(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "task_id"],
            ["tasks.district_id", "tasks.id"],
            name=op.f("fk_task_holders_district_id_task_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_task_holders")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("task_holders") as batch_op:
        batch_op.create_index(
            "ix_task_holders_task", ["district_id", "task_id", "held_from"], unique=False
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("task_holders") as batch_op:
        batch_op.drop_index("ix_task_holders_task")

    op.drop_table("task_holders")
    op.drop_table("task_events")
    with op.batch_alter_table("tasks") as batch_op:
        batch_op.drop_index("ix_tasks_person")
        batch_op.drop_index(
            "ix_tasks_open",
            sqlite_where=sa.text("state NOT IN ('archived', 'cancelled')"),
            postgresql_where=sa.text("state NOT IN ('archived', 'cancelled')"),
        )
        batch_op.drop_index("ix_tasks_crew")
        batch_op.drop_index("ix_tasks_age")

    op.drop_table("tasks")
