"""Work: the shared life of every order and route, and what a crew may do to it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Metres, Name, Shape, Text
from schemas.errors import Words
from schemas.places import Geometry, Position
from schemas.rules.datums import Datum
from schemas.rules.transitions import Event, Kind, State
from schemas.rules.windows import Aim

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


class TaskPromise(Shape):
    """What somebody promised the customer: that `aim` comes from `from_at` on, in these words."""

    id: Id
    aim: Aim
    given_at: Instant
    from_at: Instant | None = None
    words: Text = ""


class TaskClock(Shape):
    """A promise that runs on this task, as the phone shows it counting down.

    It stands still since `paused_at`, if it does.
    `promise` says what a customer was told beyond the policy's promises; `kind` is `promise` then.
    `stop_event` is what keeps it; a phone also tells by itself when it is near its end.
    """

    kind: str
    due_at: Instant
    stopped_at: Instant | None = None
    paused_at: Instant | None = None
    promise: TaskPromise | None = None
    started_at: Instant | None = None
    stop_event: str | None = None


class Task(Shape):
    """One piece of work as the crew and the office see it; the synced entity `task`.

    `look` names what a person of the office is asked to look at: `cancelled_meanwhile` (work was
    done on an order that was called off) or `done_twice`.
    """

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
    suspended_until: Instant | None = None
    look: Name | None = None
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
    """Operation `task.return`: the crew gives the work back, with a concrete reason.

    `code` picks a reason of the order's policy set.
    """

    reason: Text
    code: Name | None = None


class Suspended(Shape):
    """Operation `task.suspend`: the work must wait, with a concrete reason.

    `until` is when the crew thinks that it can go on, if it can say.
    `code` picks a reason of the order's policy set; a clock stands still only for one that holds
    it.
    """

    reason: Text
    until: Instant | None = None
    code: Name | None = None


class Resumed(Shape):
    """Operation `task.resume`: the work goes on."""


class Noted(Shape):
    """Operation `task.note`: words for the order's timeline; always kept."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]


class TextAmended(Shape):
    """Words that a crew corrected: what it saw, and what it set."""

    saw: Text
    set: Text


class PositionAmended(Shape):
    """A position that a crew corrected: what it saw, null where there was none, and what it set."""

    saw: Position | None = None
    set: Position


class Amended(Shape):
    """Operation `task.amend`: the crew found it otherwise than the order says.

    A field that the office has changed since the crew saw it is merged: words of both sides stand
    side by side, a position stays the office's; both values are on the timeline.
    """

    contact: TextAmended | None = None
    note: TextAmended | None = None
    access_note: TextAmended | None = None
    position: PositionAmended | None = None


class Edited(Shape):
    """The office changes what an order says of itself; what is not named stays as it is."""

    title: Name | None = None
    note: Text | None = None
    contact: Text | None = None
    address: Text | None = None
    access_note: Text | None = None
    position: Position | None = None


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


class Satisfaction(StrEnum):
    """What the customer said when called back."""

    satisfied = "satisfied"
    dissatisfied = "dissatisfied"


class Assigned(Shape):
    """The office gives work that nobody holds to a crew, or to one person."""

    crew_id: Id | None = None
    person_id: Id | None = None
    why: Text = ""


class Reassigned(Shape):
    """The office gives work to another crew or person, with a concrete reason."""

    crew_id: Id | None = None
    person_id: Id | None = None
    why: Text


class Cancelled(Shape):
    """The office calls work off, with a concrete reason."""

    reason: Text


class Reopened(Shape):
    """The office brings finished work back, with a concrete cause."""

    cause: Text


class Looked(Shape):
    """A person of the office has looked at what the rules could not decide, and says what of it."""

    note: Text = ""


class Chased(Shape):
    """The customer, or the office, asks again about open work: in whose words, and what."""

    words: Annotated[str, Meta(min_length=1, max_length=1_000, pattern=r"^[^\x00]*$")]


class CalledBack(Shape):
    """The result of a call-back; a customer who is not satisfied has a concrete cause."""

    result: Satisfaction
    cause: Text = ""
    note: Text = ""


class Moment(Shape):
    """One line of a task's timeline: what happened, when, how surely, and when it was heard.

    `event` is a move (`accept`, `arrive`, ...), `report`, `note`, `amend`, `edit`, `look`, `chase`,
    `promise`, `reagree` or `waive`; `state` is the state after it.
    `remark` is empty on the straight road.
    It moved nothing where it was `overtaken` (the work stood further already), `no_longer_yours`
    (the office had given it away or taken it back), `done_twice`, `cancelled_meanwhile` or
    `of_an_earlier_turn`.
    A correction is `fields_merged` where the office had changed the same.
    It moved the order where it was `work_counted` (done by a crew that the order was taken from) or
    `others_on_site` (a restoration; those at the site end the order).
    """

    number: int
    id: Id
    task_id: Id
    event: Name
    state: State
    person_id: Id
    device_id: Id | None
    crew_id: Id | None
    happened_at: Instant
    error_s: float
    clock_suspect: bool
    received_at: Instant
    remark: Text = ""
    detail: dict[str, object] = {}


class Done(Shape):
    """What became of an act of the field: the task, and a remark when it moved nothing.

    The task is null where it is not yours any more; then the remark says so.
    """

    task: Task | None
    remark_code: Name | None = None
    remark: Words | None = None


class Verified(Shape):
    """What a check of a timeline found; `broken_at` numbers the first moment that was changed."""

    intact: bool
    moments: int
    broken_at: int | None = None
    event_id: Id | None = None


class Held(Shape):
    """Whose hands a task came into, and from when on; nobody's is the duty office's."""

    crew_id: Id | None
    person_id: Id | None
    held_from: Instant
    received_at: Instant


class HolderList(Shape):
    """Whose hands a task came into, oldest first."""

    items: list[Held]


class TaskFilter(Shape):
    """Which work the office asks for; what is not named does not matter.

    Without `state`, `settled` chooses between work that is open (the default) and work that is
    archived or cancelled.
    `look` finds what a person of the office is asked to look at, also on work that is settled.
    `due_before` finds promises at risk: a clock that still runs is due before it; `overdue` those
    that are due already.
    """

    state: State | None = None
    settled: bool = False
    kind: Kind | None = None
    crew_id: Id | None = None
    person_id: Id | None = None
    area_id: Id | None = None
    service_point_id: Id | None = None
    urgency: Urgency | None = None
    care: bool | None = None
    unassigned: bool | None = None
    evidence_missing: bool | None = None
    look: bool | None = None
    opened_after: Instant | None = None
    opened_before: Instant | None = None
    due_before: Instant | None = None
    overdue: bool | None = None


STATE_ZH: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.reported: "待派单",
        State.dispatched: "已派单",
        State.accepted: "已接单",
        State.en_route: "途中",
        State.arrived: "已到场",
        State.working: "作业中",
        State.restored: "已复电",
        State.finished: "已完工",
        State.called_back: "已回访",
        State.archived: "已归档",
        State.returned: "已退单",
        State.suspended: "已挂起",
        State.cancelled: "已取消",
    }
)
"""The trade's word for each state."""

EVENT_ZH: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.dispatch: "派单",
        Event.reassign: "改派",
        Event.accept: "接单",
        Event.return_: "退单",
        Event.set_out: "出发",
        Event.arrive: "到场",
        Event.start: "开工",
        Event.restore: "复电",
        Event.finish: "完工",
        Event.call_back: "回访",
        Event.archive: "归档",
        Event.cancel: "取消",
        Event.suspend: "挂起",
        Event.resume: "恢复",
        Event.reopen: "重开",
    }
)
"""The trade's word for each move."""
