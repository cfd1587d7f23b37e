"""Scenes: what stands before a camera, a meter of some model on a wall of its own.

Meters of one model have one face; what tells them apart is the display, the serial's bars, a
sticker, and the wall with what hangs on it. Meters that share a box share the wall, and hang on it
side by side. All is grey, 0 to 255, in cells of about three millimetres.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from bench.invented.ground import Site

SIZE: Final = (256, 320)
"""Columns and rows of a scene; the meter is in its middle."""
FACE: Final = (88, 116)
"""Columns and rows of a meter's face."""
_OLD_DIGITS: Final = 5
_OLD_MODELS: Final = (0, 1, 2)
_NEW_MODELS: Final = (3, 4, 5, 6, 7)
_LARGE_MODELS: Final = (8, 9)
_STICKER_SHARE: Final = 0.6
_THINGS: Final = (3, 9)
_HUNG_ASIDE: Final = 5.0
_NEIGHBOUR_AWAY: Final = 100
_BARS: Final = 24
_STAINS: Final = (5, 6)
_GRAINS: Final = (48, 60)
"""Columns and rows of a wall's stains, and of its roughness."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Model:
    """A make of meters: its face, and where its display and its serial are."""

    face: Image.Image
    display: tuple[int, int, int, int]
    serial: tuple[int, int, int, int]
    ink: int


class Place:
    """The scenes of one walk; a meter looks the same whenever one comes."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        self._walls: dict[str, Image.Image] = {}
        self._scenes: dict[str, tuple[Image.Image, _Model, tuple[int, int]]] = {}

    def show(self, site: Site, units: int) -> Image.Image:
        """Draw a meter on its wall as it stands with so many units run through."""
        if site.meter_id not in self._scenes:
            self._scenes[site.meter_id] = self._build(site)
        bare, model, (left, top) = self._scenes[site.meter_id]
        scene = bare.copy()
        register = site.register
        shown = units % 10 ** (register.digits + register.decimals)
        text = f"{shown:0{register.digits + register.decimals}d}"
        x, y, _, _ = model.display
        ImageDraw.Draw(scene).text((left + x + 4, top + y + 4), text, fill=model.ink)
        return scene

    def _build(self, site: Site) -> tuple[Image.Image, _Model, tuple[int, int]]:
        chance = self._chance
        key = site.box or site.meter_id
        if key not in self._walls:
            self._walls[key] = _wall(chance)
        model = _model(_number(site, chance))
        scene = self._walls[key]
        if site.box is not None:
            # Another stretch of the same wall, with the same make to the left and to the right.
            scene = Image.fromarray(np.roll(np.asarray(scene), int(chance.integers(SIZE[0])), 1))
            for side in (-_NEIGHBOUR_AWAY, _NEIGHBOUR_AWAY):
                scene.paste(model.face, _corner(chance, side))
        else:
            scene = scene.copy()
        corner = _corner(chance, 0)
        scene.paste(_own_face(model, chance), corner)
        return scene, model, corner


def _number(site: Site, chance: np.random.Generator) -> int:
    """Choose the make of a meter; the early numbers are those that most were bought of."""
    makes: Sequence[int] = _LARGE_MODELS
    if site.register.multiplier == 1:
        makes = _OLD_MODELS if site.register.digits == _OLD_DIGITS else _NEW_MODELS
    shares = 1 / np.arange(1, len(makes) + 1)
    return int(chance.choice(makes, p=shares / shares.sum()))


def _corner(chance: np.random.Generator, aside: int) -> tuple[int, int]:
    """Say where a meter hangs: nearly in the middle, or nearly so far aside."""
    x, y = chance.normal(0, _HUNG_ASIDE, 2)
    return (SIZE[0] - FACE[0]) // 2 + aside + round(x), (SIZE[1] - FACE[1]) // 2 + round(y)


def _wall(chance: np.random.Generator) -> Image.Image:
    """Make a wall: plaster, brick or tin, with pipes, cables and boxes on it."""
    tone = chance.uniform(60, 200)
    stains = Image.fromarray(chance.normal(tone, chance.uniform(8, 30), _STAINS[::-1]))
    soft = np.asarray(stains.resize(_GRAINS, Image.Resampling.BICUBIC))
    rough = soft + chance.normal(0, chance.uniform(3, 14), soft.shape)
    grains = Image.fromarray(np.clip(rough, 0, 255).astype(np.uint8))
    wall = grains.resize(SIZE, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(wall)
    for _ in range(int(chance.integers(*_THINGS))):
        x, y = chance.uniform(0, SIZE[0]), chance.uniform(0, SIZE[1])
        shade = int(np.clip(tone + chance.normal(0, 55), 0, 255))
        if chance.random() < 0.5:
            to = (x + float(chance.normal(0, 30)), y + float(chance.choice((-300, 300))))
            draw.line((x, y, *to), fill=shade, width=int(chance.integers(2, 12)))
        else:
            wide, high = chance.uniform(12, 90, 2)
            draw.rectangle((x, y, x + wide, y + high), fill=shade, outline=shade // 2)
    return wall


@functools.cache
def _model(number: int) -> _Model:
    """Draw a make: it is the same in every district."""
    chance = np.random.default_rng(number)
    wide, high = FACE
    body = int(chance.choice((45, 90, 190, 215, 235)))
    plate = int(np.clip(body + chance.choice((-60, 35)), 15, 250))
    face = Image.new("L", FACE, body)
    draw = ImageDraw.Draw(face)
    draw.rectangle((0, 0, wide - 1, high - 1), outline=body // 2, width=2)
    window = int(chance.integers(10, 26))
    draw.rectangle((8, window - 4, wide - 9, window + 46), fill=plate)
    lit = int(chance.choice((40, 150, 240)))
    display = (int(chance.integers(12, 20)), window, wide - 14, window + 20)
    draw.rectangle(display, fill=lit)
    serial = (16, window + 30, wide - 18, window + 40)
    cover = high - int(chance.integers(24, 36))
    draw.rectangle((3, cover, wide - 4, high - 4), fill=int(np.clip(body - 35, 10, 255)))
    for _ in range(int(chance.integers(2, 6))):  # screws, lamps, buttons, the maker's sign
        x, y, size = chance.uniform(10, wide - 14), chance.uniform(window + 48, high - 8), 3.0
        draw.ellipse((x, y, x + size * 2, y + size * 2), fill=int(chance.integers(20, 230)))
    return _Model(face, display, serial, ink=20 if lit > 100 else 230)


def _own_face(model: _Model, chance: np.random.Generator) -> Image.Image:
    """Give one meter what is its own: bars, a sticker, and years of dust or sun."""
    face = model.face.point(_aged(float(chance.normal(1, 0.06)), float(chance.normal(0, 6))))
    draw = ImageDraw.Draw(face)
    left, top, right, bottom = model.serial
    draw.rectangle(model.serial, fill=235)
    for bar in range(left, right, max((right - left) // _BARS, 1)):
        if chance.random() < 0.5:
            draw.line((bar, top, bar, bottom), fill=25)
    if chance.random() < _STICKER_SHARE:
        x, y = chance.uniform(4, FACE[0] - 34), chance.uniform(60, FACE[1] - 22)
        shade = int(chance.integers(150, 250))
        wide, high = chance.uniform(14, 32), chance.uniform(8, 18)
        draw.rectangle((x, y, x + wide, y + high), fill=shade, outline=shade - 60)
    return face


def _aged(times: float, more: float) -> list[int]:
    """Tell what each of 256 levels of grey has become."""
    levels: list[int] = np.clip(np.arange(256) * times + more, 0, 255).astype(int).tolist()
    return levels
