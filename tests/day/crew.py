"""A repair crew's day: one order after the other, by what the phone shows.

What the crew will do with an order is drawn from the day's seed and the order, so that a phone
that dies and comes back goes on as it would have; what the crew itself remembers is its diary.
"""

from __future__ import annotations

import math
import pathlib
import random
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from field_sync import fieldwork, view
from schemas import tasks
from schemas.errors import Refused
from schemas.evidence import EvidenceKind
from schemas.rules import datums, geofence, shapes
from schemas.rules.transitions import Kind, State
from tests.day import ground
from tests.day.ground import Spot
from tests.day.handheld import Handheld
from tests.day.messages import Duty

METRES_PER_MINUTE: Final = 350.0
TRAVEL_MINUTES_MAX: Final = 25
EARLY_SHARE: Final = 0.15
"""How often a crew presses "arrived" from the car, streets away from the site."""
EARLY_M: Final = 700.0
RETURN_SHARE: Final = 0.03
SUSPEND_SHARE: Final = 0.06
SUSPEND_MINUTES: Final = 15
GOOD_TRIES: Final = 9
STORY_WORK_MINUTES: Final = 70
_SPARES: Final = ("fuse", "clamp", "cable lug", "breaker")


class Diary(msgspec.Struct):
    """What the crew remembers: where it is, what it is at, and when it goes on."""

    at: Spot
    next_minute: int = 0
    task_id: str | None = None
    bound_for: str | None = None
    to: Spot | None = None
    set_out_minute: int = 0
    arrive_minute: int = 0
    was_early: bool = False
    paused: list[str] = []


class Crew:
    """A lineman with a phone."""

    def __init__(self, held: Handheld, duty: Duty) -> None:
        """Begin the day, or go on with it after the phone died."""
        self._held = held
        self._duty = duty
        self._path = held.store.home / "diary.json"
        self._diary = _read(self._path) or Diary(at=duty.start)
        self._way: list[Spot] = []

    def work(self, minute: int) -> None:
        """Do what falls due at a minute of the day."""
        if minute < self._diary.next_minute:
            return
        task = self._choose()
        if task is None:
            return
        self._diary.task_id = task.id
        try:
            wait_minutes = _STEPS[task.state](self, task, minute)
        except Refused as refused:
            self._held.noted[f"refused on the phone: {refused.code}"] += 1
            self._diary.task_id, wait_minutes = None, 1
        self._diary.next_minute = minute + wait_minutes
        beside = self._path.with_suffix(".part")  # the phone may die between any two bytes
        beside.write_bytes(msgspec.json.encode(self._diary))
        beside.replace(self._path)

    def spot(self, minute: int) -> Spot:
        """Tell where the crew is."""
        diary = self._diary
        if diary.to is None or minute >= diary.arrive_minute:
            return diary.to or diary.at
        if not self._way:
            self._way = ground.streets().path(diary.at, diary.to)
        gone = (minute - diary.set_out_minute) / (diary.arrive_minute - diary.set_out_minute)
        return ground.along(self._way, gone * ground.length_m(self._way))

    def _choose(self) -> tasks.Task | None:
        """Go on with the order at hand, else take the most urgent; the told one before all."""
        todo = [
            work.task
            for work in view.list_work(self._held.store)
            if work.task.kind is Kind.repair and work.task.state in _STEPS
        ]
        mine = self._duty.story.task_id if self._duty.story else None
        first = [task for task in todo if task.id in {mine, self._diary.task_id}]
        return next(iter(sorted(first, key=lambda task: task.id != mine) or todo), None)

    def _chance(self, task: tasks.Task, what: str) -> random.Random:
        return random.Random(f"{self._duty.seed}:{mark_of(task)}:{what}")

    def _is_story(self, task: tasks.Task) -> bool:
        return self._duty.story is not None and self._duty.story.task_id == task.id

    def _take(self, task: tasks.Task, minute: int) -> int:
        held = self._held
        held.keep(fieldwork.accept(held.store, held.edge, task_id=task.id))
        if self._duty.story and self._is_story(task):
            return max(self._duty.story.set_out_minute - minute, 1)
        return 1

    def _set_out(self, task: tasks.Task, minute: int) -> int:
        held, chance = self._held, self._chance(task, f"set out at {task.version}")
        if not self._is_story(task) and chance.random() < RETURN_SHARE:
            reason = chance.choice(
                ("Needs a cable car that we do not have", "电杆倾斜，需吊车配合")
            )
            held.keep(fieldwork.return_(held.store, held.edge, task_id=task.id, reason=reason))
            return 1
        held.keep(fieldwork.set_out(held.store, held.edge, task_id=task.id))
        return self._drive(task, minute)

    def _drive(self, task: tasks.Task, minute: int) -> int:
        """Be on the way from now on, and tell in how many minutes the crew is there."""
        diary = self._diary
        diary.at = self.spot(minute)
        diary.to, self._way = _site(task) or diary.at, []
        diary.bound_for, diary.was_early = task.id, False
        diary.set_out_minute = minute
        diary.arrive_minute = minute + self._travel_minutes(task, minute)
        return diary.arrive_minute - minute

    def _travel_minutes(self, task: tasks.Task, minute: int) -> int:
        if self._duty.story and self._is_story(task):
            return max(self._duty.story.arrive_minute - minute, 1)
        assert self._diary.to is not None
        way_m = ground.length_m(ground.streets().path(self._diary.at, self._diary.to))
        return min(2 + math.ceil(way_m / METRES_PER_MINUTE), TRAVEL_MINUTES_MAX)

    def _arrive(self, task: tasks.Task, minute: int) -> int:
        if self._diary.bound_for != task.id:
            return self._drive(task, minute)  # it had set out before the day began
        chance = self._chance(task, "arrive")
        is_early = not self._is_story(task) and chance.random() < EARLY_SHARE
        spot = self.spot(minute)
        if is_early:
            spot = Spot(spot.lat_deg + EARLY_M / ground.M_PER_DEG, spot.lon_deg)
        self._check_in(task, spot, minute)
        self._diary.was_early = is_early
        return 3 if is_early else 2

    def _check_in(self, task: tasks.Task, spot: Spot, minute: int) -> None:
        held, chance = self._held, self._chance(task, f"check in at {minute}")
        tries = GOOD_TRIES if self._is_story(task) else 2
        fix = ground.take_fix(chance, spot, tries=tries)
        checked = fieldwork.check_in(held.store, held.edge, task_id=task.id, fix=fix)
        held.keep(checked.entry)
        if checked.verdict.kind is geofence.VerdictKind.unsure:
            held.photograph(chance, task_id=task.id, kind=EvidenceKind.SITE, fix=fix)

    def _begin(self, task: tasks.Task, minute: int) -> int:
        held, chance = self._held, self._chance(task, f"begin at {minute}")
        if self._diary.was_early:
            self._diary.was_early = False
            self._check_in(task, self.spot(minute), minute)
            return 1
        held.photograph(chance, task_id=task.id, kind=EvidenceKind.BEFORE)
        held.keep(fieldwork.start(held.store, held.edge, task_id=task.id))
        return STORY_WORK_MINUTES if self._is_story(task) else chance.randint(12, 35)

    def _restore(self, task: tasks.Task, minute: int) -> int:
        del minute
        held, chance = self._held, self._chance(task, "restore")
        is_new = task.id not in self._diary.paused and not self._is_story(task)
        if is_new and chance.random() < SUSPEND_SHARE:
            self._diary.paused.append(task.id)
            reason = "Waiting for the feeder to be switched off 等待线路停电"
            held.keep(fieldwork.suspend(held.store, held.edge, task_id=task.id, reason=reason))
            return SUSPEND_MINUTES
        held.keep(fieldwork.restored(held.store, held.edge, task_id=task.id))
        return chance.randint(3, 8)

    def _finish(self, task: tasks.Task, minute: int) -> int:
        held, chance = self._held, self._chance(task, f"finish at {minute}")
        held.photograph(chance, task_id=task.id, kind=EvidenceKind.AFTER)
        spare = tasks.Material(name=chance.choice(_SPARES), quantity=chance.randint(1, 3))
        held.keep(
            fieldwork.finish(
                held.store,
                held.edge,
                task_id=task.id,
                cause="Loose contact in the branch box",
                work_done="接触不良，已更换并紧固",
                materials=[spare],
            )
        )
        self._diary.task_id = None
        return 1

    def _go_on(self, task: tasks.Task, minute: int) -> int:
        del minute
        held = self._held
        held.keep(fieldwork.resume(held.store, held.edge, task_id=task.id))
        return 1


_STEPS: Final[Mapping[State, Callable[[Crew, tasks.Task, int], int]]] = {
    State.dispatched: Crew._take,
    State.accepted: Crew._set_out,
    State.en_route: Crew._arrive,
    State.arrived: Crew._begin,
    State.working: Crew._restore,
    State.restored: Crew._finish,
    State.suspended: Crew._go_on,
}
"""What a crew does next with an order in each state; each tells in how many minutes it goes on."""


def mark_of(task: tasks.Task) -> str:
    """Name an order by what is the same whenever the same day is rehearsed; its id is not."""
    return f"{task.opened_at.isoformat()} {task.site.geometry if task.site else None}"


def _site(task: tasks.Task) -> Spot | None:
    """Find the middle of an order's site, as a phone's satellites would place it."""
    if task.site is None:
        return None
    lat_deg, lon_deg = shapes.centre(shapes.parse(task.site.geometry))
    return Spot(
        *datums.convert(lat_deg, lon_deg, source=task.site.datum, target=datums.Datum.wgs84)
    )


def _read(path: pathlib.Path) -> Diary | None:
    return msgspec.json.decode(path.read_bytes(), type=Diary) if path.exists() else None
