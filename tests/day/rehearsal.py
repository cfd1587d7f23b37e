"""A rehearsal from muster to proof: the day is led, then its figures and checks are drawn up."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence

import msgspec

from schemas import checkins, promises, readings, supervision, sync
from schemas.operations import OPERATIONS
from schemas.rules import clocks
from tests.day import conductor, messages, proof, told
from tests.day.conductor import Conductor, Watch
from tests.day.dispatch import Office
from tests.day.office import Desk
from tests.day.plan import SLOW_S, Plan
from tests.day.proof import Check, Found, Phone
from tests.day.world import World


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """Whose desks the rehearsal sits at, and what everybody signs in with."""

    reporter: str = "hotline"
    dispatcher: str = "dispatcher01"
    admin: str = "admin"
    password: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of the day: figures by heading, and what must hold."""

    figures: Sequence[tuple[str, str]]
    checks: Sequence[Check]

    @property
    def is_good(self) -> bool:
        """Whether everything holds."""
        return all(check.holds for check in self.checks)


def rehearse(world: World, plan: Plan, logins: Logins, *, watch: Watch) -> Outcome:
    """Lead a day and prove it.

    Args:
        world: where and when it takes place.
        plan: how large it is.
        logins: who sits at the desks.
        watch: hears how far the day has come.
    """
    with contextlib.ExitStack() as stack:

        def desk(login: str) -> Desk:
            return stack.enter_context(
                contextlib.closing(Desk(world.server, login=login, password=logins.password))
            )

        admin = desk(logins.admin)
        office = Office(
            plan,
            reporter=desk(logins.reporter),
            dispatcher=desk(logins.dispatcher),
            admin=admin,
            started_at=world.started_at,
        )
        day = stack.enter_context(conductor.at_work(world, plan, office, password=logins.password))
        day.lead(watch=watch)
        office.estimate_skipped([reader.id for reader in day.readers])
        office.run_job("flag_estimates")
        again = office.run_job("flag_estimates")
        phones = day.take_accounts()
        found = proof.gather(admin, phones, since=world.started_at)
        return _draw_up(world, day, phones, found, again)


def _draw_up(
    world: World, day: Conductor, phones: Sequence[Phone], found: Found, again: Counter[str]
) -> Outcome:
    desk = day.office.admin
    of_today = {reading.id for reading in found.readings} | day.office.seen.estimated
    flags = [
        flag for flag in desk.list_all("/v1/flags", readings.Flag) if flag.reading_id in of_today
    ]
    invented_ids = _invented_ids(day, phones)
    checks = [
        *proof.prove(desk, phones, found),
        *_story_checks(world, day, phones, found),
        *told.invented(flags=flags, invented_ids=invented_ids, again=again),
    ]
    return Outcome(figures=list(_figures(day, found, flags)), checks=checks)


def _invented_ids(day: Conductor, phones: Sequence[Phone]) -> set[str]:
    """Name the readings that the first reader wrote at a desk."""
    ids = set()
    for operation in _operations_of(phones, day.readers[0].login, "reading.take"):
        body = msgspec.json.decode(_body(operation), type=readings.ReadingTaken)
        if body.stop_id in day.notebook:
            ids.add(operation.id)
    return ids


def _story_checks(
    world: World, day: Conductor, phones: Sequence[Phone], found: Found
) -> list[Check]:
    if world.clock is None:
        return [_on_machine_time(day, phones, found.check_ins)]
    desk, clock = day.office.admin, day.office.arrive_clock(day.story.id)
    grace_s = desk.get(f"/v1/policies/{clock.policy}", promises.PolicySet).grace_s
    cases = list(desk.list_all("/v1/supervision", supervision.Supervision))
    reported_at = world.started_at
    return [
        told.arrival(reported_at=reported_at, clock=clock, check_ins=found.check_ins),
        told.provisional(
            reported_at=reported_at, clock=clock, seen=day.office.seen.story, grace_s=grace_s
        ),
        told.no_case(cases, clock=clock),
    ]


def _on_machine_time(
    day: Conductor, phones: Sequence[Phone], check_ins: Sequence[checkins.RecordedCheckIn]
) -> Check:
    teller = next(handset for handset in day.handsets if handset.duty.story is not None)
    check_in = next(
        operation
        for operation in _operations_of(phones, teller.duty.login, "checkin.record")
        if operation.subject == day.story.id
    )
    at = msgspec.json.decode(check_in.wire, type=sync.Operation).at
    acted_at = at + dt.timedelta(seconds=SLOW_S)
    return told.arrival_unstepped(acted_at=acted_at, check_ins=check_ins, operation_id=check_in.id)


def _operations_of(phones: Sequence[Phone], login: str, type_: str) -> list[messages.KeptOperation]:
    assert type_ in OPERATIONS
    mine = next(phone for phone in phones if phone.login == login)
    return [operation for operation in mine.account.operations if operation.type == type_]


def _body(operation: messages.KeptOperation) -> bytes:
    return bytes(msgspec.json.decode(operation.wire, type=sync.Operation).body)


def _figures(day: Conductor, found: Found, flags: Sequence[readings.Flag]) -> list[tuple[str, str]]:
    """Draw up the table of the day."""
    desk, seen, tally = day.office.admin, day.office.seen, day.tally
    orders = proof.states_of(desk, list(seen.keys.values()))
    verdicts = Counter(check_in.verdict.value for check_in in found.check_ins)
    promised = Counter(clock.state for clock in desk.list_all("/v1/promises", promises.Clock))
    cases = Counter(
        case.state.value for case in desk.list_all("/v1/supervision", supervision.Supervision)
    )
    codes = Counter(flag.code for flag in flags)
    statuses = Counter(receipt.status.value for receipt in found.receipts)
    still = sum(promised.values()) - promised[clocks.State.kept] - promised[clocks.State.breached]
    return [
        ("orders reported live", f"{len(seen.keys)}: {proof.counted(orders)}"),
        ("arrivals by verdict", proof.counted(verdicts)),
        ("clocks kept", str(promised[clocks.State.kept])),
        ("clocks provisional at some time", str(len(seen.provisional))),
        ("clocks overdue", str(promised[clocks.State.breached])),
        ("clocks running or void", str(still)),
        ("supervision cases", proof.counted(cases)),
        ("readings taken", str(tally.made["reading.take"])),
        ("meters skipped", str(tally.made["reading.skip"])),
        ("meters estimated by the office", str(len(seen.estimated))),
        ("readings flagged", f"{len({flag.reading_id for flag in flags})}: {proof.counted(codes)}"),
        ("operations made", f"{sum(tally.made.values())}: {proof.counted(tally.made)}"),
        ("operations settled", f"{len(found.receipts)}: {proof.counted(statuses)}"),
        ("bodies up and down", f"{tally.up_bytes / 1e6:.2f} MB, {tally.down_bytes / 1e6:.2f} MB"),
        ("what the air did", proof.counted(tally.faults)),
        ("on the phones", proof.counted(tally.noted)),
        ("in the office", proof.counted(seen.noted)),
        ("the overdue job", proof.counted(seen.job_counts)),
    ]
