"""Where the day takes place: a server of its own in a temporary folder, or a running one."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Final

from tests import postgres
from tests.day import clock as day_clock
from tests.day.plan import MORNING

START_S: Final = 120.0
STOP_S: Final = 40.0
_STEP: Final = dt.timedelta(minutes=1)
Told = Callable[[int, int], None]


class ServerFailedError(Exception):
    """The server did not come up; its last words are told."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The place and time of the day.

    Attributes:
        server: the address of the server.
        folder: where the phones' stores are.
        clock: the day's clock; None where the server keeps the machine's time.
        clock_path: the file that phones read it from.
        started_at: minute 0.
    """

    server: str
    folder: pathlib.Path
    clock: day_clock.SteppedClock | None
    clock_path: pathlib.Path | None
    started_at: dt.datetime

    def come_to(self, minute: int) -> None:
        """Move the day on to a minute."""
        if self.clock is not None:
            self.clock.move_to(self.started_at + minute * _STEP)


@contextlib.contextmanager
def running(server: str) -> Iterator[World]:
    """Use a server that runs already, on its own time."""
    with _folder() as folder:
        now = dt.datetime.now(dt.UTC)
        yield World(server=server, folder=folder, clock=None, clock_path=None, started_at=now)


@contextlib.contextmanager
def own(database: str, *, seed: int, told: Told) -> Iterator[World]:
    """Start a server with the demo district on a clock of the day's own.

    Args:
        database: `sqlite` or `postgresql`.
        seed: where the district's chance begins.
        told: hears how far the loading has come.
    """
    with _folder() as folder, _database_url(database) as url:
        clock_path = folder / "clock"
        clock = day_clock.make(clock_path, at=MORNING)
        port = _free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if "LAMPLIGHTER" not in name},
            "LAMPLIGHTER_DATA_DIR": str(folder / "office"),
            "LAMPLIGHTER_PORT": str(port),
            "LAMPLIGHTER_SCHEDULER": "false",  # the office runs its jobs by the day's minutes
            "LAMPLIGHTER_LOG_LEVEL": "error",
            **({"LAMPLIGHTER_DATABASE_URL": url} if url else {}),
        }
        with _serving(folder, [str(clock_path), str(seed)], environment, told):
            yield World(
                server=f"http://127.0.0.1:{port}",
                folder=folder,
                clock=clock,
                clock_path=clock_path,
                started_at=MORNING,
            )


@contextlib.contextmanager
def _serving(
    folder: pathlib.Path, arguments: list[str], environment: dict[str, str], told: Told
) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.day.server", *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C is for the conductor; the server waits for its pipe
        )
    try:
        _wait_ready(process, log, told)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        words = log.read_text(encoding="utf-8", errors="replace").strip()
        if words:
            sys.stderr.write(f"The server said:\n{words[-4_000:]}\n")


def _wait_ready(process: subprocess.Popen[str], log: pathlib.Path, told: Told) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        match line.split():
            case ["ready"]:
                return
            case ["loading", done, whole]:
                told(int(done), int(whole))
            case _:
                pass
    raise ServerFailedError(log.read_text(encoding="utf-8", errors="replace")[-2_000:])


@contextlib.contextmanager
def _database_url(database: str) -> Iterator[str]:
    """Give the address of an empty database; empty is the embedded one."""
    if database == "sqlite":
        yield ""
        return
    with postgres.running(settings=postgres.DURABLE, parent=postgres.DISK) as server:
        yield server.create_database()


@contextlib.contextmanager
def _folder() -> Iterator[pathlib.Path]:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lamplighter-day-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
