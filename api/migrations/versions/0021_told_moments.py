"""Clocks: between which moments each started, is due and stopped, by everybody's word.

What is there already keeps what was known of it: the error of its stop, and that it is suspect.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0021_told_moments"
down_revision = "0020_receipt_packs"
branch_labels = None
depends_on = None

_NEVER = "1970-01-01T00:00:00.000000Z"
"""What a bound says until the next statement."""
_KNOWN = {"started": "started_at", "due": "due_at", "stopped": "stopped_at"}
_CLOCKS = sa.table(
    "clocks",
    sa.column("district_id", sa.Text()),
    sa.column("id", sa.Text()),
    sa.column("stopped_at", columns.InstantType()),
    sa.column("stopped_from_at", columns.InstantType()),
    sa.column("stopped_by_at", columns.InstantType()),
    sa.column("stop_error_s", sa.Float()),
)


def upgrade() -> None:
    """Take the step."""
    for name, known in _KNOWN.items():
        may_be_missing = name == "stopped"
        for bound in (f"{name}_from_at", f"{name}_by_at"):
            op.add_column(
                "clocks",
                sa.Column(
                    bound,
                    columns.InstantType(),
                    nullable=may_be_missing,
                    server_default=None if may_be_missing else _NEVER,
                ),
            )
            op.execute(f"UPDATE clocks SET {bound} = {known}")  # noqa: S608 - the names above
    _spread_stops()
    op.execute("UPDATE clocks SET stopped_from_at = opened_at WHERE stop_suspect")
    op.drop_column("clocks", "stop_error_s")
    op.drop_column("clocks", "stop_suspect")


def _spread_stops() -> None:
    """Turn the error of a stop into its bounds."""
    connection = op.get_bind()
    stopped = sa.select(
        _CLOCKS.c.district_id, _CLOCKS.c.id, _CLOCKS.c.stopped_at, _CLOCKS.c.stop_error_s
    ).where(_CLOCKS.c.stopped_at.is_not(None), _CLOCKS.c.stop_error_s > 0)
    for district_id, clock_id, stopped_at, error_s in connection.execute(stopped).all():
        error = dt.timedelta(seconds=error_s)
        connection.execute(
            sa.update(_CLOCKS)
            .where(_CLOCKS.c.district_id == district_id, _CLOCKS.c.id == clock_id)
            .values(stopped_from_at=stopped_at - error, stopped_by_at=stopped_at + error)
        )


def downgrade() -> None:
    """Take it back; the errors of stops are forgotten with their bounds."""
    op.add_column(
        "clocks", sa.Column("stop_error_s", sa.Float(53), nullable=False, server_default="0")
    )
    op.add_column(
        "clocks", sa.Column("stop_suspect", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for name in _KNOWN:
        for bound in (f"{name}_from_at", f"{name}_by_at"):
            op.drop_column("clocks", bound)
