"""What the crew sees: the server's records with the crew's own operations laid over them.

An operation is laid over its record from the moment it is stored until the record itself tells of
it, so the screen never goes back on what the crew did.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from field_sync import errors
from field_sync.clock import Moment
from field_sync.store import contacts, outbox, records
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from field_sync.wire import decode
from schemas import (
    amending,
    changing,
    checkins,
    customer_promises,
    meter_findings,
    promises,
    promising,
    readings,
    sites,
    tasks,
)
from schemas.base import Shape
from schemas.rules import event_time, geofence, transitions
from schemas.rules.transitions import Event

TASK: Final = "task"
STOP: Final = "stop"
DISTRICT: Final = "district"
AREA: Final = "area"
FEEDER: Final = "feeder"
RADIUS_UNKNOWN_M: Final = 50.0
"""Around a site that this handheld was the first to place, until the server says."""

EVENTS: Final[Mapping[str, Event]] = {
    "task.accept": Event.accept,
    "task.set_out": Event.set_out,
    "task.start": Event.start,
    "task.return": Event.return_,
    "task.suspend": Event.suspend,
    "task.resume": Event.resume,
    "task.finish": Event.finish,
    "checkin.record": Event.arrive,
    "repair.restored": Event.restore,
    # The first act at a meter starts its route.
    "reading.take": Event.start,
    "reading.skip": Event.start,
    "meter.found": Event.start,
    "meter.changed": Event.start,
    "meter.mismatch": Event.start,
}
"""Operations that may move an order, and what they are in its life."""

_AT_STOP: Final = (
    readings.ReadingTaken,
    readings.ReadingSkipped,
    meter_findings.MeterChanged,
    meter_findings.MeterMismatch,
)
_PROMISES: Final = frozenset({"promise.make", "promise.reagree"})


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """A piece of work as the crew sees it; `unsent` operations on it are still on the handheld."""

    task: tasks.Task
    unsent: int


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far a route has come."""

    stops: int
    read: int
    skipped: int

    @property
    def open(self) -> int:
        """Stops that still wait for the reader."""
        return self.stops - self.read - self.skipped


def list_work(store: Store) -> list[Work]:
    """List the work on this handheld: the most urgent first, then the oldest."""
    unsent = outbox.count_waiting_by_subject(store)
    reasons = _list_reasons(store)
    works: dict[str, Work] = {}
    for body in records.list_of(store, entity=TASK):
        record = decode(body, tasks.Task)
        laid = outbox.list_turns(store, subject=record.id)
        task = lay_over_task(record, laid, reasons=reasons)
        works[task.id] = Work(task=task, unsent=unsent.get(task.id, 0))
    return sorted(works.values(), key=lambda work: (work.task.urgency, work.task.opened_at))


def get_work(store: Store, *, task_id: str) -> Work:
    """Get a piece of work.

    Raises:
        NotOnPhone: it is not, or no longer, on this handheld.
    """
    task = get_task(store, task_id=task_id)
    return Work(task=task, unsent=outbox.count_waiting_on(store, subject=task_id))


def get_task(store: Store, *, task_id: str) -> tasks.Task:
    """Get an order as the crew sees it, without counting what is unsent.

    Raises:
        NotOnPhone: it is not, or no longer, on this handheld.
    """
    body = records.find(store, entity=TASK, id=task_id)
    if body is None:
        raise errors.NotOnPhone(what="order", id=task_id)
    laid = outbox.list_turns(store, subject=task_id)
    return lay_over_task(decode(body, tasks.Task), laid, reasons=_list_reasons(store))


def find_reasons(store: Store, task: tasks.Task) -> promises.PolicyReasons | None:
    """Find what an order may be returned or suspended for; None until this handheld knows it."""
    return promising.reasons_of(task, _list_reasons(store))


def list_stops(store: Store, *, route_id: str) -> list[readings.Stop]:
    """List a route's stops in walking order."""
    laid = _by_entity(outbox.list_laid_on(store, subject=route_id))
    bodies = records.list_in(store, audience=f"route:{route_id}", entity=STOP)
    stops = [
        lay_over_stop(stop, laid.get(stop.id, []))
        for stop in (decode(body, readings.Stop) for body in bodies)
    ]
    return sorted(stops, key=lambda stop: (stop.sequence, stop.id))


def get_stop(store: Store, *, stop_id: str) -> readings.Stop:
    """Get a stop of a route.

    Raises:
        NotOnPhone: it is not, or no longer, on this handheld.
    """
    body = records.find(store, entity=STOP, id=stop_id)
    if body is None:
        raise errors.NotOnPhone(what="stop", id=stop_id)
    laid = outbox.list_laid_over(store, entity=STOP, entity_id=stop_id)
    return lay_over_stop(decode(body, readings.Stop), laid)


def list_beside(store: Store, stop: readings.Stop) -> list[readings.Stop]:
    """List the stops whose numbers on the route are one less and one more."""
    bodies = records.list_numbered(
        store,
        audience=f"route:{stop.route_id}",
        entity=STOP,
        sequences=(stop.sequence - 1, stop.sequence + 1),
    )
    beside = [
        lay_over_stop(each, outbox.list_laid_over(store, entity=STOP, entity_id=each.id))
        for each in (decode(body, readings.Stop) for body in bodies)
    ]
    return sorted(beside, key=lambda each: each.sequence)


def list_left(store: Store, *, route_id: str) -> list[readings.Stop]:
    """List the stops of a route that still wait for the reader, in walking order."""
    stops = list_stops(store, route_id=route_id)
    return [stop for stop in stops if stop.state is readings.StopState.OPEN]


def find_taken(store: Store, stop: readings.Stop) -> readings.ReadingTaken | None:
    """Find what was read last at a stop, as far as this handheld remembers."""
    taken = outbox.list_taken(store, subject=stop.route_id, entity_id=stop.id)
    body = taken[-1].read() if taken else None
    assert body is None or isinstance(body, readings.ReadingTaken)
    return body


def progress(stops: Sequence[readings.Stop]) -> Progress:
    """Count how far a route's stops have come."""
    states = [stop.state for stop in stops]
    return Progress(
        stops=len(states),
        read=states.count(readings.StopState.READ),
        skipped=states.count(readings.StopState.SKIPPED),
    )


def find_district(store: Store) -> sites.District | None:
    """Find the facts of the district that this handheld works in."""
    body = next(records.list_of(store, entity=DISTRICT), None)
    return None if body is None else decode(body, sites.District)


def list_areas(store: Store) -> list[sites.Area]:
    """List the areas that this handheld holds the map of, by name."""
    areas = (decode(body, sites.Area) for body in records.list_of(store, entity=AREA))
    return sorted(areas, key=lambda area: (area.name, area.id))


def list_feeders(store: Store) -> list[sites.AreaFeeder]:
    """List what lies of feeders near the areas that this handheld holds, by name."""
    bodies = records.list_of(store, entity=FEEDER)
    feeders = (decode(body, sites.AreaFeeder) for body in bodies)
    return sorted(feeders, key=lambda feeder: (feeder.name, feeder.id))


def zone(store: Store) -> zoneinfo.ZoneInfo:
    """Give the district's time zone; UTC before the handheld knows it."""
    district = find_district(store)
    return zoneinfo.ZoneInfo(district.zone if district else "UTC")


def server_time(store: Store, moment: Moment) -> dt.datetime:
    """Tell what the server's clock shows now, as well as the handheld can know it.

    Before the first contact that is the handheld's own clock.
    """
    contact = contacts.find_last(store)
    if contact is None:
        return moment.wall
    offset = dt.timedelta(seconds=event_time.offset(contact).offset_s)
    if contact.boot_id != moment.boot:
        return moment.wall + offset
    since = dt.timedelta(milliseconds=moment.mono_ms - contact.monotonic_ms)
    return contact.device_at + offset + since


def lay_over_task(
    task: tasks.Task, laid: Sequence[Entry], *, reasons: Sequence[promises.PolicyReasons] = ()
) -> tasks.Task:
    """Lay operations over an order, in their order.

    Args:
        task: the order as the server says it is.
        laid: what was done to it.
        reasons: those of the district's policy sets, which say what clocks stand still for.
    """
    for entry in laid:
        event = EVENTS.get(entry.type)
        if event is not None:
            task = _kept(_moved(task, event, entry, reasons), event, entry)
        elif entry.type in _PROMISES:
            task = _promised(task, entry)
        elif entry.type == "task.amend":
            task = _amended(task, entry)
        elif entry.type == "evidence.declare":
            task = msgspec.structs.replace(
                task,
                evidence_declared=task.evidence_declared + 1,
                evidence_missing=task.evidence_missing + 1,
            )
    return task


def lay_over_stop(stop: readings.Stop, laid: Sequence[Entry]) -> readings.Stop:
    """Lay operations over a stop, in their order."""
    for entry in laid:
        change = _STOP_CHANGES.get(entry.type)
        if change is not None:
            stop = change(stop, entry)
    return stop


def about(subject: str, body: Shape) -> tuple[str, str]:
    """Name the entity that an operation is laid over: its stop where it has one, else its order."""
    if isinstance(body, _AT_STOP):
        return STOP, body.stop_id
    return TASK, subject


def _list_reasons(store: Store) -> Sequence[promises.PolicyReasons]:
    district = find_district(store)
    return district.reasons if district else []


def _by_entity(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.entity_id, []).append(entry)
    return found


def _moved(
    task: tasks.Task, event: Event, entry: Entry, reasons: Sequence[promises.PolicyReasons]
) -> tasks.Task:
    """Move the order as the server will, by the table that both read."""
    move = transitions.move(task.kind, task.state, event)
    if move.step is not transitions.Step.moves:
        return task
    reason, until = "", None
    body = entry.read() if event is Event.suspend else None
    if isinstance(body, tasks.Suspended):
        reason, until = body.reason, body.until
        task = promising.pause(task, holds=_held(task, body, reasons), at=entry.made_at)
    return msgspec.structs.replace(
        task,
        state=move.to,
        state_at=entry.made_at,
        suspended_reason=reason,
        suspended_until=until,
    )


def _held(
    task: tasks.Task, body: tasks.Suspended, reasons: Sequence[promises.PolicyReasons]
) -> Sequence[str]:
    """Name the kinds of promises whose clocks stand still for what was picked."""
    known = promising.reasons_of(task, reasons)
    picked = known.reasons if known else []
    return next((each.holds for each in picked if each.code == body.code), [])


def _kept(task: tasks.Task, event: Event, entry: Entry) -> tasks.Task:
    """Stop the promises that an act keeps; an arrival far from the site keeps none."""
    if task.state is not transitions.State.suspended:
        task = promising.go_on(task, at=entry.made_at)
    if event is Event.arrive:
        body = entry.read()
        assert isinstance(body, checkins.CheckIn)
        if body.verdict is geofence.VerdictKind.outside:
            return task
    return promising.keep(task, event=event, at=entry.made_at)


def _promised(task: tasks.Task, entry: Entry) -> tasks.Task:
    """Let what the customer was promised count down."""
    body = entry.read()
    if isinstance(body, customer_promises.PromiseMade):
        return promising.make(task, promise_id=entry.id, body=body, at=entry.made_at)
    assert isinstance(body, customer_promises.PromiseReagreed)
    return promising.reagree(task, body=body, at=entry.made_at)


def _amended(task: tasks.Task, entry: Entry) -> tasks.Task:
    """Correct the order as the server will, by the merge that both know."""
    body = entry.read()
    assert isinstance(body, tasks.Amended)
    now = amending.Facts(task.contact, task.note, task.site)
    radius_m = task.site.radius_m if task.site else RADIUS_UNKNOWN_M
    facts = amending.amend(now, body, radius_m=radius_m).facts
    return msgspec.structs.replace(task, contact=facts.contact, note=facts.note, site=facts.site)


def _read(stop: readings.Stop, entry: Entry) -> readings.Stop:
    del entry
    return msgspec.structs.replace(stop, state=readings.StopState.READ, skip_code=None)


def _skipped(stop: readings.Stop, entry: Entry) -> readings.Stop:
    if stop.state is readings.StopState.READ:
        return stop  # a value that was read still counts
    body = entry.read()
    assert isinstance(body, readings.ReadingSkipped)
    return msgspec.structs.replace(stop, state=readings.StopState.SKIPPED, skip_code=body.code)


def _other_meter(stop: readings.Stop, entry: Entry) -> readings.Stop:
    body = entry.read()
    assert isinstance(body, meter_findings.MeterChanged | meter_findings.MeterMismatch)
    return changing.change(stop, body, finding_id=entry.id, at=entry.made_at)


_STOP_CHANGES: Final[Mapping[str, Callable[[readings.Stop, Entry], readings.Stop]]] = {
    "reading.take": _read,
    "reading.skip": _skipped,
    "meter.changed": _other_meter,
    "meter.mismatch": _other_meter,
}
