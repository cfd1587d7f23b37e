"""Stops moved to another reader's route in the middle of a day, without losing work.

A stop remembers the routes it was on: what a reader without signal read of it meanwhile counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.readings import store
from api.readings.models import Route, Stop
from api.readings.service import planning
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import readings
from schemas.errors import FieldValue, Refused
from schemas.rules import transitions


class MovedNowhere(Refused):
    """Name where the stops go: another route, or a crew or a person who gets a route of them."""

    code = "moved-nowhere"
    status = 422
    en = "Name one of another route, a crew or a person that gets the stops."
    zh = "请指定接收抄表点的另一条路线、班组或人员，三者择一。"


class StopNotOpen(Refused):
    """The stop was read or skipped already. Leave it where it is."""

    code = "stop-not-open"
    en = "Stop {stop_id} is {state}; only open stops can be moved."
    zh = "抄表点 {stop_id} 当前状态为 {state}；只能移动未抄的抄表点。"


class RouteNotWalked(Refused):
    """The route is finished or cancelled, or has no room. Name one that is still walked."""

    code = "route-not-walked"
    en = "Route {route_id} is {state} or full; it takes no more stops."
    zh = "路线 {route_id} 当前状态为 {state} 或已满，不能再接收抄表点。"


class RereadStays(Refused):
    """A meter that is read again goes to nobody else by hand: it is never its first reader's."""

    code = "reread-stays"
    en = "Meter {meter_id} is read again on this route and stays there."
    zh = "电表 {meter_id} 属于本路线的复抄任务，不能移走。"


def move_stops(session: Session, *, act: Act, route_id: str, move: readings.StopsMoved) -> str:
    """Move open stops to another route, behind its last; give that route's id.

    Args:
        session: the unit of work.
        act: who moves them.
        route_id: the route that they are on.
        move: which, where to, and why.

    Raises:
        NotFound: there is no such route, stop, crew or person.
        MovedNowhere: it names none or several of another route, a crew and a person.
        StopNotOpen: a stop is done.
        RereadStays: a stop is there for a re-read.
        RouteNotWalked: one of the routes is over, or the other one has no room.
    """
    hands = (move.to_route_id, move.crew_id, move.person_id)
    if sum(each is not None for each in hands) != 1 or move.to_route_id == route_id:
        raise MovedNowhere
    tasks.load(
        session,
        district_id=act.district_id,
        ids=[each for each in (route_id, move.to_route_id) if each is not None],
    )
    route = _walked_route(session, act, route_id)
    stops = _open_stops(session, act, route_id, move.stop_ids)
    target = _target(session, act, route, stops, move)
    last = store.last_sequence(session, district_id=act.district_id, route_id=target.id)
    if last + len(stops) > readings.STOPS_MAX:
        raise RouteNotWalked(route_id=target.id, state="full")
    for sequence, stop in enumerate(stops, start=last + 1):
        stop.former_route_ids = [*stop.former_route_ids, stop.route_id]
        stop.route_id, stop.sequence = target.id, sequence
    detail: dict[str, FieldValue] = {
        "to_route_id": target.id,
        "stops": len(stops),
        "reason": move.reason,
    }
    crews.audit(session, act=act, what="route.stops_moved", subject_id=route_id, detail=detail)
    return target.id


def _walked_route(session: Session, act: Act, route_id: str) -> Route:
    """Get a route that is still walked, its task locked.

    Raises:
        NotFound: there is none for this principal.
        RouteNotWalked: it is over.
    """
    row = store.find_route(session, district_id=act.district_id, route_id=route_id)
    if row is None:
        raise NotFound(what="route", id=route_id)
    task: Task = tasks.get_to_change(session, act=act, task_id=route_id)
    over = {transitions.State.finished, transitions.State.called_back, *transitions.SETTLED}
    if not row.route.live or transitions.State(task.state) in over:
        raise RouteNotWalked(route_id=route_id, state=task.state)
    return row.route


def _open_stops(session: Session, act: Act, route_id: str, stop_ids: Sequence[str]) -> list[Stop]:
    """Find the stops to move, in walking order; each must be open and free to go."""
    every = store.list_stops_of_route(
        session,
        district_id=act.district_id,
        route_id=route_id,
        after_sequence=0,
        limit=readings.STOPS_MAX,
    )
    there = {stop.id for stop in every}
    for stop_id in stop_ids:
        if stop_id not in there:
            raise NotFound(what="stop", id=stop_id)
    wanted = set(stop_ids)
    stops = [stop for stop in every if stop.id in wanted]
    for stop in stops:
        if stop.state != readings.StopState.OPEN:
            raise StopNotOpen(stop_id=stop.id, state=stop.state)
    asked = store.list_open_of_meters(
        session, district_id=act.district_id, meter_ids=[stop.meter_id for stop in stops]
    )
    for reread in asked:
        if reread.route_id == route_id:
            raise RereadStays(meter_id=reread.meter_id)
    return stops


def _target(
    session: Session, act: Act, route: Route, stops: Sequence[Stop], move: readings.StopsMoved
) -> Route:
    """Find the route that the stops go to, or open one for whoever gets them."""
    if move.to_route_id is not None:
        return _walked_route(session, act, move.to_route_id)
    draft = readings.RouteDraft(
        name=route.name,
        meter_ids=[stop.meter_id for stop in stops],
        crew_id=move.crew_id,
        person_id=move.person_id,
        planned_at=route.planned_at,
        note=move.reason,
    )
    return planning.open_route(session, act=act, draft=draft)
