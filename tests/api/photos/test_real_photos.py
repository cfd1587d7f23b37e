"""Real photos of real cameras say what exiftool reads in them, and stand upright."""

from __future__ import annotations

import csv
import pathlib
from typing import Final

import pytest

from api.photos import darkroom
from schemas.rules import sniffing
from tests.makers import photos as make

FOLDER: Final = pathlib.Path(__file__).parents[2] / "data" / "photos"
with (FOLDER / "truth.csv").open(encoding="utf-8") as table:
    TRUTH: Final = list(csv.DictReader(table))


def developed_of(name: str) -> darkroom.Developed:
    with (FOLDER / name).open("rb") as content:
        kind = sniffing.sniff(content.read(sniffing.HEAD_BYTES))
        content.seek(0)
        return darkroom.develop(content, kind=kind)


@pytest.mark.parametrize("row", TRUTH, ids=lambda row: str(row["file"]))
def test_a_real_photo_says_what_it_says(row: dict[str, str]) -> None:
    developed = developed_of(row["file"])
    claims = developed.claims
    assert developed.why is None
    assert (developed.width_px, developed.height_px) == (int(row["width"]), int(row["height"]))
    assert developed.orientation == (int(row["orientation"]) if row["orientation"] else None)
    assert (claims.make or "", claims.model or "") == (row["make"], row["model"])
    assert (claims.software or "") == row["software"]
    day, _, time = row["datetime_original"].partition(" ")
    assert (claims.camera_local or "T") == f"{day.replace(':', '-')}T{time}"
    assert _offset(claims.camera_offset_s) == row["offset"]
    for said, truth in ((claims.lat_deg, row["gps_lat"]), (claims.lon_deg, row["gps_lon"])):
        assert said == (pytest.approx(float(truth), abs=1e-7) if truth else None)
    satellite = row["gps_datetime"]
    assert (claims.satellite_at is None) == (satellite == "")
    if claims.satellite_at is not None:
        assert claims.satellite_at.strftime("%Y:%m:%d %H:%M:%SZ") == satellite


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("heic_IMG_5195.HEIC", (1_239, 1_600)),
        ("jpg_orientation_landscape_5.jpg", (600, 450)),
        ("jpg_orientation_portrait_6.jpg", (450, 600)),
    ],
)
def test_a_real_photo_stands_upright(name: str, size: tuple[int, int]) -> None:
    assert make.opened(developed_of(name).copy).size == size


def _offset(offset_s: int | None) -> str:
    if offset_s is None:
        return ""
    hours, minutes = divmod(abs(offset_s) // 60, 60)
    return f"{'-' if offset_s < 0 else '+'}{hours:02}:{minutes:02}"
