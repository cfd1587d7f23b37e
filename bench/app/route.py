"""A route's list by a tap, from the finger's leaving the glass until its meters are painted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench import figures
from bench.app import handset
from bench.app.handset import Handset

_MS_AT_MOST: Final = 100.0
_SLOWER: Final = 4
_GO_ON: Final = ".foot button"


def measure(phone: Handset, *, stops: int, reps: int) -> Iterator[figures.Figure]:
    """Open it in an app that has just been opened, each time.

    Args:
        phone: its first work is the route; it is signed in and off.
        stops: how many meters the route has.
        reps: how often; medians count.
    """
    what = f"a route of {stops} meters: from the tap to its painted list"
    for slower in (1, _SLOWER):
        with phone.on(slower=slower) as page:
            phone.go()
            took_s = []
            for _ in range(reps):
                page.evaluate("location.hash = '#/'")
                phone.reopen(handset.CARD)
                phone.open_by_tap(handset.CARD, _GO_ON)
                took_s.append(phone.open_by_tap(_GO_ON, handset.STOP))
        yield figures.Figure(
            what=what if slower == 1 else f"{what}, on a processor {slower} times slower",
            value=figures.median_ms(took_s),
            unit="ms",
            at_most=_MS_AT_MOST if slower == 1 else None,
        )
