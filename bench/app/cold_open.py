"""Opened cold and without signal: a browser that has just started, and no server anywhere.

The floor is an empty page under the same service worker, in the same browser: what is beyond it is
ours.
"""

from __future__ import annotations

import functools
import http.server
import pathlib
import shutil
import statistics
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from playwright.sync_api import Playwright

from api.settings import Settings
from bench import figures
from bench.app import handset
from bench.app.handset import Handset, Took

_OPENS_MIN: Final = 7
_MS_AT_MOST: Final = 1_000.0
_SLOWER: Final = 4
"""How many times slower than this machine's a phone's processor is taken to be."""
_EMPTY: Final = """
navigator.serviceWorker.register("sw.js");
document.getElementById("app").innerHTML = '<a class="card" href="#">open</a>';
"""


def measure(
    phones: Mapping[str, Handset], *, floor: Handset, reps: int, told: Callable[[str], None]
) -> Iterator[figures.Figure]:
    """Open each phone's app, in turns with the floor.

    Args:
        phones: what their first screen shows, and the phones, signed in and off.
        floor: a phone with the empty page.
        reps: how often; medians count.
        told: is told how far it is.
    """
    names = list(phones)
    took: dict[str, list[Took]] = {name: [] for name in names}
    slow: dict[str, list[Took]] = {name: [] for name in names}
    empty: list[Took] = []
    reps = max(reps, _OPENS_MIN)
    for turn in range(reps):
        told(f"cold opening: {turn + 1} of {reps}")
        empty.append(floor.open_cold())
        for name, phone in phones.items():
            took[name].append(phone.open_cold())
            slow[name].append(phone.open_cold(slower=_SLOWER))
    for name in names:
        what = f"cold offline open: {name}"
        wall_ms, cpu_ms = _medians_ms(took[name])
        floor_ms, floor_cpu_ms = _medians_ms(empty)
        yield figures.Figure(what=what, value=wall_ms, unit="ms", at_most=_MS_AT_MOST)
        yield figures.Figure(
            what=f"{what}; the floor is an empty page", value=wall_ms, unit="ms", floor=floor_ms
        )
        yield figures.Figure(
            what=f"{what}: processor time of the browser",
            value=cpu_ms,
            unit="ms",
            floor=floor_cpu_ms,
        )
        yield figures.Figure(
            what=f"{what}, on a processor {_SLOWER} times slower",
            value=_medians_ms(slow[name])[0],
            unit="ms",
        )


def floor(playwright: Playwright, folder: pathlib.Path) -> Handset:
    """Give a phone that knows an app of one line, built as ours and kept by our service worker."""
    made = shutil.copytree(Settings().app_folder, folder / "served" / "app")
    for script in (made / "assets").glob("main-*.js"):
        script.write_text(_EMPTY, encoding="utf-8")
    handler = functools.partial(_Quiet, directory=folder / "served")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        phone = Handset(playwright, folder=folder, url=url)
        with phone.on():
            phone.go_until(handset.CARD)
            phone.phone.wait_for_worker()
        server.shutdown()
        thread.join()
    return phone


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, without a word."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _medians_ms(took: list[Took]) -> tuple[float, float]:
    wall_s = statistics.median(each.wall_s for each in took)
    return wall_s * 1_000, statistics.median(each.cpu_s for each in took) * 1_000
