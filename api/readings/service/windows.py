"""Windows are kept: whatever changes what a meter's readings say writes its window anew.

The flagging run has each touched meter's history in hand and packs it once it is judged, so that
what was found wrong is doubted. An event that explains readings packs the windows that it is
about. What is missing, such as after an update, is packed by the nightly job or by `lamplighter
readings pack`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.readings import store
from api.readings.models import MeterEvent
from api.readings.service import histories
from api.sites import service as sites
from schemas.rules import judging, use_windows

METERS_AT_ONCE: Final = 500
"""So many missing windows are packed at once, for nobody else writes meanwhile.

A night packs no more; the command goes on until none is missing.
"""


def keep(
    session: Session, *, act: Act, known: histories.Known, found: Collection[tuple[str, str]]
) -> None:
    """Write the windows of meters whose history is in hand.

    Args:
        session: the unit of work.
        act: whose district, and when.
        known: the meters and their readings.
        found: what was found in these readings, as (reading, code).
    """
    doubted = {reading_id for reading_id, code in found if code in judging.WRONG_CODES}
    packed = {
        meter_id: use_windows.pack(
            histories.past_of(known, meter_id), histories.register_of(meter), doubted
        )
        for meter_id, meter in known.meters.items()
    }
    store.keep_windows(
        session,
        district_id=act.district_id,
        touched_at=act.received_at,
        packed={meter_id: window for meter_id, window in packed.items() if window is not None},
    )
    bare = sorted(meter_id for meter_id, window in packed.items() if window is None)
    store.forget_windows(session, district_id=act.district_id, meter_ids=bare)


def pack_missing(session: Session, *, act: Act, after: str = "") -> tuple[int, str | None]:
    """Pack windows of meters that have readings but no window, in the order of their ids.

    Returns:
        How many meters were looked at, and after which to go on; None when there are no more.
    """
    meter_ids = store.list_without_window(
        session,
        district_id=act.district_id,
        since=act.received_at - dt.timedelta(days=histories.HISTORY_DAYS_MAX),
        after=after,
        limit=METERS_AT_ONCE,
    )
    if not meter_ids:
        return 0, None
    pack(session, act=act, meter_ids=meter_ids)
    return len(meter_ids), meter_ids[-1]


def pack_about(session: Session, *, act: Act, event: MeterEvent) -> None:
    """Pack the windows that an event may explain: of its meter, or of all behind a transformer."""
    meter_ids = [event.meter_id] if event.meter_id is not None else []
    if event.transformer_id is not None:
        meter_ids = sites.list_meter_ids_behind(
            session, district_id=act.district_id, transformer_id=event.transformer_id
        )
    for start in range(0, len(meter_ids), METERS_AT_ONCE):
        pack(session, act=act, meter_ids=meter_ids[start : start + METERS_AT_ONCE])


def pack(session: Session, *, act: Act, meter_ids: Sequence[str]) -> None:
    """Pack the windows of some hundred meters from what their readings say now."""
    known = histories.load(
        session, district_id=act.district_id, meter_ids=meter_ids, until=act.received_at
    )
    ids = [reading.id for readings in known.readings.values() for reading in readings]
    found = store.list_flag_codes(session, district_id=act.district_id, reading_ids=ids)
    keep(session, act=act, known=histories.apart(known), found=found)
