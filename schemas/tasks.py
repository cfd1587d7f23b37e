"""Work: the shared life of every order and route, and what a crew may do to it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from schemas.base import Id, Instant, Metres, Name, Shape, Text
from schemas.places import Geometry
from schemas.rules.datums import Datum
from schemas.rules.transitions import Kind, State

Urgency = Annotated[
    int, Meta(ge=1, le=5, description="1 is life at risk, 5 can wait.", examples=[2])
]


class WorkSite(Shape):
    """The ground a crew must stand on: a shape, and how near to it is near enough."""

    geometry: Geometry
    datum: Datum
    radius_m: Metres
    address: Text = ""
    access_note: Text = ""


class TaskClock(Shape):
    """A promise that runs on this task, as the phone shows it counting down."""

    kind: str
    due_at: Instant
    stopped_at: Instant | None = None


class Task(Shape):
    """One piece of work as the crew and the office see it; the synced entity `task`."""

    id: Id
    district_id: Id
    kind: Kind
    state: State
    version: int
    title: Text
    note: Text = ""
    urgency: Urgency = 3
    crew_id: Id | None = None
    person_id: Id | None = None
    why: Text = ""
    area_id: Id | None = None
    site: WorkSite | None = None
    service_point_id: Id | None = None
    care: bool = False
    contact: Text = ""
    opened_at: Instant
    state_at: Instant
    suspended_reason: Text = ""
    evidence_declared: int = 0
    evidence_missing: int = 0
    clocks: list[TaskClock] = []


class Accepted(Shape):
    """Operation `task.accept`: the crew takes the work."""


class SetOut(Shape):
    """Operation `task.set_out`: the crew is on its way."""


class Started(Shape):
    """Operation `task.start`: hands on the work."""


class Returned(Shape):
    """Operation `task.return`: the crew gives the work back, with a concrete reason."""

    reason: Text


class Suspended(Shape):
    """Operation `task.suspend`: the work must wait, with a concrete reason."""

    reason: Text


class Resumed(Shape):
    """Operation `task.resume`: the work goes on."""


class Noted(Shape):
    """Operation `task.note`: words for the order's timeline; always kept."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]


class Material(Shape):
    """Something used up on the job."""

    name: Name
    quantity: Annotated[float, Meta(gt=0, le=100_000)]
    unit: Name = "piece"


class Finished(Shape):
    """Operation `task.finish`: the work is done, what was found and what was used."""

    cause: Text = ""
    work_done: Text = ""
    materials: Annotated[list[Material], Meta(max_length=100)] = []
