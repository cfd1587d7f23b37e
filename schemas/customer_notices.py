"""What a customer is told by text message: of which events, in which words, when, and how it went.

A policy set says what is told and how it is worded; a set that says nothing of it tells nobody.
A message names no other person and no whole address; minutes and instants, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Name, Shape, Text
from schemas.customer_promises import ContactWay, Said
from schemas.errors import Words

PARTS_MAX: Final = 10
SAID_CHARS_MAX: Final = 60
"""What of somebody's own words goes into a message."""
_WALL_TIME: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
WallTime = Annotated[str, Meta(pattern=_WALL_TIME, examples=["22:00"])]


class CustomerNoticeKind(StrEnum):
    """What a customer is told of."""

    REPORT_TAKEN = "report_taken"
    ON_THE_WAY = "on_the_way"
    RESTORED = "restored"
    PROMISE_MADE = "promise_made"
    PROMISE_AT_RISK = "promise_at_risk"
    PROMISE_REAGREED = "promise_reagreed"
    APPOINTMENT_BOOKED = "appointment_booked"
    APPOINTMENT_MOVED = "appointment_moved"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    APPOINTMENT_TOMORROW = "appointment_tomorrow"
    REQUEST_TAKEN = "request_taken"
    REQUEST_ANSWERED = "request_answered"


class Urgency(StrEnum):
    """Whether a notice breaks into quiet hours."""

    NEVER = "never"
    IF_DUE = "if_due"
    """Where what it is about is due before the quiet hours end."""
    ALWAYS = "always"


class Wording(Shape):
    """How one kind of notice is worded, and until how many minutes after its cause it is of use.

    `{due}` and the like are filled in; `[by {due}]` is left out where it is not known.
    """

    words: Words
    of_use_min: Annotated[int, Meta(ge=1, le=43_200)]
    urgency: Urgency = Urgency.NEVER


class Mobile(Shape):
    """What numbers of home a text message reaches: the country's code, and mobile numbers in it."""

    code: Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,2}$", examples=["86"])]
    pattern: Annotated[str, Meta(min_length=1, max_length=200, examples=["1[3-9][0-9]{9}"])]
    trunk: Annotated[str, Meta(pattern=r"^[0-9]{0,2}$")] = ""


class PolicyCustomerNotices(Shape):
    """What a policy set has customers told by text message.

    Local times by the district's zone; `remind_at` is on the day before an appointment.
    `at_risk` lists the kinds of promises whose danger is told.
    `phone` is the number of the office that a message may name.
    """

    source: Name
    lang: Annotated[str, Meta(pattern=r"^(zh|en)$")] = "zh"
    phone: Name
    quiet_from: WallTime
    quiet_until: WallTime
    remind_at: WallTime
    parts_max: Annotated[int, Meta(ge=1, le=PARTS_MAX)]
    mobile: Mobile
    at_risk: list[Name]
    notices: dict[CustomerNoticeKind, Wording]


class CustomerNoticeState(StrEnum):
    """What became of a notice to a customer."""

    WAITING = "waiting"
    """Its time has not come: quiet hours, or the eve of an appointment."""
    HANDED = "handed"
    """It lies in the outbox, on its way to the gateway."""
    SENT = "sent"
    """The gateway has taken it."""
    NO_GATEWAY = "no_gateway"
    """It would have been sent; this server has no gateway."""
    BY_TELEPHONE = "by_telephone"
    """No message reaches this customer: somebody should call."""
    TOLD = "told"
    """Somebody of the office told the customer."""
    DROPPED = "dropped"
    """It ceased to be true, or came too late to be of use."""


class CustomerNoticeWhy(StrEnum):
    """Why a notice stands as it does."""

    QUIET_HOURS = "quiet_hours"
    NOT_YET = "not_yet"
    NO_NUMBER = "no_number"
    REFUSED = "refused"
    NOT_IN_TIME = "not_in_time"
    NO_GATEWAY = "no_gateway"
    TOO_LATE = "too_late"
    OVERTAKEN = "overtaken"
    TURNED_OFF = "turned_off"


class CustomerNotice(Shape):
    """A notice to a customer, and what became of it.

    `cause` names the event; of one event a customer is told once. `subject_id` is the order, the
    promise or the request that it is about. `next_at` is when it is looked at next, `parts` the
    messages that a gateway counts. `remark` says what a
    gateway answered, or in which words somebody of the office told it.
    """

    id: Id
    kind: CustomerNoticeKind
    cause: Text
    customer: Text
    contact: Text
    number: Text
    subject_id: Id
    task_id: Id | None
    promise_id: Id | None
    words: Text
    parts: int
    urgent: bool
    state: CustomerNoticeState
    why: CustomerNoticeWhy | None
    remark: Text
    made_at: Instant
    next_at: Instant | None
    use_until: Instant
    told_at: Instant | None
    told_by: Text
    channel: ContactWay | None


class ToldCustomer(Shape):
    """How somebody of the office told a customer what a notice says, in which words."""

    channel: ContactWay = ContactWay.PHONE
    words: Said


ALWAYS: Final = frozenset({"ref", "at", "phone"})
"""Places that every wording may have: the order's or request's short number, when it happened, and
the office's telephone."""
PLACES: Final[Mapping[CustomerNoticeKind, tuple[frozenset[str], frozenset[str]]]] = (
    MappingProxyType(
        {
            CustomerNoticeKind.REPORT_TAKEN: (frozenset(), frozenset({"due"})),
            CustomerNoticeKind.ON_THE_WAY: (frozenset(), frozenset({"expected"})),
            CustomerNoticeKind.RESTORED: (frozenset(), frozenset()),
            CustomerNoticeKind.PROMISE_MADE: (frozenset({"window", "words"}), frozenset()),
            CustomerNoticeKind.PROMISE_AT_RISK: (frozenset({"window", "what"}), frozenset()),
            CustomerNoticeKind.PROMISE_REAGREED: (frozenset({"window", "words"}), frozenset()),
            CustomerNoticeKind.APPOINTMENT_BOOKED: (frozenset({"window", "words"}), frozenset()),
            CustomerNoticeKind.APPOINTMENT_MOVED: (frozenset({"window", "words"}), frozenset()),
            CustomerNoticeKind.APPOINTMENT_CANCELLED: (frozenset({"window"}), frozenset()),
            CustomerNoticeKind.APPOINTMENT_TOMORROW: (frozenset({"window"}), frozenset()),
            CustomerNoticeKind.REQUEST_TAKEN: (frozenset(), frozenset({"due"})),
            CustomerNoticeKind.REQUEST_ANSWERED: (frozenset(), frozenset()),
        }
    )
)
"""What else the wording of a kind may name: what is always known of it, and what may not be."""

_K: Final = CustomerNoticeKind
OVERTAKES: Final[Mapping[CustomerNoticeKind, frozenset[CustomerNoticeKind]]] = MappingProxyType(
    {
        _K.RESTORED: frozenset(
            {
                _K.REPORT_TAKEN,
                _K.ON_THE_WAY,
                _K.PROMISE_MADE,
                _K.PROMISE_AT_RISK,
                _K.PROMISE_REAGREED,
            }
        ),
        _K.PROMISE_REAGREED: frozenset(
            {
                _K.PROMISE_MADE,
                _K.PROMISE_AT_RISK,
                _K.PROMISE_REAGREED,
                _K.APPOINTMENT_BOOKED,
                _K.APPOINTMENT_MOVED,
                _K.APPOINTMENT_TOMORROW,
            }
        ),
        _K.APPOINTMENT_MOVED: frozenset(
            {
                _K.PROMISE_AT_RISK,
                _K.PROMISE_REAGREED,
                _K.APPOINTMENT_BOOKED,
                _K.APPOINTMENT_MOVED,
                _K.APPOINTMENT_TOMORROW,
            }
        ),
        _K.APPOINTMENT_CANCELLED: frozenset(
            {
                _K.PROMISE_AT_RISK,
                _K.PROMISE_REAGREED,
                _K.APPOINTMENT_BOOKED,
                _K.APPOINTMENT_MOVED,
                _K.APPOINTMENT_TOMORROW,
            }
        ),
        _K.REQUEST_ANSWERED: frozenset({_K.REQUEST_TAKEN}),
    }
)
"""What need not be told any more about the same order, promise or request, where it waits yet."""
EVERY: Final = frozenset(CustomerNoticeKind)
