"""What several commands take: a position, an exact number, a window of time."""

from __future__ import annotations

import decimal
import pathlib
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click
import msgspec

from schemas.checkins import Sighting
from schemas.places import Fix

F = TypeVar("F", bound=Callable[..., Any])
_POSITION: Final = "LAT,LON[,ACCURACY_M[,AGE_S]]"
_SIGHTING: Final = "AFTER_S,LAT,LON[,ACCURACY_M]"
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


def sighting(text: str) -> Sighting:
    """Read a position seen during a stay, as `AFTER_S,LAT,LON[,ACCURACY_M]`.

    Raises:
        BadParameter: it is none.
    """
    after, _, rest = text.partition(",")
    try:
        after_s = float(after)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not {_SIGHTING}") from error
    return Sighting(after_s=after_s, fix=msgspec.structs.replace(position(rest), age_s=0.0))


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


def remedies(command: F) -> F:
    """Let a command take `--seen`, `--photo` and `--scanned`."""
    seen = click.option(
        "--seen",
        "sightings",
        type=sighting,
        multiple=True,
        metavar=_SIGHTING,
        help="A position during a stay; may be repeated.",
    )
    photo = click.option(
        "--photo",
        "photos",
        type=click.Path(path_type=pathlib.Path),
        multiple=True,
        help="A photo of the site, kept with it; may be repeated.",
    )
    scanned = click.option("--scanned", default="", help="A code of the meter or the site.")
    return seen(photo(scanned(command)))


def note(command: F) -> F:
    """Let a command take `--note`."""
    return click.option("--note", default="", help="What to say with it.")(command)


def window(command: F) -> F:
    """Let a command take a window: `--from` and `--by`, by the district's clock."""
    local = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
    by = click.option("--by", "due_at", type=local, required=True, help="Its end.")
    opens = click.option("--from", "from_at", type=local, help="Its begin, if not at once.")
    return opens(by(command))
