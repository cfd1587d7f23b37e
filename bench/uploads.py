"""Photos that come up: 200 of 3 MB, on ours, on the official tus server, and written by the system.

Ours has every photo on the disk (fdatasync) and noted before it answers; the peer flushes nothing.
The floor writes the same bytes into as many files from as many threads, with fdatasync.
"""

from __future__ import annotations

import base64
import concurrent.futures
import hashlib
import http.client
import itertools
import os
import pathlib
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from bench import figures, loopback
from bench.peers import tus_server
from bench.scene import Scene
from schemas.crews import Role

_PHOTOS: Final = 200
_PHOTO_BYTES: Final = 3_000_000
_CHUNK_BYTES: Final = 512_000
_CLIENTS: Final = 8
_TURNS_MAX: Final = 3
_OF_THE_FLOOR_AT_LEAST: Final = 290 / 520
_FASTER_AT_LEAST: Final = 1.0
_TIMEOUT_S: Final = 300
_TUS: Final = {"Tus-Resumable": "1.0.0"}
_BODY: Final = memoryview(os.urandom(_PHOTO_BYTES))
_numbers: Final = itertools.count()


Shown = Callable[[str, str], Mapping[str, str]]
"""Gives the headers of whoever asks, for a method and a path."""


class _Server(NamedTuple):
    """A server of tus: where uploads begin, and how a new client shows who it is."""

    port: int
    path: str
    sign_in: Callable[[], Shown]


class _Photo:
    """3 MB that are like no other photo, though only their beginning is its own."""

    def __init__(self) -> None:
        self.head = next(_numbers).to_bytes(16, "big") + os.urandom(16)
        hashed = hashlib.sha256(self.head)
        hashed.update(_BODY[len(self.head) :])
        self.sha256 = hashed.hexdigest()

    def send(self, line: http.client.HTTPConnection, start: int, end: int) -> None:
        """Put some of it on the line."""
        if start < len(self.head):
            line.send(self.head[start:end])
        line.send(_BODY[max(start, len(self.head)) : end])


def measure(scene: Scene) -> Iterator[figures.Figure]:
    """Send the photos in turns: one client in chunks, then eight with one request for each photo.

    Raises:
        UnavailableError: the peer cannot be installed or run here.
    """
    phones = (f"photographer-{number}" for number in itertools.count())

    def enrolled() -> Shown:
        return scene.ground.enrol(next(phones), role=Role.LINEMAN).shown

    ours = _Server(scene.server.port, "/v1/uploads", enrolled)
    with tus_server.running(scene.server.folder) as port:
        theirs = _Server(port, "/files", _anybody)
        yield from _beside(scene, ours, theirs, clients=1, chunk_bytes=_CHUNK_BYTES)
        yield from _beside(scene, ours, theirs, clients=_CLIENTS, chunk_bytes=_PHOTO_BYTES)


def _beside(
    scene: Scene, ours: _Server, theirs: _Server, *, clients: int, chunk_bytes: int
) -> Iterator[figures.Figure]:
    """Measure one way of sending on both servers and on the floor."""
    whole = chunk_bytes >= _PHOTO_BYTES
    what = f"{_PHOTOS} photos of 3 MB, {clients} client{'s' if clients > 1 else ''}"
    what += ", one request each" if whole else f", chunks of {chunk_bytes // 1_000} kB"
    mb_per_s: dict[str, list[float]] = {"ours": [], "theirs": [], "floor": []}
    cpu_s: list[float] = []
    turns = min(scene.reps, _TURNS_MAX)
    for turn in range(turns):
        scene.told(f"{what}: {turn + 1} of {turns}")
        mb_per_s["floor"].append(_written(scene.server.folder / "floor", clients))
        before_s = scene.server.cpu_s()
        mb_per_s["ours"].append(_sent(ours, clients, chunk_bytes))
        cpu_s.append(scene.server.cpu_s() - before_s)
        mb_per_s["theirs"].append(_sent(theirs, clients, chunk_bytes))
        _make_room(scene.server.folder)
    measured = {name: statistics.median(each) for name, each in mb_per_s.items()}
    yield figures.Figure(
        what=f"{what}; the floor is {tus_server.NAME} without fsync",
        value=measured["ours"],
        unit="MB/s",
        floor=measured["theirs"],
        at_least=_FASTER_AT_LEAST,
    )
    yield figures.Figure(
        what=f"{what}; the floor is written with fdatasync",
        value=measured["ours"],
        unit="MB/s",
        floor=measured["floor"],
        at_least=_OF_THE_FLOOR_AT_LEAST if whole else None,
    )
    yield figures.Figure(
        what=f"{what}: processor time of the server", value=statistics.median(cpu_s), unit="s"
    )


def _sent(server: _Server, clients: int, chunk_bytes: int) -> float:
    """Send all photos; give the MB a second.

    What begins an upload is signed before the clock runs: each phone has a processor of its own.
    """
    shares = []
    for _ in range(clients):
        shown = server.sign_in()
        photos = [_Photo() for _ in range(_PHOTOS // clients)]
        shares.append((shown, [(each, _creation(server, shown, each)) for each in photos]))
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        started_s = time.perf_counter()
        sending = [
            pool.submit(_send_all, server, shown, share, chunk_bytes) for shown, share in shares
        ]
        for each in sending:
            each.result()
        took_s = time.perf_counter() - started_s
    return _PHOTOS * _PHOTO_BYTES / 1e6 / took_s


def _anybody() -> Shown:
    return lambda *_: {}


def _creation(server: _Server, shown: Shown, photo: _Photo) -> Mapping[str, str]:
    """Write the headers that begin an upload."""
    named = base64.b64encode(photo.sha256.encode()).decode()
    return {
        **shown("POST", server.path),
        "Upload-Length": str(_PHOTO_BYTES),
        "Upload-Metadata": f"sha256 {named}",
    }


def _send_all(
    server: _Server,
    shown: Shown,
    share: Sequence[tuple[_Photo, Mapping[str, str]]],
    chunk_bytes: int,
) -> None:
    """Send photos one after the other over one connection."""
    line = http.client.HTTPConnection(loopback.HOST, server.port, timeout=_TIMEOUT_S)
    for photo, creation in share:
        first = photo, 0, min(chunk_bytes, _PHOTO_BYTES)
        answer = _send_chunk(line, "POST", server.path, creation, first)
        assert answer.status == http.HTTPStatus.CREATED, answer.status
        place = urlsplit(str(answer.headers["Location"])).path
        for start in range(chunk_bytes, _PHOTO_BYTES, chunk_bytes):
            about = {**shown("PATCH", place), "Upload-Offset": str(start)}
            some = photo, start, min(start + chunk_bytes, _PHOTO_BYTES)
            answer = _send_chunk(line, "PATCH", place, about, some)
            assert answer.status == http.HTTPStatus.NO_CONTENT, answer.status
    line.close()


def _send_chunk(
    line: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: Mapping[str, str],
    some: tuple[_Photo, int, int],
) -> http.client.HTTPResponse:
    """Send some of a photo, from one byte to before another, and hear that all of it was taken."""
    photo, start, end = some
    line.putrequest(method, path)
    about = {
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(end - start),
    }
    for name, value in {**headers, **_TUS, **about}.items():
        line.putheader(name, value)
    line.endheaders()
    photo.send(line, start, end)
    answer = line.getresponse()
    answer.read()
    assert answer.headers["Upload-Offset"] == str(end)
    return answer


def _written(folder: pathlib.Path, clients: int) -> float:
    """Write as many files with fdatasync; give the MB a second."""
    folder.mkdir()
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        started_s = time.perf_counter()
        list(pool.map(_write, (folder / str(number) for number in range(_PHOTOS))))
        took_s = time.perf_counter() - started_s
    shutil.rmtree(folder)
    return _PHOTOS * _PHOTO_BYTES / 1e6 / took_s


def _write(path: pathlib.Path) -> None:
    with path.open("wb", buffering=0) as file:
        file.write(_BODY)
        os.fdatasync(file.fileno())


def _make_room(folder: pathlib.Path) -> None:
    """Take away what was sent; the database may keep its rows."""
    for each in (folder / "evidence").glob("*/*/*"):
        each.unlink()
    for each in (folder / "tus-files").iterdir():
        each.unlink()
