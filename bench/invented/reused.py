"""Photos used again: each is held against the earlier ones, as the server does it.

A picture is developed by the server's own worker, compared by its own marks and judged by its own
rule; only the bands are looked up in tables of this process and not of a database.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from api.demo import history
from api.photos import worker
from bench.invented import ground
from bench.invented.labels import Day, Kept
from schemas.rules import flags, likeness, reuse, suspicion

_LAST_ROUND: Final = history.month_before(ground.DAY)


@dataclasses.dataclass(frozen=True, slots=True)
class _File:
    """A photo as the server knows it.

    Attributes:
        id: names it.
        meter_id: which meter it is for.
        on: the day on which that was read.
        sha256: of its bytes.
        ways: its marks; none where it is too plain to be compared.
    """

    id: str
    meter_id: str
    on: dt.date
    sha256: str
    ways: Sequence[likeness.Mark]


def judge(days: Sequence[Day], policy: suspicion.Photos) -> Iterator[tuple[str, flags.Flag]]:
    """Flag each reading whose photo is, or looks like, an earlier one that it must not be.

    Earlier ones are those of the last round, and those that anybody took before on the same day.
    """
    seen = _Seen()
    for kept in (each for day in days for each in day.kept):
        seen.add(_developed(kept))
    readings = [each for day in days for each in day.readings]
    for written in sorted(readings, key=lambda each: (each.at, each.id)):
        if written.photo is None:
            continue
        file = _file(written.id, written.site.meter_id, ground.DAY, written.photo.content)
        for other, apart in seen.list_like(file):
            flag = reuse.judge(_case(file, other, apart), policy)
            if flag is not None:
                yield written.id, flag
        seen.add(file)


class _Seen:
    """The files so far, by their hashes and by the bands of their marks."""

    def __init__(self) -> None:
        self._same: dict[str, list[_File]] = collections.defaultdict(list)
        self._bands: list[dict[int, list[_File]]] = [
            collections.defaultdict(list) for _ in range(likeness.BANDS)
        ]

    def add(self, file: _File) -> None:
        """Remember a file."""
        self._same[file.sha256].append(file)
        if file.ways:
            held = likeness.bands(file.ways[0].dhash)
            for files, band in zip(self._bands, held, strict=True):
                files[band].append(file)

    def list_like(self, file: _File) -> Iterator[tuple[_File, likeness.Distance]]:
        """List the files that are this one, or look like it, with how far they are apart."""
        for other in self._same.get(file.sha256, ()):
            yield other, likeness.Distance(0, 0)
        if not file.ways:
            return
        near = likeness.near_bands(file.ways)
        candidates = {
            other.id: other
            for files, values in zip(self._bands, near, strict=True)
            for value in values
            for other in files.get(value, ())
            if other.sha256 != file.sha256
        }
        dhashes = [way.dhash for way in file.ways]
        for other in candidates.values():
            bits = other.ways[0].dhash
            # Most candidates share no more than a band: one mark alone tells them apart, and fast.
            if min((each ^ bits).bit_count() for each in dhashes) > likeness.DHASH_DISTANCE_MAX:
                continue
            apart = likeness.distance(file.ways, other.ways[0])
            if apart.is_near:
                yield other, apart


def _developed(kept: Kept) -> _File:
    return _file(f"{kept.meter_id}-before", kept.meter_id, _LAST_ROUND, kept.content)


def _file(file_id: str, meter_id: str, on: dt.date, content: bytes) -> _File:
    ways = _marks(content)
    comparable = () if ways[0].is_plain else ways
    return _File(file_id, meter_id, on, hashlib.sha256(content).hexdigest(), comparable)


def _marks(content: bytes) -> tuple[likeness.Mark, ...]:
    """Take a picture's marks from the grids that the server's worker makes of it."""
    said, _, _ = worker.develop(io.BytesIO(content), "JPEG")
    grids = said["grids"]
    columns, rows = likeness.WIDE
    cells = likeness.SQUARE_CELLS
    return likeness.marks(
        wide=np.reshape(grids["wide"], (rows, columns)).tolist(),
        tall=np.reshape(grids["tall"], (columns, rows)).tolist(),
        square=np.reshape(grids["square"], (cells, cells)).tolist(),
    )


def _case(file: _File, other: _File, apart: likeness.Distance) -> reuse.Case:
    return reuse.Case(
        meter_id=file.meter_id,
        file_id=file.id,
        other_meter_id=other.meter_id,
        other_file_id=other.id,
        other_on=other.on,
        same_bytes=file.sha256 == other.sha256,
        dhash_distance=apart.dhash,
        phash_distance=apart.phash,
    )
