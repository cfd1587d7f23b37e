"""A push of 1,000 mixed operations with all that follows, against a raw insert of the same rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from bench import district, figures, loopback, raw_rows
from bench.phone import Phone, compressed
from bench.scene import Scene
from schemas import sync
from schemas.crews import Role
from tests.makers import sites

_READINGS: Final = 700
_ORDERS: Final = 30
_PERSON: Final = "pusher"
_CREW: Final = "crew-push"
_AT_MOST: Final = 4.0
_BODY_KB_AT_MOST: Final = 110.0
_AGAIN_MS_AT_MOST: Final = 5.0
_AGAIN_KB_AT_MOST: Final = 1.0


class _Day:
    """A crew's work, a push at a time."""

    def __init__(self, ground: district.District, *, pushes: int) -> None:
        self.phone = ground.enrol(_PERSON, role=Role.LINEMAN, crew_id=_CREW)
        self._walk = ground.route(_PERSON, stops=_READINGS * pushes)
        self._orders = ground.orders(_CREW, count=_ORDERS * pushes)
        self._done = 0

    def operations(self) -> list[bytes]:
        """Do the next 1,000 things: readings, and between them whole repairs."""
        start = self._done * _READINGS
        stops = iter(self._walk.stops[start : start + _READINGS])
        orders = self._orders[self._done * _ORDERS : (self._done + 1) * _ORDERS]
        self._done += 1
        wires: list[bytes] = []
        for order in orders:
            wires += self._repair(order)
            wires += self._readings(next(stops) for _ in range(_READINGS // _ORDERS))
        wires += self._readings(stops)
        notes = sync.OPERATIONS_MAX - len(wires)
        for number in range(notes):
            wires.append(self._do("task.note", self._walk.route_id, text=f"gate {number} open"))
        return wires

    def _repair(self, order: str) -> Iterator[bytes]:
        fix = {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG, "accuracy_m": 8, "age_s": 2}
        photo = hashlib.sha256(order.encode()).hexdigest()
        file = {"sha256": photo, "size_bytes": 3_000_000, "media_type": "image/jpeg"}
        yield self._do("task.accept", order)
        yield self._do("task.set_out", order)
        yield self._do("checkin.record", order, fix=fix)
        yield self._do("task.start", order)
        yield self._do("evidence.declare", order, **file)
        yield self._do("task.note", order, text="fuse of the box on the left pole was blown")
        yield self._do("repair.restored", order)
        yield self._do("task.finish", order, cause="fuse", work_done="fuse changed, 220 V measured")

    def _readings(self, stops: Iterator[tuple[str, Decimal]]) -> Iterator[bytes]:
        for stop_id, value in stops:
            yield self._do("reading.take", self._walk.route_id, stop_id=stop_id, total=str(value))

    def _do(self, kind: str, subject: str, **body: object) -> bytes:
        return self.phone.operation(kind, subject, body)


def measure(scene: Scene) -> Iterator[figures.Figure]:
    """Push days of work, each followed by the raw insert of the rows that the first one wrote."""
    scene.told("push: planning the work")
    day = _Day(scene.ground, pushes=scene.reps + 2)
    pushed_s: list[float] = []
    floor_s: list[float] = []
    body = b""
    with (
        loopback.Line(scene.server.port) as line,
        raw_rows.reached(scene.ground.url, folder=scene.server.folder) as raw,
    ):
        day.phone.catch_up(line)
        _push(day.phone, line, day.operations())  # the first one warms the server
        rows = _rows_of_a_push(day, line, raw)
        for rep in range(scene.reps):
            scene.told(f"push: {rep + 1} of {scene.reps}")
            answer, body = _push(day.phone, line, day.operations())
            pushed_s.append(answer.took_s)
            floor_s.append(raw.insert(rows))
        yield from _pushed(pushed_s, floor_s, rows, len(body))
        scene.told("push: the same again")
        yield from _again(day.phone, line, body, reps=scene.reps)


def _rows_of_a_push(
    day: _Day, line: loopback.Line, raw: raw_rows.Raw
) -> dict[str, list[raw_rows.Row]]:
    before = raw.snapshot()
    _push(day.phone, line, day.operations())
    return raw_rows.written(before, raw.snapshot())


def _push(
    phone: Phone, line: loopback.Line, operations: Sequence[bytes]
) -> tuple[loopback.Answer, bytes]:
    """Push, and see that everything was simply applied; give the answer and what was sent."""
    body = compressed(phone.request(operations))
    answer = phone.contact(line, body)
    told = phone.take(answer)
    assert told.acked_through == phone.n, "the push was not settled"
    assert not told.outcomes, f"not simply applied: {told.outcomes[:3]}"
    return answer, body


def _pushed(
    pushed_s: Sequence[float],
    floor_s: Sequence[float],
    rows: raw_rows.Rows,
    body_bytes: int,
) -> Iterator[figures.Figure]:
    count = sum(len(some) for some in rows.values())
    yield figures.Figure(
        what=f"push of {sync.OPERATIONS_MAX:,} operations ({count:,} rows in {len(rows)} tables)",
        value=figures.median_ms(pushed_s),
        unit="ms",
        floor=figures.median_ms(floor_s),
        at_most=_AT_MOST,
    )
    yield figures.Figure(
        what="its body, gzip",
        value=body_bytes / 1_000,
        unit="kB",
        at_most=_BODY_KB_AT_MOST,
    )


def _again(
    phone: Phone, line: loopback.Line, body: bytes, *, reps: int
) -> Iterator[figures.Figure]:
    """Lose the answer: ask how far it got, and, as a phone should not, send everything again."""
    path = f"/v1/sync/ack?after={phone.n - sync.OPERATIONS_MAX}"
    asked = [line.get(path, phone.shown("GET", path.partition("?")[0])) for _ in range(reps)]
    sent = [phone.contact(line, body) for _ in range(reps)]
    yield figures.Figure(
        what="its answer was lost: asking how far it got",
        value=figures.median_ms(answer.took_s for answer in asked),
        unit="ms",
        at_most=_AGAIN_MS_AT_MOST,
    )
    yield figures.Figure(
        what="the bytes of that answer",
        value=len(asked[0].body) / 1_000,
        unit="kB",
        at_most=_AGAIN_KB_AT_MOST,
    )
    yield figures.Figure(
        what="its answer was lost: everything sent again",
        value=figures.median_ms(answer.took_s for answer in sent),
        unit="ms",
    )
