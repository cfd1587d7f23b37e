"""The office of a world: it opens, hands over, calls off, calls back, and looks at its clocks.

It revokes what was lost, lets people go, and decides what waits in quarantine.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import acts
from api.crews import service as crews
from api.promises import jobs as promises
from api.sync import jobs as held
from api.sync.quarantine import service as quarantine
from api.sync.quarantine import store as quarantined
from api.tasks import service as orders
from api.tasks.models import Task
from schemas import crews as crew_shapes
from schemas import tasks
from schemas.crews import Role
from schemas.errors import Refused
from schemas.quarantine import QuarantineView
from schemas.quarantine import State as Custody
from schemas.rules import transitions
from schemas.rules.transitions import State
from tests.makers import crews as crews_maker
from tests.makers import tasks as tasks_maker
from tests.world.journal import Fault, Journal
from tests.world.server import Server

CREWS: Final = ("crew-1", "crew-2")
_MEMBERS: Final = ("li", "chen", "wang")
_DIES: Final = 0.08
_SATISFIED: Final = 0.5
_LETS_IN: Final = 0.75
_PAGE: Final = 50
_ANY: Final = quarantined.Chosen()
_WAITING: Final = quarantined.Chosen(Custody.WAITING)
Deed = Callable[[Session], None]


class Office:
    """Whoever sits at the duty desk.

    Attributes:
        order_ids: what it has opened, oldest first.
        revoked_ids: devices that it means to be revoked.
        left_ids: people whom it means to be gone.
    """

    def __init__(self, server: Server, *, journal: Journal, seed: int) -> None:
        """Open the office."""
        self.order_ids: list[str] = []
        self.revoked_ids: list[str] = []
        self.left_ids: list[str] = []
        self._server = server
        self._journal = journal
        self._chance = random.Random(f"office {seed}")
        self._custody = random.Random(f"custody {seed}")
        self._customers = random.Random(f"customers {seed}")

    def act(self) -> None:
        """Do something of the office's day; a refusal is part of it."""
        deeds: tuple[tuple[Deed, int], ...] = (
            (self._open, 4),
            (self._reassign, 3),
            (self._cancel, 1),
            (self._change_crew, 1),
            (self._watch_clocks, 2),
        )
        deed = self._chance.choices([each for each, _ in deeds], [much for _, much in deeds])[0]
        self._risk(deed, self._chance)

    def open_order(self) -> None:
        """Open an order for one of the crews."""
        self._server.work(self._open)

    def look_at_clocks(self) -> None:
        """Bring every promise to its state."""
        self._server.work(self._watch_clocks)

    def ask_a_customer(self) -> None:
        """Call back about a finished order, if there is any; some are not satisfied."""
        finished = self._list_finished()
        if finished:
            deed = functools.partial(self._call_back, number=self._customers.choice(finished))
            self._risk(deed, self._customers)

    def retry_held(self) -> None:
        """Try again what is held and due."""
        self._risk(self._retry, self._custody)

    def revoke(self, device_id: str) -> None:
        """Revoke a device that was lost; should the server die of it, it is done again later."""
        self.revoked_ids.append(device_id)
        self._risk(lambda session: self._revoke(session, device_id), self._custody)

    def let_go(self, person_id: str) -> None:
        """Let a person go, with all that is not sent yet."""
        self.left_ids.append(person_id)
        self._journal.befell("office", Fault.PERSON_LEFT, person_id)
        self._risk(lambda session: self._let_go(session, person_id), self._custody)

    def insist(self) -> None:
        """Do again what a dead or restored server may have forgotten: who and what is gone."""
        for device_id in self.revoked_ids:
            self._do(functools.partial(self._revoke, device_id=device_id))
        for person_id in self.left_ids:
            self._do(functools.partial(self._let_go, person_id=person_id))

    def knows(self, device_id: str) -> bool:
        """Tell whether the server knows a device, revoked or not."""
        with self._server.database.reading() as session:
            found = crews.list_devices(
                session, act=self._act(), person_id=None, after_id=None, limit=_PAGE
            )
            return device_id in {device.id for device in found}

    def decide_one(self) -> None:
        """Decide one of the operations in quarantine, as by an old page: it may wait no longer."""
        page = self._list_quarantined(_ANY)
        if page:
            self._risk(self._decision(self._custody.choice(page)), self._custody)

    def decide_all(self) -> None:
        """Decide what waits in quarantine, one by one; what cannot be let in is left out."""
        for row in self._list_quarantined(_WAITING):
            self._do(self._decision(row))
        for row in self._list_quarantined(_WAITING):
            self._do(functools.partial(self._leave_out, row=row))

    def _risk(self, deed: Deed, chance: random.Random) -> None:
        """Do something; the server may die of it."""
        if chance.random() < _DIES:
            with self._server.dying():
                self._do(deed)
        else:
            self._do(deed)

    def _do(self, deed: Deed) -> None:
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

    def _call_back(self, session: Session, number: int) -> None:
        order_id = self.order_ids[number - 1]
        task = orders.get_to_change(session, act=self._act(), task_id=order_id)
        satisfied = self._customers.random() < _SATISFIED
        result = (
            tasks.CalledBack(result=tasks.Satisfaction.satisfied)
            if satisfied
            else tasks.CalledBack(
                result=tasks.Satisfaction.dissatisfied, cause="the lamp by the gate went out again"
            )
        )
        orders.call_back(session, act=self._act(), task=task, result=result)
        self._journal.note("office", f"calls back order {number}")
        if not satisfied:
            self._journal.befell("office", Fault.REOPENED, f"order {number}")

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

    def _retry(self, session: Session) -> None:
        act = acts.system(district_id=crews_maker.DISTRICT, now=self._server.now, job="held")
        tried = held.run(session, act=act._replace(new_id=self._server.new_id))
        self._journal.note("office", f"tries {tried['tried']} that are held")

    def _revoke(self, session: Session, device_id: str) -> None:
        crews.revoke(session, act=self._act(), device_id=device_id)
        self._journal.note("office", "revokes a lost handheld")

    def _let_go(self, session: Session, person_id: str) -> None:
        crews.deactivate(session, act=self._act(), person_id=person_id)

    def _list_quarantined(self, chosen: quarantined.Chosen) -> list[QuarantineView]:
        with self._server.database.reading() as session:
            return quarantine.list_quarantined(
                session, act=self._act(), chosen=chosen, after=None, limit=_PAGE
            )

    def _decision(self, row: QuarantineView) -> Deed:
        lets_in = self._custody.random() < _LETS_IN
        return functools.partial(self._let_in if lets_in else self._leave_out, row=row)

    def _let_in(self, session: Session, row: QuarantineView) -> None:
        quarantine.accept(session, act=self._act(), quarantine_id=row.id)
        self._journal.befell("office", Fault.LET_IN, f"{row.type} of {row.person_id}")

    def _leave_out(self, session: Session, row: QuarantineView) -> None:
        why = "nobody can say any more who made this on which of the two handhelds"
        quarantine.dismiss(session, act=self._act(), quarantine_id=row.id, why=why)
        self._journal.befell("office", Fault.LEFT_OUT, f"{row.type} of {row.person_id}")

    def _list_finished(self) -> list[int]:
        """List the numbers of orders whose customers can be asked."""
        with self._server.database.reading() as session:
            question = select(Task.id).where(Task.state == State.finished)
            finished = set(session.scalars(question))
        return [number for number, id_ in enumerate(self.order_ids, 1) if id_ in finished]

    def _some_order(self, session: Session) -> tuple[int, Task]:
        number = self._chance.randrange(len(self.order_ids))
        task = orders.get_to_change(session, act=self._act(), task_id=self.order_ids[number])
        return number + 1, task
