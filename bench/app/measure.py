"""The figures of the phone app, one after the other: with the server, and then without any."""

from __future__ import annotations

import contextlib
import pathlib
import tempfile
from collections.abc import Callable, Iterator
from typing import Final

from playwright.sync_api import Playwright, expect, sync_playwright

from bench import district, figures, served
from bench.app import cold_open, first_load, lighthouse, route, stored
from bench.app.handset import Handset
from schemas.crews import Role
from tests import postgres
from tests.pwa.phone import WAIT_MS

_SEED: Final = 20_261_122
_CREW: Final = "crew-9"
_LINEMAN, _READER, _FAR_READER = "sun", "wu", "zheng"
_ORDERS: Final = 12
_STOPS: Final = 500
_ROUTES: Final = 40
"""Of the one who carries 20,000 meters."""


def measure(*, reps: int, told: Callable[[str], None]) -> Iterator[figures.Figure]:
    """Time and weigh the app.

    Args:
        reps: how often; medians count.
        told: is told how far it is.
    """
    with _ground() as (ground, playwright, folder):
        told("making the district")
        _settle(ground)
        with _served(ground, folder) as url:
            told("first load")
            yield from first_load.measure(Handset(playwright, folder=folder / "new", url=url))
            phones = {
                name: Handset(playwright, folder=folder / name, url=url)
                for name in (_LINEMAN, _READER, _FAR_READER)
            }
            for name in (_LINEMAN, _READER):
                told(f"{name} signs in")
                phones[name].sign_in(name)
            told("first pull of 20,000 meters")
            yield from stored.measure(phones[_FAR_READER], login=_FAR_READER)
        # From here on there is no server at all.
        floor = cold_open.floor(playwright, folder / "floor")
        kinds = {
            f"Today with {_ORDERS} orders": phones[_LINEMAN],
            f"Today with a route of {_STOPS} meters": phones[_READER],
            f"Today with {_ROUTES} routes, {_STOPS * _ROUTES:,} meters": phones[_FAR_READER],
        }
        yield from cold_open.measure(kinds, floor=floor, reps=reps, told=told)
        told("a route by a tap")
        yield from route.measure(phones[_READER], stops=_STOPS, reps=reps)


def judge(*, reps: int, told: Callable[[str], None]) -> Iterator[figures.Figure]:
    """Have Lighthouse judge the first screen and a signed-in one.

    Args:
        reps: how often; medians count.
        told: is told how far it is.

    Raises:
        UnavailableError: Lighthouse cannot be installed here.
    """
    lighthouse.install()
    with _ground() as (ground, playwright, folder):
        told("making the district")
        _settle(ground)
        with _served(ground, folder) as url:
            phone = Handset(playwright, folder=folder / _LINEMAN, url=url)
            yield from lighthouse.measure(phone, login=_LINEMAN, reps=reps, told=told)


@contextlib.contextmanager
def _ground() -> Iterator[tuple[district.District, Playwright, pathlib.Path]]:
    """Give a district, what drives browsers, and a folder."""
    expect.set_options(timeout=WAIT_MS)
    with contextlib.ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="lamplighter-bench-", dir=postgres.DISK)
        folder = pathlib.Path(stack.enter_context(made))
        url = f"sqlite:///{folder / 'lamplighter.db'}"
        ground = district.District(url, folder=folder, seed=_SEED)
        stack.enter_context(contextlib.closing(ground))
        yield ground, stack.enter_context(sync_playwright()), folder


@contextlib.contextmanager
def _served(ground: district.District, folder: pathlib.Path) -> Iterator[str]:
    with served.running(ground.url, folder=folder) as server:
        yield f"http://127.0.0.1:{server.port}"


def _settle(ground: district.District) -> None:
    """Make the three people's work: orders, a route, and 40 routes."""
    ground.hire(_LINEMAN, role=Role.LINEMAN, crew_id=_CREW)
    ground.orders(_CREW, count=_ORDERS)
    for person_id, routes in ((_READER, 1), (_FAR_READER, _ROUTES)):
        ground.hire(person_id, role=Role.READER)
        for _ in range(routes):
            ground.route(person_id, stops=_STOPS)
    ground.make_pages()
