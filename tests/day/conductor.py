"""The conductor: leads the day minute by minute, then asks everybody for an account.

In each minute time stands still while reports come in, every phone acts at once, and the office's
jobs run.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from schemas import tasks
from tests.day import air, messages, muster, proof
from tests.day.dispatch import SKILL, Office
from tests.day.ground import Spot
from tests.day.handset import Handset
from tests.day.messages import Trade
from tests.day.muster import Team
from tests.day.plan import (
    ARRIVE_MINUTE,
    DARK_FROM_MINUTE,
    HEARD_MINUTE,
    OFFICE_MINUTES,
    SLOW_S,
    Plan,
)
from tests.day.world import World

FIRST_MINUTE: Final = 1
"""Phones are switched on when the first report is in."""
SET_OUT_AFTER_MINUTES: Final = 4
BREAK_MINUTES: Final = 45
"""What a reader keeps of the day for other things."""


@dataclasses.dataclass(slots=True)
class Tally:
    """What happened so far, summed over the phones."""

    made: Counter[str] = dataclasses.field(default_factory=Counter)
    faults: Counter[str] = dataclasses.field(default_factory=Counter)
    noted: Counter[str] = dataclasses.field(default_factory=Counter)
    up_bytes: int = 0
    down_bytes: int = 0
    waiting: int = 0
    files_waiting: int = 0


Watch = Callable[[int, Tally], None]


class Conductor:
    """Leads the day.

    Attributes:
        tally: what happened so far.
        story: the order that the day tells of.
        readers: who reads meters; the first of them invents.
        notebook: what that one writes down at a desk, by stop.
        handsets: every phone of the day.
        office: the office and what it saw.
    """

    def __init__(self, world: World, plan: Plan, office: Office, *, password: str) -> None:
        """Muster the people, take the first report, and hand out the phones.

        Args:
            world: where and when the day takes place.
            plan: how large it is.
            office: the office, at its desks.
            password: what everybody signs in with.
        """
        self.tally = Tally()
        self._password = password
        self.office = office
        self._world = world
        self._plan = plan
        self._chance = random.Random(f"{plan.seed}:conductor")
        desk = office.admin
        crews = muster.list_crews(desk, skill=SKILL)
        world.come_to(0)
        self.story = office.tell_story(crews)
        crews.sort(key=lambda team: team.id != self.story.crew_id)
        self._crews = muster.require(crews, count=plan.crews, what="crews")
        self.readers = muster.require(
            muster.list_readers(desk), count=plan.readers, what="readers with a route"
        )
        self.notebook = muster.invent(
            desk, self._chance, route_id=self.readers[0].id, stops=plan.stops
        )
        depot = muster.spot_of(muster.list_places(desk, self._chance, count=1)[0])
        self.handsets = [
            Handset(duty) for duty in (*self._crew_duties(depot), *self._reader_duties(depot))
        ]
        self._made: dict[str, list[messages.Made]] = {}

    def lead(self, *, watch: Watch) -> None:
        """Lead the day from the first minute to the last sync."""
        self._world.come_to(FIRST_MINUTE)
        for handset in self.handsets:
            handset.start()
        self._hear_all(self.handsets)
        for minute in range(FIRST_MINUTE, self._plan.minutes + 1):
            self._minute(minute)
            watch(minute, self.tally)
        self._world.come_to(self._plan.minutes + 1)
        self._tell_all(messages.GoHome())
        self.office.look_after(self._crews)
        self.office.watch(self._plan.minutes + 1, story=self.story.id)
        watch(self._plan.minutes + 1, self.tally)

    def take_accounts(self) -> list[proof.Phone]:
        """Let every phone take in what the office did last, and tell all that it holds."""
        self._tell_all(messages.GoHome())
        for handset in self.handsets:
            handset.tell(messages.GiveAccount())
        return [
            proof.Phone(
                login=handset.duty.login,
                slow_s=handset.duty.slow_s,
                made=self._made[handset.duty.login],
                account=handset.hear_account(),
            )
            for handset in self.handsets
        ]

    def close(self) -> None:
        """Switch every phone off."""
        for handset in self.handsets:
            handset.stop()

    def _minute(self, minute: int) -> None:
        self._world.come_to(minute)
        self.office.take_reports(minute)
        if minute in self._plan.deaths:
            self._let_one_die()
        self._tell_all(messages.Act(minute=minute))
        if minute % OFFICE_MINUTES == 0:
            self.office.look_after(self._crews)
        self.office.watch(minute, story=self.story.id)

    def _let_one_die(self) -> None:
        """Kill the process of a phone; its battery is changed at once."""
        handset = self._chance.choice(self.handsets)
        handset.die()
        handset.revive()
        self._hear_all([handset])
        self.tally.noted["batteries died"] += 1

    def _tell_all(self, command: messages.Command) -> None:
        for handset in self.handsets:
            handset.tell(command)
        self._hear_all(self.handsets)

    def _hear_all(self, handsets: Sequence[Handset]) -> None:
        """Hear what each did, and add it up."""
        tally = self.tally
        if len(handsets) == len(self.handsets):
            tally.waiting = tally.files_waiting = 0
        for handset in handsets:
            acted = handset.hear_acted()
            self._made.setdefault(handset.duty.login, []).extend(acted.made)
            tally.made.update(made.type for made in acted.made)
            tally.faults.update(acted.faults)
            tally.noted.update(acted.noted)
            tally.up_bytes += acted.up_bytes
            tally.down_bytes += acted.down_bytes
            tally.waiting += acted.operations_waiting
            tally.files_waiting += acted.files_waiting

    def _crew_duties(self, depot: Spot) -> Iterator[messages.Duty]:
        """Hand phones to the crews; the first one's is slow, and soon without signal."""
        for team in self._crews:
            is_told = team.id == self.story.crew_id
            yield self._duty(
                team,
                depot,
                trade=Trade.CREW,
                coverage=_dark() if is_told else self._coverage(),
                slow_s=SLOW_S if is_told else 0.0,
                story=_story(self.story) if is_told else None,
            )

    def _reader_duties(self, depot: Spot) -> Iterator[messages.Duty]:
        hours = (self._plan.minutes - BREAK_MINUTES) / 60
        for team in self.readers:
            yield self._duty(
                team,
                depot,
                trade=Trade.READER,
                coverage=self._coverage(),
                notebook=self.notebook if team is self.readers[0] else {},
                stops_per_hour=self._plan.stops / hours,
            )

    def _coverage(self) -> list[tuple[int, air.Signal]]:
        return air.plan_coverage(self._chance, minutes=self._plan.minutes)

    def _duty(
        self,
        team: Team,
        depot: Spot,
        *,
        trade: Trade,
        coverage: list[tuple[int, air.Signal]],
        slow_s: float = 0.0,
        story: messages.Story | None = None,
        notebook: muster.Notebook | None = None,
        stops_per_hour: float = 0.0,
    ) -> messages.Duty:
        path = self._world.clock_path
        return messages.Duty(
            trade=trade,
            login=team.login,
            password=self._password,
            server=self._world.server,
            home=str(self._world.folder / team.login),
            clock_path=None if path is None else str(path),
            seed=self._plan.seed,
            coverage=coverage,
            start=depot,
            slow_s=slow_s,
            story=story,
            notebook=notebook or {},
            stops_per_hour=stops_per_hour,
        )


@contextlib.contextmanager
def at_work(world: World, plan: Plan, office: Office, *, password: str) -> Iterator[Conductor]:
    """Muster the day, and switch every phone off in the end."""
    conductor = Conductor(world, plan, office, password=password)
    try:
        yield conductor
    finally:
        conductor.close()


def _dark() -> list[tuple[int, air.Signal]]:
    return [
        (0, air.Signal.GOOD),
        (DARK_FROM_MINUTE, air.Signal.NONE),
        (HEARD_MINUTE, air.Signal.GOOD),
    ]


def _story(task: tasks.Task) -> messages.Story:
    return messages.Story(
        task_id=task.id,
        set_out_minute=SET_OUT_AFTER_MINUTES,
        arrive_minute=ARRIVE_MINUTE,
    )
