"""What several commands take: a position, an exact number, a window of time."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from schemas.places import Fix

F = TypeVar("F", bound=Callable[..., Any])
_POSITION: Final = "LAT,LON[,ACCURACY_M[,AGE_S]]"
_PARTS_MIN: Final = 2
_PARTS_MAX: Final = 4


def position(text: str) -> Fix:
    """Read a position in WGS-84, as `LAT,LON[,ACCURACY_M[,AGE_S]]`.

    Raises:
        BadParameter: it is none.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not _PARTS_MIN <= len(numbers) <= _PARTS_MAX:
        raise click.BadParameter(f"{text!r} is not {_POSITION}")
    accuracy_m, age_s = (*numbers[2:], None, None)[:2]
    return Fix(lat_deg=numbers[0], lon_deg=numbers[1], accuracy_m=accuracy_m, age_s=age_s)


def exact(text: str) -> decimal.Decimal:
    """Read a number as it stands on a display.

    Raises:
        BadParameter: it is none.
    """
    try:
        return decimal.Decimal(text)
    except decimal.InvalidOperation as error:
        raise click.BadParameter(f"{text!r} is not a number") from error


def fix(command: F) -> F:
    """Let a command take `--fix`."""
    return click.option(
        "--fix", type=position, metavar=_POSITION, help="Where the handheld is, in WGS-84."
    )(command)


def note(command: F) -> F:
    """Let a command take `--note`."""
    return click.option("--note", default="", help="What to say with it.")(command)


def window(command: F) -> F:
    """Let a command take a window: `--from` and `--by`, by the district's clock."""
    local = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
    by = click.option("--by", "due_at", type=local, required=True, help="Its end.")
    opens = click.option("--from", "from_at", type=local, help="Its begin, if not at once.")
    return opens(by(command))
