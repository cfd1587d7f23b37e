"""What crews do in a world: any of a day's acts, on any work that is on the handheld."""

from __future__ import annotations

import decimal
import pathlib
import random
from collections.abc import Callable, Mapping
from typing import Final

from field_sync import errors, fieldwork, metering, view
from field_sync.clock import Edge
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from schemas import readings, tasks
from schemas.errors import Refused
from schemas.places import Fix
from schemas.rules.transitions import Kind, State
from tests.makers import sites as sites_maker
from tests.makers import tasks as tasks_maker

FIX: Final = Fix(
    lat_deg=sites_maker.LAT_DEG, lon_deg=sites_maker.LON_DEG, accuracy_m=6.5, age_s=1.5
)
"""No number in it is whole: of 6.0 one language makes 6.0 again and another 6 (`tape`)."""
_TRIES: Final = 6
_PHOTO: Final = 0.06
_AT_A_METER: Final = 0.8
_SKIP: Final = 0.2
_STRAIGHT_ON: Final = 0.4
_PHOTO_BYTES_MAX: Final = 3_000
Deed = Callable[[Store, Edge, str], Entry]


def do_one(store: Store, edge: Edge, chance: random.Random, *, home: pathlib.Path) -> Entry | None:
    """Do something; what is refused is tried otherwise, and None if nothing can be done.

    Raises:
        DiskFull: there is no space.
        StoreBusy: another program writes.
    """
    works = view.list_work(store)
    for _ in range(_TRIES if works else 0):
        task = chance.choice(works).task
        try:
            return _do(store, edge, chance, task=task, home=home)
        except (errors.DiskFull, errors.StoreBusy):
            raise
        except Refused:
            continue
    return None


def _do(
    store: Store, edge: Edge, chance: random.Random, *, task: tasks.Task, home: pathlib.Path
) -> Entry:
    if task.kind is Kind.route and chance.random() < _AT_A_METER:
        return _at_a_meter(store, edge, chance, route_id=task.id)
    if chance.random() < _PHOTO:
        path = home / "photo.bin"
        path.write_bytes(b"\xff\xd8\xff" + chance.randbytes(chance.randint(0, _PHOTO_BYTES_MAX)))
        return fieldwork.photo(store, edge, task_id=task.id, path=path)
    onwards = _ONWARDS.get(task.state)
    if onwards is not None and chance.random() < _STRAIGHT_ON:
        return onwards(store, edge, task.id)
    return chance.choice(_DEEDS)(store, edge, task.id)


def _at_a_meter(store: Store, edge: Edge, chance: random.Random, *, route_id: str) -> Entry:
    stop = chance.choice(view.list_stops(store, route_id=route_id))
    if chance.random() < _SKIP:
        code = chance.choice(list(readings.SkipCode))
        return metering.skip(store, edge, stop_id=stop.id, code=code)
    total = decimal.Decimal(chance.randint(0, 10**stop.digits - 1))
    asked = metering.prompts(store, stop_id=stop.id, total=total)
    confirmed = [prompt.code for prompt in asked]
    return metering.read(store, edge, stop_id=stop.id, total=total, confirmed=confirmed)


def _check_in(store: Store, edge: Edge, task_id: str) -> Entry:
    return fieldwork.check_in(store, edge, task_id=task_id, fix=FIX).entry


def _restored(store: Store, edge: Edge, task_id: str) -> Entry:
    return fieldwork.restored(store, edge, task_id=task_id)


def _finish(store: Store, edge: Edge, task_id: str) -> Entry:
    return fieldwork.finish(store, edge, task_id=task_id, cause="fuse")


_ONWARDS: Final[Mapping[State, Deed]] = {
    State.dispatched: _check_in,
    State.accepted: _check_in,
    State.en_route: _check_in,
    State.arrived: _restored,
    State.working: _restored,
    State.restored: _finish,
}
"""What brings a repair to its end the shortest way, past the proofs that stop its clocks."""
_DEEDS: Final[tuple[Deed, ...]] = (
    lambda store, edge, task_id: fieldwork.accept(store, edge, task_id=task_id),
    lambda store, edge, task_id: fieldwork.set_out(store, edge, task_id=task_id),
    _check_in,
    lambda store, edge, task_id: fieldwork.start(store, edge, task_id=task_id),
    _restored,
    _finish,
    lambda store, edge, task_id: fieldwork.note(store, edge, task_id=task_id, text="a word"),
    lambda store, edge, task_id: fieldwork.return_(
        store, edge, task_id=task_id, reason=tasks_maker.REASON
    ),
    lambda store, edge, task_id: fieldwork.suspend(
        store, edge, task_id=task_id, reason=tasks_maker.REASON
    ),
    lambda store, edge, task_id: fieldwork.resume(store, edge, task_id=task_id),
)
