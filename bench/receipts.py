"""What a receipt takes up on disk, before and after its operation's bytes are packed."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import itertools
import pathlib
import random
import tempfile
import time
import uuid
from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import func, select

import api.models  # noqa: F401 - every table must be known before they are made
from api import acts, db
from api.sync import jobs
from api.sync.models import DeviceLedger, Receipt, ReceiptPack
from api.sync.receipts import proving
from bench import figures
from tests import postgres

_SEED: Final = 20_261_122
_DISTRICT: Final = "meilan"
_DEVICES: Final = 20
_ROUNDS: Final = 20
_READINGS: Final = 50
_RECEIPTS: Final = _DEVICES * _ROUNDS * _READINGS
_ROUTE: Final = "019ab2c4-7d10-7e21-9d3c-5a0c86f1b0aa"
_RUNS_MAX: Final = 1_000
_AT: Final = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
_LATER: Final = _AT + dt.timedelta(days=60)
_RUN_MS_AT_MOST: Final = 100.0
_SHARE_AT_MOST: Final = 0.65
_WIRE_SHARE_AT_MOST: Final = 0.3


def measure() -> Iterator[figures.Figure]:
    """Let twenty phones push a thousand readings each in turns of fifty, then pack them all."""
    with tempfile.TemporaryDirectory(prefix="lamplighter-bench-", dir=postgres.DISK) as folder:
        database = db.Database(f"sqlite:///{pathlib.Path(folder) / 'lamplighter.db'}")
        with contextlib.closing(database):
            db.Base.metadata.create_all(database.engine)
            empty_bytes = _used_bytes(database)
            _push(database)
            before_bytes = _used_bytes(database) - empty_bytes
            wire_bytes = _wire_bytes(database)
            run_ms = figures.median_ms(_pack(database))
            after_bytes = _used_bytes(database) - empty_bytes
            packed_bytes = _wire_bytes(database)
            verified_s = _verify(database)
    yield figures.Figure(
        what="a receipt on disk once packed, embedded; the floor is before",
        value=after_bytes / _RECEIPTS,
        unit="bytes",
        floor=before_bytes / _RECEIPTS,
        at_most=_SHARE_AT_MOST,
    )
    yield figures.Figure(
        what="of it the operation's own bytes; the floor is before",
        value=packed_bytes / _RECEIPTS,
        unit="bytes",
        floor=wire_bytes / _RECEIPTS,
        at_most=_WIRE_SHARE_AT_MOST,
    )
    yield figures.Figure(
        what=f"a run of the job, {jobs.PACKS_PER_RUN} packs: the one writer is taken for",
        value=run_ms,
        unit="ms",
        at_most=_RUN_MS_AT_MOST,
    )
    yield figures.Figure(
        what="packed receipts walked by `lamplighter verify`",
        value=_RECEIPTS / verified_s,
        unit="/s",
    )


def _push(database: db.Database) -> None:
    """Write the receipts of readings as they come in: the phones in turns."""
    chance = random.Random(_SEED)
    chains = dict.fromkeys((f"device-{_id(chance)}" for _ in range(_DEVICES)), "")
    for start in range(1, _ROUNDS * _READINGS, _READINGS):
        for device_id in chains:
            with database.unit_of_work() as session:
                for n in range(start, start + _READINGS):
                    row = _receipt(device_id, n, prev=chains[device_id], chance=chance)
                    chains[device_id] = str(row["sha256"])
                    db.append(session, Receipt, row)
    with database.unit_of_work() as session:
        session.add_all(
            DeviceLedger(
                district_id=_DISTRICT,
                id=device_id,
                acked_through=_ROUNDS * _READINGS,
                chain=chain,
                floor_at=_AT,
            )
            for device_id, chain in chains.items()
        )


def _receipt(device_id: str, n: int, *, prev: str, chance: random.Random) -> dict[str, object]:
    operation_id = _id(chance)
    wire = _wire(operation_id, n, prev=prev, chance=chance)
    return {
        "district_id": _DISTRICT,
        "device_id": device_id,
        "n": n,
        "operation_id": operation_id,
        "type": "reading.taken",
        "subject_id": _ROUTE,
        "sha256": hashlib.sha256(wire).hexdigest(),
        "wire": wire,
        "status": "applied",
        "code": "applied",
        "fields": {},
        "happened_at": _AT,
        "error_s": 0.25,
        "clock_suspect": False,
        "received_at": _AT,
        "signature": None,
    }


def _wire(operation_id: str, n: int, *, prev: str, chance: random.Random) -> bytes:
    reading = {
        "id": operation_id,
        "n": n,
        "type": "reading.taken",
        "v": 1,
        "subject": _ROUTE,
        "at": _AT + dt.timedelta(seconds=37 * n, microseconds=chance.randrange(10**6)),
        "mono_ms": 3_600_000 + 37_000 * n + chance.randrange(1_000),
        "boot": "6f0f7c1e-5a2b-4c0d-9e39-d9a7c7b5f3d1",
        "prev": prev,
        "body": {
            "stop_id": _id(chance),
            "values": {"total": f"{chance.randrange(10**5)}"},
            "fix": {
                "lat_deg": round(20.04 + chance.random() / 100, 6),
                "lon_deg": round(110.32 + chance.random() / 100, 6),
                "accuracy_m": round(chance.uniform(3, 25), 1),
            },
        },
    }
    return msgspec.json.encode(reading)


def _id(chance: random.Random) -> str:
    """Make a UUIDv7 of some moment of a day, the same for the same seed."""
    at_ms = int(_AT.timestamp() * 1_000) + chance.randrange(86_400_000)
    drawn = chance.getrandbits(12) << 64 | chance.getrandbits(62)
    return str(uuid.UUID(int=at_ms << 80 | 0x7 << 76 | 0b10 << 62 | drawn))


def _pack(database: db.Database) -> list[float]:
    """Run the job until nothing is left; give the seconds of every run."""
    took_s: list[float] = []
    for _ in range(_RUNS_MAX):
        started_s = time.perf_counter()
        with database.unit_of_work() as session:
            act = acts.system(district_id=_DISTRICT, now=_LATER, job="pack_receipts")
            packed = jobs.pack_receipts(session, act=act)["packs"]
        if not packed:
            return took_s
        took_s.append(time.perf_counter() - started_s)
    message = f"{_RUNS_MAX} runs did not pack them all"
    raise RuntimeError(message)


def _verify(database: db.Database) -> float:
    """Walk all receipts; give the seconds."""
    started_s = time.perf_counter()
    broken = proving.list_broken(database, district_id=_DISTRICT, told=lambda _done, _all: None)
    assert not list(itertools.islice(broken, 1)), "nobody touched them"
    return time.perf_counter() - started_s


def _used_bytes(database: db.Database) -> int:
    """Tell what the database takes up, without the pages that it can use again."""
    with database.engine.connect() as connection:
        size, pages, free = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_size", "page_count", "freelist_count")
        )
    return size * (pages - free)


def _wire_bytes(database: db.Database) -> int:
    """Count the bytes of operations, wherever they lie."""
    columns = (Receipt.wire, ReceiptPack.wires)
    with database.reading() as session:
        lengths = [session.scalar(select(func.sum(func.length(column)))) for column in columns]
    return sum(length or 0 for length in lengths)
