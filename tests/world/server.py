"""The server of a world: the real application, which dies and comes back, on its ground."""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import random
import uuid
from collections.abc import Callable, Iterator
from typing import Final

import flask
import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from api import acts
from api.app import equip
from api.custody import keys
from api.custody.jobs import MakeCheckpoint
from api.feed import store as feed
from api.feed.pages import making
from api.settings import Settings
from tests.conftest import HandClock
from tests.makers.crews import DISTRICT
from tests.world.fuse import Killed
from tests.world.ground import Ground
from tests.world.journal import Fault, Journal

ADDRESS: Final = "http://127.0.0.1"
TOKEN_LIFE_S: Final = 3 * 3_600
"""Long enough that most rounds need no new token, short enough that some do."""
_DIES: Final = 0.05
"""How often the server dies while it makes pages, or a checkpoint."""
_PAGES: Final = making.Policy(page_rows=4, tail_numbers=2)
"""Small ones, so that a day of a few orders has some, and a tail behind them."""
_VERSION: Final = (7 << 76) | (0b10 << 62)
_FREE: Final = ~((0xF << 76) | (0b11 << 62))


def _checkpoint_key(seed: int) -> keys.Key:
    """Give a key that is the same in every life of a seed, for its name is on the wire."""
    number = random.Random(f"key {seed}").getrandbits(250) + 1
    return keys.of(ec.derive_private_key(number, ec.SECP256R1()))


class Ids:
    """UUIDv7 from the world's clock and a seed, in the order in which they are made."""

    def __init__(self, clock: HandClock, chance: random.Random) -> None:
        self._clock = clock
        self._chance = chance
        self._count = 0

    def __call__(self) -> str:
        """Make an id."""
        self._count += 1
        ms = int(self._clock.now().timestamp() * 1_000)
        low = (self._count << 62 | self._chance.getrandbits(62)) & ((1 << 80) - 1)
        return str(uuid.UUID(int=ms << 80 | (low & _FREE) | _VERSION))


class Server:
    """The application on its ground, with every source of chance in the seed's hand.

    Attributes:
        restarted: told after the process died and came back.
        restored: whether a backup ever took the place of newer work.
    """

    def __init__(
        self,
        app: flask.Flask,
        ground: Ground,
        *,
        folder: pathlib.Path,
        journal: Journal,
        clock: HandClock,
        seed: int,
    ) -> None:
        """Start it on its ground as every seed begins."""
        self.ground = ground
        self.new_id = Ids(clock, random.Random(f"ids {seed}"))
        self._deaths, self._secrets = random.Random(f"deaths {seed}"), random.Random(seed)
        self.restarted: Callable[[], None] = lambda: None
        self.restored = False
        self._app = app
        self._journal = journal
        self._clock = clock
        self._settings = Settings(
            data_dir=folder, database_url="sqlite:///", access_token_s=TOKEN_LIFE_S
        )
        keys.replace(self._settings, _checkpoint_key(seed))
        self._line = httpx.WSGITransport(app=app)
        self.database = ground.begin()
        self._equip()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, to the end of the answer's body.

        Raises:
            httpx.ReadError: the server died of it.
        """
        try:
            response = self._line.handle_request(request)
            assert isinstance(response.stream, httpx.SyncByteStream)
            body = b"".join(response.stream)
            response.close()
        except Killed:
            self._rise()
            raise httpx.ReadError("the server died", request=request) from None
        assert response.status_code != 500, (request.url.path, body)
        return httpx.Response(
            response.status_code, headers=response.headers, stream=httpx.ByteStream(body)
        )

    def work(self, deed: Callable[[Session], None]) -> None:
        """Do something of the office's in a unit of work; the server may die of it."""
        try:
            with self.database.unit_of_work() as session:
                deed(session)
        except Killed:
            self._rise()

    def make_pages(self, chance: random.Random) -> None:
        """Compress what has changed into pages; the server may die of it."""
        may_die = self.dying() if chance.random() < _DIES else contextlib.nullcontext()
        try:
            with may_die:
                making.make_due(self.database, policy=_PAGES)
        except Killed:
            self._rise()

    def sign_checkpoint(self, chance: random.Random) -> None:
        """Sign how far every chain reaches, as the job does; the server may die of it."""
        act = acts.system(district_id=DISTRICT, now=self.now, job="checkpoints")
        may_die = self.dying() if chance.random() < _DIES else contextlib.nullcontext()
        try:
            with may_die:
                made = MakeCheckpoint(self.database, act=act, settings=self._settings)
                with self.database.unit_of_work() as session:
                    made(session, act=act, settings=self._settings)
        except Killed:
            self._rise()

    @property
    def checkpoint_key(self) -> keys.Key:
        """The key that signs checkpoints here."""
        return keys.opened(self._settings)

    @contextlib.contextmanager
    def dying(self) -> Iterator[None]:
        """End the process at one of its next writes."""
        writes = min(int(self._deaths.expovariate(0.12)) + 1, 200)
        with self.ground.fuse.armed(writes=writes, after=self._deaths.random() < 0.5):
            yield

    def backup(self) -> None:
        """Keep a copy of the database as it is now."""
        self.ground.backup()
        self._journal.note("server", "backup made")

    def restore(self) -> None:
        """Put the last backup in place, as the office does: with a new lineage."""
        self.database = self.ground.restore()
        self._equip()
        with self.database.unit_of_work() as session:
            feed.start_lineage(session, name=self.new_id())
        self.restored = True
        self._journal.befell("server", Fault.SERVER_RESTORED)

    @property
    def now(self) -> dt.datetime:
        """The true time."""
        return self._clock.now()

    def _rise(self) -> None:
        self.database = self.ground.reopen()
        self._equip()
        self._journal.befell("server", Fault.SERVER_CRASHED)
        self.restarted()

    def _equip(self) -> None:
        """Give the application its parts anew: what a process remembers dies with it."""
        equip(
            self._app,
            self._settings,
            database=self.database,
            clock=self._clock,
            new_id=self.new_id,
            random_bytes=self._secrets.randbytes,
        )
