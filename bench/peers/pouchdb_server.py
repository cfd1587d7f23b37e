"""PouchDB server: the CouchDB protocol on leveldb, which writes without fsync."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import pathlib
import shutil
import tempfile
from collections.abc import Iterator
from typing import Final

from bench import loopback
from bench.peers import peer, work

NAME: Final = "PouchDB server"
SETTING: Final = "leveldb without fsync, one process of Node"
_PREFIX: Final = peer.PREFIX / "pouchdb"
_LOCK: Final = peer.LOCKS / "pouchdb" / "package-lock.json"
_HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json"}
_LOAD_AT_ONCE: Final = 1_000
_PATH_TAIL: Final = ("node_modules", "pouchdb-server", "bin", "pouchdb-server")


class Pouch:
    """A running PouchDB server."""

    def __init__(self, port: int) -> None:
        """Keep where it listens."""
        self._port = port

    def lay(self, route: str, *, records: int) -> peer.Phone:
        """Lay a route as a database of its own, and give a phone for it."""
        laid = [_document(each) for each in work.tasks(records, route=route)]
        with loopback.Line(self._port) as line:
            line.put(f"/{route}", b"", _HEADERS)
            for start in range(0, len(laid), _LOAD_AT_ONCE):
                body = {"docs": laid[start : start + _LOAD_AT_ONCE]}
                line.post(f"/{route}/_bulk_docs", _encode(body), _HEADERS)
        return self.another(route)

    def another(self, route: str) -> peer.Phone:
        """Give one more phone for a route that is laid."""
        return _Phone(self._port, route)


class _Phone:
    def __init__(self, port: int, route: str) -> None:
        self._line = loopback.Line(port)
        self._route = route
        self._tasks: list[work.Record] = []
        self._revisions: dict[str, str] = {}
        self._cursor: object = 0
        self._pushes = itertools.count()
        self._diff = self._bulk = b""

    def pull(self) -> peer.Told:
        self._cursor = 0
        took_s, self._tasks = self._changes()
        return peer.Told(took_s, len(self._tasks))

    def delta(self) -> peer.Told:
        took_s, changes = self._changes()
        return peer.Told(took_s, len(changes))

    def push(self, operations: int) -> float:
        """Edit half as many tasks, and add a reading to each, as replication does."""
        turn = next(self._pushes)
        count = operations // 2
        start = turn * count % max(len(self._tasks) - count, 1)
        some = self._tasks[start : start + count]
        added = work.readings(some, mark=f"{id(self)}-{turn}")
        written = [self._revised(each, mark=f"{turn}") for each in (*work.done(some), *added)]
        self._diff = _encode({str(each["_id"]): [each["_rev"]] for each in written})
        self._bulk = _encode({"docs": written, "new_edits": False})
        asked, missing = self._ask_missing()
        assert len(missing) == len(written), "the push was known before"
        sent = self._line.post(f"/{self._route}/_bulk_docs", self._bulk, _HEADERS)
        assert not json.loads(sent.body), f"PouchDB refused: {sent.body[:300]!r}"
        return asked + sent.took_s

    def push_again(self) -> float:
        asked, missing = self._ask_missing()
        assert not missing, "the first push was lost"
        return asked

    def sync(self, operations: int) -> float:
        return self.delta().took_s + self.push(operations)

    def close(self) -> None:
        self._line.close()

    def _ask_missing(self) -> tuple[float, dict[str, object]]:
        answer = self._line.post(f"/{self._route}/_revs_diff", self._diff, _HEADERS)
        return answer.took_s, json.loads(answer.body)

    def _revised(self, record: work.Record, *, mark: str) -> work.Record:
        """Give a document its next revision, after the one that is known."""
        key = str(record["id"])
        old = self._revisions.get(key)
        new = hashlib.md5(f"{id(self)}-{mark}-{key}".encode(), usedforsecurity=False).hexdigest()
        number, ids = 1, [new]
        if old is not None:
            before, _, digest = old.partition("-")
            number, ids = int(before) + 1, [new, digest]
        self._revisions[key] = f"{number}-{new}"
        revisions = {"start": number, "ids": ids}
        return {**_document(record), "_rev": f"{number}-{new}", "_revisions": revisions}

    def _changes(self) -> tuple[float, list[work.Record]]:
        path = f"/{self._route}/_changes?include_docs=true&since={self._cursor}"
        answer = self._line.get(path, _HEADERS)
        told = json.loads(answer.body)
        self._cursor = told["last_seq"]
        for each in told["results"]:
            self._revisions[each["id"]] = each["changes"][0]["rev"]
        return answer.took_s, [{**each["doc"], "id": each["id"]} for each in told["results"]]


@contextlib.contextmanager
def running() -> Iterator[peer.Peer]:
    """Install PouchDB server where it is not, and run it.

    Raises:
        UnavailableError: it cannot be installed or run here; it needs Node and npm.
    """
    node = shutil.which("node")
    if node is None:
        raise peer.UnavailableError("it needs Node, and there is no `node` on the path")
    _install()
    port = peer.free_port()
    with tempfile.TemporaryDirectory(prefix="lamplighter-pouchdb-") as made:
        folder = pathlib.Path(made)
        (folder / "db").mkdir()
        log = {"log": {"file": str(folder / "pouchdb.log"), "level": "none"}}
        (folder / "config.json").write_text(json.dumps(log), encoding="utf-8")
        command: list[str | pathlib.Path] = [node, _PREFIX.joinpath(*_PATH_TAIL)]
        command += ["--port", str(port), "--host", loopback.HOST, "--dir", folder / "db"]
        command += ["--config", folder / "config.json", "--no-stdout-logs"]
        with peer.process(command, port=port, folder=folder):
            yield Pouch(port)


def _install() -> None:
    if peer.is_installed(_PREFIX, _LOCK):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise peer.UnavailableError("it needs npm, and there is no `npm` on the path")
    _PREFIX.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_LOCK.with_name(name), _PREFIX / name)
    peer.run([npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit"], cwd=_PREFIX)
    peer.stamp_installed(_PREFIX, _LOCK)


def _document(record: work.Record) -> work.Record:
    plain = {name: value for name, value in record.items() if name not in {"id", "_rev", "_id"}}
    return {"_id": record["id"], **plain}


def _encode(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
