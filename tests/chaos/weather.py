"""The weather of a run: put everything up, let the storm rage, let it calm down, prove, tidy up."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import pathlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from api import demo
from tests import postgres
from tests.chaos import proof, proxy, server
from tests.chaos.office import Office
from tests.chaos.plan import Plan
from tests.chaos.storm import Storm, Tally, Watch
from tests.day import air, messages, muster
from tests.day import proof as day_proof
from tests.day.dispatch import SKILL
from tests.day.ground import Spot
from tests.day.handset import PhoneFailedError
from tests.day.messages import Trade
from tests.day.office import Desk
from tests.day.proof import Check, check

TOKEN_S: Final = 30
"""Access tokens end in the middle of things as well."""
_FAULT: Final = "500"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run."""

    tally: Tally
    office: Office
    fates: Counter[str]
    starts: Counter[str]
    checks: Sequence[Check]

    @property
    def is_good(self) -> bool:
        """Whether everything holds."""
        return all(each.holds for each in self.checks)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Desks:
    admin: Desk
    dispatcher: Desk
    reporter: Desk


def run(plan: Plan, *, folder: pathlib.Path, watch: Watch, told: Callable[[str], None]) -> Outcome:
    """Raise a storm and prove that nothing was lost.

    Args:
        plan: how large it is.
        folder: an empty one for stores, ledgers, logs and the embedded database.
        watch: hears how far the storm has come.
        told: hears what is done before and after it.
    """
    told("The server loads the demo district")
    since = dt.datetime.now(dt.UTC)
    with _database(plan) as database, _served(plan, folder, database) as served:
        served.start()
        with _desks(served) as desks, _lines(plan, served) as lines:
            told("The phones are enrolled")
            storm = _raised(plan, folder, served, lines, database, desks)
            with contextlib.closing(storm):
                storm.rage(watch=watch)
                told("Calm weather: everybody syncs")
                checks = list(_account_for(storm, desks.admin, since=since, told=told))
        checks.append(
            check("every process stops when told", served.stop(), "none had to be killed")
        )
        verified = served.command("verify")
        faults = [] if verified.returncode == 0 else [verified.stdout + verified.stderr]
        checks.append(
            check(
                "`lamplighter verify` finds every timeline and receipt whole", faults, "none broken"
            )
        )
    return Outcome(
        tally=storm.tally,
        office=storm.office,
        fates=lines.fates,
        starts=Counter({"in all": served.starts, "of them in vain": served.refusals}),
        checks=checks,
    )


def _account_for(
    storm: Storm, desk: Desk, *, since: dt.datetime, told: Callable[[str], None]
) -> Iterator[Check]:
    failures = storm.tally.failures
    yield check("nobody failed but by a kill", failures, f"{storm.tally.blows.total()} kills")
    if failures:
        return
    try:
        witnesses = storm.settle()
    except PhoneFailedError as failure:
        yield check("everybody settles in calm weather", [str(failure)], "")
        return
    told("The proof")
    found = day_proof.gather(desk, [witness.phone for witness in witnesses], since=since)
    yield from proof.prove(desk, witnesses, found)
    answers = storm.tally.faults | storm.office.refused
    faults = [f"{count} x {what}" for what, count in answers.items() if _FAULT in what]
    yield check("the server answers no request with 500", faults, "busy at most")


def _raised(
    plan: Plan,
    folder: pathlib.Path,
    served: server.Server,
    lines: proxy.Proxy,
    database: postgres.Postgres | None,
    desks: _Desks,
) -> Storm:
    """Muster the people and hand out the phones."""
    chance = random.Random(f"{plan.seed}:muster")
    crews = muster.list_crews(desks.dispatcher, skill=SKILL)
    crews = muster.require(crews, count=plan.crews, what="crews")
    readers = muster.list_readers(desks.admin)
    readers = muster.require(readers, count=plan.readers, what="readers with a route")
    depot = muster.spot_of(muster.list_places(desks.admin, chance, count=1)[0])
    office = Office(
        plan, reporter=desks.reporter, dispatcher=desks.dispatcher, crews=crews, mark="chaos"
    )
    teams = [(Trade.CREW, team) for team in crews] + [(Trade.READER, team) for team in readers]
    return Storm(
        plan,
        served=served,
        lines=lines,
        database=database,
        office=office,
        duties=[
            _duty(plan, folder, lines, depot, trade=trade, login=team.login)
            for trade, team in teams
        ],
    )


def _duty(
    plan: Plan,
    folder: pathlib.Path,
    lines: proxy.Proxy,
    depot: Spot,
    *,
    trade: Trade,
    login: str,
) -> messages.Duty:
    return messages.Duty(
        trade=trade,
        login=login,
        password=demo.PASSWORD,
        server=f"http://{proxy.HOST}:{lines.port}",
        home=str(folder / login),
        clock_path=None,
        seed=plan.seed,
        coverage=[(0, air.Signal.GOOD)],
        start=depot,
        stops_per_hour=plan.stops_per_hour if trade is Trade.READER else 0.0,
        ledger_path=str(folder / f"{login}.ledger"),
    )


@contextlib.contextmanager
def _database(plan: Plan) -> Iterator[postgres.Postgres | None]:
    """Run the PostgreSQL of the storm, durable and on disk; None: the embedded database."""
    if plan.database == "sqlite":
        yield None
        return
    with postgres.running(settings=postgres.DURABLE, parent=postgres.DISK) as running:
        yield running


@contextlib.contextmanager
def _served(
    plan: Plan, folder: pathlib.Path, database: postgres.Postgres | None
) -> Iterator[server.Server]:
    environment = {
        "LAMPLIGHTER_DATA_DIR": str(folder / "office"),
        "LAMPLIGHTER_WORKERS": str(plan.workers),
        "LAMPLIGHTER_ACCESS_TOKEN_S": str(TOKEN_S),
        **({"LAMPLIGHTER_DATABASE_URL": database.create_database()} if database else {}),
    }
    served = server.Server(folder=folder, port=server.free_port(), environment=environment)
    with contextlib.closing(served):
        yield served


@contextlib.contextmanager
def _lines(plan: Plan, served: server.Server) -> Iterator[proxy.Proxy]:
    with contextlib.closing(proxy.Proxy(upstream_port=served.port, seed=plan.seed)) as lines:
        yield lines


@contextlib.contextmanager
def _desks(served: server.Server) -> Iterator[_Desks]:
    address = f"http://{proxy.HOST}:{served.port}"
    with contextlib.ExitStack() as stack:
        admin, dispatcher, reporter = (
            stack.enter_context(
                contextlib.closing(Desk(address, login=login, password=demo.PASSWORD))
            )
            for login in ("admin", "dispatcher01", "hotline")
        )
        yield _Desks(admin=admin, dispatcher=dispatcher, reporter=reporter)
