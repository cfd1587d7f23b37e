"""Measure a peer beside Lamplighter: the same work, in turns, in one run.

In each figure the value is the peer's and the floor is ours, so the ratio tells how much longer
the peer takes.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from bench import figures
from bench.peers import kinto_server, peer, pouchdb_server
from bench.peers.ours import Ours
from bench.scene import Scene

_RECORDS: Final = 10_000
_CHANGES: Final = 100
_OPERATIONS: Final = 1_000
_PHONES: Final = 50
_PHONE_RECORDS: Final = 100
_PHONE_OPERATIONS: Final = 20
_ROUNDS: Final = 5
_REPS_MAX: Final = 5
"""A push to Kinto takes seconds."""
_KINTO_PUSH_AT_LEAST: Final = 30.0
_POUCH_PUSH_AT_LEAST: Final = 1.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A peer, and what it stands beside.

    Attributes:
        name: the peer's.
        setting: how it runs and how durable it is.
        database: what ours keeps its data in meanwhile, the like of the peer's.
        push_at_least: how many times longer its push must take for our target to be met.
        running: installs and runs it.
    """

    name: str
    setting: str
    database: str
    push_at_least: float
    running: Callable[[], contextlib.AbstractContextManager[peer.Peer]]


ALL: Final = (
    Beside(
        name=kinto_server.NAME,
        setting=kinto_server.SETTING,
        database="postgresql",
        push_at_least=_KINTO_PUSH_AT_LEAST,
        running=kinto_server.running,
    ),
    Beside(
        name=pouchdb_server.NAME,
        setting=pouchdb_server.SETTING,
        database="sqlite",
        push_at_least=_POUCH_PUSH_AT_LEAST,
        running=pouchdb_server.running,
    ),
)


@dataclasses.dataclass(slots=True)
class _Times:
    """Seconds of one server by kind of work, and its syncs a second."""

    pull: list[float] = dataclasses.field(default_factory=list)
    delta: list[float] = dataclasses.field(default_factory=list)
    push: list[float] = dataclasses.field(default_factory=list)
    again: list[float] = dataclasses.field(default_factory=list)
    crowd: list[float] = dataclasses.field(default_factory=list)
    syncs_per_s: float = 0.0


def measure(scene: Scene, beside: Beside) -> Iterator[figures.Figure]:
    """Do all work on both servers, in turns.

    Raises:
        UnavailableError: the peer cannot be installed or run here.
    """
    scene.told(f"{beside.name}: installing it, where it is not")
    with beside.running() as other:
        servers: Mapping[str, peer.Peer] = {
            "ours": Ours(scene.ground, scene.server.port),
            "theirs": other,
        }
        times = {name: _Times() for name in servers}
        _alone(servers, times, scene, name=beside.name)
        for name, server in servers.items():
            scene.told(f"{beside.name}: {_PHONES} phones, {name}")
            _crowd(server, times[name])
    yield from _shown(times["theirs"], times["ours"], beside)


def _alone(
    servers: Mapping[str, peer.Peer], times: Mapping[str, _Times], scene: Scene, *, name: str
) -> None:
    """Pull, hear a delta, push and push again, one phone at a time."""
    with contextlib.ExitStack() as stack:
        pairs: dict[str, tuple[peer.Phone, peer.Phone]] = {}
        for which, server in servers.items():
            scene.told(f"{name}: laying {_RECORDS:,} tasks, {which}")
            worker = stack.enter_context(contextlib.closing(server.lay("peers", records=_RECORDS)))
            hearer = stack.enter_context(contextlib.closing(server.another("peers")))
            for phone in (worker, hearer):
                assert phone.pull().records >= _RECORDS, "the first pull was not whole"
            worker.push(_OPERATIONS)  # the first one warms the server
            hearer.delta()
            pairs[which] = worker, hearer
        reps = min(scene.reps, _REPS_MAX)
        for rep in range(reps):
            for which, (worker, hearer) in pairs.items():
                scene.told(f"{name}: {rep + 1} of {reps}, {which}")
                _rep(worker, hearer, times[which])


def _rep(worker: peer.Phone, hearer: peer.Phone, times: _Times) -> None:
    worker.push(_CHANGES)
    heard = hearer.delta()
    assert heard.records >= _CHANGES, f"only {heard.records} changes were heard"
    times.delta.append(heard.took_s)
    times.push.append(worker.push(_OPERATIONS))
    times.again.append(worker.push_again())
    hearer.delta()
    times.pull.append(hearer.pull().took_s)


def _crowd(server: peer.Peer, times: _Times) -> None:
    """Let fifty phones sync as fast as they are answered, each on a route of its own."""
    routes = [f"peers-{number}" for number in range(_PHONES)]
    phones = [server.lay(route, records=_PHONE_RECORDS) for route in routes]
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(_PHONES) as pool:
        for phone in phones:
            stack.enter_context(contextlib.closing(phone))
        list(pool.map(lambda phone: phone.pull(), phones))
        started_s = time.perf_counter()
        for each in pool.map(_rounds, phones):
            times.crowd += each
        times.syncs_per_s = len(times.crowd) / (time.perf_counter() - started_s)


def _rounds(phone: peer.Phone) -> list[float]:
    return [phone.sync(_PHONE_OPERATIONS) for _ in range(_ROUNDS)]


def _shown(theirs: _Times, ours: _Times, beside: Beside) -> Iterator[figures.Figure]:
    alone: Sequence[tuple[str, list[float], list[float], float | None]] = (
        (f"first pull of {_RECORDS:,} tasks", theirs.pull, ours.pull, None),
        (f"delta of {_CHANGES} changes", theirs.delta, ours.delta, None),
        (f"push of {_OPERATIONS:,}", theirs.push, ours.push, beside.push_at_least),
        ("the same push again", theirs.again, ours.again, None),
    )
    for what, their_s, our_s, at_least in alone:
        yield figures.Figure(
            what=what,
            value=figures.median_ms(their_s),
            unit="ms",
            floor=figures.median_ms(our_s),
            at_least=at_least,
        )
    crowd = f"{_PHONES} phones, delta + {_PHONE_OPERATIONS} operations"
    yield figures.Figure(
        what=f"{crowd}: syncs",
        value=theirs.syncs_per_s,
        unit="/s",
        floor=ours.syncs_per_s,
    )
    yield figures.Figure(
        what=f"{crowd}: p99",
        value=figures.p99_ms(theirs.crowd),
        unit="ms",
        floor=figures.p99_ms(ours.crowd),
    )
