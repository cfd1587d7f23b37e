"""What happened to handhelds in a world, written down for another program to live through.

A tape has a handheld's store as it was, then every act, every request with what became of it, and
the store after each step. The phone app's store and sync must ask the same and end the same.
Crashes of the handheld itself are left out: they end inside of a write of SQLite's.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import gzip
import hashlib
import json
import pathlib
from collections.abc import Iterator
from typing import Any, Final

import httpx

from field_sync import client
from field_sync.clock import Moment
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from field_sync.transport import Transport
from schemas.base import rfc3339
from tests.world.handset import Handset
from tests.world.journal import Fault
from tests.world.server import ADDRESS
from tests.world.world import World

Json = dict[str, Any]
TABLES: Final = ("settings", "records", "staged", "staged_drops", "outbox", "uploads", "contacts")
_SAID: Final = ("upload-offset", "upload-length", "upload-metadata", "content-type")
_MS: Final = 1_000
_LEFT_OUT: Final = frozenset({"content-encoding", "content-length"})


class Tape:
    """One handheld's tape; `parts` begin with a store and go on in steps."""

    def __init__(self) -> None:
        """Begin empty."""
        self.parts: list[Json] = []
        self._step: Json | None = None

    def begin(self, store: Store, home: pathlib.Path) -> None:
        """Begin a part: the store is not what the last step left."""
        self.parts.append({"begin": dumped(store), "files": _files(home), "steps": []})

    @contextlib.contextmanager
    def step(self, what: str, store: Store, moment: Moment) -> Iterator[Json]:
        """Write a step down, with the store that it leaves."""
        if self._step is not None:  # a sign-in ends the round that it comes out of
            self._step["after"] = dumped(store)
        step: Json = {"what": what, "moment": _told(moment), "exchanges": []}
        self.parts[-1]["steps"].append(step)
        self._step = step
        try:
            yield step
        finally:
            self._step = None
            step.setdefault("after", dumped(store))

    def exchange(self, request: httpx.Request, answer: Json, heard: Moment) -> None:
        """Write down a request, what became of it, and when that was heard."""
        if self._step is not None:
            asked = _asked(request)
            self._step["exchanges"].append({**asked, "answer": answer, "heard": _told(heard)})


class TapedHandset(Handset):
    """A handheld with a tape; its clocks tell whole milliseconds, as a browser's do."""

    tape: Tape

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - as a handset takes them
        """Switch it on; its tape begins when it is taken up."""
        super().__init__(*given, **named)
        self.tape = Tape()
        clock = self._clock
        self.edge = HandEdge(
            now=lambda: _whole(clock.now()),
            seed=self._stream("edge").getrandbits(32),
            boots=self.home.name,
        )
        recorder = _Recorder(self)
        self.line = Transport(httpx.Client(transport=recorder, base_url=ADDRESS, timeout=5))

    def take_up(self) -> None:
        """Begin the day, and the tape."""
        super().take_up()
        self.luck = 0.0
        self.tape.begin(self.store, self.home)

    def set_clock(self, fault: Fault, fast_s: float) -> None:
        """Set the wall clock, to the millisecond."""
        super().set_clock(fault, round(fast_s, 3))

    def act(self) -> None:
        """Do something, and write down what was kept."""
        known = len(self.done)
        super().act()
        for done in self.done[known:]:
            with self.tape.step("act", self.store, self.edge.moment()) as step:
                step["n"] = done.entry.n
                step["files"] = _files(self.home)

    def sync(self) -> client.Round | None:
        """Have a round, and write down every exchange; a sign-in after it is a step of its own."""
        if not self.tape.parts:
            return super().sync()
        with self.tape.step("sync", self.store, self.edge.moment()):
            return super().sync()

    def sign_in(self) -> None:
        """Sign in again, and write it down."""
        with self.tape.step("sign_in", self.store, self.edge.moment()):
            super().sign_in()

    def _put(self, source: pathlib.Path, target: pathlib.Path) -> None:
        super()._put(source, target)
        if target == self.home:
            self.tape.begin(self.store, self.home)


class TapedWorld(World):
    """A world whose handhelds have tapes; nothing ails the handhelds themselves."""

    def tapes(self) -> list[Json]:
        """List the parts of all tapes."""
        phones = [phone for phone in self.phones if isinstance(phone, TapedHandset)]
        return [part for phone in phones for part in phone.tape.parts if part["steps"]]

    def _handset(self, person_id: str, *, name: str) -> Handset:
        return TapedHandset(
            person_id,
            self._folder / name,
            self.server,
            clock=self.clock,
            journal=self.journal,
            seed=self._seed,
        )

    def _take_up(self, phone: Handset) -> None:
        super()._take_up(phone)
        phone.luck = 0.0


class _Recorder(httpx.BaseTransport):
    """Carries what a handheld asks through its air, and writes it down as it was heard."""

    def __init__(self, phone: TapedHandset) -> None:
        self._phone = phone

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Accept-Encoding"] = "identity"  # a browser inflates by itself
        try:
            response = self._phone.air.handle_request(request)
        except httpx.TransportError:
            self._note(request, {"lost": True})
            raise
        assert isinstance(response.stream, httpx.SyncByteStream)
        body, broken = b"", None
        try:
            for piece in response.stream:
                body += piece
        except httpx.TransportError as error:
            broken = error
        headers = {k: v for k, v in response.headers.items() if k not in _LEFT_OUT}
        told = {"status": response.status_code, "headers": headers, "body": _text(body)}
        self._note(request, {**told, "cut": broken is not None})
        stream = _Replayed(body, broken)
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)

    def _note(self, request: httpx.Request, answer: Json) -> None:
        self._phone.tape.exchange(request, answer, self._phone.edge.moment())


class _Replayed(httpx.SyncByteStream):
    """A body that was read already, and what it ended with."""

    def __init__(self, body: bytes, broken: httpx.TransportError | None) -> None:
        self._body = body
        self._broken = broken

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        if self._broken is not None:
            raise self._broken


def dumped(store: Store) -> Json:
    """Give all that a store holds, table by table, by key."""
    tables: Json = {}
    for table in TABLES:
        found = store.connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - one of ours
        names = [column[0] for column in found.description]
        tables[table] = [dict(zip(names, map(_text, row), strict=True)) for row in found]
    return tables


def _files(home: pathlib.Path) -> dict[str, str]:
    """Give the bytes of a handheld's files by their hashes."""
    whole = [path.read_bytes() for path in home.rglob("*") if _may_be_photo(path)]
    return {
        hashlib.sha256(each).hexdigest(): base64.b64encode(each).decode()
        for each in whole
        if each.startswith(b"\xff\xd8\xff")
    }


def _may_be_photo(path: pathlib.Path) -> bool:
    return path.is_file() and not path.name.startswith("handheld.db")


def _asked(request: httpx.Request) -> Json:
    content = request.read()
    if request.headers.get("content-encoding") == "gzip":
        content = gzip.decompress(content)
    said = {name: request.headers[name] for name in _SAID if name in request.headers}
    is_file = said.get("content-type") == "application/offset+octet-stream"
    return {
        "method": request.method,
        "path": request.url.raw_path.decode(),
        "headers": said,
        "content": hashlib.sha256(content).hexdigest() if is_file else content.decode(),
    }


def _told(moment: Moment) -> Json:
    return {"wall": rfc3339(moment.wall), "monoMs": moment.mono_ms, "boot": moment.boot}


def _whole(instant: dt.datetime) -> dt.datetime:
    return instant.replace(microsecond=instant.microsecond // _MS * _MS)


def _text(value: object) -> object:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value


def write(path: pathlib.Path, parts: list[Json]) -> None:
    """Write tapes to a file."""
    path.write_text(json.dumps(parts, ensure_ascii=False), encoding="utf-8")
