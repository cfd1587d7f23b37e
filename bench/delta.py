"""A delta of 100 changes, against a trivial route that answers the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench import district, figures, loopback
from bench.phone import Phone
from bench.scene import Scene
from schemas.crews import Role

_CHANGES: Final = 100
_AT_MOST: Final = {"sqlite": 2.0, "postgresql": 3.0}


def measure(scene: Scene) -> Iterator[figures.Figure]:
    """Let one phone change stops and time how another, of the same person, hears of them."""
    scene.told("delta: planning the route")
    walk = scene.ground.route("walker", stops=_CHANGES * (scene.reps + 1))
    changer, hearer = (scene.ground.enrol("walker", role=Role.READER) for _ in range(2))
    heard_s: list[float] = []
    floor_s: list[float] = []
    with loopback.Line(scene.server.port) as line:
        hearer.catch_up(line)
        for rep in range(scene.reps + 1):
            scene.told(f"delta: {rep + 1} of {scene.reps + 1}")
            _change(changer, line, walk, rep)
            answer = hearer.contact(line, hearer.request())
            changes = sum(len(feed.changes) for feed in hearer.take(answer).feeds)
            assert changes >= _CHANGES, f"only {changes} changes were heard"
            scene.server.lay_floor(f"delta-{rep}", answer.body)
            line.get(f"/floor/json/delta-{rep}")  # once, so that it lies in memory
            floor = line.get(f"/floor/json/delta-{rep}")
            if rep:  # the first one warms the server
                heard_s.append(answer.took_s)
                floor_s.append(floor.took_s)
    yield figures.Figure(
        what=f"delta of {_CHANGES} changes",
        value=figures.median_ms(heard_s),
        unit="ms",
        floor=figures.median_ms(floor_s),
        at_most=_AT_MOST[scene.database],
    )


def _change(phone: Phone, line: loopback.Line, walk: district.Walk, rep: int) -> None:
    some = walk.stops[rep * _CHANGES : (rep + 1) * _CHANGES]
    taken = [
        phone.operation("reading.take", walk.route_id, {"stop_id": stop_id, "total": str(value)})
        for stop_id, value in some
    ]
    phone.contact(line, phone.request(taken, changes_max=0))
