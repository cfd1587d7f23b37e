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
        folder = workshop.homes()
        self.server = Server(
            workshop.app,
            workshop.ground,
            folder=folder,
            journal=self.journal,
            clock=self.clock,
            chance=random.Random(f"server {seed}"),
        )
        self.office = Office(
            self.server, journal=self.journal, chance=random.Random(f"office {seed}")
        )
        self.phones = [
            Handset(
                person_id,
                folder / person_id,
                self.server,
                clock=self.clock,
                journal=self.journal,
                chance=random.Random(f"{person_id} {seed}"),
            )
            for person_id, _ in PEOPLE
        ]
        self.office.order_ids += workshop.order_ids
        self.clock.advance(seconds=_MIDDAY_S)
        storm, luck = self.chance.choice(_STORMS), self.chance.choice(_LUCKS)
        for phone in self.phones:
            phone.take_up()
            phone.air.storm, phone.luck = storm, luck

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

    def settle(self) -> None:
        """Give everybody good weather until nothing is left to say.

        Raises:
            AssertionError: somebody never came to an end.
        """
        self.journal.note("world", "good weather")
        for phone in self.phones:
            phone.air.storm, phone.luck, phone.air.signal = 0.0, 0.0, True
        # Twice round, because one handheld's last push is news to another.
        for phone in [*self.phones, *self.phones]:
            self._quiet(phone)

    def close(self) -> None:
        """Put everything away."""
        for phone in self.phones:
            phone.close()

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
        self.chance.choice(self.phones).act()

    def _sync(self) -> None:
        self.chance.choice(self.phones).sync()

    def _late(self) -> None:
        self.chance.choice(self.phones).air.deliver()

    def _mishap(self) -> None:
        phone = self.chance.choice(self.phones)
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

    def _clone(self, phone: Handset) -> None:
        """Let a handheld be two from now on; one copy in a world is enough."""
        if len(self.phones) == len(PEOPLE):
            self.phones.append(phone.clone(random.Random(self.chance.getrandbits(64))))
