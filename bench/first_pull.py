"""The first pull of a route of 10,000 meters, against a static file of the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from api.feed.pages import making
from bench import district, figures, loopback
from bench.phone import Phone
from bench.scene import Scene
from schemas import sync
from schemas.crews import Role

_COLD_AT_MOST: Final = 12.0
_WARM_AT_MOST: Final = 1.5
_WIRE_BYTES_AT_MOST: Final = 53.0


def measure(scene: Scene) -> Iterator[figures.Figure]:
    """Pull a route that changed a moment ago (cold), and again (warm), beside its floors.

    Its pages are made before, as the server makes them within seconds; what changes later is their
    tail, shorter than what new pages are made for.
    """
    scene.told("first pull: planning the route")
    walk = scene.ground.route("puller", stops=district.METERS)
    scene.told("first pull: making its pages")
    scene.ground.make_pages()
    assert 2 * scene.reps < making.HOUSE.tail_numbers, "no page is made while it is measured"
    phone = scene.ground.enrol("puller", role=Role.READER)
    with loopback.Line(scene.server.port) as line:
        plain, packed = _pull(phone, line, "identity"), _pull(phone, line, "zstd")
        files = {
            "identity": scene.server.lay_floor("pull", plain.body),
            "zstd": scene.server.lay_floor("pull.zst", packed.body),
        }
        times: dict[str, list[float]] = {}
        for rep in range(scene.reps):
            scene.told(f"first pull: {rep + 1} of {scene.reps}")
            for encoding, file in files.items():
                _change(phone, line, walk, rep)
                _keep(times, f"cold {encoding}", _pull(phone, line, encoding))
                _keep(times, f"warm {encoding}", _pull(phone, line, encoding))
                _keep(times, f"floor {encoding}", line.get(file))
    medians = {name: figures.median_ms(each) for name, each in times.items()}
    floor_ms = medians["floor identity"]
    yield _timed("first pull, cold, identity", medians["cold identity"], floor_ms, _COLD_AT_MOST)
    yield _timed("first pull, cold, zstd", medians["cold zstd"], floor_ms, _COLD_AT_MOST)
    yield _timed("first pull, warm, identity", medians["warm identity"], floor_ms, None)
    yield _timed("first pull, warm, zstd", medians["warm zstd"], floor_ms, _WARM_AT_MOST)
    yield _timed(
        "first pull, warm, zstd, against the compressed file",
        medians["warm zstd"],
        medians["floor zstd"],
        None,
    )
    yield figures.Figure(
        what="compressed wire for each stop",
        value=len(packed.body) / district.METERS,
        unit="bytes",
        at_most=_WIRE_BYTES_AT_MOST,
    )


def _pull(phone: Phone, line: loopback.Line, encoding: str) -> loopback.Answer:
    body = phone.request(changes_max=sync.CHANGES_MAX)
    return phone.contact(line, body, accepts=encoding)


def _change(phone: Phone, line: loopback.Line, walk: district.Walk, rep: int) -> None:
    """Touch one stop, so that nothing kept of the route is still true."""
    stop_id, value = walk.stops[rep % len(walk.stops)]
    read = phone.operation("reading.take", walk.route_id, {"stop_id": stop_id, "total": str(value)})
    phone.contact(line, phone.request([read], changes_max=0))


def _keep(times: dict[str, list[float]], name: str, answer: loopback.Answer) -> None:
    times.setdefault(name, []).append(answer.took_s)


def _timed(what: str, value_ms: float, floor_ms: float, at_most: float | None) -> figures.Figure:
    return figures.Figure(what=what, value=value_ms, unit="ms", floor=floor_ms, at_most=at_most)
