"""Photos as a phone's camera takes them."""

from __future__ import annotations

import pathlib

from PIL import Image

from tests.makers import photos


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
