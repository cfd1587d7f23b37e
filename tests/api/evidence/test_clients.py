"""Real clients of tus against the real server: they are killed, cut and come back."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import IO, Final

import pytest

from tests.api.evidence.clients import installed, proxy
from tests.api.evidence.clients.served import Served, serving

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tus clients")]

PHOTO_BYTES: Final = 12_000_000
CUTS_AT_BYTES: Final = (1_000_000, 3_000_000, 5_500_000, 8_000_000, 11_000_000)
SENT_AT_MOST: Final = 1.1
CHUNK_BYTES: Final = 500_000
WHOLE: Final = 1_000_000_000
WITHIN_S: Final = 240
HERE: Final = pathlib.Path(__file__).parent / "clients"
PYTHON: Final = "tuspy"
NODE: Final = "tus-js-client"
BOTH: Final = pytest.mark.parametrize("client", [PYTHON, NODE])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, migrated: pathlib.Path) -> Iterator[Served]:
    """Run one server for all of these tests."""
    with serving(tmp_path_factory.mktemp("served"), migrated=migrated) as server:
        yield server


@dataclasses.dataclass(slots=True)
class Photo:
    """A file on a phone, and where a client keeps the place of its upload."""

    path: pathlib.Path
    content: bytes

    @property
    def sha256(self) -> str:
        """Its hash."""
        return hashlib.sha256(self.content).hexdigest()


@pytest.fixture
def photo(tmp_path: pathlib.Path) -> Photo:
    return a_photo(tmp_path, PHOTO_BYTES)


def a_photo(folder: pathlib.Path, size_bytes: int) -> Photo:
    content = os.urandom(size_bytes)
    path = folder / "photo.jpg"
    path.write_bytes(content)
    return Photo(path, content)


def run(client: str, served: Served, photo: Photo, **chosen: object) -> subprocess.Popen[str]:
    """Start a client; it prints each offset that it was told."""
    asked = {
        "url": served.url(),
        "headers": served.headers,
        "file": str(photo.path),
        "kept": str(photo.path.with_suffix(f".{client}.json")),
        "metadata": {"filename": photo.path.name},
        "chunk_bytes": CHUNK_BYTES,
        "checksum": False,
        "retries": 0,
        "parallel": 1,
        "deferred": False,
        "with_creation": False,
        "override": False,
        **chosen,
    }
    environment = dict(os.environ)
    if client == NODE:
        node, modules = installed.modules()
        command = [node, str(HERE / "tus_js_client.cjs")]
        environment["NODE_PATH"] = str(modules)
    else:
        command = [sys.executable, str(HERE / "tuspy_client.py")]
    return subprocess.Popen(
        [*command, json.dumps(asked)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def out(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None, "it was started with a pipe"
    return process.stdout


def ended(process: subprocess.Popen[str]) -> str:
    """Wait until a client has sent everything; give what it printed."""
    told, _ = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0, told
    assert "\ndone http" in told, told
    return told


def killed_at(process: subprocess.Popen[str], offset_bytes: int) -> None:
    """Kill a client in the middle, once it was told that much."""
    for line in out(process):
        word, _, number = line.partition(" ")
        if word == "at" and int(number) >= offset_bytes:
            process.kill()
            break
        assert word in {"begins", "at"}, line
    process.wait()
    out(process).close()


@BOTH
@pytest.mark.rule("S43")
def test_a_client_that_is_killed_goes_on_where_it_was(
    served: Served, photo: Photo, client: str
) -> None:
    with proxy.between(served.port) as line:
        url = served.url(line.port)
        for offset_bytes in (2_000_000, 5_000_000, 9_000_000):
            killed_at(run(client, served, photo, url=url), offset_bytes)
        ended(run(client, served, photo, url=url))
    assert served.has(photo.sha256, photo.content)
    assert line.up_bytes < 1.2 * PHOTO_BYTES, "three kills cost less than two chunks each"


@BOTH
@pytest.mark.rule("S43")
def test_five_cuts_cost_less_than_a_tenth(served: Served, photo: Photo, client: str) -> None:
    with proxy.between(served.port, cuts_at_bytes=CUTS_AT_BYTES, delay_s=0.001) as line:
        ended(run(client, served, photo, url=served.url(line.port), chunk_bytes=WHOLE, retries=9))
    assert served.has(photo.sha256, photo.content)
    assert line.cuts == len(CUTS_AT_BYTES)
    assert line.up_bytes < SENT_AT_MOST * PHOTO_BYTES


@BOTH
@pytest.mark.rule("S43")
def test_a_server_that_is_killed_in_the_middle_of_a_request_costs_only_that(
    served: Served, photo: Photo, client: str
) -> None:
    with proxy.between(served.port, delay_s=0.002) as line:
        url = served.url(line.port)
        first = run(client, served, photo, url=url, chunk_bytes=3_000_000)
        for told in out(first):
            if told.startswith("at "):
                break
        while line.up_bytes < 4_500_000:
            assert first.poll() is None, "it was killed in time"
        served.kill()
        first.kill()
        first.communicate(timeout=WITHIN_S)
        served.start()
        before_bytes = line.up_bytes
        ended(run(client, served, photo, url=url, chunk_bytes=3_000_000))
        assert line.up_bytes - before_bytes < PHOTO_BYTES - 3_000_000 + 100_000
    assert served.has(photo.sha256, photo.content)


def test_tuspy_sends_with_checksums(served: Served, photo: Photo) -> None:
    ended(run(PYTHON, served, photo, checksum=True))
    assert served.has(photo.sha256, photo.content)


@BOTH
def test_an_empty_file_is_a_file(served: Served, tmp_path: pathlib.Path, client: str) -> None:
    empty = a_photo(tmp_path, 0)
    ended(run(client, served, empty))
    assert served.has(empty.sha256, b"")


@BOTH
def test_a_named_file_costs_a_chunk_at_most_the_second_time(
    served: Served, photo: Photo, client: str
) -> None:
    named = {"metadata": {"sha256": photo.sha256}}
    ended(run(client, served, photo, **named))
    photo.path.with_suffix(f".{client}.json").unlink()
    with proxy.between(served.port) as line:
        ended(run(client, served, photo, url=served.url(line.port), retries=3, **named))
    assert line.up_bytes < 1.1 * CHUNK_BYTES, "they send a chunk before they ask"


@pytest.mark.parametrize(
    "chosen",
    [
        {"parallel": 4},
        {
            "deferred": True,
            "chunk_bytes": 700_000,
        },  # it waits for ever if a chunk ends with the file
        {"with_creation": True},
        {"override": True},
    ],
    ids=lambda chosen: next(iter(chosen)),
)
def test_tus_js_client_sends_in_every_way_that_it_knows(
    served: Served, photo: Photo, chosen: dict[str, object]
) -> None:
    ended(run(NODE, served, photo, **chosen))
    assert served.has(photo.sha256, photo.content)


def test_parts_that_are_sent_side_by_side_go_on_after_a_kill(served: Served, photo: Photo) -> None:
    with proxy.between(served.port, delay_s=0.001) as line:
        url = served.url(line.port)
        first = run(NODE, served, photo, url=url, parallel=3, chunk_bytes=400_000)
        while line.up_bytes < 6_000_000:
            assert first.poll() is None, "it was killed in time"
        first.kill()
        first.communicate(timeout=WITHIN_S)
        ended(run(NODE, served, photo, url=url, parallel=3, chunk_bytes=400_000))
    assert served.has(photo.sha256, photo.content)
    assert line.up_bytes < 1.2 * PHOTO_BYTES


def test_a_line_ends_for_the_client_when_its_server_has_hung_up_on_it() -> None:
    """A server that refuses before it has read everything resets the line; its answer is lost."""
    with (
        socket.create_server((proxy.HOST, 0)) as server,
        proxy.between(server.getsockname()[1]) as line,
        socket.create_connection((proxy.HOST, line.port), timeout=5) as client,
    ):
        client.sendall(b"x" * 100_000)
        taken, _ = server.accept()
        while line.up_bytes < 100_000:
            time.sleep(0.01)
        taken.close()
        assert client.recv(1) == b""
