"""Photos as a phone's camera takes them."""

from __future__ import annotations

import pathlib
from typing import Final

from PIL import Image

from tests.makers import photos

CAMERA_PX: Final = (3_000, 2_000)


def photo(folder: pathlib.Path, *, seed: int) -> pathlib.Path:
    """Take a photo that is small enough to be kept as it is; another seed is another scene."""
    path = folder / f"photo-{seed}.jpg"
    photos.scene(seed, size=(2_000, 1_500)).save(path, quality=95)
    return path


def noise(folder: pathlib.Path) -> pathlib.Path:
    """Take a photo that no coder can make small."""
    path = folder / "noise.jpg"
    bands = [Image.effect_noise((2_000, 1_500), 90) for _ in range(3)]
    Image.merge("RGB", bands).save(path, quality=80)
    return path


def camera_file(folder: pathlib.Path, *, orientation: int, seed: int = 1) -> pathlib.Path:
    """Take a photo as large as cameras make them, stored turned as `orientation` says."""
    scene = photos.scene(seed, size=CAMERA_PX)
    grain = Image.merge("RGB", [Image.effect_noise(CAMERA_PX, 60)] * 3)
    stored = photos.turned(Image.blend(scene, grain, 0.15), orientation)
    path = folder / f"camera-{orientation}.jpg"
    path.write_bytes(photos.encoded(stored, exif=photos.exif(orientation=orientation)))
    return path
