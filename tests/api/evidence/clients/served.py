"""A real server for real clients, which dies by SIGKILL and comes back with the same data."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

import httpx

from api import db
from api.evidence import depot
from api.evidence.models import Blob
from api.settings import Settings
from schemas.crews import Role
from tests.makers import crews

_STARTS_WITHIN_S: Final = 180
_LOOK_S: Final = 0.1


@dataclasses.dataclass(slots=True)
class Served:
    """One server, life after life; `headers` sign a lineman's phone in."""

    folder: pathlib.Path
    port: int
    headers: dict[str, str]
    database: db.Database
    _process: subprocess.Popen[bytes] | None = None

    def url(self, port: int | None = None) -> str:
        """Give where uploads begin, by way of a proxy if its port is named."""
        return f"http://127.0.0.1:{port or self.port}/v1/uploads"

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        kept = {name: value for name, value in os.environ.items() if "LAMPLIGHTER" not in name}
        settings = {
            "LAMPLIGHTER_DATA_DIR": str(self.folder),
            "LAMPLIGHTER_PORT": str(self.port),
            "LAMPLIGHTER_LOG_LEVEL": "error",
        }
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api", "serve"],
                env=kept | settings,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        give_up_s = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < give_up_s and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{self.port}/ready").is_success:
                    return
            time.sleep(_LOOK_S)
        raise AssertionError((self.folder / "server.log").read_text(encoding="utf-8")[-3_000:])

    def kill(self) -> None:
        """Kill it and its workers in one blow."""
        assert self._process is not None, "it was started"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def has(self, sha256: str, content: bytes) -> bool:
        """Tell whether a file is noted as arrived, and lies there as it was."""
        with self.database.reading() as session:
            blob = session.get(Blob, (crews.DISTRICT, sha256))
        if blob is None or blob.size_bytes != len(content):
            return False
        files = depot.opened(Settings(data_dir=self.folder))
        with files.open_file(district_id=crews.DISTRICT, sha256=sha256) as file:
            return file.read() == content


@contextlib.contextmanager
def serving(folder: pathlib.Path, *, migrated: pathlib.Path) -> Iterator[Served]:
    """Run a server with one lineman's phone until the block ends."""
    path = folder / "lamplighter.db"
    shutil.copy(migrated, path)
    database = db.Database(f"sqlite:///{path}", pool_size=2)
    headers = crews.signed_in(
        database,
        settings=Settings(data_dir=folder),
        now=dt.datetime.now(dt.UTC),
        role=Role.LINEMAN,
        district_id=crews.DISTRICT,
        unit_id=None,
        person_id="li",
        crew_id="crew-1",
        device_id="device-li",
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Served(folder, port, headers, database)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        database.close()
