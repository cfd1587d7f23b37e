"""The real server in a process of its own, with the floors mounted beside its doors.

    python -m bench.served DATABASE_URL PORT FOLDER

It ends when whoever started it closes its standard input.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Final

import flask

from api import observe
from api.serving import Serving
from api.settings import Settings
from bench import loopback, processes

_STARTS_WITHIN_S: Final = 30
_STOPS_WITHIN_S: Final = 30
_POLL_S: Final = 0.05
_READY: Final = "ready"
_TOKENS_LIVE_S: Final = 86_400


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running server."""

    port: int
    pid: int
    folder: pathlib.Path

    def lay_floor(self, name: str, body: bytes) -> str:
        """Keep bytes that the server gives away with no logic; give the path of the file."""
        (self.folder / name).write_bytes(body)
        return f"/floor/file/{name}"

    def cpu_s(self) -> float:
        """Tell how much processor time the server has used."""
        return processes.cpu_s(processes.family(self.pid))

    def memory_mb(self) -> float:
        """Tell how much memory its one worker holds."""
        return processes.memory_mb(processes.family(self.pid))


def settings_of(url: str, *, port: int = 0, folder: pathlib.Path) -> Settings:
    """Make the settings that server and bench share; all but the tokens' life are the defaults."""
    return Settings(
        data_dir=folder,
        database_url=url,
        port=port,
        scheduler=False,
        access_token_s=_TOKENS_LIVE_S,
    )


@contextlib.contextmanager
def running(url: str, *, folder: pathlib.Path) -> Iterator[Served]:
    """Run a server for the length of a `with` block.

    Args:
        url: its database.
        folder: where its log and the floors' files go.
    """
    port = _free_port()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.served", url, str(port), str(folder)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, folder)
        yield Served(port=port, pid=process.pid, folder=folder)
    finally:
        assert process.stdin is not None, "it was started with a pipe"
        process.stdin.close()
        try:
            process.wait(_STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _WithFloors(Serving):
    """The server as it is, and two doors more."""

    def load(self) -> flask.Flask:
        """Make the application in the worker and mount the floors."""
        app = super().load()
        app.register_blueprint(_floors(self._settings.data_dir))
        return app


def _floors(folder: pathlib.Path) -> flask.Blueprint:
    blueprint = flask.Blueprint("floor", __name__, url_prefix="/floor")
    kept: dict[str, bytes] = {}

    @blueprint.get("/file/<name>")
    def file(name: str) -> flask.Response:
        return flask.send_from_directory(folder, name, mimetype="application/octet-stream")

    @blueprint.get("/json/<name>")
    def json(name: str) -> flask.Response:
        body = kept.get(name) or kept.setdefault(name, (folder / name).read_bytes())
        return flask.Response(body, mimetype="application/json")

    return blueprint


def _wait(process: subprocess.Popen[bytes], port: int, folder: pathlib.Path) -> None:
    """Wait until the server answers."""
    give_up_s = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < give_up_s and process.poll() is None:
        with contextlib.suppress(OSError), loopback.Line(port) as line:
            line.get("/ready")
            return
        time.sleep(_POLL_S)
    raise RuntimeError(f"the server did not start:\n{(folder / 'server.log').read_text()[-2_000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((loopback.HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _end_with_starter() -> None:
    """Stop when the pipe from whoever started this process closes."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main(url: str, port: str, folder: str) -> None:
    """Serve until the starter goes."""
    settings = settings_of(url, port=int(port), folder=pathlib.Path(folder))
    observe.configure_logs(settings.log_level)
    threading.Thread(target=_end_with_starter, daemon=True).start()
    _WithFloors(settings, when_ready=lambda: print(_READY, flush=True)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
