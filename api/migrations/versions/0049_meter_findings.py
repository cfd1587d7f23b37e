"""Meters found otherwise than recorded, what waits for that, and photos that policy asks for."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0049_meter_findings"
down_revision = "0048_estimates"
branch_labels = None
depends_on = None

_ADDED: Final = {
    "districts": ("photo_on_skip", "photo_on_confirm"),
    "service_points": ("keys", "dogs"),
    "skips": ("photos",),
    "stops": (
        *("keys", "dogs", "reported_value", "reported_at", "reported_quality"),
        *("finding_id", "found_at", "former_meter_id"),
    ),
}


def upgrade() -> None:
    """Take the step."""
    for table in ("service_points", "stops"):
        op.add_column(table, _text_of("keys"))
        op.add_column(table, _text_of("dogs"))
    op.add_column("districts", _list_of("photo_on_skip"))
    on_confirm: sa.Column[bool] = sa.Column(
        "photo_on_confirm", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("districts", on_confirm)
    op.add_column("skips", _list_of("photos"))
    op.add_column("stops", sa.Column("reported_value", columns.ExactType(), nullable=True))
    op.add_column("stops", sa.Column("reported_at", columns.InstantType(), nullable=True))
    op.add_column("stops", sa.Column("reported_quality", sa.Text(), nullable=True))
    op.add_column("stops", sa.Column("finding_id", sa.Text(), nullable=True))
    op.add_column("stops", sa.Column("found_at", columns.InstantType(), nullable=True))
    op.add_column("stops", sa.Column("former_meter_id", sa.Text(), nullable=True))
    op.create_index(
        "ix_stops_finding",
        "stops",
        ["district_id", "finding_id"],
        sqlite_where=sa.text("finding_id IS NOT NULL"),
        postgresql_where=sa.text("finding_id IS NOT NULL"),
    )
    _create_findings()
    _create_waiting()
    _create_gaps()


def downgrade() -> None:
    """Take it back."""
    for table in ("evidence_gaps", "readings_waiting", "meter_findings"):
        op.drop_table(table)
    op.drop_index("ix_stops_finding", "stops")
    for table, names in _ADDED.items():
        for name in names:
            op.drop_column(table, name)


def _create_findings() -> None:
    op.create_table(
        "meter_findings",
        *_head(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("stop_id", sa.Text(), nullable=True),
        sa.Column("meter_id", sa.Text(), nullable=True),
        sa.Column("recorded_serial", sa.Text(), nullable=True),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("total", columns.ExactType(), nullable=True),
        sa.Column("tariffs", columns.JsonType(), nullable=False),
        sa.Column("old_total", columns.ExactType(), nullable=True),
        sa.Column("digits", sa.BigInteger(), nullable=True),
        sa.Column("decimals", sa.BigInteger(), nullable=True),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("happened_at", columns.InstantType(), nullable=False),
        sa.Column("error_s", sa.Float(precision=53), nullable=False),
        sa.Column("clock_suspect", sa.Boolean(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("fix", columns.JsonType(), nullable=True),
        sa.Column("photos", columns.JsonType(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("settled_at", columns.InstantType(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_note", sa.Text(), nullable=False),
        sa.Column("new_meter_id", sa.Text(), nullable=True),
        _of_district("meter_findings", "route_id", "routes"),
        _of_district("meter_findings", "stop_id", "stops"),
        _of_district("meter_findings", "meter_id", "meters"),
        _of_district("meter_findings", "new_meter_id", "meters"),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_meter_findings")),
        sqlite_strict=True,
    )
    for name, more in (
        ("ix_meter_findings_happened", ["happened_at", "id"]),
        ("ix_meter_findings_meter", ["meter_id", "settled_at"]),
        ("ix_meter_findings_route", ["route_id"]),
    ):
        op.create_index(name, "meter_findings", ["district_id", *more])


def _create_waiting() -> None:
    op.create_table(
        "readings_waiting",
        *_head(),
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("stop_id", sa.Text(), nullable=False),
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("read_at", columns.InstantType(), nullable=False),
        sa.Column("error_s", sa.Float(precision=53), nullable=False),
        sa.Column("clock_suspect", sa.Boolean(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("total", columns.ExactType(), nullable=False),
        sa.Column("tariffs", columns.JsonType(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("confirmed", columns.JsonType(), nullable=False),
        sa.Column("fix", columns.JsonType(), nullable=True),
        sa.Column("photos", columns.JsonType(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        _of_district("readings_waiting", "stop_id", "stops"),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_readings_waiting")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_readings_waiting_finding",
        "readings_waiting",
        ["district_id", "finding_id", "read_at", "id"],
    )


def _create_gaps() -> None:
    op.create_table(
        "evidence_gaps",
        *_head(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("meter_id", sa.Text(), nullable=False),
        sa.Column("stop_id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("happened_at", columns.InstantType(), nullable=False),
        sa.Column("codes", columns.JsonType(), nullable=False),
        _of_district("evidence_gaps", "stop_id", "stops"),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_evidence_gaps")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_evidence_gaps_happened", "evidence_gaps", ["district_id", "happened_at", "id"]
    )


def _head() -> tuple[sa.Column[str], sa.Column[str]]:
    """Give the key of a table of a district's work."""
    return (
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
    )


def _text_of(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _list_of(name: str) -> sa.Column[list[str]]:
    return sa.Column(name, columns.JsonType(), server_default="[]", nullable=False)


def _of_district(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["district_id", column],
        [f"{target}.district_id", f"{target}.id"],
        name=op.f(f"fk_{table}_district_id_{column}"),
    )
