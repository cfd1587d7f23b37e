"""The real server: it starts from nothing, serves, and stops without dropping what it has begun."""

from __future__ import annotations

import contextlib
import pathlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

START_TRIES = 150
BODY = b'{"login":"nobody","password":"none"}'


@contextlib.contextmanager
def serving(folder: pathlib.Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `lamplighter serve` on a free port; gives the process and the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "LAMPLIGHTER_DATA_DIR": str(folder),
        "LAMPLIGHTER_PORT": str(port),
        "LAMPLIGHTER_THREADS": "4",
        "LAMPLIGHTER_LOG_LEVEL": "error",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "api", "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        until_ready(process, port)
        yield process, port
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(START_TRIES):
        assert process.poll() is None, "the server ended before it was ready"
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200:
                return
        time.sleep(0.1)
    pytest.fail("the server was not ready in time")


@pytest.mark.slow
def test_a_request_that_has_begun_is_answered_although_the_server_stops(
    tmp_path: pathlib.Path,
) -> None:
    with serving(tmp_path) as (process, port):
        line = socket.create_connection(("127.0.0.1", port), timeout=20)
        head = (
            "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(BODY)}\r\n\r\n"
        )
        line.sendall(head.encode() + BODY[:10])
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        line.sendall(BODY[10:])
        answer = line.recv(65_536)
        while not answer.endswith(b"}"):
            answer += line.recv(65_536)
        line.close()
        assert answer.startswith(b"HTTP/1.1 401")
        assert b"wrong-password" in answer
        assert process.wait(timeout=30) == 0


@pytest.mark.slow
def test_nothing_is_served_after_a_stop_and_a_new_start_finds_the_same_data(
    tmp_path: pathlib.Path,
) -> None:
    with serving(tmp_path) as (process, port):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/health")
    with serving(tmp_path) as (_, port):
        assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
