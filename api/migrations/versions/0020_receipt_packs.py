"""Sync: packs of the bytes of old receipts."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Row

from api.feed.pages.packed import Packed

revision = "0020_receipt_packs"
down_revision = "0019_former_members"
branch_labels = None
depends_on = None

_PACKS = sa.table(
    "receipt_packs",
    sa.column("district_id", sa.Text()),
    sa.column("device_id", sa.Text()),
    sa.column("last_n", sa.BigInteger()),
    sa.column("wires", sa.LargeBinary()),
)
_RECEIPTS = sa.table(
    "receipts",
    sa.column("district_id", sa.Text()),
    sa.column("device_id", sa.Text()),
    sa.column("n", sa.BigInteger()),
    sa.column("wire", sa.LargeBinary()),
)
_KEY = (_PACKS.c.district_id, _PACKS.c.device_id, _PACKS.c.last_n)


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "receipt_packs",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("last_n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_n", sa.BigInteger(), nullable=False),
        sa.Column("wires", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_id", "device_id", "last_n", name=op.f("pk_receipt_packs")
        ),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it back, with the bytes in their rows again."""
    connection = op.get_bind()
    key: tuple[str, str, int] = ("", "", 0)
    following = sa.select(*_KEY, _PACKS.c.wires).order_by(*_KEY).limit(1)
    while pack := connection.execute(following.where(sa.tuple_(*_KEY) > key)).first():
        key = (pack.district_id, pack.device_id, pack.last_n)
        _put_back(connection, pack)
    op.drop_table("receipt_packs")


def _put_back(connection: sa.Connection, pack: Row[*tuple[object, ...]]) -> None:
    """Write a pack's bytes into the rows that they came from."""
    pairs = msgspec.msgpack.decode(Packed(pack.wires).unpacked(), type=list[tuple[int, bytes]])
    if not pairs:
        return
    connection.execute(
        sa.update(_RECEIPTS)
        .where(
            _RECEIPTS.c.district_id == pack.district_id,
            _RECEIPTS.c.device_id == pack.device_id,
            _RECEIPTS.c.n == sa.bindparam("packed_n"),
        )
        .values(wire=sa.bindparam("packed_wire")),
        [{"packed_n": n, "packed_wire": wire} for n, wire in pairs],
    )
