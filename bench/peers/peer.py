"""What a peer must be able to do, how its process is run, and the refusal to run here at all."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from bench import loopback

PREFIX: Final = pathlib.Path(__file__).parents[2] / "build" / "bench"
LOCKS: Final = pathlib.Path(__file__).parent
INSTALLS_WITHIN_S: Final = 600
_STARTS_WITHIN_S: Final = 90
_STOPS_WITHIN_S: Final = 15
_POLL_S: Final = 0.05
_WORDS_MAX: Final = 600


class UnavailableError(Exception):
    """The peer cannot be installed or run on this machine; the message says what was tried."""


class Told(NamedTuple):
    """A pull: the seconds on the wire, and how many records came."""

    took_s: float
    records: int


class Phone(Protocol):
    """One phone, with a connection and a cursor of its own; seconds are of the wire alone."""

    def pull(self) -> Told:
        """Pull everything afresh and keep the cursor."""
        ...

    def delta(self) -> Told:
        """Pull what changed since."""
        ...

    def push(self, operations: int) -> float:
        """Do so many things that were not done before, and send them; give the seconds."""
        ...

    def push_again(self) -> float:
        """Send the last push once more, because its answer was lost; give the seconds."""
        ...

    def sync(self, operations: int) -> float:
        """Hear the delta and push; give the seconds."""
        ...

    def close(self) -> None:
        """Hang up; the next request connects anew."""
        ...


class Peer(Protocol):
    """A running server."""

    def lay(self, route: str, *, records: int) -> Phone:
        """Lay a route, and give a phone for it."""
        ...

    def another(self, route: str) -> Phone:
        """Give one more phone for a route that is laid."""
        ...


@contextlib.contextmanager
def process(
    command: Sequence[str | pathlib.Path],
    *,
    port: int,
    folder: pathlib.Path,
    env: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run a peer's server until the block ends.

    Raises:
        UnavailableError: it does not open its port.
    """
    log = folder / "peer.log"
    with log.open("wb") as sink:
        running = subprocess.Popen(
            command, cwd=folder, env=env, stdout=sink, stderr=subprocess.STDOUT
        )
    try:
        give_up_s = time.monotonic() + _STARTS_WITHIN_S
        while not _is_open(port):
            if running.poll() is not None or time.monotonic() > give_up_s:
                said = log.read_text(encoding="utf-8", errors="replace")[-_WORDS_MAX:]
                raise UnavailableError(f"its server did not start: {said}")
            time.sleep(_POLL_S)
        yield
    finally:
        running.terminate()
        try:
            running.wait(_STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((loopback.HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def run(command: Sequence[str | pathlib.Path], *, cwd: pathlib.Path | None = None) -> None:
    """Run a step of an installation.

    Raises:
        UnavailableError: it fails, or takes longer than `INSTALLS_WITHIN_S`.
    """
    words = " ".join(map(str, command))
    try:
        subprocess.run(
            command, cwd=cwd, check=True, capture_output=True, text=True, timeout=INSTALLS_WITHIN_S
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"`{words}` took longer than {INSTALLS_WITHIN_S} s") from error
    except subprocess.CalledProcessError as error:
        raise UnavailableError(f"`{words}` failed: {error.stderr[-_WORDS_MAX:]}") from error


def is_installed(prefix: pathlib.Path, lock: pathlib.Path) -> bool:
    """Tell whether a prefix holds what a lock names."""
    stamp = prefix / ".lock"
    return stamp.exists() and stamp.read_bytes() == lock.read_bytes()


def stamp_installed(prefix: pathlib.Path, lock: pathlib.Path) -> None:
    """Remember that a prefix holds what a lock names."""
    (prefix / ".lock").write_bytes(lock.read_bytes())


def _is_open(port: int) -> bool:
    try:
        socket.create_connection((loopback.HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
