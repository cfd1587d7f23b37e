"""Sync: keys of devices, signed heads, and the quarantine that the strays move into."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from api import columns, ids

revision = "0017_custody"
down_revision = "0016_copied"
branch_labels = None
depends_on = None

_STRAYS = sa.table(
    "stray_operations",
    sa.column("district_id", sa.Text()),
    sa.column("device_id", sa.Text()),
    sa.column("sha256", sa.Text()),
    sa.column("n", sa.BigInteger()),
    sa.column("wire", sa.LargeBinary()),
    sa.column("received_at", columns.InstantType()),
)
_DEVICES = sa.table("devices", sa.column("id", sa.Text()), sa.column("person_id", sa.Text()))
_QUARANTINED = sa.table(
    "quarantined_operations",
    sa.column("district_id", sa.Text()),
    sa.column("id", sa.Text()),
    sa.column("reason", sa.Text()),
    sa.column("state", sa.Text()),
    sa.column("device_id", sa.Text()),
    sa.column("person_id", sa.Text()),
    sa.column("n", sa.BigInteger()),
    sa.column("operation_id", sa.Text()),
    sa.column("type", sa.Text()),
    sa.column("subject_id", sa.Text()),
    sa.column("sha256", sa.Text()),
    sa.column("wire", sa.LargeBinary()),
    sa.column("happened_at", columns.InstantType()),
    sa.column("error_s", sa.Float(precision=53)),
    sa.column("clock_suspect", sa.Boolean()),
    sa.column("received_at", columns.InstantType()),
    sa.column("fields", columns.JsonType()),
)


def upgrade() -> None:
    """Take the step."""
    op.add_column("devices", sa.Column("key", sa.Text(), nullable=True))
    op.add_column("device_ledgers", sa.Column("signed_n", sa.BigInteger(), nullable=True))
    op.add_column("device_ledgers", sa.Column("signed_sha256", sa.Text(), nullable=True))
    op.add_column("device_ledgers", sa.Column("signature", sa.Text(), nullable=True))
    op.create_table(
        "quarantined_operations",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=False),
        sa.Column("happened_at", columns.InstantType(), nullable=False),
        sa.Column("error_s", sa.Float(precision=53), nullable=False),
        sa.Column("clock_suspect", sa.Boolean(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.Column("decided_at", columns.InstantType(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("fields", columns.JsonType(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_quarantined_operations")),
        sa.UniqueConstraint("district_id", "device_id", "sha256", name="uq_quarantined_bytes"),
        sqlite_strict=True,
    )
    for name, indexed in _INDEXES.items():
        op.create_index(name, "quarantined_operations", indexed)
    _move_strays()
    op.drop_table("stray_operations")


def downgrade() -> None:
    """Take it back; what was kept out for another reason than a fork is lost with its table."""
    op.create_table(
        "stray_operations",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_id", "device_id", "sha256", name=op.f("pk_stray_operations")
        ),
        sqlite_strict=True,
    )
    names = [column.name for column in _STRAYS.columns]
    forks = sa.select(*(_QUARANTINED.c[name] for name in names)).where(
        _QUARANTINED.c.reason == "fork"
    )
    op.get_bind().execute(sa.insert(_STRAYS).from_select(names, forks))
    for name in _INDEXES:
        op.drop_index(name, "quarantined_operations")
    op.drop_table("quarantined_operations")
    for column in ("signature", "signed_sha256", "signed_n"):
        op.drop_column("device_ledgers", column)
    op.drop_column("devices", "key")


_INDEXES = {
    "ix_quarantined_operation": ["district_id", "operation_id"],
    "ix_quarantined_device": ["district_id", "device_id", "state"],
    "ix_quarantined_received": ["district_id", "received_at", "id"],
}


def _move_strays() -> None:
    """Move what forks left; when each happened was not derived then, only when it came."""
    connection = op.get_bind()
    question = sa.select(_STRAYS, _DEVICES.c.person_id).join(
        _DEVICES, _DEVICES.c.id == _STRAYS.c.device_id
    )
    for stray in connection.execute(question).mappings().all():
        operation = _read(stray["wire"])
        connection.execute(
            sa.insert(_QUARANTINED).values(
                **stray,
                id=ids.new_id(),
                reason="fork",
                state="waiting",
                operation_id=str(operation.get("id", "")),
                type=str(operation.get("type", "unknown")),
                subject_id=str(operation.get("subject", "")),
                happened_at=stray["received_at"],
                error_s=0.0,
                clock_suspect=True,
                fields={},
            )
        )


def _read(wire: bytes) -> dict[str, object]:
    """Read what a stray says of itself; a stray always showed its id."""
    try:
        operation = json.loads(wire)
    except ValueError:
        return {}
    return operation if isinstance(operation, dict) else {}
