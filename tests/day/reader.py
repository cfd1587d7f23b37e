"""A meter reader's day: the route in walking order, honest or partly from a notebook.

What each meter truly shows is drawn from the day's seed and the stop; it is near the usual, now
and then zero. The reader mistypes sometimes, looks again when the phone asks, and takes
the photos that the district asks for; who writes from a notebook has none to take.
"""

from __future__ import annotations

import decimal
import random
from collections.abc import Sequence
from typing import Final

from field_sync import checks, errors, fieldwork, metering, view
from schemas import readings, tasks
from schemas.evidence import EvidenceKind
from schemas.rules import datums, meter_reading, shapes
from schemas.rules.transitions import Kind, State
from tests.day import ground
from tests.day.ground import Spot
from tests.day.handheld import Handheld
from tests.day.messages import Duty

SKIP_SHARE: Final = 0.03
ZERO_SHARE: Final = 0.01
MISTYPED_SHARE: Final = 0.02
PHOTO_SHARE: Final = 0.03
STEP_S: Final = 60.0
NO_PHOTO: Final = "相机故障"
"""What somebody writes who has no display before them."""
USUAL_KWH: Final = decimal.Decimal(90)
"""Where nothing is known of a meter's use."""
_UNDONE: Final = (State.dispatched, State.accepted, State.working)


class Reader:
    """A reader with a phone."""

    def __init__(self, held: Handheld, duty: Duty) -> None:
        """Begin the day, or go on with it after the phone died."""
        self._held = held
        self._duty = duty
        self._spot = duty.start
        self._paces = 0.0

    def work(self, minute: int) -> None:
        """Do what falls due at a minute of the day."""
        del minute
        route = self._route()
        if route is None:
            return
        held = self._held
        match route.state:
            case State.dispatched:
                held.keep(fieldwork.accept(held.store, held.edge, task_id=route.id))
            case State.accepted:
                held.keep(fieldwork.start(held.store, held.edge, task_id=route.id))
            case _:
                self._walk(route)

    def spot(self, minute: int) -> Spot:
        """Tell where the reader is."""
        del minute
        return self._spot

    def _route(self) -> tasks.Task | None:
        routes = (
            work.task for work in view.list_work(self._held.store) if work.task.kind is Kind.route
        )
        return next((route for route in routes if route.state in _UNDONE), None)

    def _walk(self, route: tasks.Task) -> None:
        """Read as many meters as a minute allows; each act has its own second within it."""
        held = self._held
        todo = [
            stop
            for stop in view.list_stops(held.store, route_id=route.id)
            if stop.state is readings.StopState.OPEN
        ]
        if not todo:
            held.keep(fieldwork.finish(held.store, held.edge, task_id=route.id))
            return
        self._paces += self._duty.stops_per_hour / 60
        count = min(int(self._paces), len(todo))
        self._paces -= count
        for index, stop in enumerate(todo[:count]):
            if self._duty.clock_path is not None:
                held.edge.lag_s = STEP_S * (1 - (index + 1) / (count + 1))
            self._visit(stop)
        held.edge.lag_s = 0.0

    def _visit(self, stop: readings.Stop) -> None:
        chance = random.Random(f"{self._duty.seed}:{stop.meter_id}")
        from_desk = self._duty.notebook.get(stop.id)
        if from_desk is not None:
            self._read(stop, from_desk, chance)
            self._held.noted["invented"] += 1
            return
        self._spot = _place(stop)
        dice = chance.random()
        if dice < SKIP_SHARE:
            self._skip(stop, chance)
            return
        shown = _shown(stop, chance)
        typed = _mistyped(shown, stop) if dice < SKIP_SHARE + MISTYPED_SHARE else shown
        total = self._looked_again(stop, typed, shown)
        asked = metering.prompts(self._held.store, stop_id=stop.id, total=total)
        is_shown = bool(asked) or dice > 1 - PHOTO_SHARE
        self._read(stop, total, chance, photo=[self._photograph(stop, chance)] if is_shown else [])

    def _looked_again(
        self, stop: readings.Stop, typed: decimal.Decimal, shown: decimal.Decimal
    ) -> decimal.Decimal:
        """Type a value; when the phone asks, look again and type what is there."""
        if typed == shown:
            return shown
        try:
            asked = metering.prompts(self._held.store, stop_id=stop.id, total=typed)
        except errors.NotOnDisplay:
            asked = ()
        self._held.noted["mistyped, caught at the meter" if asked else "mistyped, unnoticed"] += 1
        return shown if asked else typed

    def _read(
        self,
        stop: readings.Stop,
        total: decimal.Decimal,
        chance: random.Random,
        *,
        photo: Sequence[str] = (),
    ) -> None:
        held = self._held
        asked = metering.prompts(held.store, stop_id=stop.id, total=total)
        held.keep(
            metering.read(
                held.store,
                held.edge,
                stop_id=stop.id,
                total=total,
                confirmed=[prompt.code for prompt in asked],
                fix=ground.take_fix(chance, self._spot),
                photo_sha256=photo,
                note=NO_PHOTO if asked and not photo else "",
            )
        )

    def _photograph(self, stop: readings.Stop, chance: random.Random) -> str:
        return self._held.photograph(
            chance, task_id=stop.route_id, kind=EvidenceKind.METER, stop_id=stop.id
        )

    def _skip(self, stop: readings.Stop, chance: random.Random) -> None:
        held = self._held
        code = chance.choice(list(readings.SkipCode))
        fix = ground.take_fix(chance, self._spot)
        is_wanted = checks.lacks_photo_of_skip(held.store, code, ())
        photo = [self._photograph(stop, chance)] if is_wanted else []
        held.keep(
            metering.skip(
                held.store, held.edge, stop_id=stop.id, code=code, fix=fix, photo_sha256=photo
            )
        )


def _place(stop: readings.Stop) -> Spot:
    lat_deg, lon_deg = shapes.centre(shapes.parse(stop.geometry))
    return Spot(*datums.convert(lat_deg, lon_deg, source=stop.datum, target=datums.Datum.wgs84))


def _shown(stop: readings.Stop, chance: random.Random) -> decimal.Decimal:
    """Draw what the meter shows today."""
    register = _register(stop)
    previous = stop.previous_value or decimal.Decimal(0)
    share = decimal.Decimal(f"{chance.triangular(0.7, 1.3):.4f}")
    if chance.random() < ZERO_SHARE:
        share = decimal.Decimal(0)
    units = (stop.typical_kwh or USUAL_KWH) * share / stop.multiplier
    return (previous + units // register.step * register.step) % register.range


def _mistyped(shown: decimal.Decimal, stop: readings.Stop) -> decimal.Decimal:
    """Exchange two neighbouring digits, the ones that matter most."""
    exchanged = meter_reading.exchanged(shown, _register(stop))
    return exchanged[len(exchanged) // 2] if exchanged else shown


def _register(stop: readings.Stop) -> meter_reading.Register:
    return meter_reading.Register(stop.digits, stop.decimals, stop.multiplier)
