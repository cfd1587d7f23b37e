"""A phone on loopback: it numbers and chains what its crew does, and keeps its cursor."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from api import ids
from bench import loopback
from field_sync.clock import Machine
from field_sync.keys import signed_head
from field_sync.proofs import Prover
from schemas import signatures, sync
from schemas.crews import DeviceKey

_GZIP_LEVEL: Final = 6
_BOOT: Final = "boot-1"
_EDGE: Final = Machine()
_ANSWERS: Final = msgspec.json.Decoder(sync.SyncAnswer)


class Key:
    """A device's key pair."""

    def __init__(self) -> None:
        """Draw it."""
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._public = signatures.written(self._private.public_key())

    def find(self) -> DeviceKey:
        """Give the public key."""
        return self._public

    def sign(self, statement: bytes) -> str:
        """Sign by ES256."""
        return signatures.sign(self._private, statement)


@dataclasses.dataclass
class Phone:
    """One device, whose key signs its pushes and proves each of its requests."""

    device_id: str
    token: str
    key: Key
    n: int = 0
    prev: str = ""
    cursor: str | None = None
    measured: sync.Exchange | None = None
    _sent_ms: int = 0

    def operation(self, kind: str, subject: str, body: Mapping[str, object] | None = None) -> bytes:
        """Do something now: number it, chain it, give its bytes."""
        self.n += 1
        wire = msgspec.json.encode(
            {
                "id": ids.new_id(),
                "n": self.n,
                "type": kind,
                "subject": subject,
                "at": dt.datetime.now(dt.UTC),
                "mono_ms": _mono_ms(),
                "boot": _BOOT,
                "prev": self.prev,
                "body": body or {},
            }
        )
        self.prev = hashlib.sha256(wire).hexdigest()
        return wire

    def request(self, operations: Sequence[bytes] = (), *, changes_max: int | None = None) -> bytes:
        """Write the body of a contact."""
        written: dict[str, object] = {
            "contact": {
                "device_at": dt.datetime.now(dt.UTC),
                "mono_ms": _mono_ms(),
                "boot": _BOOT,
            },
            "cursor": self.cursor,
            "operations": [msgspec.Raw(wire) for wire in operations],
        }
        if operations:
            head = signed_head(self.key, device_id=self.device_id, n=self.n, sha256=self.prev)
            written["head"] = head
        if changes_max is not None:
            written["changes_max"] = changes_max
        return msgspec.json.encode(written)

    def shown(self, method: str, path: str) -> dict[str, str]:
        """Show the token for one request, with a proof of the key."""
        url = f"http://{loopback.HOST}{path}"
        proof = Prover(self.key, _EDGE).prove(method=method, url=url, token=self.token, nonce=None)
        assert proof is not None, "it has a key"
        return {"Authorization": f"DPoP {self.token}", "DPoP": proof}

    def contact(
        self, line: loopback.Line, body: bytes, *, accepts: str = "identity"
    ) -> loopback.Answer:
        """Send a contact's body; large ones go compressed, as a phone's do."""
        headers = {
            **self.shown("POST", "/v1/sync"),
            "Accept-Encoding": accepts,
            "Content-Type": "application/json",
        }
        if body.startswith(b"\x1f\x8b"):
            headers["Content-Encoding"] = "gzip"
        answer = line.post("/v1/sync", body, headers)
        self.measured = sync.Exchange(mono_ms=self._sent_ms, boot=_BOOT, round_trip_s=answer.took_s)
        return answer

    def take(self, answer: loopback.Answer) -> sync.SyncAnswer:
        """Read an answer that was not compressed and keep its cursor."""
        told = _ANSWERS.decode(answer.body)
        self.cursor = told.cursor
        return told

    def catch_up(self, line: loopback.Line) -> None:
        """Pull until nothing is left."""
        while self.take(self.contact(line, self.request(changes_max=sync.CHANGES_MAX))).more:
            pass


def compressed(body: bytes) -> bytes:
    """Compress a body as a phone does."""
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


def _mono_ms() -> int:
    return int(time.monotonic() * 1_000)
