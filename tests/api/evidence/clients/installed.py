"""tus-js-client in a folder of its own, installed by npm from the lock when it is not there."""

from __future__ import annotations

import fcntl
import pathlib
import shutil
import subprocess
from typing import Final

import pytest

_HERE: Final = pathlib.Path(__file__).parent
_PREFIX: Final = _HERE.parents[3] / "build" / "tests" / "tus-clients"
_LOCK: Final = _HERE / "package-lock.json"
_WITHIN_S: Final = 600


def modules() -> tuple[str, pathlib.Path]:
    """Give `node` and the folder of the installed modules."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.fail("The tests of tus-js-client need Node and npm on the path; install Node 18+.")
    _PREFIX.mkdir(parents=True, exist_ok=True)
    with (_PREFIX / ".installing").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _install(npm)
    return node, _PREFIX / "node_modules"


def _install(npm: str) -> None:
    stamp = _PREFIX / ".lock"
    if stamp.exists() and stamp.read_bytes() == _LOCK.read_bytes():
        return
    for name in ("package.json", _LOCK.name):
        shutil.copy(_HERE / name, _PREFIX / name)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit"],
        cwd=_PREFIX,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"npm could not install tus-js-client: {done.stderr[-600:]}")
    stamp.write_bytes(_LOCK.read_bytes())
