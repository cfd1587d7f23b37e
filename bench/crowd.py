"""Fifty phones at once: each hears a delta and pushes twenty readings, several times over."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import time
from collections.abc import Iterator, Sequence
from typing import Final

from bench import district, figures, loopback
from bench.phone import Phone
from bench.scene import Scene
from schemas.crews import Role

_PHONES: Final = 50
_OPERATIONS: Final = 20
_SYNCS_PER_S_AT_LEAST: Final = 200.0
_P99_MS_AT_MOST: Final = 500.0
_CPU_MS_AT_MOST: Final = 8.0
_MEMORY_MB_AT_MOST: Final = 200.0


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
    """Let every phone sync as fast as it is answered."""
    scene.told("crowd: planning the routes")
    readers = [
        _Reader(
            scene.ground.enrol(f"crowd-{number}", role=Role.READER),
            scene.ground.route(f"crowd-{number}", stops=_OPERATIONS * (scene.reps + 1)),
        )
        for number in range(_PHONES)
    ]
    with concurrent.futures.ThreadPoolExecutor(_PHONES) as pool:
        scene.told("crowd: first pulls")
        _all(pool, readers, scene.server.port, range(1))
        scene.told(f"crowd: {_PHONES} phones, {scene.reps} rounds each")
        cpu_s, started_s = scene.server.cpu_s(), time.perf_counter()
        times_s = _all(pool, readers, scene.server.port, range(1, scene.reps + 1))
        took_s = time.perf_counter() - started_s
        used_s = scene.server.cpu_s() - cpu_s
    yield from _shown(times_s, took_s=took_s, used_s=used_s)
    yield figures.Figure(
        what="memory of the server after them",
        value=scene.server.memory_mb(),
        unit="MB",
        at_most=_MEMORY_MB_AT_MOST,
        later=True,
    )


def _shown(times_s: Sequence[float], *, took_s: float, used_s: float) -> Iterator[figures.Figure]:
    """Show the seconds of every sync, of all together, and of the server's processor."""
    what = f"{_PHONES} phones, delta + {_OPERATIONS} operations"
    yield figures.Figure(
        what=f"{what}: syncs",
        value=len(times_s) / took_s,
        unit="/s",
        at_least=_SYNCS_PER_S_AT_LEAST,
        later=True,
    )
    yield figures.Figure(what=f"{what}: p50", value=figures.median_ms(times_s), unit="ms")
    yield figures.Figure(
        what=f"{what}: p99",
        value=figures.p99_ms(times_s),
        unit="ms",
        at_most=_P99_MS_AT_MOST,
        later=True,
    )
    yield figures.Figure(
        what=f"{what}: processor time of each sync",
        value=used_s / len(times_s) * 1_000,
        unit="ms",
        at_most=_CPU_MS_AT_MOST,
        later=True,
    )


def _all(
    pool: concurrent.futures.Executor, readers: Sequence[_Reader], port: int, rounds: range
) -> list[float]:
    """Let all phones do their rounds at the same time; give the seconds of every sync."""
    running = [pool.submit(reader.rounds, port, rounds) for reader in readers]
    return [took_s for each in running for took_s in each.result()]
