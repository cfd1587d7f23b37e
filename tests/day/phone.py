"""One phone in a process of its own: the handheld toolkit, its person, and the air around it.

python -m tests.day.phone    # a `Duty` on the first line of stdin, then one command a line
"""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import random
import sys
import time
from collections.abc import Callable
from typing import Final, Protocol

import httpx
import msgspec

from field_sync import client, enrolment, errors, transport
from field_sync.conversation import Phase
from field_sync.keys import FileKeys
from field_sync.store import connection, outbox, settings, uploads
from field_sync.store.outbox import Entry
from field_sync.store.settings import Name
from tests.day import air, ground, ledger, messages
from tests.day.clock import SteppedClock
from tests.day.crew import Crew
from tests.day.edge import DayEdge
from tests.day.ground import Spot
from tests.day.handheld import Handheld
from tests.day.messages import Duty, Trade
from tests.day.reader import Reader

SYNC_MINUTES: Final = {Trade.CREW: 4, Trade.READER: 11}
"""How often a phone with signal syncs without being asked."""
RETRY_MINUTES: Final = 2
VAIN_MINUTES: Final = 25
"""How often it tries where there is no signal."""
ROUNDS_MAX: Final = 40
_SESSION: Final = (
    Name.SERVER,
    Name.DEVICE,
    Name.DISTRICT,
    Name.ACCESS_TOKEN,
    Name.REFRESH_TOKEN,
)
"""What an empty store needs to speak as this device, also when the access token has just ended."""
_PAUSE_S: Final = 0.05


class Person(Protocol):
    """Whoever carries the phone."""

    def work(self, minute: int) -> None:
        """Do what falls due."""
        ...

    def spot(self, minute: int) -> Spot:
        """Tell where they are."""
        ...


class StuckError(Exception):
    """A phone with a good line could not get rid of what it had."""


class Phone:
    """A handheld, its line and its person."""

    def __init__(self, duty: messages.Duty) -> None:
        """Boot, and enrol the first time."""
        path = duty.clock_path
        clock = SteppedClock(pathlib.Path(path)).now if path else _machine_now
        edge = DayEdge(
            now=clock, slow_s=duty.slow_s, seed=f"{duty.seed}:{duty.login}", life=duty.life
        )
        chance = random.Random(f"{duty.seed}:{duty.login}:air:{duty.life}")
        self._duty = duty
        self._air = air.Air(httpx.HTTPTransport(), chance=chance)
        self._line = transport.Transport(
            httpx.Client(base_url=duty.server, timeout=transport.TIMEOUTS, transport=self._air)
        )
        self._held = Handheld(
            connection.open_store(pathlib.Path(duty.home)), edge, ledger=_ledger(duty)
        )
        self._person: Person = (
            Crew(self._held, duty) if duty.trade is Trade.CREW else Reader(self._held, duty)
        )
        self._sky = random.Random(f"{duty.seed}:{duty.login}:sky:{duty.life}")
        self._next_sync = 0
        if settings.find(self._held.store, Name.DEVICE) is None:
            self._enrol()

    def obey(self, command: messages.Command) -> messages.Answer:
        """Do what the conductor says."""
        match command:
            case messages.Act():
                self._act(command.minute)
                return self._acted()
            case messages.GoHome():
                self._go_home()
                return self._acted()
            case messages.GiveAccount():
                return self._account()
            case messages.Duty():
                return self._acted()

    def _act(self, minute: int) -> None:
        before, self._air.signal = self._air.signal, air.signal_at(self._duty.coverage, minute)
        if before is air.Signal.NONE and self._air.signal is not before:
            self._next_sync = minute  # the phone wakes up: there is signal again
        self._person.work(minute)
        has_news = bool(self._held.made) and self._duty.trade is Trade.CREW
        has_signal = self._air.signal is not air.Signal.NONE
        if minute >= self._next_sync or (has_news and has_signal):
            self._next_sync = minute + self._sync(minute)

    def _sync(self, minute: int) -> int:
        """Have a round, and tell in how many minutes to have the next."""
        fix = ground.take_fix(self._sky, self._person.spot(minute))
        done = client.sync_now(self._held.store, self._line, self._held.edge, fix=fix)
        if done.state.phase is Phase.SIGNED_OUT:
            self._sign_in()
        if done.state.phase is Phase.IDLE:
            return SYNC_MINUTES[self._duty.trade]
        if self._air.signal is air.Signal.NONE:
            return VAIN_MINUTES
        self._held.noted[f"round broken off: {done.refused.code if done.refused else '-'}"] += 1
        return RETRY_MINUTES

    def _enrol(self) -> None:
        """Enrol at the depot; sign-ins wait for each other where many come at once."""
        self._air.is_calm = True
        login = enrolment.Login(self._duty.login, self._duty.password)
        for turn in range(ROUNDS_MAX):
            try:
                enrolment.enrol(
                    self._held.store,
                    self._line,
                    self._held.edge,
                    server=self._duty.server,
                    login=login,
                    name=f"Handheld of {self._duty.login}",
                )
                break
            except errors.NoSignal:
                if turn == ROUNDS_MAX - 1:
                    raise
                time.sleep(_PAUSE_S)
        self._air.is_calm = False

    def _sign_in(self) -> None:
        """Sign in again when the session has ended; without signal it waits for the next round."""
        login = enrolment.Login(self._duty.login, self._duty.password)
        self._held.noted["signed in again"] += 1
        with contextlib.suppress(errors.NoSignal):
            enrolment.sign_in(self._held.store, self._line, self._held.edge, login=login)

    def _go_home(self) -> None:
        """Sync at the depot until nothing is left."""
        self._air.signal, self._air.is_calm = air.Signal.GOOD, True
        store, trouble = self._held.store, ""
        for _ in range(ROUNDS_MAX):
            done = client.sync_now(store, self._line, self._held.edge)
            left = outbox.count_waiting(store) + uploads.count_waiting(store)
            if done.state.phase is Phase.IDLE and not left:
                return
            if done.state.phase is Phase.SIGNED_OUT:
                self._sign_in()
            trouble = f"{left} things are left: {done.refused}"
            time.sleep(_PAUSE_S)
        raise StuckError(trouble)

    def _acted(self) -> messages.Acted:
        held, line = self._held, self._air
        told = messages.Acted(
            device_id=settings.find(held.store, Name.DEVICE) or "",
            made=held.made,
            up_bytes=line.up_bytes,
            down_bytes=line.down_bytes,
            faults=dict(line.faults),
            noted=dict(held.noted),
            operations_waiting=outbox.count_waiting(held.store),
            files_waiting=uploads.count_waiting(held.store),
        )
        held.made = []
        held.noted.clear()
        line.faults.clear()
        line.up_bytes = line.down_bytes = 0
        return told

    def _account(self) -> messages.Account:
        store = self._held.store
        mine, fresh = _records(store), self._pull_afresh()
        return messages.Account(
            device_id=settings.find(store, Name.DEVICE) or "",
            operations=[
                messages.KeptOperation(
                    n=entry.n,
                    id=entry.id,
                    type=entry.type,
                    subject=entry.subject,
                    status=entry.status,
                    code=entry.code,
                    wire=msgspec.Raw(entry.wire),
                )
                for entry in outbox.list_kept(store)
            ],
            files=[
                messages.KeptFile(sha256=file.sha256, size_bytes=file.size_bytes, state=file.state)
                for file in uploads.list_all(store)
            ],
            records=len(mine),
            differing=sorted(
                " ".join(key)
                for key in mine.keys() | fresh.keys()
                if mine.get(key) != fresh.get(key)
            ),
        )

    def _pull_afresh(self) -> dict[tuple[str, str, str], bytes]:
        """Pull everything into an empty store, as this device; the last that its session does."""
        store = self._held.store
        empty = connection.open_store(store.home / "fresh")
        with empty.writing():
            for name in _SESSION:
                settings.put(empty, name, settings.find(store, name) or "")
        own = FileKeys(store.home)
        done = client.sync_now(empty, self._line, self._held.edge, keys=own)
        assert done.state.phase is Phase.IDLE, f"a fresh pull failed: {done.refused}"
        records = _records(empty)
        empty.close()
        return records


def _records(store: connection.Store) -> dict[tuple[str, str, str], bytes]:
    rows = store.connection.execute("SELECT audience, entity, id, body FROM records")
    return {(str(row[0]), str(row[1]), str(row[2])): bytes(row[3]) for row in rows}


def _ledger(duty: Duty) -> Callable[[Entry], None]:
    if duty.ledger_path is None:
        return lambda _: None
    return ledger.Ledger(pathlib.Path(duty.ledger_path)).note


def _machine_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def main() -> None:
    """Be a phone until the conductor hangs up."""
    phone: Phone | None = None
    for line in sys.stdin.buffer:
        command = messages.COMMANDS.decode(line)
        if isinstance(command, messages.Duty):
            phone = Phone(command)
        assert phone is not None, "a duty comes first"
        answer = messages.ENCODER.encode(phone.obey(command))
        sys.stdout.buffer.write(answer + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
