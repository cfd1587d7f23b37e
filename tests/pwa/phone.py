"""A phone: a browser of its own with a small screen, which can be closed, killed and come back."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import time
from collections.abc import Mapping
from typing import Any, Final

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Geolocation,
    Page,
    Playwright,
    Worker,
)

from tests.pwa import chromium

MODEL: Final = "Pixel 7"
WAIT_MS: Final = 30_000
_LOST_LINE: Final = "Failed to load resource: net::"
"""What the browser itself says of a request without signal; that is no fault of the app."""


class Phone:
    """One person's phone.

    Attributes:
        folder: what it keeps; it outlives every closing and killing.
        complaints: what the page said of faults, refused by its policy or thrown, in all lives.
    """

    def __init__(
        self, playwright: Playwright, *, folder: pathlib.Path, url: str, settings: Mapping[str, Any]
    ) -> None:
        """Take a new phone out of its box; it is off.

        Args:
            playwright: what drives browsers.
            folder: a folder of its own.
            url: where the server is.
            settings: what Playwright may be told of a browser, over the model's own.
        """
        self.folder = folder
        self.complaints: list[str] = []
        self._url = url
        self._playwright = playwright
        model = playwright.devices[MODEL]
        known = {name: model[name] for name in model if name != "default_browser_type"}
        zh = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "color_scheme": "light"}
        self._settings = {**known, **zh, **settings}
        self._context: BrowserContext | None = None

    @property
    def context(self) -> BrowserContext:
        """The browser as it runs."""
        assert self._context is not None, "the phone is off"
        return self._context

    @property
    def page(self) -> Page:
        """The app's page."""
        pages = self.context.pages
        if not pages:
            message = "the browser was killed"
            raise Error(message)
        return pages[0]

    def open(self, path: str = "/app/") -> Page:
        """Switch it on, and open the app; it waits until the page has come."""
        self.switch_on()
        self.page.goto(self._url + path)
        return self.page

    def switch_on(self, *flags: str) -> None:
        """Start its browser on an empty page, with flags beside those of every browser here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._context = self._playwright.chromium.launch_persistent_context(
            self.folder / "profile",
            executable_path=chromium.find(),
            args=[*chromium.FLAGS, *flags],
            env=chromium.environment(self.folder),
            **self._settings,
        )
        self._context.set_default_timeout(WAIT_MS)
        self._context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self._context.on("console", self._hear)

    def wait_for_worker(self) -> None:
        """Wait until the service worker has all that it needs, and answers for this page."""
        until(self.page, "navigator.serviceWorker.controller !== null")

    def stand_at(self, *, lat_deg: float, lon_deg: float, accuracy_m: float = 8) -> None:
        """Go to a place, and let the app know of it."""
        self.context.grant_permissions(["geolocation"])
        place: Geolocation = {"latitude": lat_deg, "longitude": lon_deg, "accuracy": accuracy_m}
        self.context.set_geolocation(place)

    def forgive(self, part: str) -> None:
        """Take complaints back that a story brings about; there must have been some."""
        kept = [each for each in self.complaints if part not in each]
        assert len(kept) < len(self.complaints), f"nothing was said of {part}"
        self.complaints = kept

    def close(self) -> None:
        """Switch it off as a person does."""
        if self._context is not None:
            self._context.close()
            self._context = None

    def kill(self) -> None:
        """Pull the battery out: every process of the browser ends at once."""
        with self.context.expect_event("close", timeout=WAIT_MS):
            self.kill_processes()
        self._context = None

    def kill_processes(self) -> None:
        """Do it from another thread, while the page is being worked with; then comes `mourn`."""
        for pid in self.list_processes():
            with contextlib.suppress(ProcessLookupError):  # it went with another of them
                os.kill(pid, signal.SIGKILL)

    def mourn(self) -> None:
        """Let go of a browser whose processes were killed."""
        with contextlib.suppress(Error):  # it is gone, and says so
            self.context.close()
        self._context = None

    def list_processes(self) -> list[int]:
        """List the browser's processes: nobody else's name this phone's own folder."""
        mark = f"--user-data-dir={self.folder / 'profile'}".encode()
        found = []
        for process in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and mark in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
        assert found, "it runs"
        return found

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_LOST_LINE):
            self.complaints.append(message.text)


def until(page: Page, expression: str, *arguments: object, by: Worker | None = None) -> None:
    """Wait until an expression is true in a page, or a function of one argument is.

    `by` has a worker of the page asked instead.

    It is asked from outside: what Playwright itself leaves in a page to ask again is refused by the
    app's policy, and is heard only where the first answer is false.
    """
    end_s = time.monotonic() + WAIT_MS / 1_000
    asked = by or page
    while not asked.evaluate(expression, *arguments):
        assert time.monotonic() < end_s, f"still not true: {expression}"
        page.wait_for_timeout(50)
