"""Fifty phones at once: each hears a delta and pushes twenty readings, several times over."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import time
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from bench import district, figures, loopback
from bench.phone import Phone
from bench.scene import Scene
from schemas.crews import Role

_PHONES: Final = 50
_OPERATIONS: Final = 20
_MEMORY_MB_AT_MOST: Final = 200.0


class _Limits(NamedTuple):
    """What is asked of a crowd: syncs in a second, their times, and the server's for each."""

    per_s: float
    p99_ms: float | None
    cpu_ms: float | None


_APART: Final = _Limits(200.0, 500.0, 8.0)
_TOGETHER: Final = _Limits(80.0, None, None)


@dataclasses.dataclass(frozen=True, slots=True)
class _Reader:
    """A reader with a phone and a route."""

    phone: Phone
    walk: district.Walk

    def rounds(self, port: int, rounds: range) -> list[float]:
        """Sync round after round over one connection; give the seconds of each."""
        with loopback.Line(port) as line:
            return [self._round(line, number) for number in rounds]

    def _round(self, line: loopback.Line, number: int) -> float:
        some = self.walk.stops[number * _OPERATIONS : (number + 1) * _OPERATIONS]
        read = [
            self.phone.operation(
                "reading.take", self.walk.route_id, {"stop_id": stop_id, "total": str(value)}
            )
            for stop_id, value in some
        ]
        answer = self.phone.contact(line, self.phone.request(read))
        told = self.phone.take(answer)
        assert told.acked_through == self.phone.n, "a push was not settled"
        assert not told.outcomes, f"not simply applied: {told.outcomes[:3]}"
        return answer.took_s


def measure(scene: Scene) -> Iterator[figures.Figure]:
    """Let every phone sync as fast as it is answered: each on its own route, then all on one."""
    with concurrent.futures.ThreadPoolExecutor(_PHONES) as pool:
        scene.told("crowd: planning the routes")
        yield from _crowd(scene, pool, _apart(scene), what=f"{_PHONES} phones", limits=_APART)
        scene.told("crowd: planning the shared route")
        shared = f"{_PHONES} phones on one route"
        yield from _crowd(scene, pool, _together(scene), what=shared, limits=_TOGETHER)
    yield figures.Figure(
        what="memory of the server after them",
        value=scene.server.memory_mb(),
        unit="MB",
        at_most=_MEMORY_MB_AT_MOST,
    )


def _apart(scene: Scene) -> list[_Reader]:
    """Give each reader a route of their own."""
    stops = _OPERATIONS * (scene.reps + 1)
    names = [f"crowd-{number}" for number in range(_PHONES)]
    return [
        _Reader(scene.ground.enrol(name, role=Role.READER), scene.ground.route(name, stops=stops))
        for name in names
    ]


def _together(scene: Scene) -> list[_Reader]:
    """Give all readers of a crew one route; each reads a stretch of it and hears of all."""
    stops = _OPERATIONS * (scene.reps + 1)
    phones = [
        scene.ground.enrol(f"crew-mate-{number}", role=Role.READER, crew_id="crew-crowd")
        for number in range(_PHONES)
    ]
    walk = scene.ground.route(None, stops=stops * _PHONES, crew_id="crew-crowd")
    return [
        _Reader(phone, district.Walk(walk.route_id, walk.stops[place * stops :][:stops]))
        for place, phone in enumerate(phones)
    ]


def _crowd(
    scene: Scene,
    pool: concurrent.futures.Executor,
    readers: Sequence[_Reader],
    *,
    what: str,
    limits: _Limits,
) -> Iterator[figures.Figure]:
    """Measure one crowd."""
    port = scene.server.port
    scene.told(f"{what}: first pulls")
    for reader in readers:
        with loopback.Line(port) as line:
            reader.phone.catch_up(line)
    _all(pool, readers, port, range(1))
    scene.told(f"{what}: {scene.reps} rounds each")
    cpu_s, started_s = scene.server.cpu_s(), time.perf_counter()
    times_s = _all(pool, readers, port, range(1, scene.reps + 1))
    took_s = time.perf_counter() - started_s
    used_s = scene.server.cpu_s() - cpu_s
    yield from _shown(
        f"{what}, delta + {_OPERATIONS} operations",
        times_s,
        took_s=took_s,
        used_s=used_s,
        limits=limits,
    )


def _shown(
    what: str, times_s: Sequence[float], *, took_s: float, used_s: float, limits: _Limits
) -> Iterator[figures.Figure]:
    """Show the seconds of every sync, of all together, and of the server's processor."""
    yield figures.Figure(
        what=f"{what}: syncs", value=len(times_s) / took_s, unit="/s", at_least=limits.per_s
    )
    yield figures.Figure(what=f"{what}: p50", value=figures.median_ms(times_s), unit="ms")
    yield figures.Figure(
        what=f"{what}: p99", value=figures.p99_ms(times_s), unit="ms", at_most=limits.p99_ms
    )
    yield figures.Figure(
        what=f"{what}: processor time of each sync",
        value=used_s / len(times_s) * 1_000,
        unit="ms",
        at_most=limits.cpu_ms,
    )


def _all(
    pool: concurrent.futures.Executor, readers: Sequence[_Reader], port: int, rounds: range
) -> list[float]:
    """Let all phones do their rounds at the same time; give the seconds of every sync."""
    running = [pool.submit(reader.rounds, port, rounds) for reader in readers]
    return [took_s for each in running for took_s in each.result()]
