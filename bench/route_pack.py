"""The pack of a reader's day: a route of 500 meters with all that a stop can say, on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench import figures, loopback
from bench.scene import Scene
from schemas import sync
from schemas.crews import Role

STOPS: Final = 500
_KB_AT_MOST: Final = 150.0


def measure(scene: Scene) -> Iterator[figures.Figure]:
    """Pull the route once, as a phone does in the morning; every contact's cost is in it."""
    scene.told("route pack: planning the route")
    walk = scene.ground.route("walker", stops=STOPS)
    scene.ground.tell_the_way(walk)
    phone = scene.ground.enrol("walker", role=Role.READER)
    with loopback.Line(scene.server.port) as line:
        answer = phone.contact(line, phone.request(changes_max=sync.CHANGES_MAX), accepts="zstd")
    yield figures.Figure(
        what=f"a reader's route of {STOPS} meters, everything told, on the wire",
        value=len(answer.body) / 1_000,
        unit="kB",
        at_most=_KB_AT_MOST,
    )
