"""The office in a storm: it takes reports, gives work away and back, calls off and calls back.

Its requests go straight to the server; when that is dead it tries again later, as people do.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Sequence

import httpx

from schemas import repairs, tasks
from schemas.base import Shape
from schemas.rules.transitions import Kind, State
from tests.chaos.plan import OFFICE_EVERY_S, OPEN_ORDERS_PER_CREW, Plan
from tests.day import muster
from tests.day.dispatch import SKILL
from tests.day.muster import Team
from tests.day.office import Desk, RefusedError

_UNDER_WAY = (State.dispatched, State.accepted, State.en_route, State.arrived, State.working)


class Office:
    """Dispatchers at their desks.

    Attributes:
        done: what was done, counted.
        refused: what the server answered when it would not, counted by status and code.
    """

    def __init__(
        self, plan: Plan, *, reporter: Desk, dispatcher: Desk, crews: Sequence[Team], mark: str
    ) -> None:
        """Sit down.

        Args:
            plan: the storm's.
            reporter: the system that takes the customers' reports.
            dispatcher: looks after the orders.
            crews: who can be given work.
            mark: makes the reports' keys this storm's own.
        """
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._reporter = reporter
        self._dispatcher = dispatcher
        self._crews = crews
        self._mark = mark
        self._chance = random.Random(f"{plan.seed}:office")
        self._places = muster.list_places(dispatcher, self._chance, count=100)
        self._reports = 0

    def work(self, over: threading.Event) -> None:
        """Do one thing after the other until it is over."""
        while not over.wait(self._chance.uniform(*OFFICE_EVERY_S)):
            try:
                self._act()
            except RefusedError as refused:
                self.refused[f"{refused.status} {refused.code}"] += 1
            except httpx.TransportError:
                self.refused["no answer"] += 1

    def give_out(self) -> None:
        """Give every crew its first orders, in calm weather."""
        for _ in range(OPEN_ORDERS_PER_CREW * len(self._crews)):
            self._give(self._report())

    def _act(self) -> None:
        orders = [
            task
            for task in self._dispatcher.list_all("/v1/tasks", tasks.Task)
            if task.kind is Kind.repair
        ]
        mine = {team.id for team in self._crews}
        under_way = [task for task in orders if task.state in _UNDER_WAY and task.crew_id in mine]
        if len(under_way) < OPEN_ORDERS_PER_CREW * len(self._crews):
            self._give(self._report())
        waiting = [task for task in orders if task.state in {State.reported, State.returned}]
        finished = [task for task in orders if task.state is State.finished]
        called = [task for task in orders if task.state is State.called_back]
        acts = [(self._give, waiting), (self._call_back, finished), (self._put_away, called)]
        acts += [(self._reassign, under_way), (self._cancel, under_way[:1])]
        act, some = self._chance.choices(acts, weights=(30, 30, 20, 14, 6))[0]
        if some:
            act(self._chance.choice(some))

    def _report(self) -> tasks.Task:
        """Report trouble; a report whose answer was lost is sent again under its key."""
        point = self._chance.choice(self._places)
        report = repairs.Report(
            key=f"{self._mark}-{self._reports + 1}",
            channel=repairs.Channel.HOTLINE,
            description="整栋楼停电",
            service_point_id=point.id,
            urgency=3,
            skill=SKILL,
        )
        placed = self._reporter.post("/v1/repairs", repairs.Placed, report)
        self._reports += 1
        self.done["reported"] += 1
        return placed.task

    def _give(self, task: tasks.Task) -> None:
        crew = self._chance.choice(self._crews)
        if task.crew_id is None:
            body = tasks.Assigned(crew_id=crew.id, why="nearest free crew")
            self._post(task, "assign", body)
        elif task.crew_id not in {team.id for team in self._crews}:
            self._hand_over(task, crew)

    def _reassign(self, task: tasks.Task) -> None:
        others = [team for team in self._crews if team.id != task.crew_id]
        if others:
            self._hand_over(task, self._chance.choice(others))

    def _hand_over(self, task: tasks.Task, crew: Team) -> None:
        why = "The other crew stands before the house already"
        self._post(task, "reassign", tasks.Reassigned(crew_id=crew.id, why=why))

    def _cancel(self, task: tasks.Task) -> None:
        reason = "The customer's own breaker had tripped, light is back"
        self._post(task, "cancel", tasks.Cancelled(reason=reason))

    def _call_back(self, task: tasks.Task) -> None:
        body = tasks.CalledBack(result=tasks.Satisfaction.satisfied)
        self._post(task, "call-back", body)

    def _put_away(self, task: tasks.Task) -> None:
        self._post(task, "archive", None)

    def _post(self, task: tasks.Task, act: str, body: Shape | None) -> None:
        self._dispatcher.post(f"/v1/tasks/{task.id}/{act}", tasks.Task, body)
        self.done[act] += 1
