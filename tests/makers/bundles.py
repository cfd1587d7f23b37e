"""Bundles for tests: one made without a server, taken apart, changed and sealed again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import pathlib
import zipfile
from collections.abc import Mapping
from typing import Any

import msgspec

from api.custody import keys as server_keys
from api.custody.bundles import packing
from field_sync import keys
from field_sync.testing.edge import HandEdge
from schemas import base, bundles, custody
from schemas.rules import merkle, operation_chain

ORDER_ID, DISTRICT_ID, DEVICE_ID = "t1", "d1", "phone-7"
AT = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 20
KEY, OTHER = server_keys.drawn(), server_keys.drawn()
"""The server's own key, and a forger's."""
Parts = dict[str, bytes]


@dataclasses.dataclass
class Story:
    """An order of four moments and the operations of one device, two of them about other orders.

    The device signed its operations 1, 4 and 6; 2 and 6 are another order's.
    """

    device: keys.FileKeys
    device_key: object
    parts: Parts = dataclasses.field(default_factory=dict)
    wires: list[bytes] = dataclasses.field(default_factory=list)

    def operate(self, kind: str, *, subject: str = ORDER_ID, body: object = None) -> None:
        """Let the device do something."""
        n = len(self.wires) + 1
        prev = hashlib.sha256(self.wires[-1]).hexdigest() if self.wires else ""
        operation = {
            "id": f"op-{n}",
            "n": n,
            "type": kind,
            "subject": subject,
            "prev": prev,
            "body": body or {},
        }
        self.wires.append(msgspec.json.encode(operation))

    def signed(self, first: int, last: int) -> dict[str, object]:
        """Sign an operation, and list the links before it."""
        links = [
            {"n": n, "sha256": hashlib.sha256(self.wires[n - 1]).hexdigest()}
            for n in range(first, last + 1)
        ]
        sha256 = str(links[-1]["sha256"])
        head = keys.signed_head(self.device, device_id=DEVICE_ID, n=last, sha256=sha256)
        return {"head": head, "before": links}


def story(folder: pathlib.Path, *, checkpoint_key: server_keys.Key) -> Story:
    """Tell the story, and write every part but manifest and seal."""
    device = keys.FileKeys(folder)
    told = Story(device, device.make(HandEdge()))
    told.operate("task.accept")
    told.operate("task.note", subject="other")
    original = {"sha256": "0f" * 32, "size_bytes": 9_000_000}
    declared = {
        "sha256": hashlib.sha256(PHOTO).hexdigest(),
        "size_bytes": len(PHOTO),
        "original": original,
    }
    told.operate("evidence.declare", body=declared)
    told.operate("task.note", body={"text": "seen"})
    told.operate("task.note", body={"text": "seen again"})
    told.operate("task.note", subject="other")
    _write_timeline(told)
    _write_operations(told)
    _write_files(told, declared)
    told.parts[bundles.KEYS] = base.encode({"items": []})
    told.parts[bundles.CHECKPOINT] = proof(checkpoint_key)
    return told


def packed(parts: Mapping[str, bytes], *, key: server_keys.Key, **changed: Any) -> bytes:  # noqa: ANN401 - a manifest's own fields
    """Pack parts and seal them, as the server does."""
    target = io.BytesIO()
    packer = packing.Packer(target)
    for path, content in parts.items():
        packer.add(path, [content])
    order = msgspec.json.decode(parts[bundles.ORDER])
    said: dict[str, Any] = {
        "format": bundles.FORMAT,
        "order_id": ORDER_ID,
        "district_id": DISTRICT_ID,
        "made_at": AT,
        "made_by": "dispatcher-1",
        "timeline": bundles.TimelineEnd(**order["timeline"]),
        "entries": packer.entries.copy(),
    }
    packing.seal(packer, bundles.Manifest(**{**said, **changed}), key=key)
    return target.getvalue()


def unpacked(raw: bytes) -> Parts:
    """Take a bundle apart."""
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rezipped(parts: Mapping[str, bytes]) -> bytes:
    """Pack parts as they are, whatever the manifest among them says."""
    target = io.BytesIO()
    packer = packing.Packer(target)
    for path, content in parts.items():
        packer.add(path, [content])
    packer.close()
    return target.getvalue()


def moment_lines(bodies: list[bytes]) -> tuple[bytes, str]:
    """Chain moments; gives the lines and the hash of the last."""
    chained, lines = operation_chain.START, b""
    for number, body in enumerate(bodies, 1):
        chained = operation_chain.extend(chained, body)
        line = bundles.TimelineLine(number=number, hash=chained, moment=msgspec.Raw(body))
        lines += base.encode(line) + b"\n"
    return lines, chained


def moments(count: int) -> list[bytes]:
    """Write the bodies of moments."""
    return [
        base.encode({"number": n, "id": f"m-{n}", "task_id": ORDER_ID, "event": "note"})
        for n in range(1, count + 1)
    ]


def set_timeline(parts: Parts, bodies: list[bytes]) -> None:
    """Give an order another timeline, in every place that tells of it."""
    lines, last = moment_lines(bodies)
    end = {"count": len(bodies), "hash": last}
    task = {"id": ORDER_ID, "district_id": DISTRICT_ID, "title": "no light"}
    parts[bundles.TIMELINE] = lines
    parts[bundles.ORDER] = base.encode({"task": task, "timeline": end})


def operation_lines(told: Story) -> list[dict[str, Any]]:
    """List the operations that are the order's own."""
    return [
        {
            "device_id": DEVICE_ID,
            "n": n,
            "operation_id": f"op-{n}",
            "path": f"{bundles.OPERATIONS_FOLDER}{n:05}.json",
            "sha256": hashlib.sha256(wire).hexdigest(),
            "status": "applied",
        }
        for n, wire in enumerate(told.wires, 1)
        if b'"other"' not in wire
    ]


def _write_timeline(told: Story) -> None:
    set_timeline(told.parts, moments(4))


def _write_operations(told: Story) -> None:
    listed = operation_lines(told)
    told.parts[bundles.OPERATIONS] = base.encode(listed)
    for each in listed:
        told.parts[each["path"]] = told.wires[each["n"] - 1]
    signed = [told.signed(1, 1), told.signed(3, 4), told.signed(5, 6)]
    device = {"id": DEVICE_ID, "person_id": "li", "keys": [told.device_key], "signed": signed}
    told.parts[bundles.DEVICES] = base.encode([device])


def _write_files(told: Story, declared: Mapping[str, object]) -> None:
    path = f"{bundles.EVIDENCE_FOLDER}{declared['sha256']}.jpg"
    missing = {"sha256": "0" * 64, "size_bytes": 5}
    told.parts[path] = PHOTO
    told.parts[bundles.EVIDENCE] = base.encode(
        [
            {"file": {"id": "op-3", **declared}, "standing": "here", "path": path},
            {"file": {"id": "by-hand", **missing}, "standing": "waived", "path": None},
        ]
    )


def proof(key: server_keys.Key, *, place: int = 1) -> bytes:
    """Sign that the timeline had three moments, beside two other chains; prove one of the three."""
    _, third = moment_lines(moments(3))
    leaf = custody.Leaf(kind=custody.SubjectKind.TIMELINE, id=ORDER_ID, count=3, hash=third)
    others = [
        custody.Leaf(kind=custody.SubjectKind.TIMELINE, id=name, count=1, hash="1" * 64)
        for name in ("t0", "t2")
    ]
    proven = (others[0], leaf, others[1])
    leaves = [custody.written(each) for each in proven]
    statement = custody.written(
        custody.Statement(
            district_id=DISTRICT_ID,
            number=7,
            at=AT,
            kid=key.kid,
            previous="2" * 64,
            lineage="l1",
            leaves=3,
            root=merkle.root(leaves),
        )
    )
    shown = custody.Proof(
        statement=statement.decode(),
        signature=key.sign(statement),
        key=key.public,
        leaf=proven[place],
        place=place,
        beside=merkle.path(leaves, place),
    )
    return base.encode(shown)
