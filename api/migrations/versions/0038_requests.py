"""Service requests with their timelines, holders of posts, stops that wait for a second visit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0038_requests"
down_revision = "0037_supervision"
branch_labels = None
depends_on = None

_TABLE = "service_requests"
_OPEN = "state NOT IN ('archived', 'withdrawn')"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        _TABLE,
        *_told_columns(),
        *_state_columns(),
        *(
            _of_district(_TABLE, column, target)
            for column, target in (
                ("service_point_id", "service_points"),
                ("meter_id", "meters"),
                ("task_id", "tasks"),
                ("evidence_id", "evidence_files"),
            )
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_service_requests")),
        sa.UniqueConstraint("district_id", "reporter_id", "key", name="uq_service_requests_key"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_service_requests_open",
        _TABLE,
        ["district_id", "opened_at", "id"],
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
    op.create_index("ix_service_requests_age", _TABLE, ["district_id", "opened_at", "id"])
    op.create_index(
        "ix_service_requests_meter", _TABLE, ["district_id", "meter_id", "kind", "state"]
    )
    _create_events()
    _create_posts()
    op.add_column(
        "stops", sa.Column("awaited", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("stops", "awaited")
    op.drop_table("unit_posts")
    op.drop_table("service_request_events")
    op.drop_table(_TABLE)


def _told_columns() -> list[sa.Column[object]]:
    """List what was told when the request was opened."""
    return [
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reporter_id", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("taxonomy", sa.Text(), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("service_point_id", sa.Text(), nullable=True),
        sa.Column("meter_id", sa.Text(), nullable=True),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("urgency", sa.BigInteger(), nullable=False),
    ]


def _state_columns() -> list[sa.Column[object]]:
    """List who answers for it, and what became of it."""
    return [
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("why_en", sa.Text(), nullable=False),
        sa.Column("why_zh", sa.Text(), nullable=False),
        sa.Column("opened_at", columns.InstantType(), nullable=False),
        sa.Column("state_at", columns.InstantType(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("evidence_id", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("clocks", columns.JsonType(), nullable=False),
        sa.Column("timeline_count", sa.BigInteger(), nullable=False),
        sa.Column("timeline_hash", sa.Text(), nullable=False),
    ]


def _create_events() -> None:
    op.create_table(
        "service_request_events",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        _of_district("service_request_events", "request_id", _TABLE),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_service_request_events")),
        sa.UniqueConstraint(
            "district_id", "request_id", "number", name="uq_service_request_events_number"
        ),
        sqlite_strict=True,
    )


def _create_posts() -> None:
    op.create_table(
        "unit_posts",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("set_at", columns.InstantType(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_posts_unit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_unit_posts_person_id")),
        sa.PrimaryKeyConstraint("unit_id", "post", name=op.f("pk_unit_posts")),
        sqlite_strict=True,
    )


def _of_district(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["district_id", column],
        [f"{target}.district_id", f"{target}.id"],
        name=op.f(f"fk_{table}_district_id_{column}"),
    )
