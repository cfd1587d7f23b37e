"""A server in memory that keeps the protocol's promises and knows nothing of the business."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import hashlib
from collections.abc import Callable, Mapping
from typing import Final

import httpx
import msgspec

from field_sync.testing import answers, uploads
from field_sync.testing.edge import START
from schemas import sync
from schemas.base import Shape, decode, encode
from schemas.crews import Enrolled, Enrolment, Refresh, Role, SignIn, Tokens
from schemas.errors import FieldValue, Words
from schemas.evidence import MissingFile

LOGIN: Final = "li.wei"
PASSWORD: Final = "under the north bridge"  # noqa: S105 - opens nothing but the stand-in
ADDRESS: Final = "http://127.0.0.1:1"
DISTRICT: Final = "d1"
_LIFE: Final = dt.timedelta(days=1)


@dataclasses.dataclass(slots=True)
class _Device:
    """What the stand-in keeps of one device."""

    settled: list[tuple[str, sync.Outcome | None]] = dataclasses.field(default_factory=list)
    operations: list[sync.Operation] = dataclasses.field(default_factory=list)
    firsts: dict[str, sync.Status | None] = dataclasses.field(default_factory=dict)
    declared: dict[str, int] = dataclasses.field(default_factory=dict)


class FakeServer(httpx.BaseTransport):
    """A server in memory: settles operations once, feeds audiences, takes files.

    Attributes:
        now: its clock.
        page: the most changes in one answer.
        judge: gives an operation its outcome; None is applied.
        expired: whether access tokens are refused until they are renewed.
        closed: whether sessions have ended: refresh tokens are refused as well.
        checkpoint: the newest one, which it shows; `seen` is what the device last said it saw.
        revoked: whether the device is revoked.
        wiping: whether the next answer tells the device to wipe.
        expected_max: the most files that it waits for at once of a revoked device.
    """

    def __init__(self) -> None:
        self.now = START
        self.page = 1_000
        self.judge: Callable[[sync.Operation], sync.Status | None] = lambda _: None
        self.checkpoint: sync.CheckpointMark | msgspec.UnsetType = msgspec.UNSET
        self.seen: sync.CheckpointMark | msgspec.UnsetType = msgspec.UNSET
        self.expired = self.closed = self.revoked = self.wiping = False
        self.requests: list[str] = []
        self.last_words: list[sync.Operation] = []
        self.uploads = uploads.Uploads()
        self.expected_max: int | None = None
        self._feed: dict[str, dict[tuple[str, str], tuple[int, bytes | None]]] = {}
        self._heads: dict[str, int] = {}
        self._devices: dict[str, _Device] = {}
        self._lineage = 1
        self._issued = 0

    # What a test arranges and looks at.

    def put(self, audience: str, entity: str, shape: Shape) -> None:
        """Tell an audience an entity's newest form."""
        body = encode(shape)
        self._enter(audience, (entity, msgspec.json.decode(body)["id"]), body)

    def take(self, audience: str, entity: str, id: str) -> None:  # noqa: A002 - the wire's word
        """Tell an audience that an entity is gone."""
        self._enter(audience, (entity, id), None)

    def drop(self, audience: str) -> None:
        """Take an audience from the device."""
        del self._feed[audience]

    def restore(self, *, settled: int) -> None:
        """Become an older backup: cursors mean nothing any more, and later operations are lost."""
        self._lineage += 1
        for device in self._devices.values():
            del device.settled[settled:]
            device.operations = [each for each in device.operations if each.n <= settled]
            ids = {each.id for each in device.operations}
            device.firsts = {id_: first for id_, first in device.firsts.items() if id_ in ids}

    @property
    def operations(self) -> list[sync.Operation]:
        """Every operation that was settled, in order."""
        return [each for device in self._devices.values() for each in device.operations]

    # What it does on the wire.

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        path = request.url.path
        self.requests.append(f"{request.method} {path}")
        if path == "/v1/sync/last-words":
            return self._hear_last(decode(_content(request), sync.LastWords))
        if path in {"/v1/sessions", "/v1/sessions/refresh"}:
            return self._session(path, _content(request))
        return self._unauthorized(request) or self._at_door(path, request)

    def _at_door(self, path: str, request: httpx.Request) -> httpx.Response:
        if path == "/v1/devices":
            return self._enrol(decode(_content(request), Enrolment))
        device = self._devices.setdefault(self._device_of(request), _Device())
        if path == "/v1/sync":
            return self._sync(device, decode(_content(request), sync.SyncRequest))
        if path == "/v1/sync/ack":
            return self._ack(device, after=int(request.url.params["after"]))
        return self.uploads.answer(request)

    def _session(self, path: str, content: bytes) -> httpx.Response:
        if path == "/v1/sessions":
            ask = decode(content, SignIn)
            if (ask.login, ask.password) != (LOGIN, PASSWORD):
                return answers.problem(401, "wrong-password")
            if ask.device_id is not None and self.revoked:
                return answers.problem(401, "device-revoked")
            self.expired = self.closed = False
            return answers.json(201, self._tokens(ask.device_id))
        if self.revoked:
            return answers.problem(401, "device-revoked")
        if self.closed:
            return answers.problem(401, "not-signed-in")
        self.expired = False
        return answers.json(201, self._tokens(decode(content, Refresh).refresh_token.split(".")[1]))

    def _tokens(self, device_id: str | None) -> Tokens:
        self._issued += 1
        return Tokens(
            access_token=f"access.{device_id}.{self._issued}",
            access_expires_at=self.now + _LIFE,
            refresh_token=f"refresh.{device_id}.{self._issued}",
            refresh_expires_at=self.now + _LIFE,
            person_id="p1",
            name="李伟",
            roles=[Role.LINEMAN],
            device_id=device_id,
            districts=[],
        )

    def _unauthorized(self, request: httpx.Request) -> httpx.Response | None:
        granted = request.headers.get("Authorization", "").startswith(
            ("Bearer grant.", "DPoP grant.")
        )
        if self.revoked and granted and request.method != "POST":
            return None
        if self.revoked:
            return answers.problem(401, "device-revoked")
        if self.expired or self.closed or "Authorization" not in request.headers:
            return answers.problem(401, "not-signed-in")
        return None

    def _device_of(self, request: httpx.Request) -> str:
        return request.headers["Authorization"].split(".")[1]

    def _enrol(self, ask: Enrolment) -> httpx.Response:
        assert ask.id is not None
        self._devices.setdefault(ask.id, _Device())
        tokens = self._tokens(ask.id)
        return answers.json(201, Enrolled(device_id=ask.id, district_id=DISTRICT, tokens=tokens))

    def _ack(self, device: _Device, *, after: int) -> httpx.Response:
        settled = device.settled
        acknowledged = sync.Acknowledged(
            server_at=self.now,
            acked_through=len(settled),
            chain=settled[-1][0] if settled else "",
            outcomes=[each for _, each in settled[after:] if each][: sync.OPERATIONS_MAX],
            known=settled[after - 1][0] if 0 < after <= len(settled) else "",
        )
        return answers.json(200, acknowledged)

    def _sync(self, device: _Device, ask: sync.SyncRequest) -> httpx.Response:
        self.seen = ask.seen
        outcomes = [self._settle(device, bytes(raw)) for raw in ask.operations]
        cursor = _read_cursor(ask.cursor, lineage=self._lineage)
        if cursor is None:
            return answers.problem(422, "cursor-unknown")
        feeds, more = self._pages(cursor, left=min(self.page, ask.changes_max))
        dropped = sorted(set(cursor) - set(self._feed))
        for audience in dropped:
            del cursor[audience]
        return answers.json(
            200,
            sync.SyncAnswer(
                server_at=self.now,
                acked_through=len(device.settled),
                chain=device.settled[-1][0] if device.settled else "",
                outcomes=[outcome for outcome in outcomes if outcome],
                feeds=feeds,
                dropped=dropped,
                cursor=encode([self._lineage, cursor]).decode(),
                more=more,
                missing=self._missing(device),
                next_in_s=60.0,
                wipe=self.wiping,
                notice="报失" if self.wiping else "",
                checkpoint=self.checkpoint,
            ),
        )

    def _hear_last(self, words: sync.LastWords) -> httpx.Response:
        """Keep what a revoked device says, and expect the files that it declares."""
        if not self.revoked:
            return answers.problem(409, "device-stands")
        said = [decode(bytes(raw), sync.Operation) for raw in words.operations]
        self.last_words += said
        device = self._devices.setdefault(words.device_id, _Device())
        for operation in said:
            self._declare(device, operation)
        everything = self._missing(device)
        missing = everything[: self.expected_max]
        for file in missing:
            self.uploads.expect(file.sha256, size_bytes=file.size_bytes)
        heard = sync.LastWordsHeard(
            server_at=self.now,
            safe_through=said[-1].n if said else 0,
            missing=missing,
            more=len(missing) < len(everything),
            upload_token=f"grant.{words.device_id}",
            upload_expires_at=self.now + _LIFE,
        )
        return answers.json(200, heard)

    def _declare(self, device: _Device, operation: sync.Operation) -> None:
        if operation.type == "evidence.declare":
            body: Mapping[str, FieldValue] = msgspec.json.decode(operation.body)
            device.declared[str(body["sha256"])] = int(str(body["size_bytes"]))

    def _missing(self, device: _Device) -> list[MissingFile]:
        return [
            MissingFile(sha256=sha256, size_bytes=size_bytes, upload=f"/v1/uploads/{sha256}")
            for sha256, size_bytes in device.declared.items()
            if hashlib.sha256(self.uploads.contents.get(sha256, b"")).hexdigest() != sha256
        ]

    def _settle(self, device: _Device, wire: bytes) -> sync.Outcome | None:
        """Settle an operation once; again, the first answer."""
        operation = decode(wire, sync.Operation)
        digest = hashlib.sha256(wire).hexdigest()
        expected = len(device.settled) + 1
        if operation.n < expected:
            first_digest, first = device.settled[operation.n - 1]
            if digest != first_digest:
                return _outcome(operation, sync.Status.HELD, "sequence-fork")
            return first
        if operation.n > expected:
            return _outcome(operation, sync.Status.HELD, "sequence-gap")
        chain = device.settled[-1][0] if device.settled else ""
        if operation.prev != chain:
            return _outcome(operation, sync.Status.HELD, "sequence-fork")
        if operation.id in device.firsts:
            again = _repeated(operation, device.firsts[operation.id])
            device.settled.append((digest, again))
            return again
        status = self.judge(operation)
        outcome = _outcome(operation, status, f"said-{status}") if status else None
        device.firsts[operation.id] = status
        device.settled.append((digest, outcome))
        device.operations.append(operation)
        if not outcome:
            self._declare(device, operation)
        return outcome

    def _pages(
        self, cursor: dict[str, int], *, left: int
    ) -> tuple[list[sync.AudienceChanges], bool]:
        feeds: list[sync.AudienceChanges] = []
        more = False
        for audience, entries in sorted(self._feed.items()):
            since = cursor.get(audience, 0)
            if audience in cursor and since >= self._heads[audience]:
                continue
            news = sorted(
                (number, key, body)
                for key, (number, body) in entries.items()
                if number > since and (since or body is not None)
            )
            page, rest = news[:left], news[left:]
            left -= len(page)
            more = more or bool(rest)
            through = page[-1][0] if rest and page else since if rest else self._heads[audience]
            cursor[audience] = through
            changes = [_change(key, body) for _, key, body in page]
            feeds.append(
                sync.AudienceChanges(
                    audience=audience, through=through, fresh=since == 0, changes=changes
                )
            )
        return feeds, more

    def _enter(self, audience: str, key: tuple[str, str], body: bytes | None) -> None:
        self._heads[audience] = self._heads.get(audience, 0) + 1
        self._feed.setdefault(audience, {})[key] = (self._heads[audience], body)


def _content(request: httpx.Request) -> bytes:
    content = request.read()
    return gzip.decompress(content) if "Content-Encoding" in request.headers else content


def _read_cursor(text: str | None, *, lineage: int) -> dict[str, int] | None:
    if text is None:
        return {}
    try:
        named, seen = msgspec.json.decode(text, type=tuple[int, dict[str, int]])
    except msgspec.MsgspecError:
        return None
    return seen if named == lineage else dict.fromkeys(seen, 0)


def _change(key: tuple[str, str], body: bytes | None) -> sync.Change:
    entity, entity_id = key
    if body is None:
        return sync.Change(entity=entity, id=entity_id, gone=True)
    return sync.Change(entity=entity, id=entity_id, put=msgspec.Raw(body))


def _outcome(operation: sync.Operation, status: sync.Status, code: str) -> sync.Outcome:
    return sync.Outcome(
        n=operation.n,
        id=operation.id,
        status=status,
        code=code,
        detail=Words(en=f"This was {code}.", zh=f"结果：{code}。"),
    )


def _repeated(operation: sync.Operation, first: sync.Status | None) -> sync.Outcome:
    """Say what became of an operation the first time."""
    outcome = _outcome(operation, sync.Status.DUPLICATE, "operation-duplicate")
    if first is None:
        return outcome
    told: dict[str, FieldValue] = {"first_status": first.value, "first_code": f"said-{first}"}
    return msgspec.structs.replace(outcome, fields=told)
