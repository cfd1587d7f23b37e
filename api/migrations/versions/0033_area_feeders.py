"""Maps on phones: lines of feeders, what of them lies near an area, and areas in the feed.

Areas that stand already are entered as they were drawn, each as the first change of its audience;
phones get them made small once they are drawn anew.
"""

from __future__ import annotations

import json
from typing import Final

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0033_area_feeders"
down_revision = "0032_notices"
branch_labels = None
depends_on = None

_AREAS: Final = sa.table(
    "areas",
    *(sa.column(name) for name in ("district_id", "id", "name", "area_class", "datum", "version")),
    sa.column("geometry", sa.Text()),
)
_HEADS: Final = sa.table(
    "feed_heads", *(sa.column(name) for name in ("district_id", "audience", "number"))
)
_ENTRIES: Final = sa.table(
    "feed_entries",
    *(sa.column(name) for name in ("district_id", "audience", "entity", "entity_id", "number")),
    sa.column("gone", sa.Boolean()),
    sa.column("wire", sa.LargeBinary()),
)
_ROWS_PER_WRITE: Final = 500
_OF_AREAS: Final = "area:%"


def upgrade() -> None:
    """Take the step."""
    op.add_column("feeders", sa.Column("geometry", columns.JsonType(), nullable=True))
    op.add_column("feeders", sa.Column("datum", sa.Text(), nullable=False, server_default="wgs84"))
    op.create_table(
        "area_feeders",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("area_id", sa.Text(), nullable=False),
        sa.Column("feeder_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kv", sa.Float(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("geometry", columns.JsonType(), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "area_id"],
            ["areas.district_id", "areas.id"],
            name=op.f("fk_area_feeders_district_id_area_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "feeder_id"],
            ["feeders.district_id", "feeders.id"],
            name=op.f("fk_area_feeders_district_id_feeder_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_area_feeders")),
        sa.UniqueConstraint("district_id", "area_id", "feeder_id", name="uq_area_feeders_pair"),
        sqlite_strict=True,
    )
    op.create_index("ix_area_feeders_feeder", "area_feeders", ["district_id", "feeder_id"])
    _enter_areas(op.get_bind())


def downgrade() -> None:
    """Take it back."""
    connection = op.get_bind()
    for table in (_ENTRIES, _HEADS, *_pages()):
        connection.execute(sa.delete(table).where(table.c.audience.like(_OF_AREAS)))
    op.drop_table("area_feeders")
    with op.batch_alter_table("feeders") as batch_op:
        batch_op.drop_column("datum")
        batch_op.drop_column("geometry")


def _pages() -> tuple[sa.TableClause, ...]:
    return tuple(sa.table(name, sa.column("audience")) for name in ("feed_snapshots", "feed_pages"))


def _enter_areas(connection: sa.Connection) -> None:
    """Enter every area in the feed of its own audience."""
    cursor = connection.execute(sa.select(_AREAS))
    while areas := cursor.mappings().fetchmany(_ROWS_PER_WRITE):
        keys = [(area["district_id"], f"area:{area['id']}") for area in areas]
        connection.execute(
            sa.insert(_HEADS),
            [
                {"district_id": district_id, "audience": audience, "number": 1}
                for district_id, audience in keys
            ],
        )
        connection.execute(
            sa.insert(_ENTRIES),
            [
                {
                    "district_id": district_id,
                    "audience": audience,
                    "entity": "area",
                    "entity_id": area["id"],
                    "number": 1,
                    "gone": False,
                    "wire": _wire(area),
                }
                for (district_id, audience), area in zip(keys, areas, strict=True)
            ],
        )


def _wire(area: sa.RowMapping) -> bytes:
    """Write an area as phones get it; its geometry is the very text that was stored."""
    facts = {name: area[name] for name in ("name", "area_class", "datum", "id", "version")}
    body = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    put = f'{body[:-1]},"geometry":{area["geometry"]}}}'
    whole = {"entity": "area", "id": area["id"]}
    head = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return f'{head[:-1]},"put":{put}}}'.encode()
