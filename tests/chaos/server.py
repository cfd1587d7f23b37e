"""The server as an operator runs it, and whoever kills it and starts it again.

It is `lamplighter serve` on a leash: it ends with us, and its process id is nobody else's while the
leash lives, so that nothing but our own processes is ever killed.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import IO, Final

import httpx

LEASH: Final = pathlib.Path(__file__).with_name("leash.py")
STARTS_WITHIN_S: Final = 600.0
"""With the demo district to load, on a busy machine."""
STOPS_WITHIN_S: Final = 40.0
POLL_S: Final = 0.05
COMMAND_TIMEOUT_S: Final = 120.0
READY_TIMEOUT_S: Final = 10.0
STARTS_MAX: Final = 20
_COMMAND: Final = (sys.executable, "-m", "api")
_STATE_FIELD: Final = 2
_GROUP_FIELD: Final = 4


class ServerFailedError(Exception):
    """The server did not come back by itself; its last words are told."""


class Server:
    """One server, life after life.

    Attributes:
        port: where it listens, in every life.
        starts: how often it was started.
        refusals: how often a start ended by itself before the server was ready.
    """

    def __init__(
        self,
        *,
        folder: pathlib.Path,
        port: int,
        environment: Mapping[str, str],
        serve: Sequence[str] = ("serve", "--demo"),
    ) -> None:
        """Keep how to run it; nothing runs yet.

        Args:
            folder: where its log goes.
            port: where it listens.
            environment: its settings.
            serve: its command.
        """
        self.port = port
        self.starts = self.refusals = 0
        self.log = folder / "server.log"
        self._serve = tuple(serve)
        self._environment = {
            **{name: value for name, value in os.environ.items() if "LAMPLIGHTER" not in name},
            **environment,
            "LAMPLIGHTER_PORT": str(port),
            "LAMPLIGHTER_LOG_LEVEL": "error",
        }
        self._leashes: list[subprocess.Popen[bytes]] = []
        self._master = 0

    def start(self) -> None:
        """Start it, as often as a supervisor would, and wait until it is ready.

        Raises:
            ServerFailedError: it does not come up.
        """
        give_up_s = time.monotonic() + STARTS_WITHIN_S
        for _ in range(STARTS_MAX):
            self._spawn()
            while time.monotonic() < give_up_s and _state_of(self._master) != "Z":
                with contextlib.suppress(httpx.TransportError):
                    url = f"http://127.0.0.1:{self.port}/ready"
                    answer = httpx.get(url, timeout=READY_TIMEOUT_S)
                    # A worker that outlives its master answers too, and keeps the port.
                    if answer.status_code == httpx.codes.OK and self.workers():
                        return
                time.sleep(POLL_S)
            self.refusals += 1
        raise ServerFailedError(self.log.read_text(encoding="utf-8", errors="replace")[-3_000:])

    def is_running(self) -> bool:
        """Tell whether the master lives."""
        return _state_of(self._master) not in {"Z", ""}

    def workers(self) -> list[int]:
        """List the process ids of its workers."""
        children = pathlib.Path(f"/proc/{self._master}/task/{self._master}/children")
        with contextlib.suppress(OSError):
            return [int(pid) for pid in children.read_text(encoding="ascii").split()]
        return []

    def kill_whole(self) -> None:
        """Kill the master and its workers in one blow."""
        os.killpg(self._master, signal.SIGKILL)

    def kill_master(self) -> None:
        """Kill the master alone; its workers must notice."""
        os.kill(self._master, signal.SIGKILL)

    def kill_worker(self, index: int) -> None:
        """Kill one worker; the master must put another in its place."""
        workers = self.workers()
        if workers:
            os.kill(workers[index % len(workers)], signal.SIGKILL)

    def stop(self) -> list[str]:
        """Stop it as an operator does; name what had to be killed, of all lives."""
        os.kill(self._master, signal.SIGTERM)
        give_up_s = time.monotonic() + STOPS_WITHIN_S
        groups = {_group_of(leash) for leash in self._leashes}
        stuck = _living(groups)
        while stuck and time.monotonic() < give_up_s:
            time.sleep(POLL_S)
            stuck = _living(groups)
        self.close()
        return [f"process {pid} of the server" for pid in stuck]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another of its commands, as an operator does beside it."""
        return subprocess.run(
            [*_COMMAND, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )

    def close(self) -> None:
        """End whatever is left."""
        for leash in self._leashes:
            _pipe(leash.stdin).close()
            leash.wait()
            _pipe(leash.stdout).close()
        self._leashes.clear()

    def _spawn(self) -> None:
        with self.log.open("ab") as log:
            leash = subprocess.Popen(
                [sys.executable, "-P", LEASH, *_COMMAND, *self._serve],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the storm; the leash waits for its pipe
            )
        self._leashes.append(leash)
        self._master = int(_pipe(leash.stdout).readline())
        self.starts += 1


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _group_of(leash: subprocess.Popen[bytes]) -> int:
    children = pathlib.Path(f"/proc/{leash.pid}/task/{leash.pid}/children")
    return int(children.read_text(encoding="ascii").split()[0])


def _living(groups: set[int]) -> list[int]:
    """List the processes of some groups that are not dead."""
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields and int(fields[_GROUP_FIELD]) in groups and fields[_STATE_FIELD] != "Z":
                found.append(int(folder.name))
    return found


def _state_of(pid: int) -> str:
    fields = _stat(pid)
    return fields[_STATE_FIELD] if fields else ""


def _stat(pid: int) -> list[str]:
    """Read a process's line; its name, which may hold spaces, as one field; empty: it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    head, _, rest = text.rpartition(") ")
    return [str(pid), head, *rest.split()]


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    assert end is not None, "the leash was started with pipes"
    return end
