"""Service requests: complaints, disputes, tests, reconnections, hazards, visits without access.

What a customer asks for or complains of, where no crew's order is the answer.
A complaint is sorted by a taxonomy of classes and items; each item, and each other kind, leads to a
post, and the post to the person who holds it in a unit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Name, Shape, Text
from schemas.crews import UnitView
from schemas.errors import Words
from schemas.rules.requests import Event, Kind, State
from schemas.tasks import Satisfaction, TaskClock, Urgency

WORDS_CHARS_MAX: Final = 2_000
Said = Annotated[str, Meta(min_length=1, max_length=WORDS_CHARS_MAX, pattern=r"^[^\x00]*$")]


class TaxonomyClass(Shape):
    """A class (大类) of complaints."""

    code: Name
    words: Words


class TaxonomyItem(Shape):
    """An item (子类) of a class, and the post that answers for it."""

    code: Name
    class_code: Name
    words: Words
    post: Name


class Taxonomy(Shape):
    """How complaints are sorted, since when, and where that was published.

    `default` marks what nobody published: the office arranges its own.
    `kinds` names the post that answers for each other kind of request.
    """

    name: Id
    title: Words
    source: Text
    publisher: Text
    default: bool
    effective_from: dt.date
    posts: dict[str, Words]
    kinds: dict[str, Name]
    classes: list[TaxonomyClass]
    items: list[TaxonomyItem]


class RequestDraft(Shape):
    """What is asked for, in whose words; `item` sorts a complaint, and only that.

    `key` is the sender's own id: sent twice, it opens one request.
    `asked_at` is when it was asked, paid or told; by default now.
    """

    key: Id
    kind: Kind
    description: Said
    item: Name | None = None
    customer: Text = ""
    contact: Text = ""
    address: Text = ""
    service_point_id: Id | None = None
    meter_id: Id | None = None
    task_id: Id | None = None
    urgency: Urgency = 3
    asked_at: Instant | None = None


class ServiceRequest(Shape):
    """A service request as the office sees it.

    `unit_id` is whose it is: the district's, or that of a unit above once it was reopened.
    `why` says in both languages who answers for it, or that nobody holds the post.
    """

    id: Id
    kind: Kind
    state: State
    version: int
    key: Id
    reporter_id: Id
    description: Text
    taxonomy: Id | None
    item: Name | None
    customer: Text
    contact: Text
    address: Text
    service_point_id: Id | None
    meter_id: Id | None
    task_id: Id | None
    urgency: Urgency
    unit_id: Id
    post: Name
    person_id: Id | None
    why: Words
    opened_at: Instant
    state_at: Instant
    turn: int
    answer: Text
    evidence_id: Id | None
    result: Satisfaction | None
    cause: Text
    clocks: list[TaskClock]
    again: bool = False


class RequestFilter(Shape):
    """Which requests the office asks for; what is not named does not matter.

    Without `state`, `settled` chooses between those that are open (the default) and those that are
    archived or withdrawn.
    """

    kind: Kind | None = None
    state: State | None = None
    settled: bool = False
    item: Name | None = None
    person_id: Id | None = None
    unit_id: Id | None = None
    unassigned: bool | None = None


class RequestGiven(Shape):
    """The office gives a request to a person, with a concrete reason."""

    person_id: Id
    reason: Said


class RequestContacted(Shape):
    """The customer was spoken to: when, and what was said."""

    words: Said
    at: Instant | None = None


class RequestAnswered(Shape):
    """What was done and answered, when; `evidence_id` names a declared file that shows it."""

    words: Said
    at: Instant | None = None
    evidence_id: Id | None = None


class RequestCalledBack(Shape):
    """What the customer said when called back; who is not satisfied has a concrete cause."""

    result: Satisfaction
    cause: Text = ""
    note: Text = ""


class RequestWithdrawn(Shape):
    """Why a request is no more, in concrete words."""

    reason: Said


class RequestChased(Shape):
    """The customer, or the office, asks again."""

    words: Said


class RequestMoment(Shape):
    """One line of a request's timeline; hash-chained as an order's is."""

    number: int
    id: Id
    request_id: Id
    event: Name
    state: State
    by: Id
    person_id: Id | None
    unit_id: Id
    happened_at: Instant
    received_at: Instant
    detail: dict[str, object] = {}


class PostHolder(Shape):
    """Who holds a post of a unit, since when."""

    unit_id: Id
    post: Name
    person_id: Id
    set_at: Instant
    set_by: Id


class PostHolderList(Shape):
    """Who holds the posts of a unit."""

    unit: UnitView
    items: list[PostHolder]


class PostGiven(Shape):
    """Who holds a post from now on."""

    person_id: Id


class TaxonomyList(Shape):
    """Every taxonomy that this server knows, the newest first."""

    items: list[Taxonomy]


EVENT_ZH: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.dispatch: "派单",
        Event.contact: "联系客户",
        Event.answer: "答复",
        Event.call_back: "回访",
        Event.reopen: "重开",
        Event.archive: "归档",
        Event.withdraw: "撤回",
    }
)
"""The trade's word for each event."""

STATE_ZH: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.reported: "待派单",
        State.dispatched: "已派单",
        State.contacted: "已联系客户",
        State.answered: "已答复",
        State.called_back: "已回访",
        State.archived: "已归档",
        State.withdrawn: "已撤回",
    }
)
"""The trade's word for each state."""
