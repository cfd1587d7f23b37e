"""A real server with the demo district, for the commands of the pages."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Final

import httpx

WAIT_S: Final = 120
_STOP_S: Final = 30
_LOOK_S: Final = 0.2
_COLUMNS: Final = "100"


@dataclasses.dataclass(frozen=True, slots=True)
class Live:
    """A server that answers, and the folder of its data."""

    address: str
    data_dir: pathlib.Path

    def env(self, home: pathlib.Path) -> Mapping[str, str]:
        """Give the variables of a reader's shell: the commands on the path, a home of its own."""
        return {
            "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "COLUMNS": _COLUMNS,
            "LAMPLIGHTER_DATA_DIR": str(self.data_dir),
            "DEMO_DATA_DIR": str(self.data_dir),
        }


@contextlib.contextmanager
def serving(folder: pathlib.Path) -> Iterator[Live]:
    """Run `lamplighter serve --demo` until the tests are done with it.

    Args:
        folder: an empty folder for its data and its log.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    live = Live(f"http://127.0.0.1:{port}", folder / "data")
    env = {
        **live.env(folder),
        "LAMPLIGHTER_PORT": str(port),
        "LAMPLIGHTER_LOG_LEVEL": "warning",
    }
    log = folder / "server.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve", "--demo"],
            env=env,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_ready(live, process, log)
        yield live
    finally:
        process.terminate()
        process.wait(_STOP_S)


def _wait_ready(live: Live, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{live.address}/ready").is_success:
                return
        time.sleep(_LOOK_S)
    raise AssertionError(f"no answer in {WAIT_S} s:\n{log.read_text(encoding='utf-8')}")
