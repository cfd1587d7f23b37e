"""A TCP proxy between phones and server: lines are cut at any byte, throttled, held up and stalled.

Each connection meets its fate when it is made. In calm weather everything passes.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
import threading
from collections import Counter
from enum import StrEnum
from typing import Final

HOST: Final = "127.0.0.1"
CHUNK_BYTES: Final = 16_384
CUT_EXPONENT_MAX: Final = 17
"""A line is cut after up to 2 to this power bytes, as likely early as late by powers of two."""
SLOW_BYTES_PER_S: Final = (8_000, 200_000)
STALL_S: Final = (0.2, 3.0)
DELAY_S: Final = 0.08
STARTS_WITHIN_S: Final = 10.0


class Fate(StrEnum):
    """What becomes of a connection."""

    WHOLE = "whole"
    REFUSED = "refused"
    CUT_UP = "cut on the way up"
    CUT_DOWN = "cut on the way down"
    STALLED = "stalled, then cut"
    THROTTLED = "throttled"


_SHARES: Final = {
    Fate.WHOLE: 35,
    Fate.REFUSED: 5,
    Fate.CUT_UP: 18,
    Fate.CUT_DOWN: 22,
    Fate.STALLED: 8,
    Fate.THROTTLED: 12,
}


class _CutError(Exception):
    """The line is cut here."""


@dataclasses.dataclass(slots=True)
class _Way:
    """One direction of a connection: `left` bytes pass before it is cut; None: it is not."""

    left: int | None
    stall_s: float
    bytes_per_s: int | None
    delay_s: float


class Proxy:
    """The lines of all phones.

    Attributes:
        port: where the phones find it.
        is_calm: nothing happens to any line, old ones included.
        fates: how many connections met which fate.
    """

    def __init__(self, *, upstream_port: int, seed: int) -> None:
        """Open a port; it is served by a thread of its own until `close`."""
        self.port = 0
        self.is_calm = True
        self.fates: Counter[str] = Counter()
        self._upstream_port = upstream_port
        self._chance = random.Random(f"{seed}:proxy")
        self._loop = asyncio.new_event_loop()
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="proxy", daemon=True)
        self._thread.start()
        assert self._opened.wait(STARTS_WITHIN_S), "the proxy did not open its port"

    def close(self) -> None:
        """Hang up on everybody."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _serve(self) -> None:
        self._loop.run_until_complete(self._run())
        self._loop.close()

    async def _run(self) -> None:
        self._stopped = asyncio.Event()
        server = await asyncio.start_server(self._carry, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._opened.set()
        await self._stopped.wait()
        server.close()
        lines = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _carry(self, phone_in: asyncio.StreamReader, phone_out: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        fate = Fate.WHOLE if self.is_calm else self._draw_fate()
        self.fates[fate] += 1
        outs = [phone_out]
        try:
            if fate is Fate.REFUSED:
                return
            server_in, server_out = await asyncio.open_connection(HOST, self._upstream_port)
            outs.append(server_out)
            up = self._pump(phone_in, server_out, self._way(fate, Fate.CUT_UP))
            down = self._pump(server_in, phone_out, self._way(fate, Fate.CUT_DOWN))
            pumps = [asyncio.ensure_future(up), asyncio.ensure_future(down)]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass  # the server is dead just now: the phone's line ends, as it would
        finally:
            for out in outs:
                out.transport.abort()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: _Way
    ) -> None:
        sink.transport.set_write_buffer_limits(high=0)  # what has passed has really gone
        with contextlib.suppress(OSError, _CutError):
            while data := await source.read(CHUNK_BYTES):
                passing = data if self.is_calm else await self._suffer(way, data)
                sink.write(passing)
                await sink.drain()
                if len(passing) < len(data):
                    await asyncio.sleep(way.stall_s)
                    raise _CutError

    async def _suffer(self, way: _Way, data: bytes) -> bytes:
        """Hold bytes up; give those that pass before the line is cut."""
        held_s = way.delay_s
        if way.bytes_per_s is not None:
            held_s += len(data) / way.bytes_per_s
        await asyncio.sleep(held_s)
        if way.left is None:
            return data
        passing = data[: way.left]
        way.left -= len(passing)
        return passing

    def _draw_fate(self) -> Fate:
        return self._chance.choices(list(_SHARES), weights=list(_SHARES.values()))[0]

    def _way(self, fate: Fate, cut_here: Fate) -> _Way:
        chance = self._chance
        is_cut = fate is cut_here or (fate is Fate.STALLED and chance.random() < 0.5)
        return _Way(
            left=int(2 ** chance.uniform(0, CUT_EXPONENT_MAX)) if is_cut else None,
            stall_s=chance.uniform(*STALL_S) if fate is Fate.STALLED else 0.0,
            bytes_per_s=chance.randint(*SLOW_BYTES_PER_S) if fate is Fate.THROTTLED else None,
            delay_s=chance.uniform(0, DELAY_S),
        )
