"""WebKit, of which every browser on iOS is made, as Debian packages it; driven by WebDriver.

It runs in a session of its own that keeps nothing beyond its end, on a screen that nobody sees.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx

from tests.chaos.server import free_port

PACKAGES: Final = "webkit2gtk-driver xvfb"
WAIT_S: Final = 30.0
POLL_S: Final = 0.05
SCREEN: Final = "420x900x24"
"""Width and height in pixels, and bits of colour."""
_MINI_BROWSERS: Final = "*/webkit2gtk-4.1/MiniBrowser"
_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
"""What an element's name is filed under, by the protocol."""
_LOOK: Final = """
    return [...document.querySelectorAll(arguments[0])].find((each) => each.checkVisibility()
      && !each.disabled && (each.ariaLabel ?? each.innerText).includes(arguments[1]))
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Installed:
    """The programs that it takes."""

    driver: str
    browser: pathlib.Path
    screen: str


def find() -> Installed | None:
    """Find what it takes; None where something is missing."""
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    browser = next(pathlib.Path("/usr/lib").glob(_MINI_BROWSERS), None)
    if driver is None or screen is None or browser is None:
        return None
    return Installed(driver, browser, screen)


class Browser:
    """A running WebKit with one page."""

    def __init__(self, line: httpx.Client, session: str) -> None:
        """Take a session that was begun; `opened` begins one."""
        self._line = line
        self._session = session

    def go(self, url: str) -> None:
        """Open a page, and wait until it has come."""
        self._do("POST", "/url", url=url)

    def reload(self) -> None:
        """Open the page again."""
        self._do("POST", "/refresh")

    def run(self, script: str, *given: object) -> Any:  # noqa: ANN401 - whatever JSON a page gives
        """Run a function's body in the page, and give what it returns."""
        return self._do("POST", "/execute/sync", script=script, args=given)

    def wait(self, script: str, *given: object, within_s: float = WAIT_S) -> Any:  # noqa: ANN401
        """Run a function's body until it returns something that is true, and give that.

        Raises:
            AssertionError: it never did; the message has the page's text.
        """
        ends_s = time.monotonic() + within_s
        while time.monotonic() < ends_s:
            if found := self.run(script, *given):
                return found
            time.sleep(POLL_S)
        text = self.run("return document.body.innerText")
        raise AssertionError(f"not within {within_s} s: {script} {given}\n{text}")

    def see(self, css: str, text: str = "") -> None:
        """Wait until something can be seen, with a text on it."""
        self.wait(_LOOK, css, text)

    def tap(self, css: str, text: str = "") -> None:
        """Tap something that can be seen, with a text on it, as a finger does."""
        found = self.wait(_LOOK, css, text)
        self._do("POST", f"/element/{found[_ELEMENT]}/click")

    def write(self, css: str, text: str) -> None:
        """Write into a field; into one for files, the path of a file."""
        found = self.wait("return document.querySelector(arguments[0])", css)
        self._do("POST", f"/element/{found[_ELEMENT]}/value", text=text)

    def _do(self, method: str, path: str, **asked: object) -> Any:  # noqa: ANN401
        return _asked(self._line, method, f"/session/{self._session}{path}", asked)


@contextlib.contextmanager
def opened(installed: Installed, folder: pathlib.Path) -> Iterator[Browser]:
    """Start WebKit with a folder of its own, and end it with all that it started.

    Args:
        installed: the programs.
        folder: for what it writes down.
    """
    with contextlib.ExitStack() as running:
        environment = {**os.environ, **_homes(folder)}
        environment["DISPLAY"] = running.enter_context(_screen(installed.screen))
        environment["NO_AT_BRIDGE"] = "1"  # nobody reads this screen aloud
        port = free_port()
        driver = [installed.driver, f"--port={port}"]
        log = running.enter_context((folder / "webkit.log").open("wb"))
        running.enter_context(_process(driver, environment=environment, log=log))
        base = f"http://127.0.0.1:{port}"
        line = running.enter_context(httpx.Client(base_url=base, timeout=2 * WAIT_S))
        _await_driver(line)
        options = {"binary": str(installed.browser), "args": ["--automation"]}
        always = {"webkitgtk:browserOptions": options}
        asked = {"capabilities": {"alwaysMatch": always}}
        begun = _asked(line, "POST", "/session", asked)
        running.callback(_asked, line, "DELETE", f"/session/{begun['sessionId']}", {})
        yield Browser(line, begun["sessionId"])


def _homes(folder: pathlib.Path) -> dict[str, str]:
    names = ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    homes = {name: folder / name.lower() for name in names}
    for home in homes.values():
        home.mkdir(parents=True, mode=0o700)
    return {name: str(home) for name, home in homes.items()}


@contextlib.contextmanager
def _screen(program: str) -> Iterator[str]:
    """Start a screen that nobody sees, and give its name."""
    started = [program, "-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as screen:
        try:
            assert screen.stdout is not None, "it was asked for"
            yield f":{screen.stdout.readline().decode().strip()}"
        finally:
            screen.terminate()


@contextlib.contextmanager
def _process(started: list[str], *, environment: dict[str, str], log: Any) -> Iterator[None]:  # noqa: ANN401
    with subprocess.Popen(started, env=environment, stdout=log, stderr=log) as process:
        try:
            yield
        finally:
            process.terminate()


def _await_driver(line: httpx.Client) -> None:
    ends_s = time.monotonic() + WAIT_S
    while True:
        try:
            line.get("/status")
        except httpx.ConnectError:
            assert time.monotonic() < ends_s, "the driver does not answer"
            time.sleep(POLL_S)
        else:
            return


def _asked(line: httpx.Client, method: str, path: str, asked: dict[str, Any]) -> Any:  # noqa: ANN401
    answer = line.request(method, path, json=asked if method == "POST" else None)
    told = answer.json()["value"]
    assert answer.is_success, f"{method} {path}: {told}"
    return told
