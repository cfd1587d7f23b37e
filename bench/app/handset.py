"""A phone with a stop-watch: when something stood on its screen, and the work that it took."""

from __future__ import annotations

import contextlib
import itertools
import json
import pathlib
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from playwright.sync_api import CDPSession, Page, Playwright

from bench import processes
from tests.pwa import ground
from tests.pwa.hand import Hand
from tests.pwa.phone import Phone

HOME: Final = "/app/"
CARD: Final = "a.card"
"""A piece of work on Today."""
STOP: Final = "a.stop"
"""A meter in a route's list."""
_WATCH: Final = pathlib.Path(__file__).with_name("watch.js")
_REST_S: Final = 1.0
"""A browser that has just started is busy with itself."""


class Took(NamedTuple):
    """What something took: on the clock, and of the processors by all processes of the browser."""

    wall_s: float
    cpu_s: float


class Handset:
    """One person's phone.

    Attributes:
        phone: the browser, its profile and its page.
        hand: whoever taps on it.
        url: where the server is, or was.
    """

    def __init__(self, playwright: Playwright, *, folder: pathlib.Path, url: str) -> None:
        """Take it out of its box; it is off.

        Args:
            playwright: what drives browsers.
            folder: what it keeps.
            url: where the server is, or was.
        """
        self.phone = Phone(playwright, folder=folder, url=url, settings={})
        self.hand = Hand(self.phone)
        self.url = url

    @contextlib.contextmanager
    def on(self, *, slower: int = 1) -> Iterator[Page]:
        """Switch it on for the length of a `with` block, on an empty page.

        Args:
            slower: how many times slower the page's own thread is made.
        """
        self.phone.switch_on()
        self.phone.context.add_init_script(path=_WATCH)
        if slower > 1:
            self.wire().send("Emulation.setCPUThrottlingRate", {"rate": slower})
        time.sleep(_REST_S)
        try:
            yield self.phone.page
        finally:
            self.phone.close()

    def wire(self) -> CDPSession:
        """Speak with the browser's own tools about the page."""
        return self.phone.context.new_cdp_session(self.phone.page)

    def go(self, path: str = HOME) -> None:
        """Open the app; it waits for nothing but that the page began."""
        self.phone.page.goto(self.url + path, wait_until="commit")

    def go_until(self, selector: str) -> float:
        """Open the app; give the seconds from its navigation until something is painted."""
        # Watched for from within the page: a question from here would come when it can.
        watched = f"bench.shown = bench.painted({json.dumps(selector)})"
        self.phone.context.add_init_script(script=watched)
        self.go()
        took_ms: float = self.phone.page.evaluate("bench.shown")
        return took_ms / 1_000

    def open_cold(self, selector: str = CARD, *, slower: int = 1) -> Took:
        """Start the browser anew, and time the app from its navigation until something shows."""
        with self.on(slower=slower):
            before_s = self._cpu_s()
            wall_s = self.go_until(selector)
            return Took(wall_s, self._cpu_s() - before_s)

    def reopen(self, selector: str) -> None:
        """Load the page anew and wait until something is painted."""
        self.phone.page.reload()
        self.phone.page.evaluate("selector => bench.painted(selector)", selector)

    def open_by_tap(self, what: str, selector: str) -> float:
        """Tap on something that stands on the screen; give the seconds until another is painted."""
        page = self.phone.page
        page.evaluate("selector => { bench.shown = bench.tapped(selector) }", selector)
        page.locator(what).first.tap()
        took_ms: float = page.evaluate("bench.shown")
        return took_ms / 1_000

    def write_login(self, login: str) -> None:
        """Fill the sign-in screen in."""
        self.hand.write("signIn.login", login)
        self.hand.write("signIn.password", ground.PASSWORD)

    def sign_in(self, login: str) -> None:
        """Make it somebody's: with their work on it, and the app for days without signal."""
        with self.on():
            self.go()
            self.hand.sign_in(login)
            self.hand.safe()
            self.phone.wait_for_worker()

    def _cpu_s(self) -> float:
        marked = map(processes.family, self.phone.list_processes())
        return processes.cpu_s(set(itertools.chain.from_iterable(marked)))
