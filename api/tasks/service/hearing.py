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
from api.tasks.service import access, belonging, hands
from schemas import tasks
from schemas.base import decode
from schemas.errors import Refused
from schemas.rules import belonging as rule
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
    """The order was in other hands, but you did the work: it counts, for the crew you did it in.

    The others are told. Nothing to do.
    """

    code = "work-counted"
    status = 409
    outcome = "merged"
    en = "The order was in other hands by then; your work counts: it is {state}, by you."
    zh = "该工单当时已不在您名下；您已完成的工作有效，工单现为“{state_zh}”，记在您名下。"


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
    """What becomes of an act; `doer` are the hands that the order comes into, if it counts."""

    verdict: Verdict
    doer: hands.Hands | None = None


_OWN: Final = Heard(Verdict.own)


def hear(session: Session, *, act: Act, task: Task, event: transitions.Event) -> Heard:
    """Weigh an act of the field on an order that may have moved on."""
    if access.at_desk(act):
        return _OWN
    now = access.holds(act.principal, task)
    if now and not _is_doubtful(task, event):
        return _OWN
    held = None if now else belonging.find_held(session, act=act, task=task)
    assert now or held is not None, "only who once held it comes so far"
    listed = hands.list_of(session, task=task)
    holding = Holding.now if held is None else held.holding
    if held is None or holding is Holding.now:
        own_state = transitions.State(task.state)
    else:
        own_state = _own_state(session, act, task, [listed[place] for place in held.places])
    verdict = done_work.weigh(
        transitions.Kind(task.kind),
        transitions.State(task.state),
        event,
        holding=holding,
        own_state=own_state,
        past=_is_past(act, task, event, hands=listed if holding is Holding.now else []),
    )
    if held is None or verdict is not Verdict.counts:
        return Heard(verdict)
    return Heard(verdict, _doer(session, act, listed[held.place]))


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


def _doer(session: Session, act: Act, hand: TaskHolder) -> hands.Hands:
    """Name whose the work is: its crew's, or the sender's own who is in another crew by now.

    What they send next of the same work is then their own; who has left can hold nothing.
    """
    sender = act.principal
    is_theirs = hand.person_id == sender.person_id or hand.crew_id in sender.crew_ids
    if is_theirs or crews.has_left(session, person_id=sender.person_id):
        return hands.Hands(hand.crew_id, hand.person_id)
    return hands.Hands(None, sender.person_id)


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


def _own_state(
    session: Session, act: Act, task: Task, ours: Sequence[TaskHolder]
) -> transitions.State:
    """Tell how far the sender's acts, and those done in their crew, bring the order in this turn.

    Args:
        session: the unit of work.
        act: the sender's.
        task: the order.
        ours: the hands that were the sender's.
    """
    crew_ids = {hand.crew_id for hand in ours if hand.crew_id}
    stays = crews.list_stays_in(session, district_id=act.district_id, crew_ids=crew_ids)
    rows = store.list_events(
        session, district_id=task.district_id, task_id=task.id, after_number=0, limit=MOMENTS_MAX
    )
    since = task.reopened_at
    events = [
        transitions.Event(moment.event)
        for moment in (decode(row.body, tasks.Moment) for row in rows)
        if moment.event in _MOVES
        and (since is None or moment.happened_at >= since)
        and (
            moment.person_id == act.principal.person_id
            or rule.was_in(stays.get(moment.person_id, ()), at=moment.happened_at)
        )
    ]
    return done_work.came_to(transitions.Kind(task.kind), events)


_MOVES: Final = frozenset(event.value for event in transitions.Event)
