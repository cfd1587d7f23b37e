"""Charts of a printed page: inline SVG without scripts, each with words for who cannot see it.

Lengths are in the drawing's own units; the page scales them.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final, NamedTuple

_WIDTH: Final = 240
_HEIGHT: Final = 30
_ROW: Final = 15
_NAMES: Final = 96
_NAME_CHARS_MAX: Final = 12
_VALUES: Final = 66
_BAR_MIN: Final = 1.0


class Bar(NamedTuple):
    """A bar: what it is of, how long it is (None where there is nothing), what stands beside it."""

    name: str
    value: float | None
    shown: str


def columns(bars: Sequence[Bar], *, label: str) -> str:
    """Draw one column for each day; a day without anything has a dot on the ground."""
    step = _WIDTH / max(len(bars), 1)
    top = max((bar.value or 0 for bar in bars), default=0) or 1
    drawn = []
    for number, bar in enumerate(bars):
        x, title = number * step, _title(f"{bar.name}: {bar.shown}")
        if bar.value is None:
            middle = x + step / 2
            drawn.append(
                f'<circle class="none" cx="{middle:.1f}" cy="{_HEIGHT - 2}" r="1">{title}</circle>'
            )
            continue
        height = max(bar.value / top * (_HEIGHT - 2), _BAR_MIN)
        drawn.append(
            f'<rect x="{x:.1f}" y="{_HEIGHT - height:.1f}" width="{max(step - 1, 1):.1f}" '
            f'height="{height:.1f}">{title}</rect>'
        )
    return _drawing(drawn, height=_HEIGHT, label=label, how=' preserveAspectRatio="none"')


def bars(rows: Sequence[Bar], *, label: str) -> str:
    """Draw one bar beneath the other, each with its name and value."""
    room = _WIDTH - _NAMES - _VALUES
    top = max((bar.value or 0 for bar in rows), default=0) or 1
    drawn = []
    for number, bar in enumerate(rows):
        y = number * _ROW
        length = 0 if bar.value is None else max(bar.value / top * room, _BAR_MIN)
        drawn.append(
            f'<text x="{_NAMES - 4}" y="{y + 11}" text-anchor="end">{_title(bar.name)}'
            f"{html.escape(_short(bar.name))}</text>"
            f'<rect x="{_NAMES}" y="{y + 3}" width="{length:.1f}" height="{_ROW - 6}"/>'
            f'<text x="{_NAMES + length + 4:.1f}" y="{y + 11}">{html.escape(bar.shown)}</text>'
        )
    return _drawing(drawn, height=max(len(rows), 1) * _ROW, label=label)


def _short(name: str) -> str:
    """Cut a name in its middle to the room that it has: crews often differ at the end alone."""
    if len(name) <= _NAME_CHARS_MAX:
        return name
    half = _NAME_CHARS_MAX // 2
    return f"{name[: half - 1]}…{name[-half:]}"


def _title(text: str) -> str:
    return f"<title>{html.escape(text)}</title>"


def _drawing(drawn: Sequence[str], *, height: int, label: str, how: str = "") -> str:
    return (
        f'<svg role="img" aria-label="{html.escape(label)}" viewBox="0 0 {_WIDTH} {height}"{how}>'
        f"{''.join(drawn)}</svg>"
    )
