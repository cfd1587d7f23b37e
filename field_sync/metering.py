"""What a reader does at a meter: each act is checked by the shared rules, then kept.

When a function returns, its operation is on disk; the screen may say "saved".
A refusal changes nothing.
"""

from __future__ import annotations

import decimal
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from field_sync import checks, errors, keeping, view
from field_sync.clock import Edge
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from schemas import readings
from schemas.places import Fix
from schemas.rules import flags

_NAMED_MAX: Final = 5
"""So many meters that are left are named in a sentence."""
_NO_TARIFFS: Final[Mapping[str, decimal.Decimal]] = MappingProxyType({})


def prompts(
    store: Store,
    *,
    stop_id: str,
    total: decimal.Decimal,
    tariffs: Mapping[str, decimal.Decimal] = _NO_TARIFFS,
) -> tuple[flags.Prompt, ...]:
    """List what to ask the reader about a value; it changes nothing.

    Raises:
        NotOnPhone: the stop is not on this handheld.
        NotOnDisplay: the meter cannot show such a value.
        Malformed: a tariff is named that the meter does not have.
    """
    stop = view.get_stop(store, stop_id=stop_id)
    return checks.reading(store, stop, total=total, tariffs=tariffs)


def read(
    store: Store,
    edge: Edge,
    *,
    stop_id: str,
    total: decimal.Decimal,
    tariffs: Mapping[str, decimal.Decimal] = _NO_TARIFFS,
    method: readings.Method = readings.Method.READ,
    confirmed: Collection[str] = (),
    fix: Fix | None = None,
    photo_sha256: Sequence[str] = (),
    note: str = "",
) -> Entry:
    """Keep a reading; what looks odd must have been looked at again and confirmed.

    Args:
        store: the handheld's store.
        edge: its clocks and chance.
        stop_id: the meter on its route.
        total: the register of the whole.
        tariffs: its parts by name, if the meter has them.
        method: how the value was got.
        confirmed: codes of the prompts that the reader has seen and confirmed.
        fix: the position as the platform gave it.
        photo_sha256: photos of the display, kept before.
        note: what the reader wants to say with it.

    Raises:
        NotOnPhone: the stop is not on this handheld.
        NotOnDisplay: the meter cannot show such a value.
        ConfirmFirst: a prompt has not been confirmed; its words are in the refusal.
        PhotoFirst: the district asks for a photo of what is confirmed, and no note says why none.
        Malformed: a tariff is named that the meter does not have.
    """
    with store.writing():
        stop = view.get_stop(store, stop_id=stop_id)
        task = view.get_task(store, task_id=stop.route_id)
        asked = checks.reading(store, stop, total=total, tariffs=tariffs)
        unconfirmed = [prompt for prompt in asked if prompt.code not in confirmed]
        if unconfirmed:
            raise errors.ConfirmFirst(
                codes=[prompt.code for prompt in unconfirmed],
                prompts_en="; ".join(prompt.en for prompt in unconfirmed),
                prompts_zh="；".join(prompt.zh for prompt in unconfirmed),
            )
        codes = [prompt.code for prompt in asked]
        _require_photo(note, is_missing=checks.lacks_photo_of_display(store, codes, photo_sha256))
        body = readings.ReadingTaken(
            stop_id=stop_id,
            total=total,
            tariffs=dict(tariffs),
            method=method,
            confirmed=codes,
            fix=fix,
            photo_sha256=list(photo_sha256),
            note=note,
        )
        return keeping.keep(store, edge, task=task, body=body)


def skip(
    store: Store,
    edge: Edge,
    *,
    stop_id: str,
    code: readings.SkipCode,
    fix: Fix | None = None,
    photo_sha256: Sequence[str] = (),
    note: str = "",
) -> Entry:
    """Say that a meter could not be read, and why.

    Raises:
        NotOnPhone: the stop is not on this handheld.
        PhotoFirst: the district asks for a photo of this, and no note says why there is none.
    """
    with store.writing():
        stop = view.get_stop(store, stop_id=stop_id)
        task = view.get_task(store, task_id=stop.route_id)
        _require_photo(note, is_missing=checks.lacks_photo_of_skip(store, code, photo_sha256))
        body = readings.ReadingSkipped(
            stop_id=stop_id, code=code, fix=fix, photo_sha256=list(photo_sha256), note=note
        )
        return keeping.keep(store, edge, task=task, body=body)


def require_left(store: Store, *, route_id: str, left: int) -> None:
    """Let a route end whose reader knows how many meters are left.

    Args:
        store: the handheld's store.
        route_id: the route.
        left: how many the reader means to leave.

    Raises:
        StopsLeft: another number is left; their serials are in the refusal.
    """
    stops = view.list_left(store, route_id=route_id)
    if len(stops) == left:
        return
    serials = ", ".join(stop.serial for stop in stops[:_NAMED_MAX])
    more = ", …" if len(stops) > _NAMED_MAX else ""
    raise errors.StopsLeft(left=len(stops), serials=serials + more)


def _require_photo(note: str, *, is_missing: bool) -> None:
    """Ask for a photo that policy wants, unless a note says why there is none."""
    if is_missing and not note.strip():
        raise errors.PhotoFirst
