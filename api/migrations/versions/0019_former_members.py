"""Crews: since when each member is in one, and who was in one before.

Who is a member now has been one for as long as is known; who left before is not known any more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0019_former_members"
down_revision = "0018_device_standing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("crew_members", sa.Column("since", columns.InstantType(), nullable=True))
    op.create_table(
        "former_members",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("since", columns.InstantType(), nullable=True),
        sa.Column("until", columns.InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "crew_id"],
            ["crews.district_id", "crews.id"],
            name=op.f("fk_former_members_district_id_crew_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_former_members_person_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_former_members")),
        sqlite_strict=True,
    )
    op.create_index("ix_former_members_person", "former_members", ["district_id", "person_id"])
    op.create_index("ix_former_members_crew", "former_members", ["district_id", "crew_id"])


def downgrade() -> None:
    """Take it back; who left which crew is forgotten with its table."""
    op.drop_table("former_members")
    op.drop_column("crew_members", "since")
