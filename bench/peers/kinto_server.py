"""Kinto with its PostgreSQL back ends, durable, under gunicorn as its documentation recommends."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import pathlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bench import loopback
from bench.peers import peer, work
from tests import postgres

NAME: Final = "Kinto"
SETTING: Final = "PostgreSQL with fsync, 2 workers of 8 threads, a push in one batch"
_PREFIX: Final = peer.PREFIX / "kinto"
_LOCK: Final = peer.LOCKS / "kinto" / "requirements.lock"
_BATCH: Final = 1_000
_LAY_AT_ONCE: Final = 250
_BUCKET: Final = "/v1/buckets/field"
_CREW: Final = base64.b64encode(b"crew:secret").decode()
_HEADERS: Final = {"Authorization": f"Basic {_CREW}", "Content-Type": "application/json"}
_WSGI: Final = """from pyramid.paster import get_app
application = get_app("kinto.ini")
"""
_BACK_ENDS: Final = ("storage", "cache", "permission")
Request = dict[str, Any]


class Kinto:
    """A running Kinto with one bucket."""

    def __init__(self, port: int) -> None:
        """Make the bucket."""
        self._port = port
        with loopback.Line(port) as line:
            line.put(_BUCKET, b'{"data":{}}', _HEADERS)

    def lay(self, route: str, *, records: int) -> peer.Phone:
        """Lay a route, and give a phone for it."""
        with loopback.Line(self._port) as line:
            line.put(f"{_BUCKET}/collections/{route}", b'{"data":{}}', _HEADERS)
            laid = [_put(route, each) for each in work.tasks(records, route=route)]
            for batch in _batches(laid, at_once=_LAY_AT_ONCE):
                line.post("/v1/batch", batch, _HEADERS)
        return self.another(route)

    def another(self, route: str) -> peer.Phone:
        """Give one more phone for a route that is laid."""
        return _Phone(self._port, route)


class _Phone:
    def __init__(self, port: int, route: str) -> None:
        self._line = loopback.Line(port)
        self._route = route
        self._tasks: list[work.Record] = []
        self._cursor = 0
        self._pushes = itertools.count()
        self._sent: list[bytes] = []

    def pull(self) -> peer.Told:
        took_s, self._tasks = self._get("")
        self._tasks.sort(key=lambda each: str(each["id"]))
        return peer.Told(took_s, len(self._tasks))

    def delta(self) -> peer.Told:
        took_s, changes = self._get(f"?_since=%22{self._cursor}%22")
        return peer.Told(took_s, len(changes))

    def push(self, operations: int) -> float:
        """Edit half as many tasks, and add a reading to each."""
        turn = next(self._pushes)
        count = operations // 2
        start = turn * count % max(len(self._tasks) - count, 1)
        some = self._tasks[start : start + count]
        added = work.readings(some, mark=f"{id(self)}-{turn}")
        requests = [_put(self._route, each) for each in work.done(some)]
        requests += [_put(self._route, each, headers={"If-None-Match": "*"}) for each in added]
        self._sent = list(_batches(requests))
        return self._post(expecting={200, 201})

    def push_again(self) -> float:
        return self._post(expecting={200, 412})

    def sync(self, operations: int) -> float:
        return self.delta().took_s + self.push(operations)

    def close(self) -> None:
        self._line.close()

    def _post(self, *, expecting: set[int]) -> float:
        answers = [self._line.post("/v1/batch", body, _HEADERS) for body in self._sent]
        said = [each for answer in answers for each in json.loads(answer.body)["responses"]]
        statuses = {each["status"] for each in said}
        assert statuses <= expecting, f"Kinto answered {statuses}"
        return sum(answer.took_s for answer in answers)

    def _get(self, query: str) -> tuple[float, list[work.Record]]:
        path = f"{_BUCKET}/collections/{self._route}/records{query}"
        answer = self._line.get(path, _HEADERS)
        records = json.loads(answer.body)["data"]
        newest = (int(each["last_modified"]) for each in records)
        self._cursor = max((self._cursor, *newest))
        return answer.took_s, records


@contextlib.contextmanager
def running() -> Iterator[peer.Peer]:
    """Install Kinto where it is not, and run it on a durable PostgreSQL.

    Raises:
        UnavailableError: it cannot be installed or run here.
    """
    _install()
    port = peer.free_port()
    with (
        postgres.running(settings=postgres.DURABLE, parent=postgres.DISK) as database,
        tempfile.TemporaryDirectory(prefix="lamplighter-kinto-") as made,
    ):
        folder = pathlib.Path(made)
        (folder / "kinto.ini").write_text(_settings(database.create_database()), encoding="utf-8")
        (folder / "bench_wsgi.py").write_text(_WSGI, encoding="utf-8")
        binaries = _PREFIX / "bin"
        peer.run([binaries / "kinto", "migrate", "--ini", "kinto.ini"], cwd=folder)
        command: list[str | pathlib.Path] = [binaries / "gunicorn", "bench_wsgi:application"]
        command += ["--bind", f"{loopback.HOST}:{port}", "--workers", "2", "--threads", "8"]
        command += ["--worker-class", "gthread", "--keep-alive", "75", "--timeout", "180"]
        with peer.process(command, port=port, folder=folder):
            yield Kinto(port)


def _install() -> None:
    if peer.is_installed(_PREFIX, _LOCK):
        return
    peer.run([sys.executable, "-m", "venv", "--clear", _PREFIX])
    pip: list[str | pathlib.Path] = [
        _PREFIX / "bin" / "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
    ]
    peer.run([*pip, "--require-hashes", "-r", _LOCK])
    peer.stamp_installed(_PREFIX, _LOCK)


def _settings(url: str) -> str:
    address = url.replace("postgresql://", "postgresql+psycopg2://")
    lines = [
        "[app:main]",
        "use = egg:kinto",
        "multiauth.policies = basicauth",
        f"kinto.userid_hmac_secret = {'ab' * 32}",
        "kinto.bucket_create_principals = system.Authenticated",
        f"kinto.batch_max_requests = {_BATCH}",
    ]
    for part in _BACK_ENDS:
        lines.append(f"kinto.{part}_backend = kinto.core.{part}.postgresql")
        lines.append(f"kinto.{part}_url = {address}")
    return "\n".join(lines) + "\n"


def _put(route: str, record: work.Record, *, headers: dict[str, str] | None = None) -> Request:
    path = f"{_BUCKET}/collections/{route}/records/{record['id']}"
    data = {name: value for name, value in record.items() if name != "last_modified"}
    return {"path": path, "body": {"data": data}, **({"headers": headers} if headers else {})}


def _batches(requests: Sequence[Request], *, at_once: int = _BATCH) -> Iterator[bytes]:
    for start in range(0, len(requests), at_once):
        some = requests[start : start + at_once]
        body = {"defaults": {"method": "PUT"}, "requests": some}
        yield json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
