"""Sites: districts, areas, the grid down to the meter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0003_sites"
down_revision = "0002_crews"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "areas",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area_class", sa.Text(), nullable=False),
        sa.Column("geometry", columns.JsonType(), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_areas")),
        sqlite_strict=True,
    )
    op.create_table(
        "districts",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("fix_age_max_s", sa.Float(precision=53), nullable=False),
        sa.Column("radius_m", sa.Float(precision=53), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_districts")),
        sqlite_strict=True,
    )
    op.create_table(
        "feeders",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kv", sa.Float(precision=53), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_feeders")),
        sqlite_strict=True,
    )
    op.create_table(
        "switches",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("feeder_id", sa.Text(), nullable=False),
        sa.Column("normally", sa.Text(), nullable=False),
        sa.Column("lat_deg", sa.Float(precision=53), nullable=False),
        sa.Column("lon_deg", sa.Float(precision=53), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "feeder_id"],
            ["feeders.district_id", "feeders.id"],
            name=op.f("fk_switches_district_id_feeder_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_switches")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("switches") as batch_op:
        batch_op.create_index(
            "ix_switches_feeder", ["district_id", "feeder_id", "id"], unique=False
        )

    op.create_table(
        "transformers",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("feeder_id", sa.Text(), nullable=False),
        sa.Column("kva", sa.Float(precision=53), nullable=False),
        sa.Column("lat_deg", sa.Float(precision=53), nullable=False),
        sa.Column("lon_deg", sa.Float(precision=53), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "feeder_id"],
            ["feeders.district_id", "feeders.id"],
            name=op.f("fk_transformers_district_id_feeder_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_transformers")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("transformers") as batch_op:
        batch_op.create_index(
            "ix_transformers_feeder", ["district_id", "feeder_id", "id"], unique=False
        )

    op.create_table(
        "service_points",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("access_note", sa.Text(), nullable=False),
        sa.Column("care", sa.Text(), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("customer_phone", sa.Text(), nullable=False),
        sa.Column("customer_class", sa.Text(), nullable=False),
        sa.Column("lat_deg", sa.Float(precision=53), nullable=False),
        sa.Column("lon_deg", sa.Float(precision=53), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("feeder_id", sa.Text(), nullable=True),
        sa.Column("transformer_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "feeder_id"],
            ["feeders.district_id", "feeders.id"],
            name=op.f("fk_service_points_district_id_feeder_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "transformer_id"],
            ["transformers.district_id", "transformers.id"],
            name=op.f("fk_service_points_district_id_transformer_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_service_points")),
        sa.UniqueConstraint("district_id", "number", name="uq_service_points_number"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("service_points") as batch_op:
        batch_op.create_index(
            "ix_service_points_feeder", ["district_id", "feeder_id", "id"], unique=False
        )
        batch_op.create_index(
            "ix_service_points_place", ["district_id", "lat_deg", "lon_deg"], unique=False
        )
        batch_op.create_index(
            "ix_service_points_transformer", ["district_id", "transformer_id", "id"], unique=False
        )

    op.create_table(
        "meters",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("service_point_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("digits", sa.BigInteger(), nullable=False),
        sa.Column("decimals", sa.BigInteger(), nullable=False),
        sa.Column("multiplier", columns.ExactType(), nullable=False),
        sa.Column("registers", columns.JsonType(), nullable=False),
        sa.Column("box", sa.Text(), nullable=True),
        sa.Column("installed_at", columns.InstantType(), nullable=False),
        sa.Column("installed_value", columns.ExactType(), nullable=False),
        sa.Column("removed_at", columns.InstantType(), nullable=True),
        sa.Column("removed_value", columns.ExactType(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "service_point_id"],
            ["service_points.district_id", "service_points.id"],
            name=op.f("fk_meters_district_id_service_point_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_meters")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("meters") as batch_op:
        batch_op.create_index(
            "ix_meters_service_point", ["district_id", "service_point_id", "id"], unique=False
        )
        batch_op.create_index(
            "uq_meters_standing_serial",
            ["district_id", "serial"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("meters") as batch_op:
        batch_op.drop_index(
            "uq_meters_standing_serial",
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )
        batch_op.drop_index("ix_meters_service_point")

    op.drop_table("meters")
    with op.batch_alter_table("service_points") as batch_op:
        batch_op.drop_index("ix_service_points_transformer")
        batch_op.drop_index("ix_service_points_place")
        batch_op.drop_index("ix_service_points_feeder")

    op.drop_table("service_points")
    with op.batch_alter_table("transformers") as batch_op:
        batch_op.drop_index("ix_transformers_feeder")

    op.drop_table("transformers")
    with op.batch_alter_table("switches") as batch_op:
        batch_op.drop_index("ix_switches_feeder")

    op.drop_table("switches")
    op.drop_table("feeders")
    op.drop_table("districts")
    op.drop_table("areas")
