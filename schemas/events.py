"""Events: what another system, or a mailbox of the office, is told as soon as it happened.

An event names ids, states and instants; whoever wants to know more asks the API by the ids.
It travels as a CloudEvent (specification 1.0, structured JSON): one in each request, at least once,
in order, and the same `id` each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final

from msgspec import Meta

from schemas.appointments import AppointmentState
from schemas.base import Id, Instant, Name, Seconds, Shape, Text
from schemas.crews import Level
from schemas.figures import Span
from schemas.notices import NoticeChannel, Tongue
from schemas.rules import clocks, flags, transitions
from schemas.supervision import CaseState

CLOUD_EVENTS: Final = "application/cloudevents+json"
SPEC_VERSION: Final = "1.0"
KEEP_H_MAX: Final = 168


class EventType(StrEnum):
    """What happened; the part before the dot says what `data` holds."""

    ORDER_OPENED = "order.opened"
    ORDER_GIVEN = "order.given"
    ORDER_ACCEPTED = "order.accepted"
    ORDER_RETURNED = "order.returned"
    ORDER_SET_OUT = "order.set_out"
    ORDER_ARRIVED = "order.arrived"
    ORDER_STARTED = "order.started"
    ORDER_SUSPENDED = "order.suspended"
    ORDER_RESUMED = "order.resumed"
    ORDER_RESTORED = "order.restored"
    ORDER_ENDED = "order.ended"
    ORDER_CALLED_BACK = "order.called_back"
    ORDER_ARCHIVED = "order.archived"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_REOPENED = "order.reopened"
    PROMISE_MADE = "promise.made"
    PROMISE_REAGREED = "promise.reagreed"
    PROMISE_NEAR = "promise.near"
    PROMISE_AT_RISK = "promise.at_risk"
    PROMISE_PROVISIONAL = "promise.provisional"
    PROMISE_KEPT = "promise.kept"
    PROMISE_BREACHED = "promise.breached"
    PROMISE_CLEARED = "promise.cleared"
    PROMISE_WITHDRAWN = "promise.withdrawn"
    SUPERVISION_OPENED = "supervision.opened"
    SUPERVISION_CLIMBED = "supervision.climbed"
    SUPERVISION_CLOSED = "supervision.closed"
    SUPERVISION_EXCUSED = "supervision.excused"
    SUPERVISION_CLEARED = "supervision.cleared"
    SUPERVISION_REOPENED = "supervision.reopened"
    APPOINTMENT_BOOKED = "appointment.booked"
    APPOINTMENT_MOVED = "appointment.moved"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    READING_FLAGGED = "reading.flagged"
    REPORT_ISSUED = "report.issued"
    NOTICE_DEAD = "notice.dead"
    RECEIVER_PAUSED = "receiver.paused"
    RECEIVER_TEST = "receiver.test"


class OrderEvent(Shape):
    """An order as it stands after a moment; `number` counts the moments of its timeline."""

    task_id: Id
    number: int
    kind: transitions.Kind
    state: transitions.State
    urgency: int
    crew_id: Id | None
    heard_at: Instant
    error_s: Seconds
    clock_suspect: bool


class PromiseEvent(Shape):
    """A promise as it stands: a clock of its policy set, or one given to a customer.

    `promise_id` names the promise to a customer, which has a clock for each window agreed on.
    Where it is broken, or at risk, a sentence says so with its numbers.
    """

    clock_id: Id
    subject_id: Id
    promise_id: Id | None
    kind: str
    state: clocks.State
    sure: bool
    from_at: Instant | None
    due_at: Instant
    late_s: Seconds
    crew_id: Id | None
    supervision_id: Id | None
    heard_at: Instant
    en: Text
    zh: Text


class SupervisionEvent(Shape):
    """A supervision case as it stands, with the sentence that says what was broken."""

    case_id: Id
    clock_id: Id
    subject_id: Id
    kind: str
    state: CaseState
    level: Level
    unit_id: Id
    major: bool
    points: int
    heard_at: Instant
    en: Text
    zh: Text


class AppointmentEvent(Shape):
    """An appointment as it stands; its promise names the order and the customer."""

    appointment_id: Id
    promise_id: Id
    crew_id: Id
    state: AppointmentState
    from_at: Instant
    due_at: Instant
    heard_at: Instant


class FlagEvent(Shape):
    """A finding about a reading, by the code of its rule."""

    flag_id: Id
    reading_id: Id
    meter_id: Id
    code: str
    severity: flags.Severity
    cim: str | None
    heard_at: Instant


class ReportEvent(Shape):
    """A service report that was issued; its period names it."""

    report_id: Id
    span: Span
    first_day: Annotated[str, Meta(description="ISO date.")]
    last_day: Annotated[str, Meta(description="ISO date.")]
    sha256: str


class NoticeEvent(Shape):
    """A notice that nobody got."""

    notice_id: Id
    channel: NoticeChannel
    kind: str
    why: Text


class ReceiverEvent(Shape):
    """A receiver, and what it was paused for."""

    receiver_id: Id
    name: Name
    why: Text


DATA: Final[Mapping[str, type[Shape]]] = MappingProxyType(
    {
        "order": OrderEvent,
        "promise": PromiseEvent,
        "supervision": SupervisionEvent,
        "appointment": AppointmentEvent,
        "reading": FlagEvent,
        "report": ReportEvent,
        "notice": NoticeEvent,
        "receiver": ReceiverEvent,
    }
)
"""What `data` holds, by the part of an event's type before the dot."""
MAILED: Final = frozenset(
    {
        EventType.SUPERVISION_OPENED,
        EventType.SUPERVISION_CLIMBED,
        EventType.PROMISE_BREACHED,
        EventType.REPORT_ISSUED,
        EventType.NOTICE_DEAD,
        EventType.RECEIVER_PAUSED,
    }
)
"""What the office may be written about; everything else would drown it."""


class CloudEvent(Shape):
    """An event on its way.

    `id` is the same each time that it is sent, and never that of another.
    `subject` is what it is about, as a path of the API under `/v1/`; `time` is when it happened,
    which may be long before it was heard.
    """

    specversion: str = SPEC_VERSION
    id: Id
    source: str
    type: EventType
    subject: str
    time: Instant
    datacontenttype: str = "application/json"
    data: dict[str, Any]


class ReceiverChannel(StrEnum):
    """By what a receiver is told."""

    WEBHOOK = "webhook"
    MAIL = "mail"


class ReceiverState(StrEnum):
    """Whether a receiver is sent what happens; while paused it waits, for a week at most."""

    ACTIVE = "active"
    PAUSED = "paused"


Address = Annotated[str, Meta(min_length=1, max_length=1_000, pattern=r"^[!-~]*$")]


class ReceiverDraft(Shape):
    """Another system, or a mailbox of the office, that wants to be told.

    `address` is an https address, or a mailbox; `events` lists what it wants, empty means all that
    its channel has.
    `lang` is the language of mails. A receiver of a `unit_id` hears of the supervision cases that
    stand at that unit, and of no others.
    """

    channel: ReceiverChannel
    name: Name
    address: Address
    events: list[EventType] = []
    unit_id: Id | None = None
    lang: Tongue = Tongue.ZH


class ReceiverChange(Shape):
    """What is to be otherwise; what is left out stays."""

    name: Name | None = None
    address: Address | None = None
    events: list[EventType] | None = None
    lang: Tongue | None = None
    state: ReceiverState | None = None


class ReceiverRotation(Shape):
    """For how many hours the old secret signs besides the new one; 0 where it has leaked."""

    keep_h: Annotated[int, Meta(ge=0, le=KEEP_H_MAX)] = 24


class ReceiverView(Shape):
    """A receiver as the office sees it; `earlier_until` is when its old secret stops signing."""

    id: Id
    channel: ReceiverChannel
    name: Name
    address: Text
    events: list[EventType]
    unit_id: Id | None
    lang: Tongue
    state: ReceiverState
    why: Text
    earlier_until: Instant | None
    made_at: Instant


class ReceiverSecret(Shape):
    """A receiver and its secret, which is shown this once; a mailbox has none."""

    receiver: ReceiverView
    secret: Text


class ReceiverRetried(Shape):
    """How many dead notices of a receiver wait again; those of a full run may leave more."""

    retried: int
