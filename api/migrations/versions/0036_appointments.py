"""Appointments: seats in the slots of crews' calendars, and days on which a crew does not come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0036_appointments"
down_revision = "0035_customer_promises"
branch_labels = None
depends_on = None

_SEATED = "seat IS NOT NULL"


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "appointments",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("promise_id", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=False),
        sa.Column("from_at", columns.InstantType(), nullable=False),
        sa.Column("due_at", columns.InstantType(), nullable=False),
        sa.Column("seat", sa.BigInteger(), nullable=True),
        sa.Column("booked_by", sa.Text(), nullable=False),
        sa.Column("booked_at", columns.InstantType(), nullable=False),
        sa.Column("cancelled_at", columns.InstantType(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "crew_id"],
            ["crews.district_id", "crews.id"],
            name=op.f("fk_appointments_district_id_crew_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "promise_id"],
            ["customer_promises.district_id", "customer_promises.id"],
            name=op.f("fk_appointments_district_id_promise_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_appointments")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_appointments_seat",
        "appointments",
        ["district_id", "crew_id", "from_at", "seat"],
        unique=True,
        sqlite_where=sa.text(_SEATED),
        postgresql_where=sa.text(_SEATED),
    )
    op.create_index("ix_appointments_from", "appointments", ["district_id", "from_at", "id"])
    op.create_table(
        "crew_days_off",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", columns.InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "crew_id"],
            ["crews.district_id", "crews.id"],
            name=op.f("fk_crew_days_off_district_id_crew_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "crew_id", "day", name=op.f("pk_crew_days_off")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it back; the promises of the appointments stay."""
    op.drop_table("crew_days_off")
    op.drop_table("appointments")
