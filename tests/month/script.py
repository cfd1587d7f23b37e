"""What people do in October 2025, and when the server hears of it; times are those of the wall.

National Day and Mid-Autumn make 1 to 8 October holidays; Sunday 28 September and Saturday
11 October are worked instead.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api import acts
from api.promises import service as promises
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas.rules.transitions import Event, Kind
from tests.makers import crews
from tests.makers import promises as subjects
from tests.makers import tasks as work

DISTRICT: Final = work.DISTRICT
ZONE: Final = zoneinfo.ZoneInfo("Asia/Shanghai")
BEGINS: Final = "2025-09-26 08:00"
ENDS: Final = "2025-11-03 06:30"
_MINUTE: Final = dt.timedelta(minutes=1)


class Deed(NamedTuple):
    """Something that the server hears of at an instant, and what it does then."""

    at: dt.datetime
    do: Callable[[Session], object]


def wall(text: str) -> dt.datetime:
    """Read a time of the district's wall clock."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(dt.UTC)


def deeds() -> list[Deed]:
    """List every deed of the month, in the order in which they are heard."""
    return sorted(_deeds(), key=lambda deed: deed.at)


def _deeds() -> Iterator[Deed]:
    """Tell the month's stories."""
    yield Deed(wall(BEGINS), _prepare)
    # A reading is disputed before the holidays: five working days end on 10 October.
    yield from _owed("dispute", "reading_dispute", "2025-09-26 10:00", answered="2025-10-10 17:00")
    # A complaint that nobody answers: four working days from the eve end on 13 October.
    yield from _owed("complaint", "complaint", "2025-09-30 16:00", answered="2025-10-15 09:00")
    # Everything in time.
    yield from _repair("in-time", "2025-10-01 09:00", arrived=20)
    # A dark crew that arrived at minute 38, and is heard at minute 125.
    yield from _repair("dark-kept", "2025-10-03 14:00", arrived=38, heard=125)
    # A dark crew that was late, and is heard long after the grace.
    yield from _repair("dark-late", "2025-10-06 20:00", arrived=60, heard=400)
    # A crew in full sight that is five minutes late; the customer is called back too late as well.
    yield from _repair("late", "2025-10-21 11:00", arrived=50, called_back=60 * 40)


def _repair(
    task_id: str, at: str, *, arrived: float, heard: float | None = None, called_back: float = 600
) -> Iterator[Deed]:
    """Report a repair; its crew arrives, restores and finishes, in minutes after the report.

    A crew that is `heard` late was silent since its acceptance.
    """
    begun = wall(at)

    def after(minute: float) -> dt.datetime:
        return begun + minute * _MINUTE

    def told(event: Event, minute: float) -> Deed:
        heard_at = after(minute if heard is None else heard)
        act = _of_crew(after(minute), heard_at)
        return Deed(heard_at, lambda session: _move(session, act, task_id, event))

    yield Deed(begun, lambda session: _open(session, task_id, begun))
    accepted = _of_crew(after(2), after(2))
    yield Deed(after(2), lambda session: _move(session, accepted, task_id, Event.accept))
    yield told(Event.arrive, arrived)
    yield told(Event.restore, arrived + 40)
    yield told(Event.finish, arrived + 50)
    office = work.of_office(at=after(called_back))
    yield Deed(after(called_back), lambda session: _call_back(session, office, task_id))


def _owed(subject_id: str, kind: str, at: str, *, answered: str) -> Iterator[Deed]:
    """Let a customer be owed an answer, which comes some day."""
    begun, ended = wall(at), wall(answered)
    subject = subjects.subject(subject_id, kind=kind)

    def noted(when: dt.datetime, event: str) -> Deed:
        act = subjects.act(at=when, person_id="office")
        return Deed(
            when, lambda session: promises.note(session, act=act, subject=subject, event=event)
        )

    yield noted(begun, "request" if kind == "reading_dispute" else promises.REPORT)
    yield noted(ended, "answer")
    if kind == "complaint":
        yield noted(begun + 5 * _MINUTE, "dispatch")
        yield noted(begun + 60 * _MINUTE, "contact")
        yield noted(ended + 600 * _MINUTE, "call_back")


def _prepare(session: Session) -> None:
    """Publish the holidays, and give the crew a phone."""
    work.district(session)
    promises.seed_china(session, act=work.of_office(at=wall(BEGINS)))
    crews.device(session, person_id="li", device_id="phone-li").covered_until = wall(BEGINS)


def _open(session: Session, task_id: str, at: dt.datetime) -> None:
    draft = tasks.TaskDraft(
        id=task_id, kind=Kind.repair, title="no light", area_class="urban", site=work.site()
    )
    task = tasks.open_task(session, act=work.of_office(at=at), draft=draft)
    sent = work.of_office(at=at)
    tasks.assign(session, act=sent, task=task, crew_id="crew-1", person_id=None, why="nearest")


def _move(session: Session, act: acts.Act, task_id: str, event: Event) -> None:
    """Let the crew say something; so its phone has reported until then."""
    task = session.get_one(Task, (DISTRICT, task_id))
    tasks.move(session, act=act, task=task, event=event)
    device = crews.device(session, person_id="li", device_id="phone-li")
    device.covered_until = act.received_at


def _call_back(session: Session, act: acts.Act, task_id: str) -> None:
    task = session.get_one(Task, (DISTRICT, task_id))
    detail = {"result": "satisfied", "cause": "", "note": ""}
    tasks.move(session, act=act, task=task, event=Event.call_back, detail=detail)


def _of_crew(at: dt.datetime, heard_at: dt.datetime) -> acts.Act:
    return work.of_crew(at=at, received_at=heard_at)._replace(happened=acts.Happened(at=at))
