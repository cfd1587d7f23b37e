"""What a crew may correct on an order, merged by the same rule at both ends."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from schemas import tasks
from schemas.base import TEXT_CHARS_MAX
from schemas.places import Position
from schemas.rules import merge
from schemas.rules.datums import Datum
from schemas.rules.merge import Merged

CONTACT: Final = "contact"
NOTE: Final = "note"
ACCESS_NOTE: Final = "access_note"
POSITION: Final = "position"

FIELD_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {CONTACT: "联系方式", NOTE: "备注", ACCESS_NOTE: "进门提示", POSITION: "现场位置"}
)
"""The trade's word for each field."""


class Facts(NamedTuple):
    """What an order says of itself that a crew may correct."""

    contact: str
    note: str
    site: tasks.WorkSite | None


class Amendment(NamedTuple):
    """An order's facts after a correction, and how each named field came about."""

    facts: Facts
    merged: Mapping[str, Merged[Any]]

    @property
    def overtaken(self) -> list[str]:
        """List the fields that the office had changed meanwhile."""
        return [name for name, merged in self.merged.items() if merged.way in merge.OVERTAKEN]


def amend(now: Facts, body: tasks.Amended, *, radius_m: float) -> Amendment:
    """Merge a crew's corrections into what an order says now.

    Args:
        now: what it says.
        body: what the crew saw, and what it set.
        radius_m: how near is near enough at a site that gets its first position.
    """
    site = now.site
    texts = {
        CONTACT: (body.contact, now.contact),
        NOTE: (body.note, now.note),
        ACCESS_NOTE: (body.access_note, site.access_note if site else ""),
    }
    merged: dict[str, Merged[Any]] = {}
    if body.position is not None:
        merged[POSITION] = _position(body.position, site)
        if merged[POSITION].way is merge.Way.set:
            site = site_at(site, body.position.set, radius_m=radius_m)
    for name, (text, value) in texts.items():
        if text is not None:
            merged[name] = merge.words(
                saw=text.saw, wanted=text.set, now=value, chars_max=TEXT_CHARS_MAX
            )
    if ACCESS_NOTE in merged:
        if site is None:
            merged[ACCESS_NOTE] = Merged(merge.Way.kept, "")
        else:
            site = msgspec.structs.replace(site, access_note=merged[ACCESS_NOTE].value)
    facts = Facts(
        contact=merged[CONTACT].value if CONTACT in merged else now.contact,
        note=merged[NOTE].value if NOTE in merged else now.note,
        site=site,
    )
    return Amendment(facts, merged)


def position_of(site: tasks.WorkSite | None) -> Position | None:
    """Give the point that a site is; a shape on the ground has none."""
    if site is None or site.geometry.get("type") != "Point":
        return None
    try:
        lon_deg, lat_deg = msgspec.convert(site.geometry["coordinates"], tuple[float, float])
    except (KeyError, msgspec.ValidationError):
        return None
    return Position(lat_deg=lat_deg, lon_deg=lon_deg, datum=site.datum)


def site_at(site: tasks.WorkSite | None, position: Position, *, radius_m: float) -> tasks.WorkSite:
    """Put a site at a point; its words stay.

    Args:
        site: the site so far, or None.
        position: where it is.
        radius_m: how near is near enough, where there was no site.
    """
    geometry: dict[str, object] = {
        "type": "Point",
        "coordinates": [position.lon_deg, position.lat_deg],
    }
    datum = Datum(position.datum)
    if site is None:
        return tasks.WorkSite(geometry=geometry, datum=datum, radius_m=radius_m)
    return msgspec.structs.replace(site, geometry=geometry, datum=datum)


def _position(body: tasks.PositionAmended, site: tasks.WorkSite | None) -> Merged[Position | None]:
    """Merge where the site is; a site that is a shape is the office's alone."""
    now = position_of(site)
    if site is not None and now is None:
        return Merged(merge.Way.kept, None)
    return merge.value(saw=body.saw, wanted=body.set, now=now)
