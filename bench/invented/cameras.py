"""Cameras: a scene as a phone photographs it, and a photo as it is photographed once more.

Each shot has its own distance, aim, tilt, light, glare and noise. Whoever photographs a photo
wants to fill the frame with it, so the second shot is nearly straight; what it adds is a screen's
moiré, its brightness and its reflections. Lengths are shares of the frame, brightness is 0 to 255.
"""

from __future__ import annotations

import dataclasses
import functools
import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.invented import scenes

SIZE: Final = (96, 128)
"""Columns and rows of a photo, held upright: ten times what is looked at of it."""
_QUALITY: Final = (70, 93)
_MIDDLE: Final = 120.0
"""What a camera makes of the mean brightness."""
_FILLS: Final = (0.45, 0.95)
"""How much of the frame's height a meter fills."""

Levels = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True)
class _Hand:
    """How far a shot is off: spreads, in shares of the frame and in degrees."""

    aim: float
    tilt_deg: float
    lean: float


@dataclasses.dataclass(frozen=True, slots=True)
class _Light:
    """How light differs from shot to shot: spreads of its strength, its fall, and its chances."""

    strength: float
    fall: float
    glare_share: float
    shadow_share: float
    noise: float


_AT_METER: Final = _Hand(aim=0.06, tilt_deg=4.0, lean=0.02)
_OVER_PHOTO: Final = _Hand(aim=0.015, tilt_deg=1.5, lean=0.012)
_OUTDOORS: Final = _Light(0.2, 35.0, 0.3, 0.3, 4.0)
_OF_SCREEN: Final = _Light(0.15, 12.0, 0.25, 0.0, 3.0)
_ZOOM: Final = (0.97, 1.1)
"""How large the old photo is in the frame of the new one; below 1, its edge is seen."""
_MOIRE: Final = (3.0, 10.0)
_MOIRE_WAVES: Final = (8.0, 25.0)


def shoot(scene: Image.Image, chance: np.random.Generator) -> bytes:
    """Photograph the meter in the middle of a scene; give a JPEG."""
    high = scenes.FACE[1] / float(chance.uniform(*_FILLS))
    wide = high * SIZE[0] / SIZE[1]
    seen = _seen(scene, (wide, high), _AT_METER, chance)
    return _exposed(_lit(seen, _OUTDOORS, chance), chance)


def retake(photo: bytes, chance: np.random.Generator) -> bytes:
    """Photograph a photo from a screen or from paper; give a JPEG."""
    old = Image.open(io.BytesIO(photo))
    zoom = float(chance.uniform(*_ZOOM))
    seen = _seen(old, (old.width / zoom, old.height / zoom), _OVER_PHOTO, chance)
    return _exposed(_lit(seen + _moire(chance), _OF_SCREEN, chance), chance)


def _seen(
    scene: Image.Image, window: tuple[float, float], hand: _Hand, chance: np.random.Generator
) -> Levels:
    """Cut a frame out of a scene, about its middle, as a hand holds the phone."""
    window_size = np.array(window)
    tilt = np.radians(chance.normal(0, hand.tilt_deg))
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    corners = np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5)])
    corners = corners + chance.normal(0, hand.lean, (4, 2))
    middle = np.array(scene.size) / 2 + chance.normal(0, hand.aim, 2) * window_size
    frame = middle + corners * window_size @ turn
    cut = scene.transform(
        SIZE, Image.Transform.QUAD, frame.ravel().tolist(), Image.Resampling.BILINEAR
    )
    return np.asarray(cut, dtype=np.float64)


def _lit(levels: Levels, light: _Light, chance: np.random.Generator) -> Levels:
    """Let light fall on a frame, from one side, with glare and shadow, and expose it so or so."""
    across, down = _places()
    way = chance.uniform(0, 2 * np.pi)
    along = across * np.cos(way) + down * np.sin(way)
    exposure = _MIDDLE / max(levels.mean(), 1.0) * chance.lognormal(0, light.strength)
    lit = levels * exposure + along * chance.normal(0, light.fall)
    if chance.random() < light.glare_share:
        x, y = chance.uniform(-0.4, 0.4, 2)
        size = chance.uniform(0.05, 0.2)
        away = ((across - x) ** 2 + (down - y) ** 2) / size**2
        lit = lit + chance.uniform(40, 140) * np.exp(-away)
    if chance.random() < light.shadow_share:
        lit = np.where(along > chance.uniform(-0.4, 0.4), lit * chance.uniform(0.5, 0.85), lit)
    return np.asarray(lit + chance.normal(0, light.noise, lit.shape))


def _moire(chance: np.random.Generator) -> Levels:
    """Give the stripes that two grids of dots make of each other."""
    across, down = _places()
    way, phase = chance.uniform(0, 2 * np.pi, 2)
    waves = chance.uniform(*_MOIRE_WAVES)
    along = across * np.cos(way) + down * np.sin(way)
    return np.asarray(chance.uniform(*_MOIRE) * np.sin(2 * np.pi * waves * along + phase))


@functools.cache
def _places() -> tuple[Levels, Levels]:
    """Say where each point of a frame is, across and down, from its middle."""
    across = np.linspace(-0.5, 0.5, SIZE[0])[None, :]
    down = np.linspace(-0.5, 0.5, SIZE[1])[:, None]
    return across, down


def _exposed(levels: Levels, chance: np.random.Generator) -> bytes:
    out = io.BytesIO()
    picture = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    picture.save(out, "JPEG", quality=int(chance.integers(*_QUALITY)))
    return out.getvalue()
