"""Whole files after they came: looked at again and again, and swept when nobody declared them.

A lost file is missing again for whoever declared it, so that the phone that has it sends it again.
A condemned one is believed by nobody; a day later it goes, unless somebody wanted it meanwhile.
Whoever sends it again finds its bytes, and that undoes the condemnation; so between condemning and
deleting nothing that was told "here" is ever taken away.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import prometheus_client
import structlog
from sqlalchemy.orm import Session

from api import observe
from api.acts import Act
from api.db import Database
from api.evidence import depot
from api.evidence.models import Blob
from api.evidence.store import blobs
from api.tasks import service as tasks
from schemas.evidence import FileFault

SCRUBBED_MAX: Final = 200
"""The most files that one run looks at."""
SCRUBBED_BYTES_MAX: Final = 300_000_000
"""What is left when a run has read so much waits for the next."""
LISTED_MAX: Final = 50_000
"""The most files of the depot that one run holds against the rows."""
SWEPT_MAX: Final = 200
"""The most files that one run condemns, and the most that it deletes."""
CONDEMNED: Final = dt.timedelta(days=1)
"""Longer than any unit of work that had believed in the file before."""
SCRUBBED: Final = prometheus_client.Counter(
    "lamplighter_files_scrubbed_total",
    "Evidence files whose bytes were looked at again, by what was found.",
    ["found"],
    registry=observe.REGISTRY,
)
_READ_BYTES: Final = 1_048_576
_SHARDS: Final = 256
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_log = structlog.get_logger()


Told = Callable[[int, int], None]
"""Told how many files of how many were looked at."""


class Seen(NamedTuple):
    """What was found of a file; `fault` is empty where it is as it was sent."""

    sha256: str
    size_bytes: int
    fault: FileFault | None


def examine(files: depot.Depot, *, district_id: str, lying: blobs.Lying) -> Seen:
    """Read a file's bytes and hold them against their hash.

    Raises:
        DepotAway: the store does not answer; nothing is known.
    """
    return Seen(lying.sha256, lying.size_bytes, _fault(files, district_id, lying.sha256))


def look(database: Database, *, district_id: str, files: depot.Depot) -> list[Seen]:
    """Look at the files that were looked at longest ago, outside of any unit of work.

    Raises:
        DepotAway: the store does not answer.
    """
    with database.reading() as session:
        sample = blobs.list_scrubbed_longest_ago(
            session, district_id=district_id, limit=SCRUBBED_MAX
        )
    seen: list[Seen] = []
    read_bytes = 0
    for lying in sample:
        if read_bytes >= SCRUBBED_BYTES_MAX:
            break
        seen.append(examine(files, district_id=district_id, lying=lying))
        read_bytes += lying.size_bytes
    return seen


def examine_all(
    database: Database, *, district_id: str, files: depot.Depot, told: Told
) -> Iterator[Seen]:
    """Look at every file of a district, and give those that are not as they were sent.

    Raises:
        DepotAway: the store does not answer.
    """
    with database.reading() as session:
        lying = list(blobs.walk(session, district_id=district_id))
    for n, each in enumerate(lying, 1):
        seen = examine(files, district_id=district_id, lying=each)
        if seen.fault is not None:
            yield seen
        told(n, len(lying))


def enter(session: Session, *, act: Act, seen: Sequence[Seen]) -> dict[str, int]:
    """Enter what was seen; a lost file is missing again, and one that came back has arrived."""
    now = act.happened.at
    well = [each.sha256 for each in seen if each.fault is None]
    blobs.note_scrubbed(session, district_id=act.district_id, hashes=well, now=now)
    for each in seen:
        _settle(session, act=act, seen=each)
        SCRUBBED.labels(each.fault or "whole").inc()
    counts = [each.fault for each in seen]
    return {
        "looked_at": len(seen),
        "altered": counts.count(FileFault.ALTERED),
        "lost": counts.count(FileFault.LOST),
    }


def find_nobodys(
    database: Database, *, act: Act, files: depot.Depot, grace_days: int
) -> tuple[list[str], list[depot.Kept]]:
    """Find files that nobody declared, and bytes that no row knows, both older than the grace.

    Raises:
        DepotAway: the store does not answer.
    """
    before = act.happened.at - dt.timedelta(days=grace_days)
    with database.reading() as session:
        undeclared = blobs.list_undeclared(
            session, district_id=act.district_id, before=before, limit=SWEPT_MAX
        )
    old = [each for each in _list_some(files, act) if each.modified_at < before]
    with database.reading() as session:
        unknown = blobs.list_unknown(
            session, district_id=act.district_id, hashes=[each.sha256 for each in old]
        )
    return undeclared, [each for each in old if each.sha256 in unknown][:SWEPT_MAX]


def sweep(
    session: Session,
    *,
    act: Act,
    files: depot.Depot,
    undeclared: Sequence[str],
    unknown: Iterable[depot.Kept],
    spared: Collection[str],
) -> dict[str, int]:
    """Condemn what is nobody's, and delete what was condemned a day ago and is nobody's still.

    Args:
        session: the unit of work.
        act: the job's.
        files: where the bytes lie.
        undeclared: files that nobody declared.
        unknown: bytes that no row knows.
        spared: hashes that somebody may still declare.
    """
    now, district_id = act.happened.at, act.district_id
    nobodys = [each for each in undeclared if each not in spared]
    condemned = blobs.condemn(session, district_id=district_id, hashes=nobodys, now=now)
    found = [(each.sha256, each.size_bytes) for each in unknown if each.sha256 not in spared]
    condemned += blobs.add_condemned(session, district_id=district_id, found=found, now=now)
    due = blobs.hold_condemned(
        session, district_id=district_id, before=now - CONDEMNED, limit=SWEPT_MAX
    )
    wanted = blobs.list_wanted(
        session, district_id=district_id, hashes=[each.sha256 for each in due]
    )
    wanted |= {blob.sha256 for blob in due if blob.sha256 in spared}
    swept = [blob for blob in due if blob.sha256 not in wanted]
    for blob in swept:
        # A crash before the commit leaves a row that nobody believes; the next run deletes again.
        files.destroy_file(district_id=district_id, sha256=blob.sha256)
        blobs.forget(session, district_id=district_id, sha256=blob.sha256)
        _log.info("file.swept", sha256=blob.sha256, size_bytes=blob.size_bytes)
    for blob in due:
        if blob.sha256 in wanted and _fault(files, district_id, blob.sha256) is None:
            blob.condemned_at = None
    return {"condemned": condemned, "swept": len(swept)}


def _fault(files: depot.Depot, district_id: str, sha256: str) -> FileFault | None:
    hashed = hashlib.sha256()
    try:
        with files.open_file(district_id=district_id, sha256=sha256) as content:
            while piece := content.read(_READ_BYTES):
                hashed.update(piece)
    except FileNotFoundError:
        return FileFault.LOST
    except OSError:  # a disk that cannot read its own sectors
        return FileFault.ALTERED
    return None if hashed.hexdigest() == sha256 else FileFault.ALTERED


def _settle(session: Session, *, act: Act, seen: Seen) -> None:
    """Enter a file that is not well, or was not; one that is well and was needs nothing more."""
    if seen.fault is not None:
        _log.error(
            "file.rotten", sha256=seen.sha256, size_bytes=seen.size_bytes, fault=str(seen.fault)
        )
    blob = blobs.get_for_change(session, district_id=act.district_id, sha256=seen.sha256)
    if blob is None or blob.fault == (seen.fault or ""):
        if blob is not None:
            blob.scrubbed_at = act.happened.at
        return
    was_lost = blob.fault == FileFault.LOST
    blob.fault, blob.scrubbed_at = str(seen.fault or ""), act.happened.at
    if (seen.fault is FileFault.LOST) != was_lost:
        _tell_tasks(session, act=act, blob=blob)


def _tell_tasks(session: Session, *, act: Act, blob: Blob) -> None:
    """Let every task know that a file which it counts is lost, or here again."""
    asked = {"district_id": act.district_id, "sha256": blob.sha256}
    ids = sorted({file.task_id for file in blobs.list_declared(session, **asked)})
    held = {task.id: task for task in tasks.load(session, district_id=act.district_id, ids=ids)}
    is_lost = blob.fault == FileFault.LOST
    for file in blobs.list_declared(session, **asked):
        if is_lost == (file.arrived_at is None):
            continue
        if is_lost:
            file.arrived_at = None
            tasks.evidence_lost(held[file.task_id], int(file.waived_at is None))
        else:
            file.arrived_at = act.received_at
            tasks.evidence_arrived(held[file.task_id], int(file.waived_at is None))


def _list_some(files: depot.Depot, act: Act) -> Iterator[depot.Kept]:
    """List files of the depot, from another beginning each day, so that all have their turn."""
    first = act.happened.at.toordinal() % _SHARDS
    listed = 0
    for n in range(_SHARDS):
        shard = f"{(first + n) % _SHARDS:02x}"
        for each in files.list_files(district_id=act.district_id, shard=shard):
            if _SHA256.fullmatch(each.sha256):
                yield each
            listed += 1
        if listed >= LISTED_MAX:
            return
