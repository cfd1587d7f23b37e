"""Readings: routes, stops, values, flags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0009_readings"
down_revision = "0008_repairs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "readings_unjudged",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("reading_id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("read_at", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "reading_id", name=op.f("pk_readings_unjudged")),
        sqlite_strict=True,
    )
    op.create_table(
        "meter_events",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=True),
        sa.Column("transformer_id", sa.Text(), nullable=True),
        sa.Column("from_at", columns.InstantType(), nullable=False),
        sa.Column("to_at", columns.InstantType(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", columns.InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "meter_id"],
            ["meters.district_id", "meters.id"],
            name=op.f("fk_meter_events_district_id_meter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "transformer_id"],
            ["transformers.district_id", "transformers.id"],
            name=op.f("fk_meter_events_district_id_transformer_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_meter_events")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("meter_events") as batch_op:
        batch_op.create_index(
            "ix_meter_events_meter", ["district_id", "meter_id", "from_at"], unique=False
        )
        batch_op.create_index(
            "ix_meter_events_transformer",
            ["district_id", "transformer_id", "from_at"],
            unique=False,
        )

    op.create_table(
        "routes",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("planned_at", columns.InstantType(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "id"],
            ["tasks.district_id", "tasks.id"],
            name=op.f("fk_routes_district_id_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_routes")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("routes") as batch_op:
        batch_op.create_index("ix_routes_live", ["district_id", "live", "id"], unique=False)
        batch_op.create_index(
            "ix_routes_planned", ["district_id", "planned_at", "id"], unique=False
        )

    op.create_table(
        "stops",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("service_point_id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("digits", sa.BigInteger(), nullable=False),
        sa.Column("decimals", sa.BigInteger(), nullable=False),
        sa.Column("multiplier", columns.ExactType(), nullable=False),
        sa.Column("registers", columns.JsonType(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("access_note", sa.Text(), nullable=False),
        sa.Column("care", sa.Boolean(), nullable=False),
        sa.Column("geometry", columns.JsonType(), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("radius_m", sa.Float(precision=53), nullable=False),
        sa.Column("box", sa.Text(), nullable=True),
        sa.Column("previous_value", columns.ExactType(), nullable=True),
        sa.Column("previous_at", columns.InstantType(), nullable=True),
        sa.Column("typical_kwh", columns.ExactType(), nullable=True),
        sa.Column("low_kwh", columns.ExactType(), nullable=True),
        sa.Column("high_kwh", columns.ExactType(), nullable=True),
        sa.Column("active_history", sa.Boolean(), nullable=False),
        sa.Column("skip_code", sa.Text(), nullable=True),
        sa.Column("reading_id", sa.Text(), nullable=True),
        sa.Column("read_at", columns.InstantType(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "meter_id"],
            ["meters.district_id", "meters.id"],
            name=op.f("fk_stops_district_id_meter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "route_id"],
            ["routes.district_id", "routes.id"],
            name=op.f("fk_stops_district_id_route_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_stops")),
        sa.UniqueConstraint("district_id", "route_id", "sequence", name="uq_stops_sequence"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("stops") as batch_op:
        batch_op.create_index("ix_stops_meter", ["district_id", "meter_id"], unique=False)

    op.create_table(
        "readings",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("stop_id", sa.Text(), nullable=True),
        sa.Column("route_id", sa.Text(), nullable=True),
        sa.Column("reader_id", sa.Text(), nullable=True),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("read_at", columns.InstantType(), nullable=False),
        sa.Column("error_s", sa.Float(precision=53), nullable=False),
        sa.Column("clock_suspect", sa.Boolean(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("total", columns.ExactType(), nullable=False),
        sa.Column("tariffs", columns.JsonType(), nullable=False),
        sa.Column("used_kwh", columns.ExactType(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("estimator", sa.Text(), nullable=True),
        sa.Column("prompts", columns.JsonType(), nullable=False),
        sa.Column("confirmed", columns.JsonType(), nullable=False),
        sa.Column("fix", columns.JsonType(), nullable=True),
        sa.Column("photos", columns.JsonType(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "meter_id"],
            ["meters.district_id", "meters.id"],
            name=op.f("fk_readings_district_id_meter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "stop_id"],
            ["stops.district_id", "stops.id"],
            name=op.f("fk_readings_district_id_stop_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_readings")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("readings") as batch_op:
        batch_op.create_index("ix_readings_day", ["district_id", "read_at", "id"], unique=False)
        batch_op.create_index(
            "ix_readings_meter", ["district_id", "meter_id", "read_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_readings_reader", ["district_id", "reader_id", "read_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_readings_route", ["district_id", "route_id", "read_at", "id"], unique=False
        )

    op.create_table(
        "skips",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stop_id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("happened_at", columns.InstantType(), nullable=False),
        sa.Column("error_s", sa.Float(precision=53), nullable=False),
        sa.Column("clock_suspect", sa.Boolean(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("fix", columns.JsonType(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "stop_id"],
            ["stops.district_id", "stops.id"],
            name=op.f("fk_skips_district_id_stop_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_skips")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("skips") as batch_op:
        batch_op.create_index("ix_skips_stop", ["district_id", "stop_id"], unique=False)

    op.create_table(
        "flags",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reading_id", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("cim", sa.Text(), nullable=True),
        sa.Column("inputs", columns.JsonType(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("found_at", columns.InstantType(), nullable=False),
        sa.Column("told", columns.JsonType(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "reading_id"],
            ["readings.district_id", "readings.id"],
            name=op.f("fk_flags_district_id_reading_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_flags")),
        sa.UniqueConstraint("district_id", "reading_id", "code", name="uq_flags_finding"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("flags") as batch_op:
        batch_op.create_index("ix_flags_found", ["district_id", "found_at", "id"], unique=False)
        batch_op.create_index("ix_flags_meter", ["district_id", "meter_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("flags") as batch_op:
        batch_op.drop_index("ix_flags_meter")
        batch_op.drop_index("ix_flags_found")

    op.drop_table("flags")
    with op.batch_alter_table("skips") as batch_op:
        batch_op.drop_index("ix_skips_stop")

    op.drop_table("skips")
    with op.batch_alter_table("readings") as batch_op:
        batch_op.drop_index("ix_readings_route")
        batch_op.drop_index("ix_readings_reader")
        batch_op.drop_index("ix_readings_meter")
        batch_op.drop_index("ix_readings_day")

    op.drop_table("readings")
    with op.batch_alter_table("stops") as batch_op:
        batch_op.drop_index("ix_stops_meter")

    op.drop_table("stops")
    with op.batch_alter_table("routes") as batch_op:
        batch_op.drop_index("ix_routes_planned")
        batch_op.drop_index("ix_routes_live")

    op.drop_table("routes")
    with op.batch_alter_table("meter_events") as batch_op:
        batch_op.drop_index("ix_meter_events_transformer")
        batch_op.drop_index("ix_meter_events_meter")

    op.drop_table("meter_events")
    op.drop_table("readings_unjudged")
