"""The office of a world: it opens, hands over, calls off, calls back, and looks at its clocks."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from api import acts
from api.crews import service as crews
from api.promises import jobs as promises
from api.tasks import service as orders
from api.tasks.models import Task
from schemas import crews as crew_shapes
from schemas import tasks
from schemas.crews import Role
from schemas.errors import Refused
from schemas.rules import transitions
from tests.makers import crews as crews_maker
from tests.makers import tasks as tasks_maker
from tests.world.journal import Fault, Journal
from tests.world.server import Server

CREWS: Final = ("crew-1", "crew-2")
_MEMBERS: Final = ("li", "chen", "wang")
_DIES: Final = 0.08


class Office:
    """Whoever sits at the duty desk.

    Attributes:
        order_ids: what it has opened, oldest first.
    """

    def __init__(self, server: Server, *, journal: Journal, chance: random.Random) -> None:
        """Open the office."""
        self.order_ids: list[str] = []
        self._server = server
        self._journal = journal
        self._chance = chance

    def act(self) -> None:
        """Do something of the office's day; a refusal is part of it."""
        deeds: tuple[tuple[Callable[[Session], None], int], ...] = (
            (self._open, 4),
            (self._reassign, 3),
            (self._cancel, 1),
            (self._call_back, 1),
            (self._change_crew, 1),
            (self._watch_clocks, 2),
        )
        deed = self._chance.choices([each for each, _ in deeds], [much for _, much in deeds])[0]
        if self._chance.random() < _DIES:
            with self._server.dying():
                self._do(deed)
        else:
            self._do(deed)

    def open_order(self) -> None:
        """Open an order for one of the crews."""
        self._server.work(self._open)

    def _do(self, deed: Callable[[Session], None]) -> None:
        try:
            self._server.work(deed)
        except Refused as refused:
            self._journal.note("office", f"is refused: {refused.code}")

    def _act(self) -> acts.Act:
        return tasks_maker.of_office(
            role=Role.ADMINISTRATOR, at=self._server.now, new_id=self._server.new_id
        )

    def _open(self, session: Session) -> None:
        crew_id = self._chance.choice(CREWS)
        draft = orders.TaskDraft(
            id=None,
            kind=transitions.Kind.repair,
            title="no light in the whole house",
            urgency=3,
            area_class="urban",
            site=tasks_maker.site(),
        )
        made = orders.open_task(session, act=self._act(), draft=draft)
        orders.assign(
            session, act=self._act(), task=made, crew_id=crew_id, person_id=None, why="nearest"
        )
        self.order_ids.append(made.id)
        self._journal.note("office", f"opens order {len(self.order_ids)} for {crew_id}")

    def _reassign(self, session: Session) -> None:
        crew_id = self._chance.choice(CREWS)
        number, task = self._some_order(session)
        orders.reassign(
            session,
            act=self._act(),
            task=task,
            crew_id=crew_id,
            person_id=None,
            why=tasks_maker.REASON,
        )
        self._journal.befell("office", Fault.REASSIGNED, f"order {number} to {crew_id}")

    def _cancel(self, session: Session) -> None:
        number, task = self._some_order(session)
        orders.cancel(session, act=self._act(), task=task, reason=tasks_maker.REASON)
        self._journal.befell("office", Fault.CANCELLED, f"order {number}")

    def _call_back(self, session: Session) -> None:
        number, task = self._some_order(session)
        result = tasks.CalledBack(result=tasks.Satisfaction.satisfied)
        orders.call_back(session, act=self._act(), task=task, result=result)
        self._journal.note("office", f"calls back order {number}")

    def _change_crew(self, session: Session) -> None:
        crew_id = self._chance.choice(CREWS)
        members = self._chance.sample(_MEMBERS, self._chance.randint(1, 2))
        change = crew_shapes.CrewChange(member_ids=members)
        crews.change_crew(session, act=self._act(), crew_id=crew_id, change=change)
        self._journal.befell("office", Fault.CREW_CHANGED, f"{crew_id}: {', '.join(members)}")

    def _watch_clocks(self, session: Session) -> None:
        act = acts.system(district_id=crews_maker.DISTRICT, now=self._server.now, job="promises")
        promises.run(session, act=act._replace(new_id=self._server.new_id))
        self._journal.note("office", "looks at its clocks")

    def _some_order(self, session: Session) -> tuple[int, Task]:
        number = self._chance.randrange(len(self.order_ids))
        task = orders.get_to_change(session, act=self._act(), task_id=self.order_ids[number])
        return number + 1, task
