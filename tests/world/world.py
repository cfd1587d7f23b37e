"""Everybody and everything of one seed: it lives, then it comes to rest."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from field_sync import client, exchange
from field_sync.conversation import Work
from tests.conftest import NOW, HandClock
from tests.world.handset import Handset
from tests.world.journal import Fault, Journal
from tests.world.office import Office
from tests.world.server import TOKEN_LIFE_S, Server
from tests.world.workshop import PEOPLE, Workshop

STEPS: Final = 45
ROUNDS_MAX: Final = 6
"""Rounds of good weather after which a handheld must have nothing left to say."""
_STORMS: Final = (0.1, 0.3, 0.6)
_LUCKS: Final = (0.05, 0.15, 0.3)
_DAY_S: Final = 86_400.0
_PAUSE_S: Final = 91 * _DAY_S
_MIDDAY_S: Final = 300.0
_PHONES_LOST_MAX: Final = 2
_GONE: Final = 0.3


class World:
    """Everybody and everything of one seed."""

    def __init__(
        self, seed: int, workshop: Workshop, *, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        """Begin the day.

        Args:
            seed: where chance begins; the same one makes the same world.
            workshop: what seeds share.
            tell: hears each line of the journal.
        """
        self.clock = HandClock(NOW)
        self.journal = Journal(self.clock, tell=tell)
        self.chance = random.Random(f"world {seed}")
        self.cloned_id: str | None = None
        self.looked_at: Callable[[], None] = lambda: None
        self._seed = seed
        folder = workshop.homes()
        self.server = Server(
            workshop.app,
            workshop.ground,
            folder=folder,
            journal=self.journal,
            clock=self.clock,
            seed=seed,
        )
        self.office = Office(self.server, journal=self.journal, seed=seed)
        self._folder = folder
        self.phones = [self._handset(person_id, name=person_id) for person_id, _ in PEOPLE]
        self.office.order_ids += workshop.order_ids
        self.clock.advance(seconds=_MIDDAY_S)
        self._storm, self._luck = self.chance.choice(_STORMS), self.chance.choice(_LUCKS)
        for phone in self.phones:
            self._take_up(phone)
        rare: tuple[tuple[Callable[[random.Random], None], float], ...] = (
            (self._lose_phone, 0.015),
            (self._let_go, 0.006),
            (lambda _: self.office.decide_one(), 0.15),
            (lambda _: self.looked_at(), 0.06),
            (lambda _: self.office.retry_held(), 0.05),
            (lambda _: self.office.ask_a_customer(), 0.2),
            (self.server.make_pages, 0.25),
            (self.server.sign_checkpoint, 0.08),
        )
        self._rare = [
            (random.Random(f"rare {number} {seed}"), deed, often)
            for number, (deed, often) in enumerate(rare)
        ]

    def live(self, steps: int = STEPS) -> None:
        """Let so many things happen, one after the other."""
        happenings: tuple[tuple[Callable[[], None], int], ...] = (
            (self._act, 24),
            (self._sync, 10),
            (self.office.act, 6),
            (self._late, 2),
            (self._mishap, 4),
        )
        deeds, weights = [each for each, _ in happenings], [much for _, much in happenings]
        for _ in range(steps):
            self.clock.advance(seconds=self.chance.uniform(1, _MIDDAY_S))
            self.chance.choices(deeds, weights)[0]()
            for chance, deed, often in self._rare:
                if chance.random() < often:
                    deed(chance)

    def settle(self) -> None:
        """Give everybody good weather until nothing is left to say.

        Raises:
            AssertionError: somebody never came to an end.
        """
        self.journal.note("world", "good weather")
        for phone in self.phones:
            phone.air.storm, phone.luck, phone.air.signal = 0.0, 0.0, True
        self.office.insist()
        for phone in self.list_in_use():
            if not self.stands(phone):
                self._farewell(phone)
        for phone in self.list_standing():
            self._quiet(phone)
        self.office.decide_all()
        # Twice round, because one handheld's last push is news to another.
        for phone in self.list_standing():
            self._quiet(phone)

    @property
    def lost(self) -> set[str]:
        """Ids of acts that may have gone with a handheld or a backup.

        A revoked handheld tells what it had not sent; of the rest a restored server knows nothing.
        """
        gone = {id_ for phone in self.phones for id_ in phone.lost}
        if self.server.restored:
            revoked = [phone for phone in self.phones if not self.stands(phone)]
            gone |= {done.entry.id for phone in revoked for done in phone.done}
        return gone

    def stands(self, phone: Handset) -> bool:
        """Tell whether the office means a handheld to be in use."""
        revoked = phone.device_id in self.office.revoked_ids
        return not revoked and phone.person_id not in self.office.left_ids

    def list_in_use(self) -> list[Handset]:
        """List the handhelds that somebody still switches on."""
        return [phone for phone in self.phones if not phone.is_gone]

    def list_standing(self) -> list[Handset]:
        """List the handhelds in use that the office has not revoked."""
        return [phone for phone in self.list_in_use() if self.stands(phone)]

    def close(self) -> None:
        """Put everything away."""
        for phone in self.phones:
            phone.close()

    def _handset(self, person_id: str, *, name: str) -> Handset:
        return Handset(
            person_id,
            self._folder / name,
            self.server,
            clock=self.clock,
            journal=self.journal,
            seed=self._seed,
        )

    def _take_up(self, phone: Handset) -> None:
        phone.take_up()
        phone.air.storm, phone.luck = self._storm, self._luck

    def _farewell(self, phone: Handset) -> None:
        """Let a revoked handheld say its last words; a restored server may not know its key."""
        for _ in range(ROUNDS_MAX):
            self.clock.advance(seconds=_MIDDAY_S)
            phone.sync()
            if phone.is_wiped and exchange.work(phone.store) == Work():
                return
            self.office.insist()
        assert self.server.restored, f"{phone.home.name} never said its last words"
        assert not self.office.knows(phone.device_id), f"{phone.home.name} was not heard"
        phone.lose()

    def _quiet(self, phone: Handset) -> None:
        ended: client.Round | None = None
        for _ in range(ROUNDS_MAX):
            self.clock.advance(seconds=_MIDDAY_S)
            ended = phone.sync()
            if ended is not None and ended.refused is None:
                break
        assert ended is not None, f"{phone.person_id} is in trouble in good weather"
        assert ended.refused is None, (phone.person_id, ended)
        # A file whose declaration is held waits with it; all else has been said.
        assert exchange.work(phone.store) == Work(), phone.person_id

    def _act(self) -> None:
        self._some_phone().act()

    def _sync(self) -> None:
        self._some_phone().sync()

    def _late(self) -> None:
        self.chance.choice(self.phones).air.deliver()

    def _some_phone(self) -> Handset:
        return self.chance.choice(self.list_in_use())

    def _mishap(self) -> None:
        phone = self._some_phone()
        mishaps: tuple[tuple[Callable[[Handset], None], int], ...] = (
            (self._signal, 4),
            (Handset.reboot, 3),
            (self._set_clock, 3),
            (self._years_wrong, 2),
            (self._token_expires, 2),
            (self._long_pause, 1),
            (self._backup, 2),
            (self._restore, 1),
            (Handset.backup, 1),
            (Handset.restore, 2),
            (self._clone, 1),
        )
        deeds, weights = [each for each, _ in mishaps], [much for _, much in mishaps]
        self.chance.choices(deeds, weights)[0](phone)

    def _signal(self, phone: Handset) -> None:
        phone.air.signal = not phone.air.signal
        self.journal.note(phone.person_id, f"signal {phone.air.signal}")

    def _set_clock(self, phone: Handset) -> None:
        phone.set_clock(Fault.CLOCK_SET, self.chance.uniform(-_DAY_S, _DAY_S))

    def _years_wrong(self, phone: Handset) -> None:
        phone.set_clock(Fault.YEARS_WRONG, self.chance.choice([-3, -1, 2]) * 365 * _DAY_S)

    def _token_expires(self, _: Handset) -> None:
        self.clock.advance(seconds=TOKEN_LIFE_S)
        self.journal.befell("world", Fault.TOKEN_EXPIRED)

    def _long_pause(self, _: Handset) -> None:
        """Let so much time pass that everybody must sign in again."""
        self.clock.advance(seconds=_PAUSE_S)
        self.journal.befell("world", Fault.LONG_PAUSE)

    def _backup(self, _: Handset) -> None:
        self.server.backup()

    def _restore(self, _: Handset) -> None:
        self.server.restore()
        for phone in self.phones:
            phone.heard_at = NOW

    def _clone(self, phone: Handset) -> None:
        """Let a handheld be two from now on; one copy in a world is enough."""
        if self.cloned_id is None:
            self.cloned_id = phone.device_id
            self.phones.append(phone.clone())

    def _lose_phone(self, chance: random.Random) -> None:
        """Let a person lose a handheld and be given another; somebody may still carry the old."""
        if len(self.office.revoked_ids) == _PHONES_LOST_MAX:
            return
        phone = chance.choice(self.list_standing())
        self.journal.befell(phone.person_id, Fault.PHONE_LOST, phone.home.name)
        if chance.random() < _GONE:
            phone.lose()
        self.office.revoke(phone.device_id)
        name = f"{phone.person_id}-{len(self.office.revoked_ids)}"
        another = self._handset(phone.person_id, name=name)
        another.enrol()
        self._take_up(another)
        self.phones.append(another)

    def _let_go(self, chance: random.Random) -> None:
        """Let a person go whose handheld may hold work that nobody has heard of."""
        if not self.office.left_ids:
            self.office.let_go(chance.choice(self.list_standing()).person_id)
