"""A storm: everybody works while everything is killed; then calm, and everybody's account."""

from __future__ import annotations

import dataclasses
import pathlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tests import postgres
from tests.chaos import plan as plans
from tests.chaos import proof, proxy, server
from tests.chaos.office import Office
from tests.chaos.plan import Plan
from tests.day import ledger, messages
from tests.day import proof as day_proof
from tests.day.handset import Handset, PhoneFailedError

KILLED: Final = -9
POLL_S: Final = 0.25
HOME_ROUNDS: Final = 2
"""The first brings everything to the server; the second takes what that changed for others."""


@dataclasses.dataclass(slots=True)
class Tally:
    """What happened so far, counted."""

    blows: Counter[str] = dataclasses.field(default_factory=Counter)
    made: Counter[str] = dataclasses.field(default_factory=Counter)
    noted: Counter[str] = dataclasses.field(default_factory=Counter)
    faults: Counter[str] = dataclasses.field(default_factory=Counter)
    waiting: dict[str, int] = dataclasses.field(default_factory=dict)
    failures: list[str] = dataclasses.field(default_factory=list)


Watch = Callable[[float, Tally], None]


class Storm:
    """Everybody who works, and everything that breaks.

    Attributes:
        tally: what happened so far.
        handsets: the phones.
        office: the office.
        proxy: the lines of the phones.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        served: server.Server,
        lines: proxy.Proxy,
        database: postgres.Postgres | None,
        office: Office,
        duties: Sequence[messages.Duty],
    ) -> None:
        """Take over what was put up; nobody works yet.

        Args:
            plan: how large it is.
            served: the running server.
            lines: between the phones and the server.
            database: the server's PostgreSQL, to be killed; None where it is embedded.
            office: the office.
            duties: who carries which phone.
        """
        self.tally = Tally()
        self.handsets = [Handset(duty) for duty in duties]
        self.office = office
        self.proxy = lines
        self._plan = plan
        self._server = served
        self._database = database
        self._abating = threading.Event()
        self._over = threading.Event()
        self._started_s = 0.0

    def rage(self, *, watch: Watch) -> None:
        """Let everybody enrol in peace, then work while everything is killed."""
        self.office.give_out()
        for handset in self.handsets:
            handset.start()
        for handset in self.handsets:
            self._hear(handset)
        self._started_s = time.monotonic()
        self.proxy.is_calm = False
        phones = [self._thread(self._carry, handset) for handset in self.handsets]
        others = [
            self._thread(self.office.work, self._abating),
            self._thread(self._strike_phones),
            self._thread(self._strike_server),
        ]
        for each in (*phones, *others):
            each.start()
        while (gone_s := time.monotonic() - self._started_s) < self._plan.storm_s:
            watch(gone_s, self.tally)
            if self.tally.failures:
                break
            time.sleep(POLL_S)
        for end, threads in ((self._abating, others), (self._over, phones)):
            end.set()
            for each in threads:
                each.join()
        watch(self._plan.storm_s, self.tally)

    def settle(self) -> list[proof.Witness]:
        """Let everybody sync in calm weather until nothing is left, and take their accounts."""
        self.proxy.is_calm = True
        for _ in range(HOME_ROUNDS):
            for handset in self.handsets:
                handset.tell(messages.GoHome())
            for handset in self.handsets:
                self._hear(handset)
        for handset in self.handsets:
            handset.tell(messages.GiveAccount())
        return [self._witness(handset, handset.hear_account()) for handset in self.handsets]

    def close(self) -> None:
        """Switch every phone off."""
        for handset in self.handsets:
            handset.stop()

    def _witness(self, handset: Handset, account: messages.Account) -> proof.Witness:
        duty = handset.duty
        assert duty.ledger_path is not None, "every phone of a storm keeps a ledger"
        kept = [messages.Made(n=each.n, id=each.id, type=each.type) for each in account.operations]
        phone = day_proof.Phone(login=duty.login, slow_s=0, made=kept, account=account)
        return proof.Witness(phone=phone, ledger=ledger.read(pathlib.Path(duty.ledger_path)))

    def _carry(self, handset: Handset) -> None:
        """Let a phone act over and over; one that was killed boots again on its store."""
        chance = random.Random(f"{self._plan.seed}:{handset.duty.login}:carry")
        is_up, is_last = True, False
        while not is_last:
            is_last = self._over.wait(chance.uniform(*plans.RESTS_S))
            try:
                if not is_up:
                    handset.revive()
                    self._hear(handset)
                    is_up = True
                handset.tell(messages.Act(minute=self._minute()))
                self._hear(handset)
            except PhoneFailedError as failure:
                is_up = is_last = False  # whoever goes home is alive
                if handset.die() != KILLED:
                    self.tally.failures.append(str(failure))
                    return

    def _minute(self) -> int:
        return 1 + int((time.monotonic() - self._started_s) / plans.TICK_S)

    def _hear(self, handset: Handset) -> None:
        acted = handset.hear_acted()
        tally = self.tally
        tally.made.update(made.type for made in acted.made)
        tally.noted.update(acted.noted)
        tally.faults.update(acted.faults)
        tally.waiting[handset.duty.login] = acted.operations_waiting + acted.files_waiting

    def _strike_phones(self) -> None:
        chance = random.Random(f"{self._plan.seed}:phones")
        while not self._abating.wait(chance.uniform(*plans.PHONE_STRUCK_EVERY_S)):
            chance.choice(self.handsets).strike()
            self.tally.blows["phone"] += 1

    def _strike_server(self) -> None:
        """Kill something of the server's, and start again what no supervisor of its own starts."""
        chance = random.Random(f"{self._plan.seed}:server")
        blows = self._blows(chance)
        while not self._abating.wait(chance.uniform(*plans.SERVER_STRUCK_EVERY_S)):
            try:
                if not self._server.is_running():
                    self.tally.failures.append("the server ended by itself")
                    return
                next(blows)(chance)
            except (server.ServerFailedError, postgres.PostgresMissingError) as failure:
                self.tally.failures.append(str(failure))
                return

    def _blows(self, chance: random.Random) -> Iterator[Callable[[random.Random], None]]:
        """Give every kind of blow in turn, so that a short storm has each; then shuffled."""
        kinds = [self._blow_whole, self._blow_master, self._blow_worker]
        if self._database is not None:
            kinds = [self._blow_database, self._blow_everything, *kinds]
        while True:
            yield from kinds
            chance.shuffle(kinds)

    def _blow_whole(self, chance: random.Random) -> None:
        self.tally.blows["server"] += 1
        self._server.kill_whole()
        time.sleep(chance.uniform(*plans.DOWN_S))
        self._server.start()

    def _blow_master(self, chance: random.Random) -> None:
        self.tally.blows["master alone"] += 1
        self._server.kill_master()
        time.sleep(chance.uniform(*plans.DOWN_S))
        self._server.start()

    def _blow_worker(self, chance: random.Random) -> None:
        self.tally.blows["worker"] += 1
        self._server.kill_worker(chance.randrange(self._plan.workers))

    def _blow_database(self, chance: random.Random) -> None:
        assert self._database is not None
        self.tally.blows["database"] += 1
        self._database.kill()
        time.sleep(chance.uniform(*plans.DOWN_S))
        self._database.start()

    def _blow_everything(self, chance: random.Random) -> None:
        """A power cut: database and server at once."""
        assert self._database is not None
        self.tally.blows["server and database"] += 1
        self._server.kill_whole()
        self._database.kill()
        time.sleep(chance.uniform(*plans.DOWN_S))
        self._database.start()
        self._server.start()

    def _thread(self, work: Callable[..., None], *arguments: object) -> threading.Thread:
        def guarded() -> None:
            try:
                work(*arguments)
            except Exception as error:
                self.tally.failures.append(f"{work.__name__}: {error!r}")
                raise

        return threading.Thread(target=guarded, name=work.__name__, daemon=True)
