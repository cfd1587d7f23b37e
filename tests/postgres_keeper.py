"""Keep one PostgreSQL server until the process that asked for it has ended.

    python postgres_keeper.py BINARIES PARENT [NAME=VALUE ...]

The asker holds our standard input and output as pipes.
We answer `ready DIRECTORY` or `failed: WHY`.
Then a line `kill` kills the server as a lost battery would, and `start` starts it again on the same
data; each is answered by `done` or `failed: WHY`. Any other line, or the end, stops the server.
The pipe closes however the asker ends, even when it is killed, so no server outlives its tests.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg

START_TIMEOUT_S: Final = 60
STOP_TIMEOUT_S: Final = 20
POLL_S: Final = 0.05
CONNECTIONS_MAX: Final = 200
STARTS_MAX: Final = 100


class NotStartedError(Exception):
    """The server would not start; its own words say why."""


def keep(binaries: Path, parent: Path, settings: list[str]) -> None:
    """Run a server until our input says stop or ends, and leave nothing behind.

    Args:
        binaries: the folder of `initdb` and `postgres`.
        parent: where the server's own directory is made.
        settings: `name=value` each.
    """
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(
            ignored, signal.SIG_IGN
        )  # the pipe alone ends the keeper, so it always tidies
    with tempfile.TemporaryDirectory(
        prefix="lamplighter-pg-", dir=parent, ignore_cleanup_errors=True
    ) as name:
        directory = Path(name)
        directory.chmod(0o755)
        try:
            binaries = _prepare(binaries, directory)
            server = _run(binaries, directory, settings)
        except (OSError, subprocess.SubprocessError, NotStartedError) as error:
            said = getattr(error, "stderr", None) or str(error)
            print("failed:", " ".join(str(said).split())[-500:], flush=True)  # noqa: T201 - the asker reads it
            return
        print(f"ready {directory}", flush=True)  # noqa: T201 - the asker reads it
        server = _obey(server, lambda: _run(binaries, directory, settings))
        server.send_signal(signal.SIGINT)  # fast shutdown
        try:
            server.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _obey(
    server: subprocess.Popen[bytes], start: Callable[[], subprocess.Popen[bytes]]
) -> subprocess.Popen[bytes]:
    """Kill the server and start it again as often as we are told; give the last one."""
    for line in sys.stdin:
        said = "done"
        match line.strip():
            case "kill":
                server.kill()
                server.wait()
            case "start":
                try:
                    server = _start_again(start)
                except (OSError, NotStartedError) as error:
                    said = "failed: " + " ".join(str(error).split())[-500:]
            case _:
                break
        print(said, flush=True)  # noqa: T201 - the asker reads it
    return server


def _start_again(start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Start on the same data; what is left of a killed server still has to notice its end."""
    for _ in range(STARTS_MAX - 1):
        with contextlib.suppress(NotStartedError):
            return start()
        time.sleep(POLL_S)
    return start()


def _prepare(binaries: Path, directory: Path) -> Path:
    """Make a cluster in `directory/data`; give the binaries that its user can reach."""
    user = _plain_user()
    data = directory / "data"
    data.mkdir(mode=0o700)
    if user is not None:
        os.chown(directory, user, -1)
        os.chown(data, user, -1)
        binaries = _within_reach(binaries, directory)
    initdb = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=trust", "--username=postgres"]
    subprocess.run(
        [binaries / "initdb", *initdb, "-D", data],
        check=True,
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
        user=user,
        cwd=directory,
    )
    return binaries


def _run(binaries: Path, directory: Path, settings: list[str]) -> subprocess.Popen[bytes]:
    """Start the server of the cluster."""
    options = [
        "listen_addresses=",
        f"unix_socket_directories={directory}",
        f"max_connections={CONNECTIONS_MAX}",
        *settings,
    ]
    log = directory / "log"
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [
                binaries / "postgres",
                "-D",
                directory / "data",
                *(f"--{option}" for option in options),
            ],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            user=_plain_user(),
            cwd=directory,
        )
    _wait_until_ready(server, directory, log)
    return server


def _wait_until_ready(server: subprocess.Popen[bytes], directory: Path, log: Path) -> None:
    address = f"postgresql://postgres@/postgres?host={directory}"
    for _ in range(round(START_TIMEOUT_S / POLL_S)):
        try:
            psycopg.connect(address, connect_timeout=START_TIMEOUT_S).close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                raise NotStartedError(log.read_text(errors="replace")[-500:]) from None
            time.sleep(POLL_S)
        else:
            return
    server.kill()
    msg = f"it was not ready within {START_TIMEOUT_S} s"
    raise NotStartedError(msg)


def _plain_user() -> int | None:
    """Choose who runs the server: PostgreSQL refuses root, so root lends it a lesser user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    msg = "this machine has neither a user `postgres` nor `nobody`, and the server refuses root"
    raise NotStartedError(msg)


def _within_reach(binaries: Path, directory: Path) -> Path:
    """Copy the binaries beside the data when their own place is closed to a lesser user."""
    if all(parent.stat().st_mode & 0o005 == 0o005 for parent in binaries.resolve().parents):
        return binaries
    shutil.copytree(binaries.parent, directory / "postgres", symlinks=True)
    return directory / "postgres" / binaries.name


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
