"""A phone for tests: it numbers and chains its operations and talks to the app in process."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import flask.testing
import msgspec
from sqlalchemy.orm import Session

from api import ids
from api.sync.models import DeviceLedger, Receipt
from field_sync import keys
from field_sync.keys import KeyStore
from schemas import operations
from tests.makers.proving import ProvingClient


class Clock(Protocol):
    """What tells the true time."""

    def now(self) -> dt.datetime: ...


@dataclasses.dataclass
class Phone:
    """A phone whose wall clock is ahead of the truth by `ahead_s` (behind, when negative)."""

    client: flask.testing.FlaskClient
    headers: Mapping[str, str]
    clock: Clock
    ahead_s: float = 0
    boot: str = "boot-1"
    n: int = 0
    prev: str = ""
    cursor: str | None = None
    measured: Mapping[str, object] | None = None
    booted_at: dt.datetime = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    keys: KeyStore | None = None
    device_id: str = ""

    def __post_init__(self) -> None:
        """Let the client prove that it holds the phone's key."""
        if self.keys is not None:
            assert isinstance(self.client, ProvingClient)
            self.client.hold(self.headers, self.keys)

    def wall(self) -> dt.datetime:
        return self.clock.now() + dt.timedelta(seconds=self.ahead_s)

    def mono_ms(self) -> int:
        return int((self.clock.now() - self.booted_at).total_seconds() * 1_000)

    def operation(
        self, kind: str, subject: str, body: Mapping[str, object] | None = None, **changed: object
    ) -> bytes:
        """Do something now: number it, chain it, keep its bytes."""
        self.n += 1
        operation = {
            "id": ids.new_id(),
            "n": self.n,
            "type": kind,
            "v": operations.version_of(kind),
            "subject": subject,
            "at": self.wall(),
            "mono_ms": self.mono_ms(),
            "boot": self.boot,
            "prev": self.prev,
            "body": body or {},
            **changed,
        }
        wire = msgspec.json.encode(operation)
        self.prev = hashlib.sha256(wire).hexdigest()
        return wire

    def again(self, wire: bytes, **changed: object) -> bytes:
        """Number an operation anew and chain it, as it was made otherwise."""
        self.n += 1
        made: dict[str, object] = msgspec.json.decode(wire)
        anew = msgspec.json.encode({**made, "n": self.n, "prev": self.prev, **changed})
        self.prev = hashlib.sha256(anew).hexdigest()
        return anew

    def request(self, operations: Sequence[bytes] = (), **changed: object) -> bytes:
        """Write the body of a contact."""
        request = {
            "contact": {
                "device_at": self.wall(),
                "mono_ms": self.mono_ms(),
                "boot": self.boot,
                "measured": self.measured,
            },
            "cursor": self.cursor,
            "operations": [msgspec.Raw(wire) for wire in operations],
            **changed,
        }
        return msgspec.json.encode(request)

    def signed(self, operations: Sequence[bytes]) -> dict[str, object]:
        """Sign operations by the last of them, as the device's key does."""
        assert self.keys is not None
        last = operations[-1]
        head = keys.signed_head(
            self.keys,
            device_id=self.device_id,
            n=msgspec.json.decode(last)["n"],
            sha256=hashlib.sha256(last).hexdigest(),
        )
        return {"head": msgspec.to_builtins(head)}

    def sync(self, *operations: bytes, **changed: object) -> dict[str, Any]:
        """Make a contact and keep its cursor."""
        response = self.client.post(
            "/v1/sync", data=self.request(operations, **changed), headers=self.headers
        )
        assert response.status_code == 200, response.text
        self.measured = {"mono_ms": self.mono_ms(), "boot": self.boot, "round_trip_s": 0.2}
        answer: dict[str, Any] = response.get_json()
        self.cursor = answer["cursor"]
        return answer


def receipt(n: int, **wanted: object) -> Receipt:
    """Make a receipt of a device, as plain as can be."""
    at = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    plain: dict[str, object] = {
        "district_id": "d1",
        "device_id": "phone-7",
        "operation_id": f"operation-{n}",
        "type": "task.note",
        "subject_id": "",
        "sha256": "0" * 64,
        "wire": b"{}",
        "status": "applied",
        "code": "applied",
        "fields": {},
        "happened_at": at,
        "error_s": 0.0,
        "clock_suspect": False,
        "received_at": at,
        "signature": None,
    }
    return Receipt(n=n, **{**plain, **wanted})


def settled(session: Session, *, count: int, **wanted: object) -> None:
    """Settle plain operations of a device, each chained to the one before."""
    prev = ""
    for n in range(1, count + 1):
        wire = msgspec.json.encode({"id": f"operation-{n}", "n": n, "prev": prev})
        prev = hashlib.sha256(wire).hexdigest()
        session.add(receipt(n, wire=wire, sha256=prev, **wanted))
    enrolled_at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    session.add(
        DeviceLedger(
            district_id="d1", id="phone-7", acked_through=count, chain=prev, floor_at=enrolled_at
        )
    )


def changes(answer: Mapping[str, Any], entity: str) -> dict[str, Any]:
    """Gather the puts of one kind of entity from an answer, by id."""
    return {
        change["id"]: change["put"]
        for feed in answer["feeds"]
        for change in feed["changes"]
        if change["entity"] == entity and "put" in change
    }


def gone(answer: Mapping[str, Any], entity: str) -> set[str]:
    """Gather the ids of entities of one kind that left an audience."""
    return {
        change["id"]
        for feed in answer["feeds"]
        for change in feed["changes"]
        if change["entity"] == entity and change.get("gone")
    }
