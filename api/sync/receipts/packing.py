"""Packing: the bytes of old operations that were plainly applied go from their rows into packs.

Nothing else of a receipt changes. A device is packed a hundred numbers at a time, forward only;
what is not plainly applied, too large, or not what its receipt says stays where it is, for ever.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.sync.receipts import packs, store
from schemas.rules import operation_chain
from schemas.sync import Status

_log = structlog.get_logger()


def pack_old(session: Session, *, act: Act, age: dt.timedelta, limit: int) -> Counter[str]:
    """Make packs of old receipts.

    Args:
        session: the unit of work.
        act: the job's.
        age: how old the last receipt of a pack is at least.
        limit: how many packs at most.

    Returns:
        How many packs were made, how many operations went into them, and how many of those that
        could have gone are not what their receipts say.
    """
    counts: Counter[str] = Counter(packs=0, operations=0, altered=0)
    ripe = store.list_ripe(
        session,
        district_id=act.district_id,
        received_by=act.happened.at - age,
        limit=limit,
    )
    for device_id, packed_through in ripe:
        counts.update(_pack(session, act=act, device_id=device_id, after=packed_through))
    return counts


def _pack(session: Session, *, act: Act, device_id: str, after: int) -> dict[str, int]:
    """Make the next pack of a device, unless somebody else made it meanwhile."""
    last_n = after + packs.NUMBERS
    links = store.list_links(
        session,
        district_id=act.district_id,
        device_id=device_id,
        after=after,
        limit=packs.NUMBERS,
    )
    fit = [link for link in links if link.n <= last_n and _is_fit(link)]
    whole = [link for link in fit if operation_chain.fingerprint(link.wire) == link.sha256]
    wires = {link.n: link.wire for link in whole}
    frame = packs.pack(list(wires.items()))
    assert packs.unpack(frame) == wires, "a pack gives back what went in"
    pack = store.Pack(after + 1, last_n, frame)
    if not store.add_pack(session, district_id=act.district_id, device_id=device_id, pack=pack):
        return {}
    store.empty_wires(
        session, district_id=act.district_id, device_id=device_id, numbers=list(wires)
    )
    altered = [link.n for link in fit if link.n not in wires]
    if altered:
        _log.error("receipts.altered", device_id=device_id, numbers=altered)
    return {"packs": 1, "operations": len(whole), "altered": len(altered)}


def _is_fit(link: store.Link) -> bool:
    """Tell whether a receipt was plainly applied and its bytes are not too many for a pack."""
    return link.status == Status.APPLIED and link.own_bytes <= packs.WIRE_BYTES_MAX
