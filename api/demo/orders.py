"""A morning's open orders, each a little further along than the next.

They go in by the doors' own service functions, so that their clocks, timelines and reasons are
what the office would have made of them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act, Happened, Principal
from api.demo import people
from api.demo.customers import Home
from api.ids import IdMaker
from api.repairs import service as repairs
from api.tasks import service as tasks
from schemas import repairs as reports
from schemas import tasks as shapes
from schemas.crews import Role
from schemas.places import Position

_FAR_OFF: Final = 0.4
"""Degrees; farther than every area."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Story:
    """A report and what became of it: minutes ago, whose home, how many steps its crew took."""

    minutes: float
    home: float
    channel: reports.Channel
    words: str
    urgency: int = 3
    skill: str = "low_voltage"
    steps: int = 0
    cares: bool = False


_STORIES: Final = (
    _Story(38, 0.04, reports.Channel.HOTLINE, "整栋楼停电。Whole block dark.", 2, steps=2),
    _Story(31, 0.13, reports.Channel.PORTAL, "空开一合就跳。Breaker trips at once.", steps=2),
    _Story(27, 0.22, reports.Channel.HOTLINE, "电线垂到路面。Wire over the road.", 1, steps=2),
    _Story(24, 0.31, reports.Channel.ALARM, "配变失压告警。Transformer lost voltage.", 2,
           skill="medium_voltage", steps=1),
    _Story(21, 0.40, reports.Channel.HOTLINE, "只有我家没电。Only my home is dark.", steps=1),
    _Story(18, 0.49, reports.Channel.PORTAL, "灯光忽明忽暗。Lights flicker.", 4, steps=1),
    _Story(14, 0.58, reports.Channel.HOTLINE, "表箱冒烟。Smoke from the meter box.", 1, steps=1),
    _Story(11, 0.67, reports.Channel.PATROL, "树枝压线。Branch lies on the line.", steps=0),
    _Story(8, 0.76, reports.Channel.HOTLINE, "电表不走字。Meter does not count.", 4,
           skill="metering"),
    _Story(5, 0.85, reports.Channel.HOTLINE, "呼吸机断电。Breathing machine without power.", 1,
           cares=True),
    _Story(3, 0.94, reports.Channel.PORTAL, "半边屋子没电。Half the house is dark.", 3),
)  # fmt: skip
_OUTSIDE: Final = _Story(
    16, 0.5, reports.Channel.HOTLINE, "路边杆子倾斜。Pole leans at the roadside.", 3
)
COUNT: Final = len(_STORIES) + 1


def open_all(session: Session, homes: Sequence[Home], *, now: dt.datetime, new_id: IdMaker) -> int:
    """Report each trouble when it happened, and let its crew take the first steps."""
    cared = [home for home in homes if home.point.care is not None]
    for number, story in enumerate(_STORIES, start=1):
        among = cared if story.cares else homes
        home = among[int(story.home * len(among))]
        at = now - dt.timedelta(minutes=story.minutes)
        report = _report(story, number, service_point_id=home.point.id)
        placed = repairs.report(session, act=_hotline(at, new_id), report=report)
        session.flush()
        _take_steps(session, story, placed.task, at=at, new_id=new_id)
    _report_outside(session, homes[0], now=now, new_id=new_id)
    return COUNT


def _report(
    story: _Story,
    number: int,
    *,
    service_point_id: str | None = None,
    position: Position | None = None,
) -> reports.Report:
    return reports.Report(
        key=f"demo-{number:02d}",
        channel=story.channel,
        description=story.words,
        service_point_id=service_point_id,
        position=position,
        skill=story.skill,
        urgency=story.urgency,
    )


def _report_outside(session: Session, home: Home, *, now: dt.datetime, new_id: IdMaker) -> None:
    """Report trouble outside every area: it is still somebody's work."""
    at = now - dt.timedelta(minutes=_OUTSIDE.minutes)
    position = Position(lat_deg=home.point.lat_deg + _FAR_OFF, lon_deg=home.point.lon_deg)
    report = _report(_OUTSIDE, COUNT, position=position)
    repairs.report(session, act=_hotline(at, new_id), report=report)


def _take_steps(
    session: Session, story: _Story, task: shapes.Task, *, at: dt.datetime, new_id: IdMaker
) -> None:
    """Let the crew accept and set out, a few minutes after each other."""
    if task.crew_id is None:
        return
    steps: tuple[Callable[[Act], object], ...] = (
        lambda act: tasks.accept(session, act=act, subject_id=task.id, body=shapes.Accepted()),
        lambda act: tasks.set_out(session, act=act, subject_id=task.id, body=shapes.SetOut()),
    )
    for number, step in enumerate(steps[: story.steps], start=1):
        step(_crew(task.crew_id, at + dt.timedelta(minutes=number * 2.5), new_id))


def _hotline(at: dt.datetime, new_id: IdMaker) -> Act:
    return _act("hotline", Role.INTEGRATION, at, new_id)


def _crew(crew_id: str, at: dt.datetime, new_id: IdMaker) -> Act:
    lineman = f"lineman{crew_id.removeprefix('crew-')}01"
    act = _act(lineman, Role.LINEMAN, at, new_id)
    principal = dataclasses.replace(act.principal, crew_ids=frozenset({crew_id}))
    return act._replace(principal=principal)


def _act(person_id: str, role: Role, at: dt.datetime, new_id: IdMaker) -> Act:
    principal = Principal(
        person_id=person_id,
        roles=frozenset({role}),
        district_id=people.DISTRICT,
        unit_path="/" + "/".join(unit_id for unit_id, _, _ in people.UNITS),
    )
    return Act(principal=principal, happened=Happened(at=at), received_at=at, new_id=new_id)
