"""What must be true of promises whatever happened: none is judged on a wrong time."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import func, or_, select, union
from sqlalchemy.orm import Session

from api.crews.models import CrewMember, Device, FormerMember, Person
from api.promises.models import Clock, ClockMoment
from api.promises.service import calendars, settling
from api.sync.models import Quarantined, Receipt
from api.tasks.models import TaskEvent
from schemas import tasks
from schemas.base import decode
from schemas.rules import clocks, deadlines, event_time, transitions
from tests.makers.crews import DISTRICT
from tests.world import copies
from tests.world.world import World

_TICK_S: Final = 0.01
"""What two readings of a clock of milliseconds can err by, and more."""
_PROOFS: Final[Mapping[str, str]] = {
    "checkin.record": "arrive",
    "repair.restored": "restore",
    "task.accept": "accept",
    "task.set_out": "set_out",
}
"""Which operation of a handheld stops a clock by which event."""
_COUNTS: Final = frozenset({"", "work_counted", "done_twice"})
"""Remarks under which work that is no fact of its own counts; other words move nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """An act on an order as the server has it, and when it truly happened.

    `knowable` is False where no server could place it: see `tests.world.copies`.
    """

    event: str
    at: dt.datetime
    error_s: float
    suspect: bool
    true_at: dt.datetime
    knowable: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """A clock, and what starts and stops it in its turn."""

    clock: Clock
    starts: Sequence[Proof]
    stops: Sequence[Proof]

    def __str__(self) -> str:
        clock = self.clock
        told = (
            f"{clock.kind} of {clock.subject_id} in round {clock.round}: {clock.state},"
            f" {'sure' if clock.sure else 'not sure'}; started {clock.started_at},"
            f" due {clock.due_at}, stopped {clock.stopped_at}, voided {clock.voided_at}"
        )
        return "\n  ".join([told, *(f"{each}" for each in (*self.starts, *self.stops))])


def check_on_the_way(world: World) -> None:
    """Hold promises against what truly happened, while some handhelds are dark.

    Raises:
        AssertionError: a law is broken; the message says where.
    """
    world.office.look_at_clocks()
    with world.server.database.reading() as session:
        for held in list_clocks(session, world):
            a_clock_stops_at_the_earliest_proof(held)
            no_sure_breach_while_its_phone_has_the_proof(session, world, held)


def check_at_rest(world: World) -> None:
    """Hold promises against what truly happened, once everything is told.

    Raises:
        AssertionError: a law is broken; the message says where.
    """
    world.office.look_at_clocks()
    with world.server.database.reading() as session:
        for held in list_clocks(session, world):
            a_clock_stops_at_the_earliest_proof(held)
            what_is_provisional_waits_for_a_dark_phone(session, world, held)
            a_sure_judgement_is_true(session, world, held)
            a_doubt_has_its_reason(held)


def list_clocks(session: Session, world: World) -> list[Held]:
    """List every clock of an order with the acts of its turn that its events name."""
    true = {done.entry.id: done for phone in world.phones for done in phone.done}
    boots = copies.Boots(world)
    acts: defaultdict[str, list[Proof]] = defaultdict(list)
    for body in session.scalars(select(TaskEvent.body)):
        moment = decode(body, tasks.Moment)
        if moment.event not in transitions.FACTS and moment.remark not in _COUNTS:
            continue
        done = true.get(moment.id)
        acts[moment.task_id].append(
            Proof(
                moment.event,
                moment.happened_at,
                moment.error_s,
                moment.clock_suspect,
                moment.happened_at if done is None else done.at,
                done is None or boots.can_know(done, received_at=moment.received_at),
            )
        )
    known: defaultdict[str, list[Clock]] = defaultdict(list)
    for clock in session.scalars(select(Clock).order_by(Clock.subject_id, Clock.round, Clock.id)):
        known[clock.subject_id].append(clock)
    return [
        Held(
            clock,
            _in_turn(acts[subject_id], ours, clock, event=clock.start_event),
            _in_turn(acts[subject_id], ours, clock, event=clock.stop_event),
        )
        for subject_id, ours in known.items()
        if subject_id in acts
        for clock in ours
    ]


def a_clock_stops_at_the_earliest_proof(held: Held) -> None:
    """A clock runs from the earliest start to the earliest stop that anybody told."""
    clock = held.clock
    assert clock.started_at == min((each.at for each in held.starts), default=clock.started_at), (
        str(held)
    )
    told = [each.at for each in held.stops]
    if clock.stopped_at is None:  # what stops it cannot lie before what starts it
        assert not any(at >= clock.started_at for at in told), str(held)
    else:
        assert told, str(held)
        assert clock.stopped_at == min(told), str(held)


def a_sure_judgement_is_true(session: Session, world: World, held: Held) -> None:
    """What is said to be surely kept was kept, what is surely broken was broken."""
    clock = held.clock
    if not clock.sure or clock.state not in {clocks.State.kept, clocks.State.breached}:
        return
    if not all(each.knowable for each in (*held.starts, *held.stops)):
        return
    if not held.stops:
        assert clock.state == clocks.State.breached, str(held)
        return
    stopped_at = min(each.true_at for each in held.stops)
    late_s = (stopped_at - _truly_due_at(session, held)).total_seconds()
    allowed_s = _TICK_S if world.cloned_id is None else event_time.JUMP_S
    if clock.state == clocks.State.kept:
        assert late_s <= allowed_s, (late_s, str(held))
    else:
        assert late_s > -allowed_s, (late_s, str(held))


def a_doubt_has_its_reason(held: Held) -> None:
    """Nobody is asked to look at a promise that the clocks can tell."""
    clock = held.clock
    if clock.sure or clock.stopped_at is None:
        return  # a breach by silence is for a person to look at
    if clock.voided_at is not None and clock.voided_at < clock.stopped_at:
        return  # it was broken before, by silence too
    told = [*held.starts, *held.stops]
    near_s = abs((clock.stopped_at - clock.due_at).total_seconds())
    assert any(each.suspect for each in told) or near_s <= sum(each.error_s for each in told), str(
        held
    )


def what_is_provisional_waits_for_a_dark_phone(session: Session, world: World, held: Held) -> None:
    """A promise is left open only while a handheld in charge was not heard since its deadline.

    What was heard just now is looked at in a moment.
    """
    clock = held.clock
    if clock.state != clocks.State.provisional:
        return
    charged = _device_ids_in_charge(session, clock, by=world.server.now)
    heard = [phone.heard_at for phone in world.phones if phone.device_id in charged]
    just_now = world.server.now - dt.timedelta(seconds=settling.RECHECK_S)
    assert any(at < clock.due_at or at > just_now for at in heard), (heard, str(held))


def no_sure_breach_while_its_phone_has_the_proof(
    session: Session, world: World, held: Held
) -> None:
    """No crew is surely late while a handheld in charge holds an act in time that nobody knows.

    In charge is who was in the crew when it was judged; who joins it later changes no judgement.
    """
    clock = held.clock
    if not (clock.sure and clock.state == clocks.State.breached and clock.stopped_at is None):
        return
    if world.server.restored or world.cloned_id:
        return  # nobody can know of a second handheld, or of what a backup forgot
    known = {*session.scalars(select(Receipt.operation_id))}
    known |= {*session.scalars(select(Quarantined.operation_id))}
    judged_at = session.scalars(
        select(func.max(ClockMoment.heard_at)).where(ClockMoment.clock_id == clock.id)
    ).one()
    charged = _device_ids_in_charge(session, clock, by=judged_at)
    hidden = [
        done.entry.id
        for phone in world.phones
        if phone.device_id in charged
        for done in phone.done
        if done.entry.subject == clock.subject_id
        and transitions.implies(_PROOFS.get(done.entry.type, ""), clock.stop_event)
        and done.at <= clock.due_at
    ]
    assert known.issuperset(set(hidden) - world.lost), str(held)


def _in_turn(
    acts: Iterable[Proof], ours: Sequence[Clock], clock: Clock, *, event: str
) -> list[Proof]:
    """List the acts of a kind that fall in a clock's turn of its order."""
    return [each for each in acts if _shows(each.event, event) and _turn(each, ours) == clock.round]


def _shows(act: str, event: str) -> bool:
    """Tell whether an act is an event, or shows that it has been."""
    return (act == "reopen" and event == "report") or transitions.implies(act, event)


def _turn(act: Proof, ours: Sequence[Clock]) -> int:
    """Tell in which opening of its order an act falls; a call-back comes before what it reopens."""
    opens = act.event == "reopen"
    began = [
        clock.round
        for clock in ours
        if clock.started_at < act.at or (opens and clock.started_at == act.at)
    ]
    return max(began, default=1)


def _truly_due_at(session: Session, held: Held) -> dt.datetime:
    """Work out when a promise is due from when it truly began."""
    clock = held.clock
    return calendars.due(
        session,
        district_id=DISTRICT,
        started_at=min((each.true_at for each in held.starts), default=clock.started_at),
        allowance=deadlines.Allowance(clock.amount, deadlines.Unit(clock.unit)),
    ).at


def _device_ids_in_charge(session: Session, clock: Clock, *, by: dt.datetime) -> set[str]:
    """Find the standing devices of the people in whose hands a clock was, or may have been."""
    question = (
        select(Device.id)
        .join(Person, Person.id == Device.person_id)
        .where(Device.revoked_at.is_(None), Person.left_at.is_(None))
    )
    if clock.crew_id is not None:
        members = union(
            select(CrewMember.person_id).where(
                CrewMember.crew_id == clock.crew_id,
                or_(CrewMember.since.is_(None), CrewMember.since <= by),
            ),
            select(FormerMember.person_id).where(FormerMember.crew_id == clock.crew_id),
        )
        return {*session.scalars(question.where(Device.person_id.in_(members)))}
    return {*session.scalars(question.where(Device.person_id == clock.person_id))}
