"""Stories: what the office is asked to look at, an order's turns, messages to crews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0012_stories"
down_revision = "0011_scheduler"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("tasks", sa.Column("reopened_at", columns.InstantType(), nullable=True))
    op.add_column("tasks", sa.Column("look", sa.Text(), nullable=True))
    op.create_index(
        "ix_tasks_look",
        "tasks",
        ["district_id", "urgency", "opened_at", "id"],
        unique=False,
        sqlite_where=sa.text("look IS NOT NULL"),
        postgresql_where=sa.text("look IS NOT NULL"),
    )
    op.create_table(
        "messages",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", columns.InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "task_id"],
            ["tasks.district_id", "tasks.id"],
            name=op.f("fk_messages_district_id_task_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_messages")),
        sqlite_strict=True,
    )
    op.create_index("ix_messages_at", "messages", ["district_id", "at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_messages_at", table_name="messages")
    op.drop_table("messages")
    op.drop_index("ix_tasks_look", table_name="tasks")
    op.drop_column("tasks", "look")
    op.drop_column("tasks", "reopened_at")
