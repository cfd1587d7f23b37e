"""Made days: readers walk, read, and some of them invent a stretch of their walk.

Honest readers walk 0.8 to 1.7 m/s, ride between far places, take 6 s and more at a meter and less
at the next one of the same wall. Inventors leave out stretches of 5 to 15 meters, each stretch in
one place and one way with numbers. The shares are made so that three in a hundred are invented.
Photos are drawn from dice of their own, so that walks and numbers are the same without them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np

from bench.invented import albums, ground, numbers, phones
from bench.invented.labels import Day, Numbers, Photo, Place, Written
from schemas.rules import geodesy, geofence

INVENTED_SHARE: Final = 0.03
INVENTORS_SHARE: Final = 0.3
_STRETCH: Final = (5, 16)
_BEGINS: Final = dt.datetime.combine(ground.DAY, dt.time(0, 30), tzinfo=dt.UTC)
_EVENING: Final = dt.timedelta(hours=10)
_RIDES_FROM_M: Final = 250.0
_RIDE_MPS: Final = 4.5
_STANDS_OFF_M: Final = 6.0
_DESK_AWAY_M: Final = (400.0, 4_000.0)
_GATE_AWAY_M: Final = (90.0, 260.0)
_PLACES: Final = (Place.desk, Place.gate, Place.passing, Place.mock, Place.old_photo)
_INVENTIONS: Final = (
    Numbers.small_walk,
    Numbers.copied,
    Numbers.mean,
    Numbers.round,
    Numbers.zero,
    Numbers.swapped,
    Numbers.transposed,
)


@dataclasses.dataclass(frozen=True, slots=True)
class _Stretch:
    """Meters of a walk that nobody read, and how that was covered up."""

    start: int
    stop: int
    place: Place
    numbers: Numbers


def walk(sites: Sequence[ground.Site], *, reader: str, chance: np.random.Generator) -> Day:
    """Make one reader's day over one walk."""
    stretches = {stretch.start: stretch for stretch in _choose(len(sites), chance)}
    day = _Walk(sites, reader, chance)
    at = 0
    while at < len(sites):
        stretch = stretches.get(at)
        if stretch is None:
            day.read(at)
            at += 1
            continue
        day.cover(stretch)
        at = stretch.stop
    return day.end()


class _Walk:
    """A day as it goes on: where the clock is, and what is put off until the evening."""

    def __init__(
        self, sites: Sequence[ground.Site], reader: str, chance: np.random.Generator
    ) -> None:
        self._sites = sites
        self._reader = reader
        self._chance = chance
        self._phone = phones.Phone(chance)
        self._album = albums.Album(sites, chance.spawn(1)[0])
        self._clock = _BEGINS + dt.timedelta(minutes=float(chance.uniform(0, 60)))
        self._pace_mps = float(np.clip(chance.normal(1.25, 0.2), 0.8, 1.7))
        self._here = sites[0]
        self._written: list[Written] = []
        self._put_off: list[_Stretch] = []

    def read(self, at: int) -> None:
        """Walk to a meter and read it."""
        site = self._sites[at]
        self._go(site)
        self._clock += _reading_time(self._before(at), site, self._chance)
        is_asked = self._chance.random() < albums.PHOTO_SHARE
        photo = self._album.take(site) if is_asked else None
        self._write(at, None, self._beside(site), photo=photo)

    def cover(self, stretch: _Stretch) -> None:
        """Leave a stretch out, and write it down all the same."""
        if stretch.place is Place.desk:
            self._put_off.append(stretch)
        elif stretch.place is Place.passing:
            for at in range(stretch.start, stretch.stop):
                self._go(self._sites[at])
                self._clock += dt.timedelta(seconds=float(self._chance.uniform(0.5, 3.5)))
                self._write(at, stretch, self._beside(self._sites[at]))
        else:
            self._sit(stretch)

    def end(self) -> Day:
        """Write what was put off, and give the day in its order."""
        self._clock += _EVENING
        for stretch in self._put_off:
            self._sit(stretch)
        return Day(self._written, self._album.kept)

    def _sit(self, stretch: _Stretch) -> None:
        """Write a stretch down from one spot."""
        spot = _spot(self._sites[stretch.start], stretch.place, self._chance)
        for at in range(stretch.start, stretch.stop):
            site = self._sites[at]
            self._clock += dt.timedelta(seconds=float(self._chance.uniform(4, 12)))
            is_mock = stretch.place is Place.mock
            fix = self._pretend(stretch, site) if is_mock else self._phone.fix(*spot)
            is_old = stretch.place is Place.old_photo
            self._write(at, stretch, fix, photo=self._album.pretend(site) if is_old else None)

    def _pretend(self, stretch: _Stretch, site: ground.Site) -> geofence.Fix:
        """Have a position made: every other maker is known to the platform."""
        if stretch.start % 2:
            return geofence.Fix(site.lat_deg, site.lon_deg, 5.0, 1.0, simulated=True)
        first = self._sites[stretch.start]
        return geofence.Fix(first.lat_deg, first.lon_deg, 5.0, 1.0)

    def _write(
        self,
        at: int,
        stretch: _Stretch | None,
        fix: geofence.Fix | None,
        *,
        photo: Photo | None = None,
    ) -> None:
        site = self._sites[at]
        self._written.append(
            Written(
                id=f"{self._reader}-{at:04d}",
                reader=self._reader,
                site=site,
                at=self._clock,
                units=site.truth
                if stretch is None
                else numbers.invent(stretch.numbers, self._sites, at, self._chance),
                fix=fix,
                numbers=Numbers.honest if stretch is None else stretch.numbers,
                place=Place.at_meter if stretch is None else stretch.place,
                photo=photo,
            )
        )

    def _go(self, site: ground.Site) -> None:
        self._clock += _way(self._here, site, self._pace_mps, self._chance)
        self._here = site

    def _before(self, at: int) -> ground.Site:
        return self._sites[at - 1] if at else self._sites[at]

    def _beside(self, site: ground.Site) -> geofence.Fix | None:
        """Stand somewhere near the meter."""
        east_m, north_m = self._chance.normal(0, _STANDS_OFF_M / 2, 2)
        return self._phone.fix(
            *phones.moved(site.lat_deg, site.lon_deg, east_m=float(east_m), north_m=float(north_m))
        )


def _spot(first: ground.Site, place: Place, chance: np.random.Generator) -> tuple[float, float]:
    """Choose where somebody sits or stands who does not go there."""
    low_m, high_m = _GATE_AWAY_M if place is Place.gate else _DESK_AWAY_M
    away_m, turn = chance.uniform(low_m, high_m), chance.uniform(0, 2 * np.pi)
    return phones.moved(
        first.lat_deg,
        first.lon_deg,
        east_m=float(away_m * np.cos(turn)),
        north_m=float(away_m * np.sin(turn)),
    )


def _choose(size: int, chance: np.random.Generator) -> list[_Stretch]:
    """Choose what an inventor leaves out; most readers leave out nothing."""
    if chance.random() >= INVENTORS_SHARE:
        return []
    wanted = INVENTED_SHARE / INVENTORS_SHARE * size
    stretches: list[_Stretch] = []
    taken: set[int] = set()
    while wanted > 0:
        length = int(chance.integers(*_STRETCH))
        start = int(chance.integers(0, max(size - length, 1)))
        span = range(start, min(start + length, size))
        if taken.isdisjoint(range(start - 1, span.stop + 1)):
            taken.update(span)
            place = _PLACES[int(chance.integers(len(_PLACES)))]
            kind = _INVENTIONS[int(chance.integers(len(_INVENTIONS)))]
            stretches.append(_Stretch(start, span.stop, place, kind))
        wanted -= length
    return stretches


def _way(
    before: ground.Site, site: ground.Site, pace_mps: float, chance: np.random.Generator
) -> dt.timedelta:
    apart_m = geodesy.distance_m(before.lat_deg, before.lon_deg, site.lat_deg, site.lon_deg)
    if apart_m > _RIDES_FROM_M:
        return dt.timedelta(seconds=30 + apart_m / _RIDE_MPS)
    return dt.timedelta(seconds=apart_m / pace_mps * float(chance.uniform(1.0, 1.4)))


def _reading_time(
    before: ground.Site, site: ground.Site, chance: np.random.Generator
) -> dt.timedelta:
    same_wall = site.box is not None and before.box == site.box
    least_s, middle_s = (4, 5) if same_wall else (6, 14)
    return dt.timedelta(seconds=least_s + float(middle_s * chance.lognormal(0, 0.6)))
