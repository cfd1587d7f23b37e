"""Twenty thousand meters on one phone: how long they take to come, and what room they take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from bench import figures
from bench.app import handset
from bench.app.handset import Handset

_ENTER: Final = "button[form='sign-in']"


def measure(phone: Handset, *, login: str) -> Iterator[figures.Figure]:
    """Sign somebody in and pull all of it, once; weigh what then lies on disk and in memory.

    Args:
        phone: a new one.
        login: whose work it is.
    """
    with phone.on() as page:
        phone.go()
        phone.write_login(login)
        took_s = phone.open_by_tap(_ENTER, handset.CARD)
        phone.hand.safe()
        phone.phone.wait_for_worker()
        kept: dict[str, Any] = page.evaluate("navigator.storage.estimate()")
        wire = phone.wire()
        wire.send("HeapProfiler.collectGarbage")
        heap_bytes = float(wire.send("Runtime.getHeapUsage")["usedSize"])
    what = "20,000 meters in 40 routes"
    yield figures.Figure(what=f"{what}: enrolled, pulled, written, shown", value=took_s, unit="s")
    kept_bytes = float(kept["usageDetails"]["indexedDB"])
    yield figures.Figure(what=f"{what}: in IndexedDB", value=kept_bytes / 1e6, unit="MB")
    yield figures.Figure(what=f"{what}: the page's heap", value=heap_bytes / 1e6, unit="MB")
