"""One person's handheld: its own store, clocks, signal and luck."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import pathlib
import random
import shutil
import sqlite3
from collections.abc import Iterator
from typing import Final

import httpx

from field_sync import client, enrolment, errors
from field_sync.store import outbox, settings
from field_sync.store.connection import Store, open_store
from field_sync.store.outbox import Entry
from field_sync.store.settings import Name
from field_sync.testing.edge import HandEdge
from field_sync.transport import Transport
from schemas.errors import Refused
from tests.conftest import HandClock
from tests.makers import crews as crews_maker
from tests.world import deeds, fuse
from tests.world.air import Air
from tests.world.fuse import Killed
from tests.world.journal import Fault, Journal
from tests.world.server import ADDRESS, Server

FAST_S: Final = (0.0, 0.0, -7_200.0, 30.0, -1.5)
"""How far handhelds' clocks are ahead when the day begins."""


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """An act that a handheld said was saved, and when it truly happened."""

    device_id: str
    entry: Entry
    at: dt.datetime


class Handset:
    """A handheld and who carries it.

    Attributes:
        done: what it said was saved, oldest first.
        lost: ids of what may be gone with it, or with an older backup of its store.
        heard_at: when it began its last round that ended well.
        is_gone: whether nobody ever switches it on again.
        luck: how likely it dies, is full or busy while it works, from 0 to 1.
    """

    def __init__(
        self,
        person_id: str,
        home: pathlib.Path,
        server: Server,
        *,
        clock: HandClock,
        journal: Journal,
        seed: int,
    ) -> None:
        """Switch it on; each concern of its has a stream of chance of its own."""
        self.person_id = person_id
        self.home = home
        self.luck = 0.0
        self.heard_at = clock.now()
        self.is_gone = False
        self.done: list[Done] = []
        self.lost: set[str] = set()
        self._seed = seed
        self._deeds, self._troubles = self._stream("deeds"), self._stream("troubles")
        self.edge = HandEdge(
            now=clock.now, seed=self._stream("edge").getrandbits(32), boots=home.name
        )
        self.air = Air(
            person_id, server, clock=clock, journal=journal, chance=self._stream("weather")
        )
        self.line = Transport(httpx.Client(transport=self.air, base_url=ADDRESS, timeout=5))
        self._fuse = fuse.Fuse()
        self._server = server
        self._safe = home.with_name(f"{home.name}-safe")
        self._clock = clock
        self._journal = journal
        self.store = self._opened()
        self.device_id = settings.find(self.store, Name.DEVICE) or ""

    def enrol(self) -> None:
        """Enrol it and bring it up to date, while nothing goes wrong."""
        login = enrolment.Login(self.person_id, crews_maker.PASSWORD)
        enrolment.enrol(
            self.store, self.line, self.edge, server=ADDRESS, login=login, name=self.person_id
        )
        self.device_id = settings.find(self.store, Name.DEVICE) or ""
        self.sync()

    def take_up(self) -> None:
        """Begin the day: another boot than the one it was enrolled in, a clock set as it is."""
        self.edge.reboot()
        self.edge.fast_s = self._stream("clock").choice(FAST_S)
        self._put(self.home, self._safe)

    def sync(self) -> client.Round | None:
        """Have one round; None when it could not be had to its end."""
        ended: client.Round | None = None
        began_at, was_wiped = self._clock.now(), self.is_wiped
        with self._trouble():
            ended = client.sync_now(self.store, self.line, self.edge)
            refused = ended.refused.code if ended.refused else "well"
            self._journal.note(self.person_id, f"sync ends {refused}, {ended.state.phase}")
            if ended.refused is None:
                self.heard_at = began_at
            if self.is_wiped and not was_wiped:
                self._journal.befell(self.person_id, Fault.PHONE_WIPED)
            if isinstance(ended.refused, errors.SignedOut):
                self._journal.befell(self.person_id, Fault.SIGNED_OUT)
                self.sign_in()
        return ended

    @property
    def is_wiped(self) -> bool:
        """Whether the office has had it forget what the server said."""
        return settings.find(self.store, Name.WIPED) is not None

    def sign_in(self) -> None:
        """Sign in again, when there is signal for it."""
        login = enrolment.Login(self.person_id, crews_maker.PASSWORD)
        with contextlib.suppress(Refused):
            enrolment.sign_in(self.store, self.line, self.edge, login=login)

    def act(self) -> None:
        """Do something of a crew's day."""
        with self._trouble():
            entry = deeds.do_one(self.store, self.edge, self._deeds, home=self.home)
            if entry is not None:
                self._keep(entry)

    def reboot(self) -> None:
        """Begin a new boot."""
        self.edge.reboot()
        self._revive()
        self._journal.befell(self.person_id, Fault.REBOOTED)

    def set_clock(self, fault: Fault, fast_s: float) -> None:
        """Set the wall clock as somebody might."""
        self.edge.fast_s = fast_s
        self._journal.befell(self.person_id, fault, f"{fast_s:.0f} s ahead")

    def backup(self) -> None:
        """Copy the store to a safe place."""
        self._put(self.home, self._safe)
        self._journal.note(self.person_id, "backup made")

    def restore(self) -> None:
        """Put the last backup in place of the store; the first is of the day's beginning."""
        self.lost |= {done.entry.id for done in self.done}
        self._put(self._safe, self.home)
        self.reboot()
        self._journal.befell(self.person_id, Fault.PHONE_RESTORED)

    def lose(self) -> None:
        """Lose it for good, with what is only on it."""
        self.is_gone = True
        self.lost |= {done.entry.id for done in self.done}
        self._journal.note(self.person_id, "handheld gone for good")

    def clone(self) -> Handset:
        """Copy the store into another handheld, which goes on as the same device."""
        home = self.home.with_name(f"{self.home.name}-copy")
        self._put(self.home, home)
        copy = Handset(
            self.person_id,
            home,
            self._server,
            clock=self._clock,
            journal=self._journal,
            seed=self._seed,
        )
        copy.take_up()
        copy.luck, copy.air.storm = self.luck, self.air.storm
        self._journal.befell(self.person_id, Fault.PHONE_CLONED)
        return copy

    def close(self) -> None:
        """Put the handheld away."""
        self.store.close()

    def _keep(self, entry: Entry) -> None:
        self.done.append(Done(self.device_id, entry, self._clock.now()))
        self._journal.note(self.person_id, f"did {entry.n} {entry.type}")

    @contextlib.contextmanager
    def _trouble(self) -> Iterator[None]:
        """Let the process die, its disk be full or its store be busy in the middle of the block."""
        if self._troubles.random() >= self.luck:
            yield
            return
        known = {entry.id for entry in outbox.list_kept(self.store)}
        try:
            with contextlib.ExitStack() as stack:
                self._bring_trouble(stack)
                yield
        except Killed:
            self._revive()
            self._journal.befell(self.person_id, Fault.PHONE_CRASHED)
            self._find_done(known)
        except errors.DiskFull:
            self._journal.befell(self.person_id, Fault.PHONE_FULL)
        except errors.StoreBusy:
            self._journal.befell(self.person_id, Fault.PHONE_BUSY)

    def _bring_trouble(self, stack: contextlib.ExitStack) -> None:
        match self._troubles.choice(["dies", "dies", "full", "busy"]):
            case "dies":
                writes = min(int(self._troubles.expovariate(0.2)) + 1, 60)
                after = self._troubles.random() < 0.5
                stack.enter_context(self._fuse.armed(writes=writes, after=after))
            case "full":
                stack.enter_context(fuse.full(self.store.connection))
            case _:
                other = sqlite3.connect(self.home / "handheld.db", isolation_level=None)
                stack.callback(other.close)
                other.execute("BEGIN IMMEDIATE")

    def _find_done(self, known: set[str]) -> None:
        """Find what was on disk before the screen could say so: it counts like all else."""
        for entry in outbox.list_kept(self.store):
            if entry.id not in known:
                self._keep(entry)

    def _stream(self, concern: str) -> random.Random:
        return random.Random(f"{concern} {self.home.name} {self._seed}")

    def _put(self, source: pathlib.Path, target: pathlib.Path) -> None:
        """Copy a folder over another while nobody has its store open."""
        self.store.close()
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        self.store = self._opened()

    def _revive(self) -> None:
        """Start the process anew on what its store holds."""
        self.store.close()
        self._fuse.renew()
        self.store = self._opened()

    def _opened(self) -> Store:
        return open_store(self.home, connect=lambda path: fuse.connect(path, self._fuse))
