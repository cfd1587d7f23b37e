"""The walking order of a route: proposed from how its meters were read, set by the office."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.readings import store
from api.readings.models import Stop
from api.readings.service import browsing
from api.tasks import service as tasks
from schemas import places, readings
from schemas.errors import FieldValue, Refused
from schemas.rules import datums, shapes, walking_order

WALKS_DAYS: Final = 200
"""Older walks say nothing of how a route is walked today."""
_WGS84: Final = datums.Datum.wgs84


class OrderNotOfRoute(Refused):
    """An order names every stop of the route once. Ask for the stops anew: some came or went."""

    code = "order-not-of-route"
    en = "The order does not name every stop of route {route_id} once."
    zh = "所给顺序未恰好包含路线 {route_id} 的全部抄表点各一次。"


def propose_order(session: Session, *, act: Act, route_id: str) -> readings.OrderProposal:
    """Propose the order of the walk that knows most of the route's meters, the latest of equals.

    Raises:
        NotFound: there is no such route for this principal.
    """
    stops = browsing.list_stops(
        session, act=act, route_id=route_id, after_sequence=0, limit=readings.STOPS_MAX
    )
    rows = store.list_walked(
        session,
        district_id=act.district_id,
        meter_ids=[stop.meter_id for stop in stops],
        since=act.received_at - dt.timedelta(days=WALKS_DAYS),
    )
    known = Counter(row.route_id for row in rows)
    latest = {row.route_id: row.read_at for row in rows}  # they come oldest first
    walk_id = max(known, key=lambda each: (known[each], latest[each]), default=None)
    walked = {row.meter_id: row for row in rows if row.route_id == walk_id}
    found = walking_order.propose([_place(stop, walked.get(stop.meter_id)) for stop in stops])
    return readings.OrderProposal(
        stop_ids=list(found.stop_ids),
        walk_id=walk_id,
        walked=found.walked,
        planned_m=round(found.planned_m, 1),
        proposed_m=round(found.proposed_m, 1),
    )


def set_order(
    session: Session, *, act: Act, route_id: str, order: readings.WalkingOrder
) -> Sequence[Stop]:
    """Set the order in which a route's stops are walked; phones get the new numbers.

    Raises:
        NotFound: there is no such route for this principal.
        OrderNotOfRoute: it does not name every stop once.
    """
    tasks.load(session, district_id=act.district_id, ids=[route_id])
    stops = browsing.list_stops(
        session, act=act, route_id=route_id, after_sequence=0, limit=readings.STOPS_MAX
    )
    if sorted(order.stop_ids) != sorted(stop.id for stop in stops):
        raise OrderNotOfRoute(route_id=route_id)
    places = {stop_id: place for place, stop_id in enumerate(order.stop_ids, start=1)}
    moved = [stop for stop in stops if stop.sequence != places[stop.id]]
    for stop in moved:
        stop.sequence = -places[stop.id]  # no two stops have one number, not even on the way
    session.flush()
    for stop in moved:
        stop.sequence = places[stop.id]
    session.flush()
    detail: dict[str, FieldValue] = {"stops": len(stops), "moved": len(moved)}
    crews.audit(session, act=act, what="route.ordered", subject_id=route_id, detail=detail)
    return sorted(stops, key=lambda stop: stop.sequence)


def _place(stop: Stop, walked: store.WalkedRow | None) -> walking_order.Place:
    """Tell where a stop is: where its reader stood, if the fix says so, else where its meter is."""
    at = None if walked is None or walked.clock_suspect else walked.read_at
    if at is not None and walked is not None and walked.fix is not None:
        fix = msgspec.convert(walked.fix, places.Fix)
        if fix.accuracy_m and fix.accuracy_m <= stop.radius_m and not fix.simulated:
            lat_deg, lon_deg = datums.convert(
                fix.lat_deg, fix.lon_deg, source=fix.datum, target=_WGS84
            )
            return walking_order.Place(stop.id, at, lat_deg, lon_deg)
    middle = shapes.centre(shapes.parse(stop.geometry))
    lat_deg, lon_deg = datums.convert(*middle, source=datums.Datum(stop.datum), target=_WGS84)
    return walking_order.Place(stop.id, at, lat_deg, lon_deg)
