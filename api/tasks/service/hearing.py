"""Acts of the field that come late: how the order stood to their sender, and what they are told.

Only an act on an order in other hands, or one that may belong to an earlier turn of it, costs
questions; the straight road asks none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.tasks import store
from api.tasks.models import Task, TaskHolder
from api.tasks.service import access
from schemas import tasks
from schemas.base import decode
from schemas.errors import Refused
from schemas.rules import done_work, transitions
from schemas.rules.done_work import Holding, Verdict

MOMENTS_MAX: Final = 1_000
"""The longest stretch of a timeline that is looked through for a crew's own acts."""
_GIVEN_UP: Final = frozenset({transitions.Event.return_, transitions.Event.suspend})
"""Acts that answer one giving out of the order, and none after it."""


class Overtaken(Refused):
    """The order stood further already; what you did is kept on its timeline. Nothing to do."""

    code = "overtaken"
    status = 409
    outcome = "merged"
    en = "The order was already {state}; your {event} is kept on its timeline."
    zh = "工单此前已是“{state_zh}”状态；您的{event_zh}操作已记入工单时间线。"


class NoLongerYours(Refused):
    """The office gave the order away or took it back. Your work is kept; the office sees it."""

    code = "no-longer-yours"
    status = 409
    outcome = "merged"
    en = "The order is no longer yours (it is {state}); your {event} is kept on its timeline."
    zh = "该工单已不在您名下（当前{state_zh}）；您的{event_zh}操作已记入工单时间线。"


class WorkCounted(Refused):
    """The order had gone to others, but you did the work: it counts and the order is yours again.

    The others are told. Nothing to do.
    """

    code = "work-counted"
    status = 409
    outcome = "merged"
    en = "The order had been given to others; your work counts: it is {state}, by you."
    zh = "该工单曾被改派；您已完成的工作有效，工单现为“{state_zh}”，记在您名下。"


class OthersOnSite(Refused):
    """Others stand at the site and end the order. Your work is kept with its true times."""

    code = "others-on-site"
    status = 409
    outcome = "merged"
    en = "Others are at the site and end the order (it is {state}); your {event} is kept."
    zh = "另一班组已在现场并负责收尾（当前{state_zh}）；您的{event_zh}操作已记入工单时间线。"


class DoneTwice(Refused):
    """Others had done it already. Yours is kept; the office compares the two."""

    code = "done-twice"
    status = 409
    outcome = "merged"
    en = "Others had brought the order to {state} already; your {event} is kept beside theirs."
    zh = "另一班组此前已将工单办至“{state_zh}”；您的{event_zh}操作一并保留，由调度室核对。"


class CancelledMeanwhile(Refused):
    """The order was called off while you had no signal. Your work is kept; the office looks at it.

    Leave the site as it is now, unless the office says otherwise.
    """

    code = "cancelled-meanwhile"
    status = 409
    outcome = "merged"
    en = "The order was called off meanwhile; your {event} is kept and the office looks at it."
    zh = "该工单在此期间已取消；您的{event_zh}操作已保留，由调度室核实处理。"


class OfAnEarlierTurn(Refused):
    """The order was reopened, or given to you anew, after you did this. Look at it afresh."""

    code = "of-an-earlier-turn"
    status = 409
    outcome = "merged"
    en = "The order was given out again after your {event}; that is kept, the order is {state}."
    zh = "您的{event_zh}操作发生在工单重新下发之前；操作已保留，工单当前{state_zh}。"


REMARKS: Final[Mapping[Verdict, type[Refused]]] = MappingProxyType(
    {
        Verdict.kept: NoLongerYours,
        Verdict.counts: WorkCounted,
        Verdict.fact: OthersOnSite,
        Verdict.on_site: OthersOnSite,
        Verdict.twice: DoneTwice,
        Verdict.cancelled: CancelledMeanwhile,
        Verdict.past: OfAnEarlierTurn,
    }
)
"""What the sender is told of each verdict but its own."""


class Heard(NamedTuple):
    """What becomes of an act; `doer` is the hand that the order comes back into, if it does."""

    verdict: Verdict
    doer: TaskHolder | None = None


_OWN: Final = Heard(Verdict.own)


def hear(session: Session, *, act: Act, task: Task, event: transitions.Event) -> Heard:
    """Weigh an act of the field on an order that may have moved on."""
    own = access.holds(act.principal, task)
    if access.at_desk(act) or (own and not _is_doubtful(task, event)):
        return _OWN
    hands = store.list_holders(session, district_id=task.district_id, task_id=task.id)
    ours = [each for each in hands if _is_ours(act, each)]
    past = _is_past(act, task, event, hands=hands if own else [])
    if own:
        holding, own_state = Holding.now, transitions.State(task.state)
    else:
        holding = _holding(act, hands)
        own_state = _own_state(session, act, task)
    verdict = done_work.weigh(
        transitions.Kind(task.kind),
        transitions.State(task.state),
        event,
        holding=holding,
        own_state=own_state,
        past=past,
    )
    return Heard(verdict, ours[-1] if ours else None)


def remark(kind: type[Refused], task: Task, *, event: str, event_zh: str) -> Refused:
    """Say to the sender how the order stands now."""
    state = transitions.State(task.state)
    return kind(
        task_id=task.id,
        event=event,
        event_zh=event_zh,
        state=state,
        state_zh=tasks.STATE_ZH[state],
    )


def _is_doubtful(task: Task, event: transitions.Event) -> bool:
    """Tell whether even the holder's act may belong to an earlier turn, or to nobody's any more."""
    called_off = task.state == transitions.State.cancelled
    return called_off or task.reopened_at is not None or event in _GIVEN_UP


def _is_past(
    act: Act, task: Task, event: transitions.Event, *, hands: Sequence[TaskHolder]
) -> bool:
    """Tell whether the act surely happened before the order was reopened or given out anew."""
    latest_at = act.happened.at + dt.timedelta(seconds=act.happened.error_s)
    if task.reopened_at is not None and latest_at < task.reopened_at:
        return True
    return event in _GIVEN_UP and bool(hands) and latest_at < hands[-1].held_from


def _holding(act: Act, hands: Sequence[TaskHolder]) -> Holding:
    """Tell who held the order when the act happened; the doubt is the crew's."""
    earliest_at = act.happened.at - dt.timedelta(seconds=act.happened.error_s)
    held = [each for each in hands if each.held_from <= earliest_at]
    return Holding.then if held and _is_ours(act, held[-1]) else Holding.before


def _is_ours(act: Act, hand: TaskHolder) -> bool:
    mine = hand.person_id == act.principal.person_id
    return mine or hand.crew_id in act.principal.crew_ids


def _own_state(session: Session, act: Act, task: Task) -> transitions.State:
    """Tell how far the acts of the sender and its crews alone brought the order in this turn."""
    mates = crews.list_mates(
        session, district_id=act.district_id, crew_ids=act.principal.crew_ids
    ) | {act.principal.person_id}
    rows = store.list_events(
        session, district_id=task.district_id, task_id=task.id, after_number=0, limit=MOMENTS_MAX
    )
    moments = [decode(row.body, tasks.Moment) for row in rows]
    since = task.reopened_at
    events = [
        transitions.Event(moment.event)
        for moment in moments
        if moment.person_id in mates
        and moment.event in _MOVES
        and (since is None or moment.happened_at >= since)
    ]
    return done_work.came_to(transitions.Kind(task.kind), events)


_MOVES: Final = frozenset(event.value for event in transitions.Event)
