"""Lamplighter doing the peers' work: stops of a route, and readings with all that follows them.

A reading is one operation: it writes itself and its stop, runs the checks, and enters the feed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal

from bench import district, loopback
from bench.peers import peer
from bench.phone import Phone, compressed
from schemas import sync
from schemas.crews import Role


class Ours:
    """Our server over one district."""

    def __init__(self, ground: district.District, port: int) -> None:
        """Keep where work is made and where it is served."""
        self._ground = ground
        self._port = port
        self._walks: dict[str, district.Walk] = {}

    def lay(self, route: str, *, records: int) -> peer.Phone:
        """Plan a route for a person of its name, and give them a phone."""
        self._walks[route] = self._ground.route(route, stops=records)
        return self.another(route)

    def another(self, route: str) -> peer.Phone:
        """Give the same person one more phone."""
        phone = self._ground.enrol(route, role=Role.READER)
        return _Phone(self._port, phone, self._walks[route])


class _Phone:
    def __init__(self, port: int, phone: Phone, walk: district.Walk) -> None:
        self._line = loopback.Line(port)
        self._phone = phone
        self._walk = walk
        self._stops: Iterator[tuple[str, Decimal]] = itertools.cycle(walk.stops)
        self._sent = b""

    def pull(self) -> peer.Told:
        self._phone.cursor = None
        return self._take(self._phone.request(changes_max=sync.CHANGES_MAX))

    def delta(self) -> peer.Told:
        return self._take(self._phone.request())

    def push(self, operations: int) -> float:
        body = self._phone.request(self._read(operations), changes_max=0)
        self._sent = compressed(body)
        return self._settled(self._sent)

    def push_again(self) -> float:
        return self._phone.contact(self._line, self._sent).took_s

    def sync(self, operations: int) -> float:
        return self._settled(self._phone.request(self._read(operations)))

    def close(self) -> None:
        self._line.close()

    def _read(self, count: int) -> list[bytes]:
        """Read the next meters of the route."""
        return [
            self._phone.operation(
                "reading.take", self._walk.route_id, {"stop_id": stop_id, "total": str(total)}
            )
            for stop_id, total in itertools.islice(self._stops, count)
        ]

    def _settled(self, body: bytes) -> float:
        answer = self._phone.contact(self._line, body)
        told = self._phone.take(answer)
        assert told.acked_through == self._phone.n, "the push was not settled"
        return answer.took_s

    def _take(self, body: bytes) -> peer.Told:
        """Take one answer, and go on while there is more."""
        took_s, records, more = 0.0, 0, True
        while more:
            answer = self._phone.contact(self._line, body)
            told = self._phone.take(answer)
            took_s += answer.took_s
            records += sum(len(feed.changes) for feed in told.feeds)
            more = told.more
            body = self._phone.request(changes_max=sync.CHANGES_MAX)
        return peer.Told(took_s, records)
