"""Repairs: what becomes of each, in minutes after its report, and when the server hears of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

from sqlalchemy.orm import Session

from api import acts
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import tasks as shapes
from schemas.rules.transitions import Event, Kind
from tests.makers import tasks as work
from tests.month.deeds import DISTRICT, MINUTE, Deed, by_crew, by_office, contact, phone, wall

CAUSE = "the lamp flickers as soon as the pump starts"
CODE, REASON = "no_access", "the courtyard is locked until the caretaker comes"
OFF = "the customer has closed his own main switch again"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A repair in town, and what becomes of it, in minutes after its report.

    A crew that is `heard` late was silent since its acceptance; at each of `contacts` its phone
    reports. It works 15 minutes until the light is on and reports back after 5 more.
    """

    id: str
    crew_id: str = "crew-1"
    dispatched: float = 0
    accepted: float = 2
    arrived: float = 20
    restored: float | None = None
    finished: float | None = None
    called_back: float = 600
    says: shapes.Satisfaction = shapes.Satisfaction.satisfied
    heard: float | None = None
    contacts: tuple[float, ...] = ()

    def told(self, at: str) -> Iterator[Deed]:
        """Report it at a time of the wall."""
        yield from self.reported(wall(at))

    def reported(self, begun: dt.datetime) -> Iterator[Deed]:
        """Report it at an instant."""
        yield Deed(begun, lambda session: _open(session, self.id, begun))
        yield from self.worked(begun)

    def worked(self, begun: dt.datetime) -> Iterator[Deed]:
        """Do what is to be done for an order that stands at the duty office since an instant."""
        crew_id, sent = self.crew_id, by_office(begun + self.dispatched * MINUTE)
        yield Deed(sent.received_at, lambda session: _send(session, sent, self.id, crew_id))
        accepted = begun + self.accepted * MINUTE
        yield _by_crew(self, Event.accept, accepted, accepted)
        restored = self.arrived + 15 if self.restored is None else self.restored
        finished = restored + 5 if self.finished is None else self.finished
        for event, minute in (
            (Event.arrive, self.arrived),
            (Event.restore, restored),
            (Event.finish, finished),
        ):
            heard = begun + (minute if self.heard is None else self.heard) * MINUTE
            yield _by_crew(self, event, begun + minute * MINUTE, heard)
        for minute in self.contacts:
            yield contact(crew_id, begun + minute * MINUTE)
        asked = by_office(begun + self.called_back * MINUTE)
        yield Deed(asked.received_at, lambda session: _call_back(session, asked, self))


def all_of_them() -> Iterator[Deed]:
    """Tell of the month's repairs."""
    # Everything in time.
    yield from Repair(id="in-time").told("2025-10-01 09:00")
    # A dark crew that arrived at minute 38: kept, and never anything else.
    yield from Repair(id="dark-kept", arrived=38, heard=125).told("2025-10-03 14:00")
    # A dark crew that was late, and is heard long after the grace.
    yield from Repair(id="dark-late", arrived=60, heard=400).told("2025-10-06 20:00")
    # A dark crew that was in time, and is heard after the grace: its case is cleared.
    yield from Repair(id="dark-cleared", arrived=38, heard=200).told("2025-10-13 09:00")
    # A crew in full sight, and an office, that are late with everything but the call-back.
    slow = Repair(
        id="slow",
        dispatched=3,
        accepted=9,
        arrived=50,
        restored=240,
        finished=275,
        contacts=(46, 231, 271),
    )
    yield from slow.told("2025-10-14 08:00")
    # A crew that is five minutes late; the customer is called back too late as well.
    yield from Repair(id="late", arrived=50, called_back=2400).told("2025-10-21 11:00")
    # The customer is not satisfied: the order is reopened, and late again.
    unhappy = shapes.Satisfaction.dissatisfied
    yield from Repair(id="reopened", called_back=360, says=unhappy).told("2025-10-22 09:00")
    again = Repair(id="reopened", dispatched=1, arrived=50, called_back=180, contacts=(46,))
    yield from again.worked(wall("2025-10-22 15:00"))
    # A locked courtyard: the clock stands still for an hour, so minute 95 is minute 35.
    yield from Repair(id="stood-still", arrived=95).told("2025-10-24 09:00")
    yield from _stand_still("stood-still", wall("2025-10-24 09:10"), wall("2025-10-24 10:10"))
    # Called off: nothing was promised.
    yield from _called_off("called-off", wall("2025-10-24 14:00"))


def _by_crew(repair: Repair, event: Event, at: dt.datetime, heard_at: dt.datetime) -> Deed:
    act = by_crew(repair.crew_id, at, heard_at=heard_at)
    return Deed(heard_at, lambda session: _move(session, act, repair, event))


def _stand_still(task_id: str, since: dt.datetime, until: dt.datetime) -> Iterator[Deed]:
    """Let the crew wait before a locked door."""
    waits = shapes.Suspended(reason=REASON, code=CODE)
    stops, goes_on = by_crew("crew-1", since), by_crew("crew-1", until)
    yield Deed(
        since, lambda session: tasks.suspend(session, act=stops, subject_id=task_id, body=waits)
    )
    yield Deed(
        until,
        lambda session: tasks.resume(
            session, act=goes_on, subject_id=task_id, body=shapes.Resumed()
        ),
    )


def _called_off(task_id: str, begun: dt.datetime) -> Iterator[Deed]:
    act = by_office(begun + 10 * MINUTE)
    body = shapes.Cancelled(reason=OFF)
    yield Deed(begun, lambda session: _open(session, task_id, begun))
    yield Deed(begun, lambda session: _send(session, by_office(begun), task_id, "crew-1"))
    yield _by_crew(Repair(id=task_id), Event.accept, begun + MINUTE, begun + MINUTE)
    yield Deed(
        act.received_at,
        lambda session: tasks.call_off(session, act=act, task_id=task_id, body=body),
    )


def _open(session: Session, task_id: str, at: dt.datetime) -> None:
    draft = tasks.TaskDraft(
        id=task_id, kind=Kind.repair, title="no light", area_class="urban", site=work.site()
    )
    tasks.open_task(session, act=by_office(at), draft=draft)


def _send(session: Session, act: acts.Act, task_id: str, crew_id: str) -> None:
    task = session.get_one(Task, (DISTRICT, task_id))
    tasks.assign(session, act=act, task=task, crew_id=crew_id, person_id=None, why="nearest")


def _move(session: Session, act: acts.Act, repair: Repair, event: Event) -> None:
    """Let the crew say something; so its phone has reported until then."""
    task = session.get_one(Task, (DISTRICT, repair.id))
    tasks.move(session, act=act, task=task, event=event)
    phone(session, repair.crew_id).covered_until = act.received_at


def _call_back(session: Session, act: acts.Act, repair: Repair) -> None:
    cause = CAUSE if repair.says is shapes.Satisfaction.dissatisfied else ""
    said = shapes.CalledBack(result=repair.says, cause=cause)
    tasks.enter_call_back(session, act=act, task_id=repair.id, body=said)
